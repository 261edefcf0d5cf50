"""What follows the cursor waits until the cursor stops."""

from __future__ import annotations

from collections.abc import Callable

from faldeck.tui.panes.debounce import FOLLOW_SECONDS, Debounce


class Timer:
    """A timer of the clock below."""

    def __init__(self, due: float, callback: Callable[[], None]) -> None:
        self.due = due
        self.callback: Callable[[], None] | None = callback

    def stop(self) -> None:
        self.callback = None


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = 0.0
        self.timers: list[Timer] = []

    def now(self) -> float:
        return self.time

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.time + delay, callback))
        return self.timers[-1]

    def go_on(self, seconds: float) -> None:
        self.time += seconds
        for timer in [timer for timer in self.timers if timer.due <= self.time]:
            self.timers.remove(timer)
            if timer.callback:
                timer.callback()


class Follower:
    """Something that follows a cursor."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.times = 0
        self.debounce = Debounce(self.clock, self._follow, now=self.clock.now)

    def _follow(self) -> None:
        self.times += 1


def test_a_held_key_is_followed_once_after_its_last_step() -> None:
    follower = Follower()
    for _ in range(20):
        follower.debounce.restart()
        follower.clock.go_on(FOLLOW_SECONDS / 3)
    assert follower.times == 0
    for _ in range(4):
        follower.clock.go_on(FOLLOW_SECONDS)
    assert follower.times == 1
    follower.debounce.restart()
    follower.clock.go_on(FOLLOW_SECONDS)
    assert follower.times == 2


def test_a_wait_that_is_ended_early_calls_back_at_once_and_not_again() -> None:
    follower = Follower()
    follower.debounce.fire()
    assert follower.times == 0
    follower.debounce.restart()
    follower.debounce.fire()
    follower.clock.go_on(1)
    assert follower.times == 1


def test_a_wait_that_is_cancelled_never_calls_back() -> None:
    follower = Follower()
    follower.debounce.restart()
    follower.debounce.cancel()
    follower.clock.go_on(1)
    follower.debounce.fire()
    assert follower.times == 0


def test_a_move_after_a_longer_wait_is_followed_as_soon_as_any_move() -> None:
    follower = Follower()
    follower.debounce.restart(5 * FOLLOW_SECONDS)
    follower.clock.go_on(2 * FOLLOW_SECONDS)
    assert follower.times == 0
    follower.debounce.restart()
    follower.clock.go_on(FOLLOW_SECONDS)
    follower.clock.go_on(10 * FOLLOW_SECONDS)
    assert follower.times == 1
