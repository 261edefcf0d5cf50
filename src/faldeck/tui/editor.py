"""The one text line of the form, which is moved to the row at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.suggester import SuggestFromList

from faldeck import hostile
from faldeck.tui.completion import PathSuggester
from faldeck.tui.one_line import OneLine


class Editor(OneLine):
    """The line in which a field's value is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False, id="editor.complete", tooltip="Take what is suggested"),
    ]

    def __init__(self, typed: Callable[[str], None], pasted: Callable[[str], bool]) -> None:
        """`typed` gets the text at every change of it, `pasted` what is pasted, and says whether it took that."""
        super().__init__(id="editor", compact=True, select_on_focus=False)
        self._typed = typed
        self._pasted = pasted
        self.cursor_blink = False

    def take(self, text: str, default: str, suggestions: Sequence[str], *, is_path: bool) -> None:
        """Begins to edit a value; the default stands there in grey until something is typed."""
        words = SuggestFromList(suggestions, case_sensitive=False) if suggestions else None
        self.suggester = PathSuggester(words) if is_path else words
        self.placeholder = default
        self.value = text
        self.cursor_position = len(text)
        self.display = True
        self.screen.set_focus(self)

    def watch_value(self, value: str) -> None:
        """Tells of the change before the next key acts; an Input.Changed message may come after it."""
        if self.is_mounted:
            self._typed(value)

    def action_complete(self) -> None:
        """Takes the suggestion; where there is none the key is the screen's."""
        if not self.cursor_at_end or len(self._suggestion) <= len(self.value):
            raise SkipAction
        self.action_cursor_right()

    def action_paste(self) -> None:
        """The line's own clipboard holds only what was cut here: the key is the form's."""
        raise SkipAction

    def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the handlers of the other classes as well, unless it is prevented.
        if self._pasted(event.text):
            event.stop()
            event.prevent_default()

    @property
    def _value(self) -> Text:
        """What is drawn: an adopted job's input may hold anything."""
        return Text(hostile.visible(self.value), no_wrap=True, overflow="ignore", end="")
