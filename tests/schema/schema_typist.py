"""A person who fills in a form: types texts, picks choices and shapes, adds items, one field at a time."""

import json
from collections.abc import Iterator

from faldeck.schema.arguments import ArgumentValues
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import Choice, Const, Field, Group, Items, Map, Raw, Union
from faldeck.schema.json_value import JsonPath, JsonValue


def filled(model: ModelSchema, wanted: dict[str, JsonValue]) -> ArgumentValues:
    """What the form of a model holds once everything that is wanted has been entered into its fields."""
    values = ArgumentValues()
    for field in model.fields:
        if not field.name:
            return ArgumentValues(field.parse(json.dumps(wanted)))
        if field.name in wanted:
            values = entered(values, field, field.place, wanted[field.name])
    return values


def entered(values: ArgumentValues, field: Field, path: JsonPath, wanted: JsonValue) -> ArgumentValues:
    """The values after a person has brought a field to hold what is wanted."""
    if wanted is None and field.nullable:
        return values.set(path, None)
    inside = tuple(_inside(field, wanted))
    if inside or wanted in ([], {}):
        values = values.set(path, [] if isinstance(wanted, list) else {})
        for step, child, below in inside:
            values = entered(values, child, (*path, step), below)
        return values
    match field.kind:
        case Union() as union if branch := union.branch(wanted):
            return entered(values, branch, path, wanted)
        case Choice(choices=choices):
            return values.set(path, next(choice for choice in choices if exactly(choice) == exactly(wanted)))
        case Const(value=value):
            return values.set(path, value)
        case Raw():
            return values.set(path, field.parse(json.dumps(wanted)))
    return values.set(path, field.parse(typed(wanted)))


def typed(wanted: JsonValue) -> str:
    """What a person types for a value: a text as it is, a size and a colour in one word, all else as JSON."""
    match wanted:
        case str():
            return wanted
        case {"url": str(url), **others} if not others:
            return url
        case {"width": int(width), "height": int(height), **others} if not others and width >= 0 <= height:
            return f"{width}×{height}"
        case {"r": int(red), "g": int(green), "b": int(blue), **others} if not others:
            return f"#{red:02x}{green:02x}{blue:02x}"
    return json.dumps(wanted)


def _inside(field: Field, wanted: JsonValue) -> Iterator[tuple[str | int, Field, JsonValue]]:
    """The step, the field and what is wanted of everything that is entered on a row of its own."""
    match field.kind, wanted:
        case Group(fields=members), dict():
            yield from ((member.name, member, wanted[member.name]) for member in members if member.name in wanted)
        case Items(item=item), list():
            yield from ((index, item, below) for index, below in enumerate(wanted))
        case Map(value=value), dict():
            yield from ((name, value, below) for name, below in wanted.items())


def exactly(value: JsonValue) -> str:
    """A text that tells `1`, `1.0`, `true` and `"1"` apart, but not the order of an object's members."""
    return json.dumps(value, sort_keys=True)
