"""What a form's row shows, which choices it has, and how its value is written as text. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from faldeck.safety import sanitize
from faldeck.schema import json_value
from faldeck.schema.fields import Choice, Const, Field, File, Integer, Items, Size, Switch, Text, Union
from faldeck.schema.json_value import InvalidValue, JsonPath, JsonValue
from faldeck.tui.form.rows import EditMode, FormRow

MAX_TEXT = 2_000
"""Characters of a value that are shown in its row."""


class ValueSource(Protocol):
    """The values of a form, as `FormState` gives them."""

    def value(self, path: JsonPath) -> JsonValue:
        """The value at a path: what was set, or else the default."""

    def is_set(self, path: JsonPath) -> bool:
        """Whether the person has set the value at a path."""

    def rejected_text(self, path: JsonPath) -> str:
        """The text typed at a path if it is not a valid value there, or ""."""


class RowValue(NamedTuple):
    """A row's value as one line of text."""

    text: str
    is_set: bool
    """Whether the person has set it. Otherwise it is the default, or says what happens without a value."""
    colour: str = ""
    """`#rrggbb` if the value is a colour."""


def displayed(values: ValueSource, row: FormRow) -> RowValue:
    """The value that a row shows."""
    field = row.field
    if field is None or row.is_new:
        return RowValue("", False)
    if rejected := values.rejected_text(row.path):
        return RowValue(sanitize.clean_line(rejected, limit=MAX_TEXT), True)
    is_set, value = values.is_set(row.path), values.value(row.path)
    if row.is_open:
        return RowValue("", is_set)
    text = "required" if field.required else "random" if is_seed(field) else "—"
    if is_set or value is not None:
        text = _summary(row, field, value)
    elif isinstance(field.kind, Const):
        text = one_line(field, field.kind.value)
    elif field.has_default and field.default is not None:
        text = one_line(field, field.default) or "(empty)"
    return RowValue(text, is_set, text if field.kind.name == "colour" and text.startswith("#") else "")


def _summary(row: FormRow, field: Field, value: JsonValue) -> str:
    if isinstance(value, list) and row.mode is EditMode.NESTED:
        return "no items" if not value else f"{len(value)} item{'s' if len(value) > 1 else ''}"
    return one_line(field, value) or "(empty)"


def one_line(field: Field, value: JsonValue) -> str:
    """A value of a field as one clean line."""
    return sanitize.clean_line(field.show(value), limit=MAX_TEXT)


def edit_text(values: ValueSource, row: FormRow) -> str:
    """A row's value as the text to edit: JSON if it is not a string; empty while it is unset."""
    if row.field is None or row.is_new:
        return ""
    if rejected := values.rejected_text(row.path):
        return rejected
    value = values.value(row.path)
    if row.mode is EditMode.MULTILINE and not isinstance(value, str):
        return pretty_json(value) if value is not None or values.is_set(row.path) else ""
    if row.mode is EditMode.MULTILINE or values.is_set(row.path):
        return row.field.show(value)
    return ""


def pretty_json(value: JsonValue) -> str:
    """A value as indented JSON. Lone surrogates, which no terminal can draw, are written as escapes."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def default_text(row: FormRow) -> str:
    """The default of a row on one line, or ""."""
    field = row.field
    return one_line(field, field.default) if field and field.has_default and field.default is not None else ""


def choices(row: FormRow) -> tuple[JsonValue, ...]:
    """The values that a row steps through; empty if it has no fixed values."""
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


def picker_options(row: FormRow) -> list[tuple[str, JsonValue]]:
    """What a picker offers for a row: labels with values, or with variants as fields. Empty if nothing is picked."""
    match row.field, row.mode:
        case Field(kind=Union(branches=variants)), EditMode.VARIANT:
            return [(sanitize.clean_line(variant.label), variant) for variant in variants]
        case Field(kind=Size()) as field, _:
            return [*_labelled(field, choices(row)), ("width × height …", field)]
        case Field() as field, EditMode.CHOICE:
            return _labelled(field, choices(row))
        case _:
            return []


def current_variant(row: FormRow, value: JsonValue) -> Field | None:
    """The variant of a row that fits a value; None without one."""
    return row.field.kind.branch(value) if row.field and isinstance(row.field.kind, Union) else None


def current_option(values: ValueSource, row: FormRow) -> str:
    """The label of the picker option that a row has now."""
    if row.mode is not EditMode.VARIANT:
        return displayed(values, row).text
    variant = current_variant(row, values.value(row.path))
    return sanitize.clean_line(variant.label) if variant else ""


def _labelled(field: Field, values: Iterable[JsonValue]) -> list[tuple[str, JsonValue]]:
    null: tuple[JsonValue, ...] = (None,) if field.nullable else ()
    return [(one_line(field, value) or "(empty)", value) for value in (*values, *null)]


def suggestions(row: FormRow) -> tuple[str, ...]:
    """Texts that are suggested while a row is typed; other texts may be typed too."""
    match row.field and row.field.kind:
        case Text(suggestions=words) | File(words=words):
            return words
    return ()


def file_kind(row: FormRow) -> File | None:
    """The kind of file that a row, or an item of its list, takes; None if it takes no file."""
    kind = row.field.kind if row.field else None
    kind = kind.item.kind if isinstance(kind, Items) else kind
    return kind if isinstance(kind, File) else None


def is_seed(field: Field) -> bool:
    """True for the random seed field."""
    return isinstance(field.kind, Integer) and field.name.split("_")[-1] == "seed"


def text_check(row: FormRow) -> Callable[[str], str]:
    """A function that returns what is wrong with a row's text, or "". Rows that are no strings take JSON."""
    if row.field and row.field.kind.takes_any_text:
        return lambda text: ""
    return check_with(json_value.read)


def check_with(read: Callable[[str], object]) -> Callable[[str], str]:
    """A function that returns why `read` rejects a text, or "". An empty text is always right."""

    def check(text: str) -> str:
        try:
            if text.strip():
                read(text)
        except InvalidValue as error:
            return sanitize.clean_line(str(error))
        return ""

    return check
