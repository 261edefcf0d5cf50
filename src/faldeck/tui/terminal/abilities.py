"""What a terminal can do that not all can. It is asked once, by an experiment, and nobody waits for the answer."""

from __future__ import annotations

import re
from typing import NamedTuple

ABILITIES_QUESTION = "\x1b[2H…\x1b[2b\v\x1b[6n\x1b[2H\x1b[K\v\x1b[K"
"""Draws a sign, has it repeated twice, goes one row down, and asks where the cursor is. Then the signs are erased.

The answer cannot be mistaken for a key: F3 with a modifier looks like a place in the first row.
"""
_ANSWER = re.compile(r"\x1b\[(?P<row>[23]);(?P<column>\d{1,2})R")


class Abilities(NamedTuple):
    """What a terminal has shown that it can do; nothing before it answers."""

    is_narrow: bool = False
    """Whether a sign that is wide in East Asian fonts takes one cell, such as `…` and `│`."""
    repeats: bool = False
    """Whether it repeats a glyph (`CSI n b`)."""
    steps_down: bool = False
    """Whether `VT` goes one row down in the same column, which is one byte for the three of `CSI B`."""


def heard(text: str) -> Abilities | None:
    """What an escape sequence from the terminal says; None if it does not answer the question."""
    if not (answer := _ANSWER.fullmatch(text)):
        return None
    column = int(answer["column"])
    steps_down = answer["row"] == "3" and column > 1
    return Abilities(is_narrow=column in (2, 4), repeats=column in (4, 7), steps_down=steps_down)
