"""Which rows of a form are in sight: rarely used fields are folded away, objects and lists open when asked. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from faldeck.schema.fields import Field
from faldeck.schema.jsonvalue import JsonValue, Path
from faldeck.tui.form_rows import How, Row, below, how

ALWAYS_SHOWN = 12
"""A form of so few fields folds none."""

UNFOLDED = 8
"""Optional fields always shown of a longer form, besides those that are needed."""


class Outline:
    """The rows of one form. `is_needed` tells of a root field that it must be in sight: set, or wrong."""

    def __init__(self, fields: tuple[Field, ...], is_needed: Callable[[Field], bool]) -> None:
        self._fields = fields
        self._is_needed = is_needed
        self._open: set[Path] = set()
        self._shapes: dict[Path, Field] = {}
        self.is_unfolded = len(fields) <= ALWAYS_SHOWN
        """Whether every field is in sight."""

    def rows(self, value: Callable[[Path], JsonValue]) -> list[Row]:
        """The fields in the schema's order, what is open followed by what is inside it; `value` is what stands there.

        The last row of a long form folds and unfolds the rest.
        """
        folded = {field.name for field in self._folded()}
        rows: list[Row] = []
        for field in self._fields:
            if field.name not in folded:
                held = value(field.place)
                rows.extend(below(Row(field.place, field, how(field, held)), held, self))
        if len(self._fields) > ALWAYS_SHOWN:
            rows.append(Row((), None, How.FOLDED))
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

    def is_open(self, path: Path) -> bool:
        """Whether the rows inside a row are shown."""
        return path in self._open

    def shape(self, path: Path) -> Field | None:
        """The shape that was chosen for a union's value."""
        return self._shapes.get(path)

    def open(self, path: Path, shape: Field | None = None) -> None:
        """Shows the rows inside a row; those of `shape` where it is a union's."""
        self._open.add(path)
        if shape:
            self._shapes[path] = shape

    def turn(self, path: Path) -> None:
        """Shows or hides the rows inside a row."""
        self._open ^= {path}

    def reveal(self, path: Path) -> None:
        """Opens whatever hides the row at a place."""
        self._open |= {path[:depth] for depth in range(1, len(path))}

    def follow(self, path: Path, order: Sequence[int]) -> None:
        """Keeps open what is open after the items of the list at a place have got another order.

        `order` says for each item, in turn, which one it was before.
        """
        place = len(path)
        inside = {one for one in self._open if len(one) > place and one[:place] == path}
        moved = {
            (*path, new, *one[place + 1 :]) for new, old in enumerate(order) for one in inside if one[place] == old
        }
        self._open = (self._open - inside) | moved
