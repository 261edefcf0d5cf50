"""A text line that takes the whole of what is pasted: its line breaks become blanks."""

from __future__ import annotations

from textual import events
from textual.widgets import Input


def one_line(text: str) -> str:
    """A text as one line: a blank for each line break, none at the ends for those there."""
    return text.strip("\n").replace("\n", " ")


class SingleLineInput(Input):
    """Textual's own line keeps the first line of a paste, and drops the others without a word."""

    def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the handler of Input after this one.
        event.text = one_line(event.text)
