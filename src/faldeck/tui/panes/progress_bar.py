"""How far a running job is, read from what its model logs, and the bar that shows it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from faldeck.app import wording

Ink = TypeVar("Ink")

_PERCENT = re.compile(r"(?<![\d.,])(\d{1,3})(?:\.\d+)? ?%")
_STEPS = re.compile(r"(?<![\d/.])(\d{1,7})(?:/| of )(\d{1,7})(?![\d/.])")
_LEFT = re.compile(r"<(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[,\]]")
"""What tqdm thinks is left: `[00:12<00:15, 1.50it/s]`."""

FULL, HALF, EMPTY = "█", "▌", "░"


class Progress(NamedTuple):
    """How far a job is."""

    percent: int
    seconds_left: int | None = None
    """What the model thinks, if it says so."""

    @property
    def words(self) -> str:
        """The numbers: `62 % · 20 s left`."""
        left = "" if self.seconds_left is None else f" · {wording.pause(self.seconds_left)} left"
        return f"{self.percent:3} %{left}"


def read(line: str) -> Progress | None:
    """The progress that a log line reports: a percentage, or steps (`18/40`, `step 18 of 40`). None for any other."""
    if percent := _PERCENT.search(line):
        reached = int(percent[1])
    elif (steps := _STEPS.search(line)) and 0 < int(steps[2]) >= int(steps[1]):
        reached = 100 * int(steps[1]) // int(steps[2])
    else:
        return None
    if reached > 100:
        return None
    left = _LEFT.search(line)
    hours, minutes, seconds = (int(part or 0) for part in left.groups()) if left else (0, 0, 0)
    return Progress(reached, 3600 * hours + 60 * minutes + seconds if left else None)


def spans(progress: Progress, width: int, ink: Callable[[str], Ink]) -> list[tuple[str, Ink]]:
    """A bar of `width` cells, and the numbers after it. `ink` makes a style of the name of one."""
    halves = round(2 * width * progress.percent / 100)
    filled = FULL * (halves // 2) + HALF * (halves % 2)
    return [
        (filled, ink("busy")),
        (EMPTY * (width - len(filled)), ink("rule")),
        (f" {progress.words}", ink("busy")),
    ]
