"""Which rows of a form are in sight: rarely used fields are folded away, objects and lists open when asked. Pure."""

from __future__ import annotations

from collections.abc import Callable

from faldeck.schema.fields import Field
from faldeck.schema.jsonvalue import JsonValue, Path
from faldeck.tui.form_rows import How, Row, below, how

ALWAYS_SHOWN = 12
"""A form of so few fields folds none."""

UNFOLDED = 8
"""Fields shown of a longer form, besides those that are needed."""


class Outline:
    """The rows of one form. `is_needed` tells of a root field that it must be in sight: set, or wrong."""

    def __init__(self, fields: tuple[Field, ...], is_needed: Callable[[Field], bool]) -> None:
        self._fields = fields
        self._is_needed = is_needed
        self._open: set[Path] = set()
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
                rows.extend(below(Row(field.place, field, how(field, held)), held, self._open.__contains__))
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
        optional = [field for field in self._fields if not field.required and not self._is_needed(field)]
        return [field for place, field in enumerate(optional) if place >= UNFOLDED or field.deprecated]

    def unfold(self) -> None:
        """Brings every field into sight, or folds the rarely used ones again."""
        self.is_unfolded = not self.is_unfolded

    def open(self, path: Path) -> None:
        """Shows the rows inside a row."""
        self._open.add(path)

    def turn(self, path: Path) -> None:
        """Shows or hides the rows inside a row."""
        self._open ^= {path}

    def reveal(self, path: Path) -> None:
        """Opens whatever hides the row at a place."""
        self._open |= {path[:depth] for depth in range(1, len(path))}
