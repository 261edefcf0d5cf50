"""Kitty's pictures inside tmux: commands that tmux passes on, and characters that it keeps in place like any text.

The picture is stored in the outer terminal as a virtual placement. A cell of it is the character U+10EEEE with marks
for its row and column, in a colour that names the picture. So tmux moves, covers and redraws it as it does with text.
Each cell has all its marks, because tmux may draw any cell alone. Pure.

https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
"""

from __future__ import annotations

from collections.abc import Iterator

_RANGES = """\
305 30d-30e 310 312 33d-33f 346 34a-34c 350-352 357 35b 363-36f 483-487 592-595 597-599 59c-5a1 5a8-5a9 5ab-5ac 5af
5c4 610-617 657-65b 65d-65e 6d6-6dc 6df-6e2 6e4 6e7-6e8 6eb-6ec 730 732-733 735-736 73a 73d 73f-741 743 745 747
749-74a 7eb-7f1 7f3 816-819 81b-823 825-827 829-82d 951 953-954 f82-f83 f86-f87 135d-135f 17dd 193a 1a17 1a75-1a7c
1b6b 1b6d-1b73 1cd0-1cd2 1cda-1cdb 1ce0 1dc0-1dc1 1dc3-1dc9 1dcb-1dcc 1dd1-1de6 1dfe 20d0-20d1 20d4-20d7 20db-20dc
20e1 20e7 20e9 20f0 2cef-2cf1 2de0-2dff a66f a67c-a67d a6f0-a6f1 a8e0-a8f1 aab0 aab2-aab3 aab7-aab8 aabe-aabf aac1
fe20-fe26 10a0f 10a38 1d185-1d189 1d1aa-1d1ad 1d242-1d244"""
"""The marks in the order of their numbers: the combining characters of Unicode 6 that stand above and never fuse."""

PLACEHOLDER = "\U0010eeee"

_FIRST_COLOUR, _COLOURS = 16, 240
"""tmux sends these colours of the palette as they are; it may translate the first 16, and all others."""


def _marks() -> Iterator[str]:
    for piece in _RANGES.split():
        first, _, last = piece.partition("-")
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))


_MARKS = tuple(_marks())
MOST_CELLS_A_SIDE = len(_MARKS)
"""The most rows and the most columns of a picture."""


def number(count: int) -> int:
    """The number of the picture that is the `count`-th: a colour in the lowest byte, a mark in the highest."""
    high, low = divmod(count, _COLOURS)
    return (high % 255 + 1) << 24 | low + _FIRST_COLOUR


def colour(number: int) -> str:
    """The codes of the text colour that names a picture."""
    return f"38;5;{number & 0xFF}"


def cells(number: int, row: int, first: int, columns: int) -> list[str]:
    """The texts of some neighbouring cells of a picture, each with its marks."""
    start, end = PLACEHOLDER + _MARKS[row], _MARKS[number >> 24]
    return [f"{start}{_MARKS[column]}{end}" for column in range(first, first + columns)]


def passed_on(sequence: str) -> str:
    """A sequence that tmux takes out of its wrapping and sends to the outer terminal."""
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
