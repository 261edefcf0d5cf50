"""Checks an input against the fields of a model; gives its faults in the form of the service (protocol §4.1, A)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from fal_emulator.answers import ERROR_DOCS, MODEL_ERRORS, JsonObject
from fal_emulator.model import ModelField

Location = tuple[str | int, ...]
Components = Mapping[str, JsonObject]

_TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "string": (lambda value: isinstance(value, str), "Input should be a valid string"),
    "integer": (lambda value: _is_whole(value), "Input should be a valid integer"),
    "number": (lambda value: _is_number(value), "Input should be a valid number"),
    "boolean": (lambda value: isinstance(value, bool), "Input should be a valid boolean"),
    "array": (lambda value: isinstance(value, list), "Input should be a valid list"),
    "object": (lambda value: isinstance(value, dict), "Input should be a valid dictionary"),
    "null": (lambda value: value is None, "Input should be None"),
}
_TYPE_WORDS = {
    "string": "string_type",
    "integer": "int_type",
    "number": "float_type",
    "boolean": "bool_type",
    "array": "list_type",
    "object": "dict_type",
    "null": "none_required",
}

_BOUNDS: dict[str, tuple[Callable[[Any, Any], bool], str, str, str]] = {
    "minimum": (lambda value, limit: value >= limit, "greater_than_equal", "ge", "greater than or equal to"),
    "maximum": (lambda value, limit: value <= limit, "less_than_equal", "le", "less than or equal to"),
    "exclusiveMinimum": (lambda value, limit: value > limit, "greater_than", "gt", "greater than"),
    "exclusiveMaximum": (lambda value, limit: value < limit, "less_than", "lt", "less than"),
    "multipleOf": (
        lambda value, step: Fraction(str(value)) % Fraction(str(step)) == 0,
        "multiple_of",
        "multiple_of",
        "a multiple of",
    ),
}
_LENGTHS: dict[str, tuple[Callable[[int, int], bool], str, str, str]] = {
    "minLength": (lambda length, limit: length >= limit, "string_too_short", "min_length", "at least"),
    "maxLength": (lambda length, limit: length <= limit, "string_too_long", "max_length", "at most"),
    "minItems": (lambda length, limit: length >= limit, "sequence_too_short", "min_length", "at least"),
    "maxItems": (lambda length, limit: length <= limit, "sequence_too_long", "max_length", "at most"),
}


def faults_of(arguments: Any, fields: Sequence[ModelField], components: Components) -> list[JsonObject]:
    """Every fault of an input as a located item, an empty list for a good one; unknown keys are ignored."""
    if not isinstance(arguments, dict):
        return [_fault(("body",), "dict_type", "Input should be a valid dictionary", arguments)]
    schema: JsonObject = {
        "type": "object",
        "properties": {field.name: field.schema for field in fields},
        "required": [field.name for field in fields if field.is_required],
    }
    return list(_check(arguments, schema, ("body",), components))


def prepared(arguments: JsonObject, fields: Sequence[ModelField], components: Components) -> JsonObject:
    """A valid input as its model gets it: with the defaults of missing fields.

    A whole number is an int if the schema says integer, even if it was written as `2.0`.
    """
    schemas = {field.name: field.schema for field in fields}
    defaults = {name: schema["default"] for name, schema in schemas.items() if "default" in schema}
    return {name: _typed(value, schemas.get(name, {}), components) for name, value in (defaults | arguments).items()}


def _check(value: Any, schema: JsonObject, loc: Location, components: Components) -> Iterator[JsonObject]:
    schema = _resolved(schema, components)
    if value is None and schema.get("nullable"):
        return
    shapes = schema.get("anyOf", schema.get("oneOf"))
    if shapes is not None:
        yield from _check_union(value, shapes, loc, components)
    for part in schema.get("allOf", ()):
        yield from _check(value, part, loc, components)
    kinds = _kinds(schema)
    if kinds and not any(_TYPES[kind][0](value) for kind in kinds):
        yield _fault(loc, _TYPE_WORDS[kinds[0]], _TYPES[kinds[0]][1], value)
        return
    allowed = [schema["const"]] if "const" in schema else schema.get("enum")
    if allowed is not None and value not in allowed:
        expected = " or ".join(repr(one) for one in allowed[:12])
        yield _fault(loc, "literal_error", f"Input should be {expected}", value, expected=expected)
    if _is_number(value):
        yield from _check_bounds(value, schema, loc)
    elif isinstance(value, str | list):
        yield from _check_length(value, schema, loc)
    if isinstance(value, dict):
        yield from _check_names(value, schema, loc)
    for place, item, part in _items(value, schema):
        yield from _check(item, part, (*loc, place), components)


def _check_union(
    value: Any, shapes: Sequence[JsonObject], loc: Location, components: Components
) -> Iterator[JsonObject]:
    """Empty if one shape fits, else the faults of the shape with the fewest."""
    attempts = [list(_check(value, shape, loc, components)) for shape in shapes]
    if all(attempts):
        deepest = max(attempts, key=lambda faults: (max(len(fault["loc"]) for fault in faults), -len(faults)))
        same_type = [faults for faults in attempts if not faults[0]["type"].endswith(("_type", "_required"))]
        yield from (same_type[0] if same_type else deepest)


def _check_bounds(value: float, schema: JsonObject, loc: Location) -> Iterator[JsonObject]:
    for keyword, (holds, kind, name, words) in _BOUNDS.items():
        limit = schema.get(keyword)
        if limit is not None and not isinstance(limit, bool) and not holds(value, limit):
            yield _fault(loc, kind, f"Input should be {words} {limit}", value, **{name: limit})


def _check_length(value: str | list[Any], schema: JsonObject, loc: Location) -> Iterator[JsonObject]:
    unit, suffix = ("characters", "Length") if isinstance(value, str) else ("items", "Items")
    for keyword, (holds, kind, name, words) in _LENGTHS.items():
        limit = schema.get(keyword)
        if keyword.endswith(suffix) and limit is not None and not holds(len(value), limit):
            yield _fault(loc, kind, f"Input should have {words} {limit} {unit}", value, **{name: limit})
    pattern = schema.get("pattern")
    if isinstance(value, str) and pattern and not re.search(pattern, value):
        yield _fault(loc, "string_pattern_mismatch", "String should match the pattern", value, pattern=pattern)


def _check_names(value: JsonObject, schema: JsonObject, loc: Location) -> Iterator[JsonObject]:
    for name in schema.get("required", ()):
        if name not in value:
            yield _fault((*loc, name), "missing", "Field required", value)
    if schema.get("additionalProperties") is False:
        for name in [name for name in value if name not in schema.get("properties", {})]:
            yield _fault((*loc, name), "extra_forbidden", "Extra inputs are not permitted", value[name])


def _items(value: Any, schema: JsonObject) -> Iterator[tuple[str | int, Any, JsonObject]]:
    """The values in a list or an object: the place, the value and the schema of each."""
    if isinstance(value, list):
        prefix, rest = schema.get("prefixItems", ()), schema.get("items", {})
        for index, item in enumerate(value):
            yield index, item, prefix[index] if index < len(prefix) else rest
    elif isinstance(value, dict):
        properties, extra = schema.get("properties", {}), schema.get("additionalProperties")
        for name, item in value.items():
            yield name, item, properties.get(name, extra if isinstance(extra, dict) else {})


def _typed(value: Any, schema: JsonObject, components: Components) -> Any:
    """A valid value with ints where the schema, or in a union the first shape that fits, says integer."""
    schema = _resolved(schema, components)
    shapes = schema.get("anyOf") or schema.get("oneOf") or ()
    fitting = [shape for shape in shapes if not any(_check(value, shape, (), components))]
    for part in (*schema.get("allOf", ()), *fitting[:1]):
        value = _typed(value, part, components)
    match value:
        case float() if "integer" in _kinds(schema) and value.is_integer():
            return int(value)
        case list():
            return [_typed(item, part, components) for _, item, part in _items(value, schema)]
        case dict():
            return {name: _typed(item, part, components) for name, item, part in _items(value, schema)}
    return value


def _kinds(schema: JsonObject) -> list[str]:
    """The types a schema allows, an empty list for one that allows any."""
    named = schema.get("type", ())
    return [named] if isinstance(named, str) else list(named)


def _resolved(schema: JsonObject, components: Components) -> JsonObject:
    """The schema behind a reference. A reference to an unknown schema allows any value."""
    reference = schema.get("$ref")
    return schema if reference is None else components.get(reference.rsplit("/", 1)[-1], {})


def _fault(loc: Location, kind: str, message: str, value: Any, **ctx: Any) -> JsonObject:
    fault: JsonObject = {"loc": list(loc), "msg": message, "type": kind, "input": value}
    if ctx:
        fault["ctx"] = ctx
    if kind in MODEL_ERRORS:
        fault["url"] = ERROR_DOCS + kind
    return fault


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())
