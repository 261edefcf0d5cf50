"""Keys of more than one press: `g c`, and counts such as `10j`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from faldeck.keys.action import KeyAction

DIGIT_SECONDS = 0.8
"""After a digit that has gone to a pane, a further digit or a counted key within this time makes both a count."""

MOST_DIGITS = 7

DIGITS = frozenset("0123456789")


class Taken(NamedTuple):
    """What becomes of a key."""

    key: str | None
    """The key or the sequence that acts; None if the key is held back."""
    refused: str = ""
    """The label of the action that a count stood before in vain: nothing is done."""


@dataclass(slots=True)
class KeySequences:
    """Collects prefixes and counts. What is bound is asked at each key."""

    begins: frozenset[str]
    """The keys that begin a sequence anywhere."""
    bound: Callable[[], Mapping[str, KeyAction]]
    """Every key that does something now, sequences among them."""
    place: Callable[[], str]
    """Where the focus is."""
    go_back: Callable[[str], None]
    """Moves the focus back to a place."""
    prefix: str = ""
    """The first key of a sequence, while the second one is awaited."""
    count: str = ""
    """The digits of a count, while its key is awaited."""
    _spent: str = ""
    """Digits that have gone to panes and may yet be a count."""
    _spent_at: float = 0.0
    _origin: str = ""
    """Where the focus was before them."""
    _replaced: dict[str, str] = field(default_factory=dict)
    """The action of the key that acts now → its counted form."""

    @property
    def is_waiting(self) -> bool:
        """Whether a key is awaited."""
        return bool(self.prefix or self.count)

    def forget(self) -> None:
        """Drops what was collected."""
        self.prefix = self.count = self._spent = ""

    def applied(self, action: str) -> str:
        """The action that a key runs, with the count before it."""
        return self._replaced.pop(action, action)

    def take(self, key: str, *, at: float) -> Taken:
        """What becomes of a key that was pressed `at` some seconds of a steady clock."""
        self._replaced.clear()
        if self.prefix:
            whole, self.prefix = f"{self.prefix} {key}", ""
            if key != "escape" and (one := self.bound().get(whole)):
                return self._act(whole, one, at)
            self.forget()
            return Taken(None)
        if key in DIGITS:
            return self._digit(key, at)
        if key == "escape" and self.count:
            self.forget()
            return Taken(None)
        bound = self.bound() if self.count or self._spent or key in self.begins else {}
        if any(other.startswith(f"{key} ") for other in bound):
            self.prefix = key
            return Taken(None)
        one = bound.get(key)
        if one is None:
            self.forget()
            return Taken(key)
        return self._act(key, one, at)

    def _act(self, key: str, one: KeyAction, at: float) -> Taken:
        """Lets a key act, with the count before it if it takes one."""
        number, is_sure = self._number(at)
        origin = self._origin
        self.forget()
        if number is None:
            return Taken(key)
        if one.counted:
            if not is_sure:
                self.go_back(origin)
            self._replaced = {one.run: one.counted.replace("{n}", str(number))}
        elif is_sure:
            return Taken(None, refused=one.label)
        return Taken(key)

    def _number(self, at: float) -> tuple[int | None, bool]:
        """The count so far, and whether its digits can mean nothing else."""
        if self.count:
            return int(self.count) or None, True
        # One digit alone has gone to its pane: the next key acts there, and once.
        if len(self._spent) > 1 and at - self._spent_at <= DIGIT_SECONDS:
            return int(self._spent), False
        return None, False

    def _digit(self, digit: str, at: float) -> Taken:
        if self.count:
            self.count = (self.count + digit)[:MOST_DIGITS]
            return Taken(None)
        is_recent = bool(self._spent) and at - self._spent_at <= DIGIT_SECONDS
        if digit in self.bound():
            if not is_recent:
                self._spent, self._origin = "", self.place()
            self._spent, self._spent_at = (self._spent + digit)[:MOST_DIGITS], at
            return Taken(digit)
        if is_recent:
            self.go_back(self._origin)
        self.count, self._spent = (self._spent if is_recent else "") + digit, ""
        return Taken(None)


def next_keys(prefix: str, bound: Mapping[str, KeyAction]) -> Iterable[tuple[str, str]]:
    """The keys that can follow a prefix, each with the label of its action."""
    for key, one in bound.items():
        first, _, second = key.partition(" ")
        if second and first == prefix:
            yield second, one.label
