"""Waits until the cursor rests: what shows more about its row follows then, so that a held key stays quick."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Protocol

FOLLOW_SECONDS = 0.1
"""How long the cursor must rest before its row is shown in full: longer than a held key takes from step to step."""


class Stoppable(Protocol):
    """A timer; Textual's timers are."""

    def stop(self) -> None:
        """Ends it: it does not call back any more."""


class Clock(Protocol):
    """Starts timers; Textual's widgets do."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Stoppable:
        """Calls back after `delay` seconds."""


class Rest:
    """Calls back once the cursor has rested."""

    def __init__(
        self,
        clock: Clock,
        on_rest: Callable[[], None],
        *,
        seconds: float = FOLLOW_SECONDS,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """`seconds` is how long a rest takes; `now` gives the time in seconds."""
        self._clock = clock
        self._on_rest = on_rest
        self._seconds = seconds
        self._now = now
        self._due = 0.0
        self._timer: Stoppable | None = None

    def begin(self) -> None:
        """The cursor has moved: its rest begins now."""
        self._due = self._now() + self._seconds
        if self._timer is None:
            # A timer that runs is kept: a new one for each step would take longer than the step.
            self._wait(self._seconds)

    def end(self) -> None:
        """Calls back at once, if a rest has begun."""
        if self._timer:
            self.give_up()
            self._on_rest()

    def give_up(self) -> None:
        """Does not call back for the last move."""
        if self._timer:
            self._timer.stop()
            self._timer = None

    def _wait(self, seconds: float) -> None:
        self._timer = self._clock.set_timer(seconds, self._look)

    def _look(self) -> None:
        if self._timer is None:
            return
        left = self._due - self._now()
        if left > 0:
            self._wait(left)
        else:
            self.end()
