"""Calls back once moves or changes have stopped for a moment. So a held key stays quick: only its last step costs."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Protocol

FOLLOW_SECONDS = 0.1
"""How long the cursor must stay on a row before the row is shown in full: longer than a held key takes for a step."""


class Stoppable(Protocol):
    """A timer; Textual's timers are."""

    def stop(self) -> None:
        """Ends it: it does not call back any more."""


class Clock(Protocol):
    """Starts timers; Textual's widgets do."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Stoppable:
        """Calls back after `delay` seconds."""


class Debounce:
    """One callback for many moves: it waits until no move has come for some time."""

    def __init__(
        self,
        clock: Clock,
        callback: Callable[[], None],
        *,
        seconds: float = FOLLOW_SECONDS,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """`seconds` is how long no move must come; `now` gives the time in seconds."""
        self._clock = clock
        self._callback = callback
        self._seconds = seconds
        self._now = now
        self._due = 0.0
        self._fires_at = 0.0
        self._timer: Stoppable | None = None

    def restart(self, seconds: float | None = None) -> None:
        """Starts the wait, or starts it again; `seconds` is how long, if not as usual. Called at each move."""
        seconds = self._seconds if seconds is None else seconds
        self._due = self._now() + seconds
        if self._timer and self._due < self._fires_at:
            self.cancel()
        if self._timer is None:
            # A timer that runs is kept: a new one for each step would take longer than the step.
            self._set_timer(seconds)

    def fire(self) -> None:
        """Calls back at once, if it waits."""
        if self._timer:
            self.cancel()
            self._callback()

    def cancel(self) -> None:
        """Ends the wait without calling back."""
        if self._timer:
            self._timer.stop()
            self._timer = None

    def _set_timer(self, seconds: float) -> None:
        self._fires_at = self._now() + seconds
        self._timer = self._clock.set_timer(seconds, self._on_timer)

    def _on_timer(self) -> None:
        if self._timer is None:
            return
        left = self._due - self._now()
        if left > 0:
            self._set_timer(left)
        else:
            self.fire()
