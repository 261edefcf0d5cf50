"""Schemas that stand on their own: nothing in them points outside, and they mean what they meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from faldeck.schema import document
from faldeck.schema.standalone import standalone

SHARED = Path(__file__).parents[3] / "shared"


def references(value: Any) -> Iterator[str]:
    """Every reference in a schema."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    for inner in value if isinstance(value, list) else ():
        yield from references(inner)


def alone(schemas: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    return standalone(root, {"components": {"schemas": schemas}})


def to(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_references_are_put_in_place_with_what_stands_beside_them() -> None:
    size = {"type": "object", "title": "Size", "properties": {"width": {"type": "integer"}}}
    root = {"type": "object", "properties": {"size": {**to("Size"), "title": "Own"}, "more": {"items": to("Size")}}}

    assert alone({"Size": size}, root)["properties"] == {"size": {**size, "title": "Own"}, "more": {"items": size}}


def test_what_holds_itself_stands_under_defs() -> None:
    tree = {"type": "object", "properties": {"inner": to("Tree"), "twig": to("Twig")}}
    twig = {"type": "object", "properties": {"tree": to("Tree"), "leaf": {"type": "string"}}}
    made = alone(
        {"Tree": tree, "Twig": twig}, {"type": "object", "properties": {"tree": to("Tree"), "twig": to("Twig")}}
    )

    assert set(references(made)) <= {f"#/$defs/{name}" for name in made["$defs"]} and "Tree" in made["$defs"]
    good = {"tree": {"inner": {"twig": {"leaf": "x"}}}, "twig": {"tree": {}}}
    jsonschema.Draft202012Validator(made).validate(good)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(made).validate({"tree": {"inner": {"twig": {"leaf": 1}}}})


def test_a_root_that_holds_itself_is_plain_all_the_same() -> None:
    tree = {"type": "object", "properties": {"inner": to("Tree")}, "required": []}
    made = alone({"Tree": tree}, to("Tree"))

    assert made["type"] == "object" and made["properties"]["inner"] == {"$ref": "#/$defs/Tree"}
    own = standalone({"type": "object", "properties": {"inner": {"$ref": "#"}}}, {"type": "object"})
    assert "#" not in set(references(own))


def test_values_are_no_references_and_fields_may_be_called_like_keywords() -> None:
    schema = {
        "type": "object",
        "properties": {"default": to("Size"), "$ref": {"type": "string"}, "enum": to("Size")},
        "default": {"$ref": "#/components/schemas/Size"},
        "discriminator": {"propertyName": "kind", "mapping": {"a": "#/components/schemas/Size"}},
    }
    made = alone({"Size": {"type": "integer"}}, schema)

    assert made["properties"] == {
        "default": {"type": "integer"},
        "$ref": {"type": "string"},
        "enum": {"type": "integer"},
    }
    assert made["default"] == schema["default"]
    assert made["discriminator"] == {"propertyName": "kind"}


def test_what_is_missing_allows_anything() -> None:
    assert alone({}, {"properties": {"a": {**to("Gone"), "title": "A"}}}) == {"properties": {"a": {"title": "A"}}}


def test_schemas_that_double_at_every_level_stay_small() -> None:
    schemas: dict[str, Any] = {
        f"L{level}": {"properties": {"a": to(f"L{level + 1}"), "b": to(f"L{level + 1}")}} for level in range(40)
    }
    made = alone({**schemas, "L40": {"type": "integer"}}, to("L0"))

    assert len(json.dumps(made)) < 3_000_000
    assert set(references(made)) <= {f"#/$defs/{name}" for name in made["$defs"]}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of recorded documents is not there")
def test_every_real_schema_stands_on_its_own() -> None:
    for path in sorted((SHARED / "schemas").glob("*.json")):
        whole = json.loads(path.read_bytes())
        model = document.read(whole)
        parts: tuple[Any, ...] = (model.input.raw, model.output)
        for part in parts:
            made = standalone(part, whole)
            names: Any = made.get("$defs", {})
            assert set(references(made)) <= {f"#/$defs/{name}" for name in names}, path.name
            jsonschema.Draft202012Validator.check_schema(made)
