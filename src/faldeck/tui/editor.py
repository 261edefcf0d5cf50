"""The one text line of the form, which is moved to the row at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input

from faldeck.tui.completion import PathSuggester


class Editor(Input):
    """The line in which a field's value is typed."""

    @dataclass
    class LinesPasted(Message):
        """Text of several lines was pasted, which this line cannot hold."""

        text: str

    def __init__(self, typed: Callable[[str], None]) -> None:
        """`typed` is called with the text at every change of it."""
        super().__init__(id="editor", compact=True, select_on_focus=False)
        self._typed = typed
        self.cursor_blink = False

    def take(self, text: str, default: str, suggestions: Sequence[str], *, is_path: bool) -> None:
        """Begins to edit a value; the default stands there in grey until something is typed."""
        self.suggester = PathSuggester() if is_path else None
        if suggestions:
            self.suggester = SuggestFromList(suggestions, case_sensitive=False)
        self.placeholder = default
        self.value = text
        self.cursor_position = len(text)
        self.display = True
        self.screen.set_focus(self)

    def watch_value(self, value: str) -> None:
        """Tells of the change before the next key acts; an Input.Changed message may come after it."""
        if self.is_mounted:
            self._typed(value)

    def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the handler of Input as well, unless it is prevented.
        if "\n" in event.text.strip():
            event.stop()
            event.prevent_default()
            before, after = self.value[: self.cursor_position], self.value[self.cursor_position :]
            self.post_message(self.LinesPasted(f"{before}{event.text}{after}"))
