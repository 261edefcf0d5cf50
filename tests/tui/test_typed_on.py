"""Text that goes on after typing has ended, told from commands by the keys alone."""

from __future__ import annotations

from faldeck.tui.type_ahead import TypeAhead
from faldeck.tui.typed_on import QUIET_SECONDS, TypedOn


class Clock:
    """A clock that is set by hand."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_letters_are_text_until_the_typing_rests() -> None:
    clock = Clock()
    typed_on = TypedOn(clock)
    assert not typed_on.takes("r", "r")
    typed_on.typing_ended()
    for key, character in (("r", "r"), ("space", " "), ("backspace", "\x7f"), ("3", "3")):
        clock.seconds += 0.9 * QUIET_SECONDS
        assert typed_on.takes(key, character)
    clock.seconds += 1.1 * QUIET_SECONDS
    assert not typed_on.takes("r", "r")


def test_where_the_focus_was_moved_letters_are_text_until_another_key() -> None:
    clock = Clock()
    typed_on = TypedOn(clock)
    typed_on.focus_moved()
    clock.seconds += 3_600
    assert typed_on.takes("r", "r")
    assert not typed_on.takes("enter", "\r")
    assert not typed_on.takes("r", "r")


def test_a_pane_key_acts_at_once_and_what_follows_it_is_text() -> None:
    typed_on = TypedOn(Clock())
    typed_on.focus_moved()
    assert not typed_on.takes("3", "3")
    assert typed_on.takes("r", "r")


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
