"""The rows of a form: a model's fields as a tree that opens and closes, and how each is edited. Pure data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto
from typing import NamedTuple, Protocol

from faldeck.safety import sanitize
from faldeck.schema import json_value
from faldeck.schema.fields import Choice, Const, Field, Group, Integer, Items, Map, Number, Raw, Size, Switch, Union
from faldeck.schema.json_value import JsonPath, JsonValue


class EditMode(Enum):
    """How a row is edited."""

    INLINE = auto()
    """Typed in the row."""
    MULTILINE = auto()
    """Typed in a dialog of many lines; JSON if the value is not a string."""
    TOGGLE = auto()
    """Switched on and off."""
    CHOICE = auto()
    """One of several values."""
    VARIANT = auto()
    """One of several types of value, then the fields of that type."""
    NESTED = auto()
    """By the rows below it."""
    CONSTANT = auto()
    """Not at all: there is only one value."""
    FOLD = auto()
    """Shows and hides the fields that are rarely used."""


class FormRow(NamedTuple):
    """One row of a form."""

    path: JsonPath
    """The path of its value in the arguments."""
    field: Field | None
    """None for the row that shows and hides fields."""
    mode: EditMode
    depth: int = 0
    """How many rows it is nested in."""
    is_open: bool = False
    """Whether the rows below it are shown."""
    is_new: bool = False
    """Whether it adds an item to a list."""

    @property
    def label(self) -> str:
        """The name of its field, or the number of the item, from 1."""
        if self.is_new:
            return "+"
        step = self.path[-1] if self.path else "input"
        return f"{step + 1}." if isinstance(step, int) else sanitize.clean_line(step, limit=200)

    @property
    def is_inline(self) -> bool:
        """Whether its value is typed in the row."""
        return self.mode is EditMode.INLINE

    @property
    def is_text(self) -> bool:
        """Whether its value is typed, in the row or in a dialog."""
        return self.mode in (EditMode.INLINE, EditMode.MULTILINE)

    @property
    def is_toggle(self) -> bool:
        """Whether it is switched on and off."""
        return self.mode is EditMode.TOGGLE

    @property
    def is_choice(self) -> bool:
        """Whether a value or a variant is picked."""
        return self.mode in (EditMode.CHOICE, EditMode.VARIANT)

    @property
    def is_nested(self) -> bool:
        """Whether it is edited by the rows below it."""
        return self.mode is EditMode.NESTED

    @property
    def is_required(self) -> bool:
        """Whether the model requires a value."""
        return self.field is not None and self.field.required

    @property
    def limits(self) -> str:
        """The field's limits as a short phrase."""
        return self.field.limits if self.field else ""


def edit_mode(field: Field, value: JsonValue) -> EditMode:
    """How a field with this value is edited."""
    match field.kind:
        case Const():
            return EditMode.CONSTANT if field.required else EditMode.CHOICE
        case Switch():
            return EditMode.TOGGLE
        case Choice() | Size():
            return EditMode.CHOICE
        case Group():
            return EditMode.NESTED
        case Items(item=item):
            return EditMode.INLINE if isinstance(item.kind, Integer | Number) else EditMode.NESTED
        case Union(branches=branches):
            is_inline = all(edit_mode(branch, None) is EditMode.INLINE for branch in branches)
            return EditMode.INLINE if is_inline else EditMode.VARIANT
        case Map() | Raw():
            return EditMode.MULTILINE
        case _:
            return EditMode.MULTILINE if isinstance(value, str) and "\n" in value else EditMode.INLINE


class ExpansionState(Protocol):
    """Which rows of a form are open."""

    def is_open(self, path: JsonPath) -> bool:
        """Whether the rows inside a row are shown."""

    def variant(self, path: JsonPath) -> Field | None:
        """The variant that the person has chosen; None if the value decides."""


def expand(row: FormRow, value: JsonValue, expansion: ExpansionState) -> Iterator[FormRow]:
    """A row and, if it is open, the rows inside it. `value` is the row's own value."""
    field = row.field
    inside = list(_children(field, value, expansion.variant(row.path))) if field else []
    is_open = bool(inside) and expansion.is_open(row.path)
    yield FormRow(row.path, field, row.mode, row.depth, is_open, row.is_new)
    if not is_open:
        return
    for step, child, is_new in inside:
        child_value = json_value.get(value, (step,))
        child_row = FormRow((*row.path, step), child, edit_mode(child, child_value), row.depth + 1, is_new=is_new)
        yield from expand(child_row, child_value, expansion)


def _children(field: Field, value: JsonValue, variant: Field | None) -> Iterator[tuple[str | int, Field, bool]]:
    """The path step and the field of everything inside a field, and whether it is a new item still to be added."""
    match field.kind:
        case Group(fields=fields):
            for child in fields:
                yield child.name, child, False
        case Items(item=item, max_items=max_items) if not isinstance(item.kind, Integer | Number):
            count = len(value) if isinstance(value, list) else 0
            for index in range(count):
                yield index, item, False
            if max_items is None or count < max_items:
                yield count, item, True
        case Union() as union if value is not None:
            # A new object is valid for every variant without required fields, so the chosen one goes first.
            branch = variant if variant and variant.kind.takes(value) else union.branch(value)
            if branch:
                yield from _children(branch, value, None)
        case _:
            return


ALWAYS_SHOWN = 12
"""A form with no more fields than this hides none."""

OPTIONAL_SHOWN = 8
"""Optional fields of a longer form that are shown even if they are not needed."""


class RowTree:
    """The rows of one form, and which of them are open."""

    def __init__(self, fields: tuple[Field, ...], is_needed: Callable[[Field], bool]) -> None:
        """`is_needed` says whether a top-level field must be shown: it is set or has a problem."""
        self._fields = fields
        self._is_needed = is_needed
        self._open: set[JsonPath] = set()
        self._variants: dict[JsonPath, Field] = {}
        self.shows_all = len(fields) <= ALWAYS_SHOWN
        """Whether every field is shown."""

    def rows(self, value: Callable[[JsonPath], JsonValue]) -> list[FormRow]:
        """The rows in the schema's order, open ones followed by what is inside. `value` gives the value at a path.

        The last row of a long form shows and hides the rarely used fields.
        """
        hidden = {field.name for field in self._hidden_fields()}
        rows: list[FormRow] = []
        for field in self._fields:
            if field.name not in hidden:
                field_value = value(field.place)
                row = FormRow(field.place, field, edit_mode(field, field_value))
                rows.extend(expand(row, field_value, self))
        if len(self._fields) > ALWAYS_SHOWN:
            rows.append(FormRow((), None, EditMode.FOLD))
        return rows

    def keeps(self, row: FormRow, value: JsonValue) -> bool:
        """Whether all rows stay as they are when the value of this top-level row, without rows inside it, changes."""
        field = row.field
        if field is None or len(row.path) != 1 or not (self.shows_all or field.required or self._is_needed(field)):
            return False
        fresh = FormRow(field.place, field, edit_mode(field, value))
        return next(expand(fresh, value, self)) == row and not row.is_open

    @property
    def hidden(self) -> int:
        """How many fields are hidden."""
        return len(self._hidden_fields())

    def _hidden_fields(self) -> list[Field]:
        """The optional fields that are not needed, without the first few."""
        if self.shows_all:
            return []
        optional = [field for field in self._fields if not field.required]
        rare = [field for index, field in enumerate(optional) if index >= OPTIONAL_SHOWN or field.deprecated]
        return [field for field in rare if not self._is_needed(field)]

    def toggle_hidden(self) -> None:
        """Shows every field, or hides the rarely used ones again."""
        self.shows_all = not self.shows_all

    def is_open(self, path: JsonPath) -> bool:
        """Whether the rows inside a row are shown."""
        return path in self._open

    def variant(self, path: JsonPath) -> Field | None:
        """The variant that was chosen for a row."""
        return self._variants.get(path)

    def open(self, path: JsonPath, variant: Field | None = None) -> None:
        """Shows the rows inside a row; those of `variant` if that is given."""
        self._open.add(path)
        if variant:
            self._variants[path] = variant

    def toggle(self, path: JsonPath) -> None:
        """Shows or hides the rows inside a row."""
        self._open ^= {path}

    def reveal(self, path: JsonPath) -> None:
        """Opens the rows that hide the row of a path."""
        self._open |= {path[:depth] for depth in range(1, len(path))}

    def reorder(self, path: JsonPath, order: Sequence[int]) -> None:
        """Keeps the same items open after the order of the list at a path has changed.

        `order` has for each item, in turn, its index before the change.
        """
        depth = len(path)
        inside = {one for one in self._open if len(one) > depth and one[:depth] == path}
        moved = {
            (*path, new, *one[depth + 1 :]) for new, old in enumerate(order) for one in inside if one[depth] == old
        }
        self._open = (self._open - inside) | moved
