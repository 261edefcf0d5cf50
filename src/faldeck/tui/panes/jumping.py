"""Jump mode: letters on panes, rows, tabs and links; typing one goes there. Draws nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple, Protocol

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""The letters, those under the fingers first."""


class JumpTarget(NamedTuple):
    """A place to go to."""

    x: int
    y: int
    """Its cell in the pane; line 0 is the title."""
    go: Callable[[], object]
    width: int = 1
    """Cells from `x` on in which a click goes there, too."""

    def is_at(self, x: int, y: int) -> bool:
        """Whether a click on a cell means this place."""
        return y == self.y and self.x <= x < self.x + self.width


class Labelled(Protocol):
    """A pane as jump mode sees it."""

    labels: Mapping[tuple[int, int], str]
    """Cell (x, y) → the letters that are drawn there."""

    def jump_targets(self) -> Iterable[JumpTarget]:
        """The places that are on the screen."""

    def refresh(self) -> object:
        """Draws the pane again."""


def labels(count: int) -> Sequence[str]:
    """So many labels of one or two letters; none begins another."""
    firsts = 0
    while len(LETTERS) - firsts + firsts * len(LETTERS) < count and firsts < len(LETTERS):
        firsts += 1
    single = len(LETTERS) - firsts
    pairs = ("".join(pair) for pair in product(LETTERS[single:], LETTERS))
    return [*LETTERS[:single], *pairs][:count]


@dataclass(slots=True)
class Jump:
    """One jump, from the letters on the screen to the place."""

    panes: Sequence[Labelled]
    """The panes on the screen, the one with the focus first."""
    targets: dict[str, JumpTarget] = field(default_factory=dict)
    """Label → place."""
    typed: str = ""

    def begin(self) -> None:
        """Shows the letters. The titles of the panes have the first ones."""
        places = [(pane, target) for pane in self.panes for target in pane.jump_targets()]
        places.sort(key=lambda place: place[1].y > 0)
        shown: dict[int, dict[tuple[int, int], str]] = {}
        for (pane, target), label in zip(places, labels(len(places)), strict=False):
            self.targets[label] = target
            shown.setdefault(id(pane), {})[target.x, target.y] = label
        for pane in self.panes:
            pane.labels = shown.get(id(pane), {})
            pane.refresh()

    def take(self, letter: str) -> bool:
        """Takes a key; True once the jump has ended. A key that is no letter of a place ends it."""
        self.typed += letter
        if any(label.startswith(self.typed) and label != self.typed for label in self.targets):
            return False
        self.end()
        if target := self.targets.get(self.typed):
            target.go()
        return True

    def end(self) -> None:
        """Removes the letters."""
        for pane in self.panes:
            pane.labels = {}
            pane.refresh()
