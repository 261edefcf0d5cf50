"""Text that goes on after typing has ended, told from commands by the keys alone."""

from __future__ import annotations

from faldeck.tui.form.type_ahead import TypeAhead
from faldeck.tui.terminal.typed_on import ALONE_SECONDS, QUIET_SECONDS, TypedOn, Verdict

ACTS, DROPPED, WAITS = Verdict.ACTS, Verdict.DROPPED, Verdict.WAITS


class Clock:
    """A clock that is set by hand."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_letters_are_text_until_the_typing_rests() -> None:
    clock = Clock()
    typed_on = TypedOn(clock)
    assert typed_on.judge("r", "r") is ACTS
    typed_on.typing_ended()
    assert typed_on.judge("r", "r") is WAITS
    assert typed_on.judge("r", "r", following=True) is DROPPED
    for key, character in (("r", "r"), ("space", " "), ("backspace", "\x7f"), ("3", "3")):
        clock.seconds += 0.9 * QUIET_SECONDS
        assert typed_on.judge(key, character) is DROPPED
    clock.seconds += 1.1 * QUIET_SECONDS
    assert typed_on.judge("r", "r") is ACTS


def test_a_letter_that_stays_alone_acts() -> None:
    clock = Clock()
    typed_on = TypedOn(clock)
    typed_on.typing_ended()
    assert typed_on.judge("w", "w") is WAITS
    clock.seconds += ALONE_SECONDS
    assert typed_on.judge("w", "w") is ACTS
    typed_on.typing_ended()
    assert typed_on.judge("w", "w", following=False) is ACTS


def test_where_the_focus_was_moved_letters_are_text_until_another_key() -> None:
    clock = Clock()
    typed_on = TypedOn(clock)
    typed_on.focus_moved()
    clock.seconds += 3_600
    assert typed_on.judge("r", "r") is DROPPED and typed_on.is_first
    assert typed_on.judge("1", "1") is DROPPED and not typed_on.is_first
    clock.seconds += 3_600
    assert typed_on.judge("r", "r") is DROPPED and typed_on.is_first
    clock.seconds += 3_600
    assert typed_on.judge("slash", "/") is ACTS
    typed_on.focus_moved()
    assert typed_on.judge("enter", "\r") is ACTS
    assert typed_on.judge("r", "r") is ACTS


def test_a_letter_that_waits_while_the_focus_is_moved_is_dropped() -> None:
    typed_on = TypedOn(Clock())
    typed_on.typing_ended()
    assert typed_on.judge("r", "r") is WAITS
    typed_on.focus_moved()
    assert typed_on.judge("r", "r") is DROPPED


def test_a_pane_key_acts_at_once_and_what_follows_it_is_text() -> None:
    typed_on = TypedOn(Clock())
    typed_on.focus_moved()
    assert typed_on.judge("3", "3") is ACTS
    assert typed_on.judge("r", "r", following=True) is DROPPED


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
