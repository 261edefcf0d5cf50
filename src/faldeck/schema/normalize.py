"""Normalizes one JSON schema: follows references, merges `allOf`, separates null, replaces old spellings.

Reads JSON Schema 2020-12, and `nullable` and the boolean `exclusiveMinimum` of OpenAPI 3.0 (protocol §6.5).
It does not raise. A schema that it cannot read becomes a shape with a `fault`.
"""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from faldeck.schema.json_value import JsonValue

Schema = dict[str, JsonValue]

_NOTES = ("title", "description", "default", "examples", "example", "deprecated")
_TYPE_BY_KEY = {
    "properties": "object",
    "additionalProperties": "object",
    "items": "array",
    "prefixItems": "array",
    "maxLength": "string",
    "minLength": "string",
    "pattern": "string",
    "minimum": "number",
    "maximum": "number",
    "exclusiveMinimum": "number",
    "exclusiveMaximum": "number",
    "multipleOf": "number",
}
_SAYS_WHAT = ("type", "enum", "const", "anyOf", "properties")
"""The keywords that leave null out unless they name it."""
_ITSELF = "refers to itself"
_LONGEST_CHAIN = 50
"""The most references and wrappers that are followed for one schema. Beyond it the schema is unreadable."""


class Shape(NamedTuple):
    """A schema that is normalized at this level. The levels below are normalized when they are used."""

    schema: Schema
    """Its keywords. Alternatives are under `anyOf`, without null."""
    nullable: bool
    fault: str
    """A phrase that says why it cannot be read; empty if it can."""
    document: JsonValue
    """The whole document, in which references point."""
    trail: tuple[str, ...]
    """The references on the way here, to recognize a schema that contains itself."""

    @property
    def type(self) -> str:
        """The JSON type, given or implied by other keywords; empty if any type is allowed.

        A limit beside alternatives implies no type, because it may be meant for only one of them.
        """
        given = self.schema.get("type")
        if isinstance(given, str):
            return given
        if "anyOf" in self.schema and "properties" not in self.schema:
            return ""
        return next((name for key, name in _TYPE_BY_KEY.items() if key in self.schema), "")

    def text(self, key: str) -> str:
        """The text under `key`, or an empty one."""
        found = self.schema.get(key)
        return found if isinstance(found, str) else ""

    def number(self, key: str) -> int | float | None:
        """The number under `key`; None if there is no finite one."""
        found = self.schema.get(key)
        if isinstance(found, float):
            return found if math.isfinite(found) else None
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def size(self, key: str) -> int | None:
        """The count under `key` (`maxLength`, `minItems`); None if there is no valid one."""
        found = self.number(key)
        return int(found) if found is not None and 0 <= found < 2**63 else None

    def table(self, key: str) -> Schema:
        """The object under `key`, or an empty one."""
        found = self.schema.get(key)
        return found if isinstance(found, dict) else {}

    def items(self, key: str) -> list[JsonValue]:
        """The list under `key`, or an empty one."""
        found = self.schema.get(key)
        return found if isinstance(found, list) else []

    def values(self) -> list[JsonValue]:
        """The values of its `enum` or `const`; empty if it has neither."""
        return [self.schema["const"]] if "const" in self.schema else self.items("enum")

    def below(self, schema: JsonValue) -> "Shape":
        """The shape of a schema inside this one."""
        return shape(schema, self.document, self.trail)

    def branches(self) -> tuple["Shape", ...]:
        """The alternatives; empty if there are not several."""
        return tuple(self.below(branch) for branch in self.items("anyOf"))

    def properties(self) -> Iterator[tuple[str, JsonValue]]:
        """Its members in display order (`x-fal-order-properties`). Members that this order leaves out come last."""
        members = self.table("properties")
        order = [name for name in self.items("x-fal-order-properties") if isinstance(name, str)]
        for name in dict.fromkeys([*order, *members]):
            if name in members:
                yield name, members[name]


def shape(schema: JsonValue, document: JsonValue, trail: tuple[str, ...] = ()) -> Shape:
    """The normalized shape of `schema`, whose references point into `document`."""
    try:
        return _plain(schema, document, trail)
    except RecursionError:
        return Shape({}, False, "is nested too deeply", document, trail)


def _plain(schema: JsonValue, document: JsonValue, trail: tuple[str, ...]) -> Shape:
    nullable = False
    plain: Schema = {}
    for _ in range(_LONGEST_CHAIN):
        if not isinstance(schema, dict):
            fault = "" if schema is True else "is not described"
            return Shape(plain, nullable, fault, document, trail)
        plain = schema
        if isinstance(reference := plain.get("$ref"), str):
            siblings = {key: value for key, value in plain.items() if key != "$ref"}
            target = resolve(reference, document)
            if reference in trail or not isinstance(target, dict):
                fault = _ITSELF if reference in trail else f"refers to {_last(reference)}, which is missing"
                return Shape(siblings, nullable, fault, document, trail)
            trail = (*trail, reference)
            schema = {**target, **siblings}
        elif isinstance(together := plain.get("allOf"), list):
            siblings = {key: value for key, value in plain.items() if key != "allOf"}
            parts = []
            for part in [*together, siblings]:
                parts.append(_plain(part, document, trail))
                trail = parts[-1].trail
            if fault := next((part.fault for part in parts if part.fault not in ("", _ITSELF)), ""):
                return Shape(siblings, nullable, fault, document, trail)
            nullable = nullable or siblings.get("nullable") is True or _lets_null_through(parts)
            schema = _merged(parts)
        elif (narrower := _without_null(plain)) is not None:
            nullable = True
            schema = narrower
        elif (unwrapped := _unwrapped(plain)) is not None:
            schema = unwrapped
        else:
            return Shape(_modern(plain), nullable, "", document, trail)
    return Shape({}, nullable, "is wrapped too deeply", document, trail)


def resolve(reference: str, document: JsonValue) -> JsonValue:
    """The value at a local JSON pointer (`#/components/schemas/X`, `#`) in the document, or None."""
    if reference == "#":
        return document
    if not reference.startswith("#/"):
        return None
    found = document
    for part in reference[2:].split("/"):
        if not isinstance(found, dict):
            return None
        found = found.get(part.replace("~1", "/").replace("~0", "~"))
    return found


def _last(reference: str) -> str:
    return reference.rsplit("/", 1)[-1][:80]


def _merged(parts: list[Shape]) -> Schema:
    """The parts of an `allOf` as one schema. A later part wins."""
    whole: Schema = {}
    properties: Schema = {}
    required: dict[JsonValue, None] = {}
    for part in parts:
        whole |= part.schema
        properties |= part.table("properties")
        required |= dict.fromkeys(name for name in part.items("required") if isinstance(name, str))
    members: Schema = {"properties": properties} if properties else {}
    return whole | members | ({"required": list(required)} if required else {})


def _lets_null_through(parts: list[Shape]) -> bool:
    """Whether every part of an `allOf` allows null."""
    return any(part.nullable for part in parts) and all(
        part.nullable or part.schema.keys().isdisjoint(_SAYS_WHAT) for part in parts
    )


def _without_null(schema: Schema) -> Schema | None:
    """The schema without its permission to be null; None if it has no such permission."""
    if schema.get("nullable") is True:
        return {key: value for key, value in schema.items() if key != "nullable"}
    for key in ("anyOf", "oneOf"):
        branches = schema.get(key)
        if isinstance(branches, list) and any(map(_is_null, branches)):
            rest = [branch for branch in branches if not _is_null(branch)]
            return {**schema, key: rest} if rest else {"const": None}
    types = schema.get("type")
    if isinstance(types, list) and "null" in types and len(types) > 1:
        return {**schema, "type": [name for name in types if name != "null"]}
    values = schema.get("enum")
    if isinstance(values, list) and None in values and len(values) > 1:
        return {**schema, "enum": [value for value in values if value is not None]}
    return None


def _is_null(schema: JsonValue) -> bool:
    if not isinstance(schema, Mapping):
        return False
    return (
        schema.get("type") == "null" or schema.get("enum") == [None] or ("const" in schema and schema["const"] is None)
    )


def _unwrapped(schema: Schema) -> Schema | None:
    """The schema without one needless wrapper; None if it has no such wrapper."""
    if isinstance(schema.get("oneOf"), list) and "anyOf" not in schema:
        return {**{key: value for key, value in schema.items() if key != "oneOf"}, "anyOf": schema["oneOf"]}
    branches = schema.get("anyOf")
    if isinstance(branches, list) and len(branches) == 1:
        outer = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**branches[0], **outer} if isinstance(branches[0], dict) else outer
    types = schema.get("type")
    if isinstance(types, list):
        if len(types) == 1:
            return {**schema, "type": types[0]}
        notes = {key: value for key, value in schema.items() if key in _NOTES}
        rest = {key: value for key, value in schema.items() if key not in _NOTES}
        return {**notes, "anyOf": [{**rest, "type": name} for name in types]}
    return None


def _modern(schema: Schema) -> Schema:
    """The schema with OpenAPI 3.0 spellings replaced: a boolean `exclusiveMinimum`, a single `example`."""
    newer = dict(schema)
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(newer.get(exclusive), bool) and newer.pop(exclusive) and limit in newer:
            newer[exclusive] = newer.pop(limit)
    if "example" in newer and "examples" not in newer:
        newer["examples"] = [newer["example"]]
    return newer
