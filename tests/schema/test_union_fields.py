"""Fields with several shapes: which one a value has, and how it is read."""

from typing import Any

import pytest
from schema_field import NULL, POINT, field, messages

from faldeck.schema.fields import Text, Union
from faldeck.schema.json_value import InvalidValue


@pytest.mark.parametrize(
    ("text", "value"), [("0.5", 0.5), ("center", "center"), ('"0.5"', "0.5"), ("", ""), ('say "hi"', 'say "hi"')]
)
def test_a_union_of_number_and_text_reads_the_stricter_first(text: str, value: Any) -> None:
    made = field({"anyOf": [{"type": "string"}, {"type": "number"}]})
    assert made.parse(text) == value
    assert made.show(value) == text


def test_a_union_knows_which_branch_a_value_has() -> None:
    made = field({"anyOf": [{"type": "string"}, {"type": "array", "items": POINT}, {"type": "integer"}]})
    assert isinstance(made.kind, Union)
    assert [branch.kind.name for branch in made.children] == ["text", "list", "integer"]
    branch = made.kind.branch([{"x": "wrong"}])
    assert branch is made.children[1]
    assert [problem.loc for problem in made.check([{"x": "wrong"}])] == [("value", 0, "x")]
    assert [branch.label for branch in made.children] == ["text", "list", "integer"]
    assert messages(made, 1.5) == ["must be a whole number"]
    assert messages(made, True) == ["must be text or list or integer"]


def test_a_union_of_one_text_or_many_keeps_one_text() -> None:
    made = field({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
    for value in ("one", ["one", "two"], "[1]", ["[1]"]):
        assert made.parse(made.show(value)) == value


def test_whole_number_or_word_is_told_apart() -> None:
    made = field({"anyOf": [{"type": "integer"}, {"type": "string", "const": "auto"}, NULL], "default": "auto"})
    assert made.parse("120") == 120
    assert made.parse("auto") == "auto"
    assert made.parse("null") is None
    assert made.is_default_sound
    with pytest.raises(InvalidValue, match="whole number, or can only be auto"):
        made.parse("fast")


def test_texts_with_limits_of_their_own_are_several_shapes() -> None:
    code = {"type": "string", "pattern": "^[A-Z]{3}$"}
    made = field({"anyOf": [code, {"type": "string", "minLength": 8}]})
    assert made.check("ABC") == made.check("long enough") == ()
    assert made.check("abc") != ()


def test_a_union_in_a_union_is_one_choice_of_shapes() -> None:
    made = field({"anyOf": [{"type": "string", "format": "uuid4"}, {"anyOf": [{"type": "integer"}, POINT, NULL]}]})
    assert [shape.label for shape in made.children] == ["text", "integer", "group"]
    assert made.parse("0") == 0
    assert made.nullable
    assert made.check(None) == ()


def test_null_that_one_branch_allows_is_allowed_to_all() -> None:
    made = field({"anyOf": [{"type": "string"}, {"type": "string", "nullable": True}]})
    assert isinstance(made.kind, Text)
    assert made.nullable


PARTS = {
    "anyOf": [
        {
            "title": "TextPart",
            "type": "object",
            "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
            "required": ["type", "text"],
        },
        {
            "title": "FilePart",
            "type": "object",
            "properties": {"type": {"const": "file"}, "url": {"type": "string"}, "name": {"type": "string"}},
            "required": ["type", "url"],
        },
    ]
}


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ({}, "TextPart"),
        ({"text": "hi"}, "TextPart"),
        ({"url": "https://a.b/c.txt"}, "FilePart"),
        ({"type": "file"}, "FilePart"),
        ({"name": "c.txt"}, "FilePart"),
        ({"type": "text", "url": 7, "text": "hi"}, "TextPart"),
    ],
)
def test_an_object_has_the_shape_that_it_lacks_least_of(value: Any, label: str) -> None:
    kind = field(PARTS).kind
    assert isinstance(kind, Union)
    branch = kind.branch(value)
    assert branch is not None and branch.label == label


def test_an_object_that_fits_several_shapes_has_the_first_that_knows_its_members() -> None:
    shapes = [{"type": "object", "properties": {name: {"type": "string"}}} for name in ("a", "b", "b")]
    made = field({"anyOf": shapes})
    assert isinstance(made.kind, Union)
    assert made.kind.branch({"b": "x"}) is made.children[1]
    assert made.kind.branch({}) is made.children[0]


def test_one_is_a_number_where_a_switch_or_a_number_may_stand() -> None:
    made = field({"anyOf": [{"type": "boolean"}, {"type": "integer"}]})
    for value in (1, 0, True, False):
        assert made.parse(made.show(value)) is value
    assert made.parse("yes") is True


def test_a_whole_number_with_a_point_stays_a_number_beside_texts() -> None:
    made = field({"anyOf": [{"type": "integer"}, {"type": "string"}]})
    assert made.show(2.0) == "2"
    assert made.parse("2.0") == "2.0"


def test_a_limit_beside_the_shapes_does_not_hide_them() -> None:
    made = field({"anyOf": [{"type": "integer"}, {"type": "string", "enum": ["auto"]}], "minimum": 0})
    assert made.parse("auto") == "auto"
    assert made.parse("3") == 3
    assert made.check("auto") == made.check(3) == ()
