"""The rows of a form: a model's fields as a tree that is folded out, each with the way in which it is edited. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from faldeck.safety import sanitize
from faldeck.schema import json_value
from faldeck.schema.fields import Choice, Const, Field, Group, Integer, Items, Map, Number, Raw, Size, Switch, Union
from faldeck.schema.json_value import JsonPath, JsonValue


class EditMode(Enum):
    """How a row is edited."""

    INLINE = auto()
    """On the row."""
    MULTILINE = auto()
    """As a text of many lines, JSON where the value is not a text."""
    TOGGLE = auto()
    CHOICE = auto()
    """One of several values."""
    VARIANT = auto()
    """One of several shapes, then its fields."""
    NESTED = auto()
    """By the rows below it."""
    CONSTANT = auto()
    """Not at all: there is one value."""
    FOLD = auto()
    """It stands for fields that are folded away."""


@dataclass(frozen=True, slots=True)
class FormRow:
    """One line of a form."""

    path: JsonPath
    """Where its value stands in the arguments."""
    field: Field | None
    """None where it stands for fields that are folded away."""
    mode: EditMode
    depth: int = 0
    is_open: bool = False
    """Whether the rows below it are shown."""
    is_new: bool = False
    """Whether it is where the next item of a list is added."""

    @property
    def label(self) -> str:
        """The row's name: the field's own, or the item's number, from 1."""
        if self.is_new:
            return "+"
        step = self.path[-1] if self.path else "input"
        return f"{step + 1}." if isinstance(step, int) else sanitize.clean_line(step, limit=200)

    @property
    def is_typed(self) -> bool:
        """Whether its value is typed on the row."""
        return self.mode is EditMode.INLINE

    @property
    def is_text(self) -> bool:
        """Whether its value is a text, on the row or on many lines."""
        return self.mode in (EditMode.INLINE, EditMode.MULTILINE)

    @property
    def is_switched(self) -> bool:
        """Whether it is on or off."""
        return self.mode is EditMode.TOGGLE

    @property
    def is_picked(self) -> bool:
        """Whether it is given one of several values or shapes."""
        return self.mode in (EditMode.CHOICE, EditMode.VARIANT)

    @property
    def is_opened(self) -> bool:
        """Whether it is edited by the rows below it."""
        return self.mode is EditMode.NESTED

    @property
    def is_required(self) -> bool:
        """Whether the model demands it."""
        return self.field is not None and self.field.required

    @property
    def limits(self) -> str:
        """The field's limits as a short phrase."""
        return self.field.limits if self.field else ""


def edit_mode(field: Field, value: JsonValue) -> EditMode:
    """How a field that has this value is edited."""
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
            return (
                EditMode.INLINE
                if all(edit_mode(branch, None) is EditMode.INLINE for branch in branches)
                else EditMode.VARIANT
            )
        case Map() | Raw():
            return EditMode.MULTILINE
        case _:
            return EditMode.MULTILINE if isinstance(value, str) and "\n" in value else EditMode.INLINE


class ExpansionState(Protocol):
    """What of a form is open."""

    def is_open(self, path: JsonPath) -> bool:
        """Whether the rows inside a row are shown."""

    def shape(self, path: JsonPath) -> Field | None:
        """The shape that a person has chosen for a union's value; None leaves it to the value."""


def below(row: FormRow, value: JsonValue, folds: ExpansionState) -> Iterator[FormRow]:
    """A row and, where it is open, the rows of what is inside it; `value` is the row's own."""
    field = row.field
    inside = list(_inside(field, value, folds.shape(row.path))) if field else []
    opened = bool(inside) and folds.is_open(row.path)
    yield FormRow(row.path, field, row.mode, row.depth, opened, row.is_new)
    if not opened:
        return
    for step, child, is_new in inside:
        held = json_value.get(value, (step,))
        yield from below(
            FormRow((*row.path, step), child, edit_mode(child, held), row.depth + 1, is_new=is_new), held, folds
        )


def _inside(field: Field, value: JsonValue, shape: Field | None) -> Iterator[tuple[str | int, Field, bool]]:
    """The step, the field and whether it is still to be added, of everything inside a field with this value."""
    match field.kind:
        case Group(fields=fields):
            for child in fields:
                yield child.name, child, False
        case Items(item=item, max_items=most) if not isinstance(item.kind, Integer | Number):
            count = len(value) if isinstance(value, list) else 0
            for index in range(count):
                yield index, item, False
            if most is None or count < most:
                yield count, item, True
        case Union() as union if value is not None:
            # An object that has just been begun fits every shape that demands nothing.
            branch = shape if shape and shape.kind.takes(value) else union.branch(value)
            if branch:
                yield from _inside(branch, value, None)
        case _:
            return


ALWAYS_SHOWN = 12
"""A form of so few fields folds none."""

UNFOLDED = 8
"""Optional fields always shown of a longer form, besides those that are needed."""


class RowTree:
    """The rows of one form. `is_needed` tells of a root field that it must be in sight: set, or wrong."""

    def __init__(self, fields: tuple[Field, ...], is_needed: Callable[[Field], bool]) -> None:
        self._fields = fields
        self._is_needed = is_needed
        self._open: set[JsonPath] = set()
        self._shapes: dict[JsonPath, Field] = {}
        self.is_unfolded = len(fields) <= ALWAYS_SHOWN
        """Whether every field is in sight."""

    def rows(self, value: Callable[[JsonPath], JsonValue]) -> list[FormRow]:
        """The fields in the schema's order, what is open followed by what is inside it; `value` is what stands there.

        The last row of a long form folds and unfolds the rest.
        """
        folded = {field.name for field in self._folded()}
        rows: list[FormRow] = []
        for field in self._fields:
            if field.name not in folded:
                held = value(field.place)
                rows.extend(below(FormRow(field.place, field, edit_mode(field, held)), held, self))
        if len(self._fields) > ALWAYS_SHOWN:
            rows.append(FormRow((), None, EditMode.FOLD))
        return rows

    @property
    def hidden(self) -> int:
        """How many fields are folded away."""
        return len(self._folded())

    def _folded(self) -> list[Field]:
        """The optional fields that are not needed, without the first few."""
        if self.is_unfolded:
            return []
        optional = [field for field in self._fields if not field.required]
        rare = [field for place, field in enumerate(optional) if place >= UNFOLDED or field.deprecated]
        return [field for field in rare if not self._is_needed(field)]

    def unfold(self) -> None:
        """Brings every field into sight, or folds the rarely used ones again."""
        self.is_unfolded = not self.is_unfolded

    def is_open(self, path: JsonPath) -> bool:
        """Whether the rows inside a row are shown."""
        return path in self._open

    def shape(self, path: JsonPath) -> Field | None:
        """The shape that was chosen for a union's value."""
        return self._shapes.get(path)

    def open(self, path: JsonPath, shape: Field | None = None) -> None:
        """Shows the rows inside a row; those of `shape` where it is a union's."""
        self._open.add(path)
        if shape:
            self._shapes[path] = shape

    def turn(self, path: JsonPath) -> None:
        """Shows or hides the rows inside a row."""
        self._open ^= {path}

    def reveal(self, path: JsonPath) -> None:
        """Opens whatever hides the row at a place."""
        self._open |= {path[:depth] for depth in range(1, len(path))}

    def follow(self, path: JsonPath, order: Sequence[int]) -> None:
        """Keeps open what is open after the items of the list at a place have got another order.

        `order` says for each item, in turn, which one it was before.
        """
        place = len(path)
        inside = {one for one in self._open if len(one) > place and one[:place] == path}
        moved = {
            (*path, new, *one[place + 1 :]) for new, old in enumerate(order) for one in inside if one[place] == old
        }
        self._open = (self._open - inside) | moved
