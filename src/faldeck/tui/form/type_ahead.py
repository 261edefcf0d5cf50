"""Text that is typed while a form is loading. It goes into the form's first field."""

from __future__ import annotations


class TypeAhead:
    """Collects the text typed between the key that opens a form and the form itself."""

    def __init__(self) -> None:
        self._text: str | None = None
        """None while no form is loading, and after Escape."""
        self._keeps_text = True

    @property
    def is_waiting(self) -> bool:
        """Whether a form is loading, so that keys must not act yet."""
        return self._text is not None

    def begin(self, *, keeps_text: bool) -> None:
        """Starts to collect. Without `keeps_text` the typed text is dropped."""
        self._text, self._keeps_text = "", keeps_text

    def add(self, text: str) -> None:
        """Adds a typed or pasted text."""
        if self._text is not None and self._keeps_text:
            self._text += text

    def cancel(self) -> None:
        """Drops the text and ends: the person pressed Escape or went to another pane."""
        self._text = None

    def end(self) -> str | None:
        """Ends and returns the text; None if it was cancelled."""
        text, self._text = self._text, None
        return text
