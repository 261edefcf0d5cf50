"""Text that is typed on after a submit is never taken for commands: one letter there may be a paid rerun. Pure."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

QUIET_SECONDS = 1.0
"""Text is typed on for as long as no two keys are further apart than this."""

PANE_KEYS = ("1", "2", "3", "4")
"""Keys that go to a pane. Pressed before any other text they act at once."""

ERASERS = ("backspace", "delete")
"""Keys that belong to typing, like letters."""


class TypedOn:
    """Decides which keys are text that goes on after typing has ended, and so must not act."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """`clock` gives seconds."""
        self._clock = clock
        self._until = 0.0
        self._is_elsewhere = False
        """Whether the focus was moved by the program: letters wait for a key that is no text."""
        self.has_begun = False
        """Whether any text was typed on."""

    def typing_ended(self) -> None:
        """Expects text to go on for a moment: typing has ended, or a question has opened by itself."""
        self._until, self._is_elsewhere, self.has_begun = self._clock() + QUIET_SECONDS, False, False

    def focus_moved(self) -> None:
        """Expects text until another key is pressed: the program has moved the focus to another pane."""
        self.typing_ended()
        self._is_elsewhere = True

    def takes(self, key: str, character: str | None) -> bool:
        """Whether a key is text typed on. Any other key, such as Enter, Escape or an arrow, ends the wait."""
        is_text = key in ERASERS or (character is not None and character.isprintable())
        at = self._clock()
        if is_text and key in PANE_KEYS and not self.has_begun and (at < self._until or self._is_elsewhere):
            self.typing_ended()
            return False
        if is_text and (at < self._until or self._is_elsewhere):
            self._until, self.has_begun = at + QUIET_SECONDS, True
            return True
        self._until, self._is_elsewhere, self.has_begun = 0.0, False, False
        return False
