"""Text that goes on after typing has ended, told from commands by the keys alone."""

from __future__ import annotations

from faldeck.tui.form.type_ahead import TypeAhead
from faldeck.tui.terminal.typing_guard import ALONE_SECONDS, QUIET_SECONDS, KeyDecision, TypingGuard

ACT, DROP, WAIT = KeyDecision.ACT, KeyDecision.DROP, KeyDecision.WAIT


class Clock:
    """A clock that is set by hand."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_letters_are_text_until_the_typing_rests() -> None:
    clock = Clock()
    guard = TypingGuard(clock)
    assert guard.decide("r", "r") is ACT
    guard.typing_ended()
    assert guard.decide("r", "r") is WAIT
    assert guard.decide("r", "r", following=True) is DROP
    for key, character in (("r", "r"), ("space", " "), ("backspace", "\x7f"), ("3", "3")):
        clock.seconds += 0.9 * QUIET_SECONDS
        assert guard.decide(key, character) is DROP
    clock.seconds += 1.1 * QUIET_SECONDS
    assert guard.decide("r", "r") is ACT


def test_text_that_came_in_time_is_text_though_it_is_handed_out_late() -> None:
    clock = Clock()
    guard = TypingGuard(clock)
    guard.typing_ended()
    pressed = clock.seconds + 0.1
    clock.seconds += 30
    assert guard.decide("r", "r", following=True, came_at=pressed) is DROP
    assert guard.decide("X", "X", came_at=pressed + 0.9 * QUIET_SECONDS) is DROP
    assert guard.decide("r", "r", came_at=pressed + 2 * QUIET_SECONDS) is ACT


def test_a_letter_that_stays_alone_acts() -> None:
    clock = Clock()
    guard = TypingGuard(clock)
    guard.typing_ended()
    assert guard.decide("w", "w") is WAIT
    clock.seconds += ALONE_SECONDS
    assert guard.decide("w", "w") is ACT
    guard.typing_ended()
    assert guard.decide("w", "w", following=False) is ACT


def test_where_the_focus_was_moved_letters_are_text_until_another_key() -> None:
    clock = Clock()
    guard = TypingGuard(clock)
    guard.focus_moved()
    clock.seconds += 3_600
    assert guard.decide("r", "r") is DROP and guard.is_first
    assert guard.decide("1", "1") is DROP and not guard.is_first
    clock.seconds += 3_600
    assert guard.decide("r", "r") is DROP and guard.is_first
    clock.seconds += 3_600
    assert guard.decide("slash", "/") is ACT
    guard.focus_moved()
    assert guard.decide("enter", "\r") is ACT
    assert guard.decide("r", "r") is ACT


def test_a_letter_that_waits_while_the_focus_is_moved_is_dropped() -> None:
    guard = TypingGuard(Clock())
    guard.typing_ended()
    assert guard.decide("r", "r") is WAIT
    guard.focus_moved()
    assert guard.decide("r", "r") is DROP


def test_a_pane_key_acts_at_once_and_what_follows_it_is_text() -> None:
    guard = TypingGuard(Clock())
    guard.focus_moved()
    assert guard.decide("3", "3") is ACT
    assert guard.decide("r", "r", following=True) is DROP


def test_text_typed_ahead_is_kept_dropped_or_forgotten() -> None:
    ahead = TypeAhead()
    ahead.add("lost")
    assert ahead.end() is None
    ahead.begin(keeps_text=True)
    ahead.add("a ")
    ahead.add("fox")
    assert ahead.is_waiting and ahead.end() == "a fox" and not ahead.is_waiting
    ahead.begin(keeps_text=False)
    ahead.add("kkk")
    assert ahead.end() == ""
    ahead.begin(keeps_text=True)
    ahead.cancel()
    assert ahead.end() is None
