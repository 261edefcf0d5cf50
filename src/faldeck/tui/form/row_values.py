"""What a form's row shows, what it can be given, and how its value is typed. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from faldeck.safety import sanitize
from faldeck.schema import json_value
from faldeck.schema.fields import Choice, Const, Field, File, Integer, Items, Size, Switch, Text, Union
from faldeck.schema.json_value import InvalidValue, JsonPath, JsonValue
from faldeck.tui.form.rows import EditMode, FormRow

WIDEST = 500
"""Characters of a value that are shown on its row."""


class FieldValues(Protocol):
    """What a form holds."""

    def value(self, path: JsonPath) -> JsonValue:
        """What stands at a place: what was set, or else the default."""

    def is_set(self, path: JsonPath) -> bool:
        """Whether a person has set what stands there."""

    def refused(self, path: JsonPath) -> str:
        """The text that was typed there and is no value; empty where there is none."""


@dataclass(frozen=True, slots=True)
class RowValue:
    """A field's value on one line."""

    text: str
    is_set: bool
    """Whether a person has set it; else it is the model's default, or says what happens without one."""
    colour: str = ""
    """The colour that the value is, as `#rrggbb`."""


def shown(held: FieldValues, row: FormRow) -> RowValue:
    """The row's value on one line."""
    field = row.field
    if field is None or row.is_new:
        return RowValue("", False)
    if refused := held.refused(row.path):
        return RowValue(sanitize.clean_line(refused, limit=WIDEST), True)
    is_set, value = held.is_set(row.path), held.value(row.path)
    if row.is_open:
        return RowValue("", is_set)
    text = "required" if field.required else "random" if is_seed(field) else "—"
    if is_set or value is not None:
        text = _told(row, field, value)
    elif isinstance(field.kind, Const):
        text = line(field, field.kind.value)
    elif field.has_default and field.default is not None:
        text = line(field, field.default) or "(empty)"
    return RowValue(text, is_set, text if field.kind.name == "colour" and text.startswith("#") else "")


def _told(row: FormRow, field: Field, value: JsonValue) -> str:
    if isinstance(value, list) and row.mode is EditMode.NESTED:
        return "no items" if not value else f"{len(value)} item{'s' if len(value) > 1 else ''}"
    return line(field, value) or "(empty)"


def line(field: Field, value: JsonValue) -> str:
    """A value of a field as one clean line."""
    return sanitize.clean_line(field.show(value), limit=WIDEST)


def typed(held: FieldValues, row: FormRow) -> str:
    """The row's value as it is edited: JSON where it is not a text; empty while it is unset."""
    if row.field is None or row.is_new:
        return ""
    if refused := held.refused(row.path):
        return refused
    value = held.value(row.path)
    if row.mode is EditMode.MULTILINE and not isinstance(value, str):
        return pretty(value) if value is not None or held.is_set(row.path) else ""
    if row.mode is EditMode.MULTILINE or held.is_set(row.path):
        return row.field.show(value)
    return ""


def pretty(value: JsonValue) -> str:
    """A value as JSON of several lines, fit for every terminal: half surrogates are escapes."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def default(row: FormRow) -> str:
    """The row's default on one line; empty where there is none."""
    field = row.field
    return line(field, field.default) if field and field.has_default and field.default is not None else ""


def choices(row: FormRow) -> tuple[JsonValue, ...]:
    """The values that the row is picked from; none where it is not picked."""
    match row.field.kind if row.field else None:
        case Switch():
            return (True, False)
        case Const(value=value):
            return (value,)
        case Choice(choices=values):
            return values
        case Size(presets=presets):
            return presets
        case _:
            return ()


def offers(row: FormRow) -> list[tuple[str, JsonValue]]:
    """What the row can be given, by name: its choices, or its shapes; nothing where it is not picked."""
    match row.field, row.mode:
        case Field(kind=Union(branches=shapes)), EditMode.VARIANT:
            return [(sanitize.clean_line(shape.label), shape) for shape in shapes]
        case Field(kind=Size()) as field, _:
            return [*_named(field, choices(row)), ("width × height …", field)]
        case Field() as field, EditMode.CHOICE:
            return _named(field, choices(row))
        case _:
            return []


def shape(row: FormRow, value: JsonValue) -> Field | None:
    """The shape that a value of the row has already; None where it has none, or the row is given no shapes."""
    return row.field.kind.branch(value) if row.field and isinstance(row.field.kind, Union) else None


def current(held: FieldValues, row: FormRow) -> str:
    """The name of what the row is given already, among its offers."""
    if row.mode is not EditMode.VARIANT:
        return shown(held, row).text
    known = shape(row, held.value(row.path))
    return sanitize.clean_line(known.label) if known else ""


def _named(field: Field, values: Iterable[JsonValue]) -> list[tuple[str, JsonValue]]:
    null: tuple[JsonValue, ...] = (None,) if field.nullable else ()
    return [(line(field, value) or "(empty)", value) for value in (*values, *null)]


def suggestions(row: FormRow) -> tuple[str, ...]:
    """What may be typed, among other things."""
    match row.field and row.field.kind:
        case Text(suggestions=words) | File(words=words):
            return words
    return ()


def is_file(row: FormRow) -> bool:
    """Whether the row takes a file."""
    return file_kind(row) is not None


def file_kind(row: FormRow) -> File | None:
    """The kind of file that the row, or an item of its list, takes; None where it takes none."""
    kind = row.field.kind if row.field else None
    kind = kind.item.kind if isinstance(kind, Items) else kind
    return kind if isinstance(kind, File) else None


def is_seed(field: Field) -> bool:
    """Whether a whole number is what a model's chance begins with."""
    return isinstance(field.kind, Integer) and field.name.split("_")[-1] == "seed"


def fault_finder(row: FormRow) -> Callable[[str], str]:
    """What tells what is wrong with a text of many lines for a row: JSON, unless any text will do."""
    if row.field and row.field.kind.takes_any_text:
        return lambda text: ""
    return fault_of(json_value.read)


def fault_of(read: Callable[[str], object]) -> Callable[[str], str]:
    """What tells what `read` has against a text; an empty text is right."""

    def fault(text: str) -> str:
        try:
            if text.strip():
                read(text)
        except InvalidValue as error:
            return sanitize.clean_line(str(error))
        return ""

    return fault
