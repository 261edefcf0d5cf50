"""Every kind of field: how it is told by its schema, and what the schema says beside the kind."""

from typing import Any

import pytest
from schema_field import COLOUR_PART, IMAGE_SIZE, NULL, POINT, PRESETS, field

from faldeck.schema.fields import (
    KINDS,
    Choice,
    Colour,
    Const,
    File,
    Group,
    Integer,
    Items,
    Map,
    Number,
    Raw,
    Size,
    Switch,
    Text,
    Union,
)
from faldeck.schema.json_value import InvalidValue


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (Text, {"type": "string"}),
        (Text, {"anyOf": [{"type": "string", "maxLength": 9}, NULL]}),
        (Text, {"type": ["string", "null"]}),
        (Text, {"anyOf": [{"type": "string", "enum": ["16:9"]}, {"type": "string"}]}),
        (Integer, {"type": "integer"}),
        (Integer, {"anyOf": [{"type": "integer", "minimum": 1}, NULL]}),
        (Number, {"type": "number"}),
        (Number, {"minimum": 0}),
        (Number, {"anyOf": [{"type": "number"}, {"type": "integer"}]}),
        (Switch, {"type": "boolean"}),
        (Choice, {"type": "string", "enum": ["a", "b"]}),
        (Choice, {"type": "integer", "enum": [5, 10]}),
        (Choice, {"enum": ["a", "b", None]}),
        (Choice, {"oneOf": [{"const": "a"}, {"const": "b"}]}),
        (Const, {"const": "129"}),
        (Const, {"type": "string", "enum": ["only"]}),
        (Size, {"anyOf": [IMAGE_SIZE, {"type": "string", "enum": PRESETS}]}),
        (Size, {"anyOf": [{"type": "string", "enum": PRESETS}, IMAGE_SIZE, NULL]}),
        (Size, IMAGE_SIZE),
        (Colour, {"type": "object", "properties": dict.fromkeys("rgb", COLOUR_PART)}),
        (File, {"type": "string", "format": "uri", "x-fal": {"max_file_size": 1}}),
        (Items, {"type": "array", "items": {"type": "string"}}),
        (Items, {"type": "array"}),
        (Items, {"type": "array", "prefixItems": [{"type": "integer"}] * 3, "minItems": 3, "maxItems": 3}),
        (Items, {"type": "array", "items": {"0": {"type": "number"}, "1": {"type": "number"}}}),
        (Group, POINT),
        (Group, {"allOf": [POINT], "title": "Point"}),
        (Map, {"type": "object", "additionalProperties": {"type": "number"}}),
        (Map, {"type": "object"}),
        (Union, {"anyOf": [{"type": "number"}, {"type": "string"}]}),
        (Union, {"type": ["boolean", "string"]}),
        (Raw, {}),
        (Raw, True),
        (Raw, {"$ref": "#/components/schemas/Nothing"}),
        (Raw, {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]}),
        (Raw, {"type": "tensor"}),
        (Raw, "nonsense"),
    ],
)
def test_a_kind_is_told_by_the_structure_of_its_schema(kind: type, schema: Any) -> None:
    assert type(field(schema).kind) is kind


def test_the_same_name_is_another_kind_where_the_structure_is_another() -> None:
    assert type(field({"type": "string", "enum": ["5", "8s"]}, "duration").kind) is Choice
    assert type(field({"type": "number"}, "duration").kind) is Number
    assert type(field({"type": "boolean"}, "return_urls").kind) is Switch
    assert type(field({"type": "string", "enum": ["a", "b"]}, "image_url").kind) is Choice


def test_every_kind_in_the_table_has_a_name_of_its_own() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_null_is_a_value_of_its_own_where_it_may_stand() -> None:
    made = field({"anyOf": [{"type": "integer"}, NULL], "default": None})
    assert made.nullable
    assert made.has_default
    assert made.parse("null") is None
    assert made.show(None) == "null"
    assert made.check(None) == ()
    plain = field({"type": "integer"})
    assert plain.check(None) != ()
    with pytest.raises(InvalidValue):
        plain.parse("null")


def test_raw_json_says_where_it_is_wrong_and_why_it_is_raw() -> None:
    made = field({"$ref": "#/components/schemas/Nothing", "title": "Thing"})
    assert isinstance(made.kind, Raw)
    assert made.kind.reason == "refers to Nothing, which is missing"
    assert made.label == "Thing"
    assert made.parse('{"a": [1, 1.0, 1e-06, null]}') == {"a": [1, 1.0, 1e-06, None]}
    with pytest.raises(InvalidValue, match="line 2, column 1"):
        made.parse('{"a": 1,\n}')


def test_a_value_of_a_wrong_type_is_still_shown_and_not_lost() -> None:
    assert field({"type": "integer"}).show("many") == '"many"'
    assert field({"type": "boolean"}).show({"a": 1}) == '{"a": 1}'
    assert field({"type": "string"}).show([1]) == "[1]"


def test_a_default_that_breaks_its_schema_is_marked_and_bad_examples_are_left_out() -> None:
    schema = {"type": "string", "enum": ["1", "2", "4"], "default": 4, "examples": [{"a": 1}, "2", "9"]}
    made = field(schema)
    assert (made.has_default, made.default, made.is_default_sound) == (True, 4, False)
    assert made.examples == ("2",)
    assert field({"type": "integer", "example": 3}).examples == (3,)
    assert field({"type": "integer", "examples": "wrong"}).examples == ()


def test_notes_beside_a_reference_win_over_those_of_its_target() -> None:
    made = field(
        {"$ref": "#/components/schemas/Point", "title": "Start", "description": "**From** here"},
        Point={**POINT, "title": "Point", "description": "A point"},
    )
    assert (made.label, made.help, made.description) == ("Start", "From here", "**From** here")
    assert made.raw["properties"] == POINT["properties"]


def test_a_field_without_a_title_is_named_in_words() -> None:
    assert field({"type": "integer"}, "num_images").label == "Num Images"


def test_marks_of_deprecation_are_kept() -> None:
    assert field({"type": "string", "deprecated": True}).deprecated


def test_a_schema_that_holds_itself_ends_in_raw_json() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    made = field({"$ref": "#/components/schemas/Node"}, Node=node)
    inner = made.children[0]
    assert isinstance(inner.kind, Raw)
    assert inner.kind.reason == "refers to itself"


def test_all_of_several_parts_is_one_group() -> None:
    made = field(
        {
            "allOf": [
                {"$ref": "#/components/schemas/Point"},
                {"properties": {"z": {"type": "integer"}}, "required": ["z"]},
            ]
        },
        Point=POINT,
    )
    assert [(child.name, child.required) for child in made.children] == [("x", True), ("y", False), ("z", True)]


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": ["a", "b", None]},
        {"allOf": [POINT], "nullable": True},
        {"allOf": [{"$ref": "#/components/schemas/Maybe"}], "title": "Perhaps"},
        {"allOf": [{"anyOf": [POINT, NULL]}]},
        {"allOf": [{"anyOf": [POINT, NULL]}, {"type": ["object", "null"]}, {"description": "All alike."}]},
        {"anyOf": [{"allOf": [{"$ref": "#/components/schemas/Maybe"}]}, {"type": "string"}]},
        {"allOf": [{"allOf": [{"type": "integer", "nullable": True}]}]},
    ],
)
def test_null_is_allowed_wherever_the_schema_says_it_may_stand(schema: Any) -> None:
    made = field(schema, Maybe={"anyOf": [{"type": "integer"}, NULL]})
    assert made.nullable
    assert made.check(None) == ()


@pytest.mark.parametrize("other", [{"type": "integer"}, {"enum": [1]}, {"anyOf": [{"type": "integer"}]}])
def test_null_that_one_of_several_parts_refuses_is_refused(other: Any) -> None:
    assert not field({"allOf": [{"anyOf": [{"type": "integer"}, NULL]}, other]}).nullable


def test_null_among_the_choices_is_no_choice_of_its_own() -> None:
    kind = field({"enum": ["a", None, "b"]}).kind
    assert isinstance(kind, Choice)
    assert kind.choices == ("a", "b")
