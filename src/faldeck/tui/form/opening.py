"""Shows a form in its pane: loading, shown, started, left. Text typed meanwhile is kept for the first field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from faldeck.tui.bindings import actions_of, keymap_of
from faldeck.tui.form.request_commands import RequestCommands
from faldeck.tui.form.rows_pane import RowsPane
from faldeck.tui.form.type_ahead import TypeAhead

if TYPE_CHECKING:
    from faldeck.fal.values import Price
    from faldeck.tui.form.state import FormState

DECK_KEYS = ("1", "2", "3", "4", "question_mark")
"""Keys of the deck that start no JSON text."""


class FormOpening:
    """Opens forms in a pane, one after the other."""

    def __init__(self, pane: RowsPane, request: RequestCommands, type_ahead: TypeAhead) -> None:
        self._pane = pane
        self._request = request
        self._fields = request.fields
        self._type_ahead = type_ahead

    def expect(self, *, keeps_text: bool) -> None:
        """Takes the focus for a form that is about to load.

        What is typed until then goes into its first field, or is dropped without `keeps_text`.
        """
        self._fields.stop_typing()
        self._type_ahead.begin(keeps_text=keeps_text)
        self._pane.screen.set_focus(self._pane)

    def show_loading(self, endpoint_id: str, notice: str) -> None:
        """Shows a notice instead of a form."""
        self._fields.stop_typing()
        pane = self._pane
        pane.endpoint_id, pane.state, pane.rows, pane.price = endpoint_id, None, [], None
        pane.notice = notice
        pane.share_lines()
        pane.refresh()

    def show(self, state: FormState, price: Price | None) -> None:
        """Shows a form, with the cursor on the first required field that is empty."""
        self._fields.stop_typing()
        pane = self._pane
        pane.state, pane.price = state, price
        state.options = self._request.options_of(state.model.endpoint_id)
        pane.endpoint_id, pane.notice = state.model.endpoint_id, state.model.fault
        pane.cursor = pane.scrolled = 0
        pane.refresh_rows()
        empty = (index for index, row in enumerate(pane.rows) if row.is_required and not state.is_set(row.path))
        pane.move_to(next(empty, 0))

    def show_price(self, price: Price | None) -> None:
        """Shows what the model costs."""
        self._pane.price = price
        self._pane.refresh()

    @property
    def lacks_value_here(self) -> bool:
        """Whether the current row is required and empty."""
        row, state = self._pane.here, self._pane.state
        return row is not None and row.is_required and state is not None and not state.is_set(row.path)

    def start_typing(self, *, is_wanted: bool) -> None:
        """Types in the current row, with what was typed ahead, unless the person pressed Escape meanwhile.

        Without `is_wanted` nothing is typed: the values are those of a past request.
        """
        text = self._type_ahead.end()
        if text is None or not is_wanted:
            return
        self._fields.type_here()
        if text:
            self._fields.paste(text)

    def leave(self) -> None:
        """Ends the typing, also into a form that is loading: the person has gone to another pane."""
        self._type_ahead.cancel()
        self._fields.stop_typing()

    def handle_key(self, event: events.Key) -> None:
        """Keeps a key for a form that is loading, or starts the text of a form without a schema with it."""
        pane = self._pane
        text = event.character if event.is_printable and event.character else ""
        keymap = keymap_of(pane)
        is_form_key = any(event.key in keymap.keys(one.id) for one in actions_of(pane))
        # Keys of the form wait for it; the deck's other keys act.
        if self._type_ahead.is_waiting and (text or is_form_key):
            event.stop()
            if event.key == "escape":
                self._type_ahead.cancel()
            else:
                self._type_ahead.add(text)
        elif text and pane.state and not is_form_key and event.key not in DECK_KEYS and self._is_on_whole_input:
            # The deck must not get this key: its `q` would end the program.
            event.stop()
            self._fields.edit_long(None if pane.state.is_set(()) else text)

    @property
    def takes_text(self) -> bool:
        """Whether letters and digits are text now: a form is loading, or the current row is a whole input."""
        return self._type_ahead.is_waiting or (self._pane.is_active and self._is_on_whole_input)

    @property
    def _is_on_whole_input(self) -> bool:
        """Whether the current row is the text of a whole input: the model has no schema."""
        row = self._pane.here
        return row is not None and row.is_text and not row.path
