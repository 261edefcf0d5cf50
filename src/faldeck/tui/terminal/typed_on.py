"""Text that is typed on after a submit is never taken for commands: one letter there may be a paid rerun. Pure."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from time import monotonic

QUIET_SECONDS = 1.0
"""Text is typed on for as long as no two keys are further apart than this."""

ALONE_SECONDS = 0.4
"""A first letter that no other follows within this time was no text: it acts."""

SAFE_KEYS = ("1", "2", "3", "4", "slash", "question_mark")
"""Keys that only go to a pane, a search or the help. Pressed before any other text they act at once."""

ERASERS = ("backspace", "delete")
"""Keys that belong to typing, like letters."""


class Verdict(Enum):
    """What becomes of a key."""

    ACTS = auto()
    DROPPED = auto()
    """It is text typed on."""
    WAITS = auto()
    """The next key, or `ALONE_SECONDS` without one, tells what it is."""


def is_text(key: str, character: str | None) -> bool:
    """Whether a key types or erases."""
    return key in ERASERS or (character is not None and character.isprintable())


class TypedOn:
    """Decides which keys are text that goes on after typing has ended, and so must not act."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """`clock` gives seconds."""
        self._clock = clock
        self._until = 0.0
        self._is_elsewhere = False
        """Whether the focus was moved by the program: letters wait for a key that is no text."""
        self._waits_since: float | None = None
        """When the first letter came, while nothing has followed it."""
        self.has_begun = False
        """Whether any text was typed on."""
        self.is_first = False
        """Whether the key dropped last was the first of its text."""

    def typing_ended(self) -> None:
        """Expects text to go on for a moment: typing has ended, or a question has opened by itself."""
        self._end()
        self._until = self._clock() + QUIET_SECONDS

    def focus_moved(self) -> None:
        """Expects text until another key is pressed: the program has moved the focus to another pane."""
        self.typing_ended()
        self._is_elsewhere = True

    def judge(self, key: str, character: str | None, following: bool | None = None) -> Verdict:
        """What becomes of a key. `following` says whether the key after it is text; None while there is none.

        A key that is no text, such as Enter, Escape or an arrow, always acts and ends the wait.
        """
        at = self._clock()
        is_expected = self._is_elsewhere or at < self._until or self._waits_since is not None
        if not is_expected or not is_text(key, character):
            self._end()
            return Verdict.ACTS
        if at >= self._until:
            self.has_begun = False  # The typing has rested: what is typed now is looked at anew.
        if key in SAFE_KEYS and not self.has_begun:
            self.typing_ended()
            return Verdict.ACTS
        if self._is_elsewhere or self.has_begun or following:
            self.is_first = not self.has_begun
            self._until, self._waits_since, self.has_begun = at + QUIET_SECONDS, None, True
            return Verdict.DROPPED
        if self._waits_since is None and following is None:
            self._waits_since = at
        elif following is False or at - (self._waits_since or at) >= ALONE_SECONDS:
            self._end()
            return Verdict.ACTS
        return Verdict.WAITS

    def _end(self) -> None:
        self._until, self._is_elsewhere, self._waits_since, self.has_begun = 0.0, False, None, False
