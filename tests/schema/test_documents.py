"""Whole documents, good and bad: what a model is read as, and that nothing bad raises anything of its own."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faldeck.schema import arguments, document, json_value
from faldeck.schema.arguments import ArgumentValues
from faldeck.schema.document import BrokenSchema
from faldeck.schema.fields import Field, Group, Raw
from faldeck.schema.json_value import InvalidValue


def openapi(root: Any, **components: Any) -> dict[str, Any]:
    """A document with the envelope of real ones, whose component names give nothing away."""
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/B"}}}}
    asked = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
    return {
        "openapi": "3.0.4",
        "info": {
            "title": "Queue OpenAPI for a/b/c",
            "x-fal-metadata": {"endpointId": "a/b/c", "category": "text-to-poem", "about": "Writes *poems*."},
        },
        "components": {
            "schemas": {
                "QueueStatus": {"type": "object", "properties": {"status": {"type": "string"}}},
                "A": root,
                "B": {"type": "object", "properties": {"poem": {"type": "string"}}},
                **components,
            }
        },
        "paths": {
            "/a/b/c/requests/{request_id}/cancel": {"put": {"responses": {}}},
            "/a/b/c/requests/{request_id}": {"get": {"responses": {"200": answer}}},
            "/a/b/c": {"post": {"requestBody": asked}},
        },
    }


def test_a_model_is_found_through_the_paths() -> None:
    root = {
        "type": "object",
        "properties": {"b": {"type": "integer"}, "a": {"type": "string"}, "late": {}},
        "x-fal-order-properties": ["a", "b", "gone"],
        "required": ["a"],
    }
    model = document.read(openapi(root))
    assert (model.endpoint_id, model.category, model.title) == ("a/b/c", "text-to-poem", "a/b/c")
    assert model.about == "Writes *poems*."
    assert [field.name for field in model.fields] == ["a", "b", "late"]
    assert [field.required for field in model.fields] == [True, False, False]
    assert model.output["properties"] == {"poem": {"type": "string"}}
    assert model.fault == ""


def test_the_endpoint_asked_for_is_believed_before_the_document() -> None:
    assert document.read(openapi({}), "A/B/c").endpoint_id == "A/B/c"


@pytest.mark.parametrize("broken", [None, "<html>nginx</html>", [], 7, {"error": {"message": "Failed to fetch"}}])
def test_what_is_no_document_raises_one_plain_sentence(broken: Any) -> None:
    with pytest.raises(BrokenSchema) as raised:
        document.read(broken)
    assert str(raised.value).endswith((".", "Failed to fetch"))


@pytest.mark.parametrize(
    "partial",
    [
        {},
        {"openapi": "3.0.4", "paths": None},
        {"paths": {"/a/b": {"post": None}}},
        {"paths": {"/a/b": {"post": {"requestBody": {"content": {"application/json": {}}}}}}},
        openapi({"$ref": "#/components/schemas/Nothing"}),
        openapi({"$ref": "#/components/schemas/A"}),
        openapi({}),
        openapi("words"),
    ],
)
def test_a_partial_document_gives_one_field_for_the_whole_input(partial: Any) -> None:
    model = document.read(partial, "a/b")
    (whole,) = model.fields
    assert isinstance(whole.kind, Raw)
    assert whole.place == ()
    values = ArgumentValues().set(whole.place, whole.parse('{"prompt": "a cat"}'))
    assert arguments.compose(model, values) == {"prompt": "a cat"}
    with pytest.raises(InvalidValue, match="JSON object"):
        arguments.compose(model, ArgumentValues().set(whole.place, whole.parse("[1]")))


def test_what_could_not_be_read_is_said() -> None:
    assert document.read({}).fault == "The document does not say what the model takes."
    dangling = document.read(openapi({"$ref": "#/components/schemas/Nothing"}))
    assert dangling.fault == "The schema of the input refers to Nothing, which is missing."
    assert document.unknown("a/b", "No network.").fault == "No network."


def test_an_input_without_members_needs_nothing() -> None:
    model = document.read(openapi({"type": "object", "properties": {}, "additionalProperties": False}))
    assert model.fields == ()
    assert arguments.compose(model, ArgumentValues()) == {}


@pytest.mark.parametrize("names", [["url"], ["width", "height"], ["r", "g", "b"]])
def test_an_input_whose_members_look_like_a_file_a_size_or_a_colour_is_a_form_of_them(names: list[str]) -> None:
    members = {name: {"type": "string" if name == "url" else "integer"} for name in names}
    model = document.read(openapi({"type": "object", "properties": members, "required": names}))
    assert [field.name for field in model.fields] == names


def test_a_member_without_a_name_is_left_to_raw_json() -> None:
    (whole,) = document.read(openapi({"type": "object", "properties": {"": {"type": "string"}}})).fields
    assert isinstance(whole.kind, Raw)
    assert whole.kind.reason == "has a member without a name"


def test_a_model_is_made_of_bare_components_too() -> None:
    components = {"In": {"type": "object", "properties": {"p": {"$ref": "#/components/schemas/P"}}}, "P": {"const": 1}}
    model = document.from_components("a/b", "In", components)
    assert [field.kind.name for field in model.fields] == ["const"]


def test_a_document_that_would_never_end_is_cut_off() -> None:
    doubling = {
        f"N{level}": {
            "type": "object",
            "properties": {side: {"$ref": f"#/components/schemas/N{level + 1}"} for side in ("left", "right")},
        }
        for level in range(60)
    }
    model = document.read(openapi({"$ref": "#/components/schemas/N0"}, **doubling))
    assert isinstance(model.input.kind, Group)
    nested: Any = {"type": "string"}
    for _ in range(400):
        nested = {"allOf": [{"type": "array", "items": nested}]}
    assert document.read(openapi({"type": "object", "properties": {"a": nested}})).fields[0].kind.name == "list"
    chain = {f"C{n}": {"allOf": [{"$ref": f"#/components/schemas/C{n + 1}"}] * 2} for n in range(40)}
    assert document.read(openapi({"$ref": "#/components/schemas/C0"}, **chain)).fields


def nested_in_all_of(depth: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(depth):
        schema = {"allOf": [schema]}
    return schema


def test_an_input_nested_too_deeply_is_raw_json_and_a_result_so_nested_is_not_described() -> None:
    whole = document.read(openapi(nested_in_all_of(3_000)))
    assert isinstance(whole.input.kind, Raw)
    assert whole.fault == "The schema of the input is nested too deeply."
    model = document.read(openapi({"type": "object", "properties": {"a": nested_in_all_of(3_000)}}))
    assert [field.kind.name for field in model.fields] == ["json"]
    answered = document.read(openapi({"type": "object", "properties": {"a": {}}}, B=nested_in_all_of(3_000)))
    assert (len(answered.fields), answered.output) == (1, {})


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
FINITE = SCALARS.filter(lambda value: not isinstance(value, float) or math.isfinite(value))


def nested(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    )


JSON = nested(SCALARS)
KEYWORDS = {
    "type": st.sampled_from(["string", "integer", "number", "boolean", "array", "object", "null", "odd", ["string"]]),
    "enum": st.lists(SCALARS, max_size=3),
    "const": SCALARS,
    "default": JSON,
    "examples": st.lists(JSON, max_size=2) | JSON,
    "minimum": SCALARS,
    "multipleOf": SCALARS,
    "exclusiveMaximum": SCALARS,
    "minLength": SCALARS,
    "maxItems": SCALARS,
    "pattern": SCALARS,
    "title": SCALARS,
    "description": SCALARS,
    "required": st.lists(st.sampled_from(["a", "b"])) | JSON,
    "nullable": SCALARS,
    "$ref": st.sampled_from(["#/components/schemas/A", "#/components/schemas/S", "#/none", "other.json", "#/", 7]),
    "x-fal": JSON,
    "ui": JSON,
    "x-fal-order-properties": JSON,
}


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    listed = st.lists(inner, max_size=3)
    compound = {
        "items": inner,
        "prefixItems": listed,
        "anyOf": listed,
        "oneOf": listed,
        "allOf": listed,
        "additionalProperties": inner,
        "properties": st.dictionaries(st.sampled_from(["a", "image_url", "width", "height", "r"]), inner, max_size=4),
    }
    return st.fixed_dictionaries({}, optional={**KEYWORDS, **compound})


SCHEMA = st.recursive(JSON | st.fixed_dictionaries({}, optional=KEYWORDS), schemas, max_leaves=12)


def holds(sent: Any, value: Any) -> bool:
    """Whether all of a value is in what is sent, where objects may have got more members."""
    if isinstance(value, dict):
        return isinstance(sent, dict) and all(name in sent and holds(sent[name], value[name]) for name in value)
    if isinstance(value, list):
        return isinstance(sent, list) and len(sent) == len(value) and all(map(holds, sent, value))
    return json_value.write(sent) == json_value.write(value)


def all_fields(field: Field) -> list[Field]:
    return [field, *(inner for child in field.children for inner in all_fields(child))]


@settings(max_examples=150)
@given(root=SCHEMA, other=SCHEMA, value=nested(FINITE), text=st.text(max_size=12))
def test_no_schema_however_odd_raises_or_loses_a_value(root: Any, other: Any, value: Any, text: str) -> None:
    model = document.read(openapi({"type": "object", "properties": {"a": root}}, S=other))
    for field in all_fields(model.input):
        if value is not None and not field.check(value):
            assert json_value.same(field.parse(field.show(value)), value)
        assert isinstance(field.limits + field.label + field.help + field.show(value), str)
        try:
            parsed = field.parse(text)
        except InvalidValue:
            continue
        if parsed is not None:
            assert json_value.write(field.parse(field.show(parsed))) == json_value.write(parsed)
    arguments.local_files(model, {"a": value})
    assert holds(arguments.compose(model, ArgumentValues({"a": value, "b": 1})), {"a": value, "b": 1})
