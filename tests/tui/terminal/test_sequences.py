"""Sequences and counts: which key acts, how often, and which costs nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from faldeck.keys.action import KeyAction
from faldeck.keys.table import ACTIONS
from faldeck.tui.terminal.sequences import DIGIT_SECONDS, KeySequences, Taken, next_keys

PANES = {"1": "models", "2": "form", "3": "jobs", "4": "result"}


@dataclass
class Keyboard:
    """Types keys in the Jobs pane, each a tenth of a second after the one before."""

    pane: str = "jobs"
    now: float = 0.0
    done: list[str] = field(default_factory=list)
    """The actions that were run."""
    refused: str = ""

    def __post_init__(self) -> None:
        self.keys = KeySequences(frozenset({"g"}), self.bound, lambda: self.pane, self.show)

    def bound(self) -> dict[str, KeyAction]:
        """What the keys do; a digit goes to a pane."""
        ids = ("move.down", "move.first", "move.last", "job.sheet", "job.rerun", "job.cancel")
        keys = {key: ACTIONS[one] for one in ids for key in ACTIONS[one].keys}
        return {**keys, **{digit: ACTIONS[f"deck.{pane}"] for digit, pane in PANES.items()}}

    def show(self, pane: str) -> None:
        self.pane = pane

    def types(self, *keys: str, pause: float = 0.1) -> list[str]:
        """Presses keys; returns the actions that they run."""
        self.done = []
        for key in keys:
            self.now += pause
            taken = self.keys.take(key, at=self.now)
            self.refused = taken.refused or self.refused
            if taken.key is None:
                continue
            one = self.bound().get(taken.key)
            self.done.append(self.keys.applied(one.run) if one else taken.key)
            if taken.key in PANES:
                self.pane = PANES[taken.key]
        return self.done


def test_a_sequence_acts_at_its_last_key() -> None:
    person = Keyboard()
    assert person.types("g") == []
    assert person.keys.is_waiting
    assert person.types("g") == ["first"]
    assert person.types("g", "c") == ["screen.open('contact_sheet')"]
    assert person.types("g", "c", "c") == ["screen.open('contact_sheet')", "act('cancel')"]


def test_a_key_that_follows_no_prefix_does_nothing_and_escape_ends_the_wait() -> None:
    person = Keyboard()
    assert person.types("g", "r") == []
    assert person.types("g", "escape", "j") == ["move(1)"]


@pytest.mark.parametrize(
    ("keys", "action"),
    [
        ("10j", "move(10)"),
        ("5j", "move(5)"),
        ("12j", "move(12)"),
        ("03j", "move(3)"),  # 3 alone goes to its pane.
        ("5G", "row(5)"),
        ("20gg", "row(20)"),
        ("123456789j", "move(1234567)"),
    ],
)
def test_a_count_repeats_a_move_and_the_focus_stays(keys: str, action: str) -> None:
    person = Keyboard()
    assert person.types(*keys)[-1] == action
    assert person.pane == "jobs"
    assert person.types("j") == ["move(1)"]


@pytest.mark.parametrize("keys", ["10r", "5r", "20c", "9r"])
def test_a_count_before_a_costly_key_does_nothing_and_is_told(keys: str) -> None:
    person = Keyboard()
    assert not [one for one in person.types(*keys) if one.startswith("act")]
    assert person.refused in ("Rerun", "Cancel")
    assert person.pane == "jobs"
    assert person.types("r") == ["act('rerun')"]


def test_no_count_makes_a_costly_key_act_more_than_once() -> None:
    for keys in ("3r", "33r", "12c"):
        assert len([one for one in Keyboard().types(*keys) if one.startswith("act")]) <= 1


def test_a_digit_goes_to_its_pane_and_the_next_key_acts_there() -> None:
    for pane in ("form", "jobs"):
        person = Keyboard(pane=pane)
        assert person.types("3", "j") == ["show_pane('jobs')", "move(1)"]
        assert person.pane == "jobs"


def test_digits_with_a_rest_between_them_go_to_panes() -> None:
    person = Keyboard()
    assert person.types("1", "2", "j", pause=DIGIT_SECONDS + 0.1) == [
        "show_pane('models')",
        "show_pane('form')",
        "move(1)",
    ]
    assert person.pane == "form"


def test_escape_ends_a_count() -> None:
    person = Keyboard()
    assert person.types("5", "escape", "j") == ["move(1)"]


def test_a_key_without_meaning_passes() -> None:
    person = Keyboard()
    assert person.keys.take("f9", at=1.0) == Taken("f9")


def test_the_keys_after_a_prefix_are_named() -> None:
    assert dict(next_keys("g", Keyboard().bound())) == {"g": "First", "c": "Sheet"}
