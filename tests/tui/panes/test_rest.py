"""What follows the cursor waits until it rests."""

from __future__ import annotations

from collections.abc import Callable

from faldeck.tui.panes.rest import FOLLOW_SECONDS, Rest


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
        self.rest = Rest(self.clock, self._follow, now=self.clock.now)

    def _follow(self) -> None:
        self.times += 1


def test_a_held_key_is_followed_once_after_its_last_step() -> None:
    follower = Follower()
    for _ in range(20):
        follower.rest.begin()
        follower.clock.go_on(FOLLOW_SECONDS / 3)
    assert follower.times == 0
    for _ in range(4):
        follower.clock.go_on(FOLLOW_SECONDS)
    assert follower.times == 1
    follower.rest.begin()
    follower.clock.go_on(FOLLOW_SECONDS)
    assert follower.times == 2


def test_a_rest_that_is_ended_early_is_followed_at_once_and_not_again() -> None:
    follower = Follower()
    follower.rest.end()
    assert follower.times == 0
    follower.rest.begin()
    follower.rest.end()
    follower.clock.go_on(1)
    assert follower.times == 1


def test_a_rest_that_is_given_up_is_never_followed() -> None:
    follower = Follower()
    follower.rest.begin()
    follower.rest.give_up()
    follower.clock.go_on(1)
    follower.rest.end()
    assert follower.times == 0
