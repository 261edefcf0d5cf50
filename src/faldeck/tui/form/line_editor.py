"""Which row's value is typed, and on which input. Knows no screen: tests give it an input of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from faldeck.tui.form import row_values
from faldeck.tui.form.inputs import single_line

if TYPE_CHECKING:
    from faldeck.tui.form.rows import FormRow
    from faldeck.tui.form.state import FormState


class TextInput(Protocol):
    """An input for one text. `FieldInput` is the one on the screen."""

    value: str
    cursor_position: int

    def show(self, text: str, *, placeholder: str, suggestions: Sequence[str], completes_paths: bool) -> None:
        """Shows a text with the cursor at its end, and takes the focus."""

    def hide(self) -> None:
        """Hides the input and gives the focus back."""

    def select_all(self) -> None:
        """Selects the text, so that the next key replaces it."""

    def replace_selection(self, text: str) -> None:
        """Replaces the selected text, or inserts at the cursor."""


class LineEditor:
    """Edits one row's value at a time."""

    def __init__(self, text_input: TextInput) -> None:
        self._input = text_input
        self.row: FormRow | None = None
        """The row whose value is typed; None while nothing is typed."""

    @property
    def is_active(self) -> bool:
        """Whether a value is being typed."""
        return self.row is not None

    def begin(self, state: FormState, row: FormRow) -> None:
        """Shows the input with the row's value. An earlier value is selected, unless it must be corrected."""
        # Without a row the input's change, which is reported at once, changes no value.
        self.row = None
        self._input.show(
            row_values.edit_text(state, row),
            placeholder=row_values.default_text(row),
            suggestions=row_values.suggestions(row),
            completes_paths=row_values.file_kind(row) is not None,
        )
        if state.is_inherited(row.path) and row.path not in state.problems:
            self._input.select_all()
        self.row = row

    def end(self) -> bool:
        """Hides the input; the typed value stays. Returns whether a value was being typed."""
        if self.row is None:
            return False
        self.row = None
        self._input.hide()
        return True

    def insert(self, text: str) -> None:
        """Inserts a pasted text, as one line, at the cursor."""
        if self.row is not None:
            self._input.replace_selection(single_line(text))

    def around_cursor(self) -> tuple[str, str]:
        """The typed text before and after the cursor."""
        place = self._input.cursor_position
        return self._input.value[:place], self._input.value[place:]
