"""Drops text that a person still types after a submit, so that it does not act as commands: one letter may start a paid
rerun. Pure."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from time import monotonic

QUIET_SECONDS = 1.0
"""Typing has ended when two keys are further apart than this."""

ALONE_SECONDS = 0.4
"""A first letter that no other key follows within this time is a command: it acts."""

SAFE_KEYS = ("1", "2", "3", "4", "slash", "question_mark")
"""Keys that only go to a pane, a search or the help. Pressed before other text they act at once."""

ERASERS = ("backspace", "delete")
"""Keys that belong to typing, like letters."""


class KeyDecision(Enum):
    """What happens with a key."""

    ACT = auto()
    DROP = auto()
    """It belongs to text that the person is still typing."""
    WAIT = auto()
    """The next key, or `ALONE_SECONDS` without one, decides."""


def is_text(key: str, character: str | None) -> bool:
    """Whether a key types or erases."""
    return key in ERASERS or (character is not None and character.isprintable())


class TypingGuard:
    """Decides which keys belong to text that a person still types after the input has closed. They must not act."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """`clock` gives seconds."""
        self._clock = clock
        self._until = 0.0
        self._is_elsewhere = False
        """Whether the program moved the focus: letters are text until a key that is no text."""
        self._waits_since: float | None = None
        """When the first letter came, if no other key has followed it yet."""
        self.has_started = False
        """Whether the person has typed more text."""
        self.is_first = False
        """Whether the key dropped last was the first of its text."""
        self._came_at: float | None = None

    @property
    def came_at(self) -> float:
        """When the last key came, by the guard's clock; now if none has come."""
        return self._clock() if self._came_at is None else self._came_at

    def typing_ended(self) -> None:
        """Expects more text for a moment: typing has ended, or a question was opened by the program."""
        self._end()
        self._until = self._clock() + QUIET_SECONDS

    def focus_moved(self) -> None:
        """Expects text until another key is pressed: the program moved the focus to another pane."""
        self.typing_ended()
        self._is_elsewhere = True

    def decide(
        self, key: str, character: str | None, following: bool | None = None, *, came_at: float | None = None
    ) -> KeyDecision:
        """What happens with a key. `following` tells whether the key after it is text; None if no key has come yet.

        `came_at` is when the key was pressed, by the guard's clock; None means now. A busy machine may hand out a key
        seconds later, but it still belongs to the text.
        Other keys, such as Enter, Escape or an arrow, always act and end the wait.
        """
        now = self._clock()
        came = self._came_at = now if came_at is None else came_at
        is_expected = self._is_elsewhere or came < self._until or self._waits_since is not None
        if not is_expected or not is_text(key, character):
            self._end()
            return KeyDecision.ACT
        if came >= self._until:
            self.has_started = False  # After a pause this key is decided on its own.
        if key in SAFE_KEYS and not self.has_started:
            self.typing_ended()
            return KeyDecision.ACT
        if self._is_elsewhere or self.has_started or following:
            self.is_first = not self.has_started
            self._until, self._waits_since, self.has_started = came + QUIET_SECONDS, None, True
            return KeyDecision.DROP
        if self._waits_since is None and following is None:
            self._waits_since = now
        elif following is False or now - (self._waits_since or now) >= ALONE_SECONDS:
            self._end()
            return KeyDecision.ACT
        return KeyDecision.WAIT

    def _end(self) -> None:
        self._until, self._is_elsewhere, self._waits_since, self.has_started = 0.0, False, None, False
