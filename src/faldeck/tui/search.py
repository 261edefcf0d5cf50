"""The line in which a search is typed: the list below it is filled before the keystroke is painted."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from faldeck.tui import pasted
from faldeck.tui.one_line import OneLine


class Search(OneLine):
    """A text line that tells its owner of every change at once, so that both are painted in one frame."""

    def __init__(self, typed: Callable[[], None], *, id: str, placeholder: str = "search") -> None:
        super().__init__(placeholder=placeholder, id=id, compact=True, select_on_focus=False)
        self._typed = typed
        self.cursor_blink = False

    def begin(self) -> None:
        """Takes the focus; the old words are selected, so that the next key replaces them."""
        self.screen.set_focus(self)
        self.select_all()

    def watch_value(self) -> None:
        """Tells the owner; an Input.Changed message would cost a second frame."""
        if self.is_mounted:
            self._typed()

    def _on_paste(self, event: events.Paste) -> None:
        # No model is called like a request: it is the screen's, which offers to open its form.
        if pasted.is_code(event.text):
            event.prevent_default()
