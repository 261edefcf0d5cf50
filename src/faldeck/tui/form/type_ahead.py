"""What is typed while a form is on its way: kept for its first field, or dropped where nothing is to be typed. Pure."""

from __future__ import annotations


class TypeAhead:
    """The text typed between the wish for a form and the form."""

    def __init__(self) -> None:
        self._text: str | None = None
        """None while no form is awaited, or after Escape."""
        self._keeps_text = True

    @property
    def is_waiting(self) -> bool:
        """Whether a form is awaited, so that keys must not act yet."""
        return self._text is not None

    def begin(self, *, keeps_text: bool) -> None:
        """Starts to wait. Without `keeps_text` what is typed meanwhile is dropped."""
        self._text, self._keeps_text = "", keeps_text

    def add(self, text: str) -> None:
        """Takes typed or pasted text."""
        if self._text is not None and self._keeps_text:
            self._text += text

    def cancel(self) -> None:
        """Stops waiting and forgets the text: the person pressed Escape or went to another pane."""
        self._text = None

    def end(self) -> str | None:
        """Stops waiting and gives the text; None where the wait was cancelled."""
        text, self._text = self._text, None
        return text
