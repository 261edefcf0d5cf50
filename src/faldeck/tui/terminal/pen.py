"""The position and the style that a terminal uses next, and the shortest output that changes them."""

from __future__ import annotations

import re
from functools import lru_cache

from faldeck.tui.terminal.abilities import Abilities
from faldeck.tui.terminal.sgr import PLAIN, Style, transition
from faldeck.tui.terminal.strokes import Stroke, pieces

_SIGNS = "✓✗▸▾▐"
"""Signs of ours that take one cell everywhere: Unicode calls them neutral, and they are no emoji."""
_AGREED = re.compile(rf"[ -~{_SIGNS}]*")
_NARROW = re.compile(rf"[ -~{_SIGNS}\xa1-\xac\xae-\u02ff‐-‧‹›←-↓\u2500-\u259f●○]*")
"""What takes one cell too where `…` does: letters and signs of Latin, dashes, quotes, arrows, lines and blocks."""
_REVERSED = 6
"""Up to this many blanks may be drawn by reversing the style, as a caret is: more of them are erased in a few bytes."""
_REPEATED = re.compile(r"([^ ])\1{3,}")


@lru_cache(4096)
def is_agreed(text: str, *, is_narrow: bool = False) -> bool:
    """Whether a terminal draws a text with one cell for each character.

    `is_narrow` is true if it is known to draw signs narrow that are wide in East Asian fonts.
    """
    return (_NARROW if is_narrow else _AGREED).fullmatch(text) is not None


class Pen:
    """Draws strokes on a terminal of a certain width."""

    def __init__(self, *, erases_in_colour: bool) -> None:
        """`erases_in_colour`: whether erased cells get the current background (terminfo's `bce`)."""
        self.style: Style | None = None
        self.width = 0
        self.abilities = Abilities()
        self._erases_in_colour = erases_in_colour
        self._x: int | None = None
        self._y: int | None = None
        self._sequences: list[str] = []
        self.length = 0
        """Characters of the output so far."""

    def copy(self) -> Pen:
        """Another pen at the same position, with the same style and no output yet."""
        twin = Pen(erases_in_colour=self._erases_in_colour)
        twin.style, twin.width, twin._x, twin._y = self.style, self.width, self._x, self._y
        twin.abilities = self.abilities
        return twin

    def take(self) -> str:
        """Returns and clears the output since the last call."""
        taken = "".join(self._sequences)
        self._sequences.clear()
        self.length = 0
        return taken

    def lose(self) -> None:
        """Marks position and style as unknown."""
        self.style = self._x = self._y = None

    def cost(self, stroke: Stroke) -> int:
        """Characters that it takes to go to a stroke and to use its style."""
        style = self._style_for(stroke)
        restyled = 0 if style == self.style else len(transition(self.style, style))
        return restyled + len(self._moved(stroke.x, stroke.y))

    def distance(self, stroke: Stroke) -> int:
        """Characters that it takes to go to a stroke."""
        return len(self._moved(stroke.x, stroke.y))

    def draw(self, stroke: Stroke) -> None:
        """Draws a stroke."""
        self.restyle(self._style_for(stroke))
        is_last = stroke.end == self.width
        for start, end, is_blank, is_disputed in pieces(stroke.cells, is_last=is_last):
            self.move(stroke.x + start, stroke.y)
            if is_blank and self._can_erase():
                self._add("\x1b[K" if is_last and end == len(stroke.cells) else f"\x1b[{end - start}X")
                continue
            if is_disputed:
                # A terminal that draws the glyph narrower would leave what was in its other cells.
                self._write(" " * (end - start))
                self.move(stroke.x + start, stroke.y)
            self._write("".join(stroke.cells[start:end]))
            if is_disputed:
                self._y = None

    def move(self, x: int, y: int) -> None:
        """Goes to a cell."""
        self._add(self._moved(x, y))
        self._x, self._y = x, y

    def restyle(self, style: Style) -> None:
        """Uses a style from now on."""
        if style != self.style:
            self._add(transition(self.style, style))
            self.style = style

    def send_picture(self, picture: str) -> None:
        """Sends a picture: the cursor may then be anywhere, and the style does not change."""
        self._add(picture)
        self._x = self._y = None

    def _moved(self, x: int, y: int) -> str:
        if y == self._y:
            return self._moved_in_row(x)
        placed = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
        if self._y is None or y != self._y + 1:
            return placed
        below = "\v" if self.abilities.steps_down else "\x1b[B"
        return min(placed, below + self._moved_in_row(x), key=len)

    def _moved_in_row(self, x: int) -> str:
        if x == self._x:
            return ""
        placed = f"\x1b[{x + 1}G" if x else "\r"
        if self._x is None:
            return placed
        steps = x - self._x
        stepped = "\b" * -steps if steps < 0 else "\x1b[C" if steps == 1 else f"\x1b[{steps}C"
        return min(placed, stepped, key=len)

    def _write(self, text: str) -> None:
        """Writes text. Terminals agree about the width of few glyphs, and not about the position at the right edge."""
        is_agreed_here = is_agreed(text, is_narrow=self.abilities.is_narrow)
        self._add(_REPEATED.sub(_repeated, text) if self.abilities.repeats and is_agreed_here else text)
        end = self._x + len(text) if self._x is not None and is_agreed_here else self.width
        self._x = end if end < self.width else None

    def _add(self, output: str) -> None:
        if output:
            self._sequences.append(output)
            self.length += len(output)

    def _style_for(self, stroke: Stroke) -> Style:
        if not stroke.is_blank or self.style is None:
            return stroke.style
        is_short = len(stroke.cells) <= _REVERSED
        return (is_short and self.style.reversed_for_blanks(stroke.style)) or self.style.for_blanks(stroke.style)

    def _can_erase(self) -> bool:
        style = self.style or PLAIN
        return not style.shows_on_blanks and (self._erases_in_colour or not style.background)


def _repeated(run: re.Match[str]) -> str:
    """A run of one glyph as the glyph and a count, if that is shorter."""
    glyph = run[1]
    counted = f"{glyph}\x1b[{len(run[0]) - 1}b"
    return counted if len(counted.encode()) < len(run[0].encode()) else run[0]
