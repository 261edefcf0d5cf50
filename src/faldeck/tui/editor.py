"""The one text line of the form, which is moved to the row at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input


class Editor(Input):
    """The line in which a field's value is typed."""

    @dataclass
    class LinesPasted(Message):
        """Text of several lines was pasted, which this line cannot hold."""

        text: str

    def __init__(self) -> None:
        super().__init__(id="editor", compact=True, select_on_focus=False)
        self.cursor_blink = False

    def take(self, text: str, default: str, suggestions: Sequence[str]) -> None:
        """Begins to edit a value; the default stands there in grey until something is typed."""
        self.suggester = SuggestFromList(suggestions, case_sensitive=False) if suggestions else None
        self.placeholder = default
        with self.prevent(Input.Changed):
            self.value = text
        self.cursor_position = len(text)
        self.display = True
        self.screen.set_focus(self)

    def _on_paste(self, event: events.Paste) -> None:
        if "\n" not in event.text.strip():
            super()._on_paste(event)
            return
        event.stop()
        event.prevent_default()
        before, after = self.value[: self.cursor_position], self.value[self.cursor_position :]
        self.post_message(self.LinesPasted(f"{before}{event.text}{after}"))
