"""Knows what a terminal shows and makes the shortest output that turns it into another screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import not_

from faldeck.tui.terminal.grid import FIRST_PICTURE_GLYPH, CellRow, Grid, is_disputed
from faldeck.tui.terminal.placements import Placements, Shelf, blanked
from faldeck.tui.terminal.sgr import PLAIN, Style, blanks_differ, transition

_GAP = 4
"""Up to this many unchanged cells between two changes are sent again: that is shorter than moving the cursor."""


class ScreenDiff:
    """The rows a terminal shows, and the output that changes them."""

    def __init__(self, *, erases_in_colour: bool = True, shelf: Shelf | None = None) -> None:
        """`erases_in_colour`: whether erased cells get the current background (terminfo's `bce`).

        `shelf` has the pictures that cells may refer to.
        """
        self._placements = Placements(shelf or Shelf())
        self._erases_in_colour = erases_in_colour
        self._width = 0
        self._rows: list[CellRow | None] = []
        self._pen = _Pen()

    def forget(self) -> None:
        """Treats every row as unknown until it is drawn again. Called when another program may have drawn."""
        self._rows = []
        self._pen.lose()
        self._placements.forget()

    def follow(self, wanted: Grid) -> str:
        """Returns the output that makes the terminal show `wanted`; empty if it already does."""
        if (self._width, len(self._rows)) != wanted.size:
            self._width, self._rows = wanted.width, [None] * len(wanted.rows)
            self._placements.forget()
        shown = self._rows
        for y, row in enumerate(wanted.rows):
            if shown[y] != row:
                for start, end in _spans(shown[y], row):
                    self._draw(y, row, start, end)
                shown[y] = row.copy()
                self._placements.row_changed(y, row)
        for output in self._placements.follow():
            if output.at:
                self._pen.move(*output.at)
            self._pen.draw(output.data)
        if shown:
            self._pen.move(*wanted.cursor)
        return self._pen.take()

    def rest(self) -> str:
        """Returns the output to send before any other text, so that this text does not inherit a style or a link."""
        if self._pen.style is not None:
            self._pen.restyle(PLAIN)
        return self._pen.take()

    def cleared(self) -> str:
        """Returns the output that removes all pictures."""
        self._rows = []
        cleared = self._placements.cleared()
        return f"{self.rest()}{cleared}" if cleared else ""

    def _draw(self, y: int, row: CellRow, start: int, end: int) -> None:
        x = start
        self._placements.overwritten(row.glyphs[start:end])
        glyphs = blanked(row.glyphs[start:end])
        for style, run in groupby(row.styles[start:end]):
            stop = x + len(list(run))
            cells = glyphs[x - start : stop - start]
            self._pen.restyle(style, is_for_blanks=cells == [" "] * len(cells))
            self._write(x, y, cells, is_last=stop == self._width)
            x = stop
        if end == self._width:
            self._pen.lose_column()

    def _write(self, x: int, y: int, cells: list[str], *, is_last: bool) -> None:
        """Writes cells of one style; `is_last` is true if they reach the right edge."""
        for stroke in (_LAST_STROKES if is_last else _STROKES).finditer(_shape(cells)):
            start, end = stroke.span()
            self._pen.move(x + start, y)
            if stroke["blank"] and self._can_erase():
                self._pen.erase(end - start, to_edge=is_last and end == len(cells))
                continue
            if stroke["disputed"]:
                # A terminal that draws the glyph narrower would leave what was in its other cells.
                self._pen.write(" " * (end - start))
                self._pen.move(x + start, y)
            self._pen.write("".join(cells[start:end]))

    def _can_erase(self) -> bool:
        style = self._pen.style or PLAIN
        return not style.shows_on_blanks and (self._erases_in_colour or not style.background)


class _Pen:
    """The position and the style that a terminal uses next. Every move is absolute."""

    def __init__(self) -> None:
        self.style: Style | None = None
        self._x: int | None = None
        self._y: int | None = None
        self._sequences: list[str] = []

    def lose(self) -> None:
        """Marks position and style as unknown."""
        self.style = self._x = self._y = None

    def lose_column(self) -> None:
        """Marks the column as unknown: at the right edge terminals differ about the next position."""
        self._x = None

    def take(self) -> str:
        """Returns and clears the output since the last call."""
        taken = "".join(self._sequences)
        self._sequences.clear()
        return taken

    def move(self, x: int, y: int) -> None:
        if y != self._y:
            self._sequences.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        elif x != self._x:
            self._sequences.append(f"\x1b[{x + 1}G" if x else "\r")
        self._x, self._y = x, y

    def restyle(self, style: Style, *, is_for_blanks: bool = False) -> None:
        if is_for_blanks and self.style is not None:
            style = self.style.for_blanks(style)
        if style != self.style:
            self._sequences.append(transition(self.style, style))
            self.style = style

    def write(self, text: str) -> None:
        """Writes text. All terminals agree about the width of ASCII only: after other glyphs the column is unknown."""
        self._sequences.append(text)
        self._x = self._x + len(text) if self._x is not None and text.isascii() else None

    def draw(self, picture: str) -> None:
        """Sends a picture: the cursor may then be anywhere, and the style does not change."""
        self._sequences.append(picture)
        self._x = self._y = None

    def erase(self, cells: int, *, to_edge: bool) -> None:
        self._sequences.append("\x1b[K" if to_edge else f"\x1b[{cells}X")


def _spans(shown: CellRow | None, wanted: CellRow) -> Iterator[tuple[int, int]]:
    """The columns of `wanted` to send, as (start, end) of each stretch."""
    if shown is None:
        yield 0, len(wanted.glyphs)
        return
    changed = _changed(shown, wanted)
    if not changed:
        return
    start = end = changed[0]
    for x in changed:
        if x > end + _GAP:
            yield _whole(wanted.glyphs, start, end)
            start = x
        end = x + 1
    yield _whole(wanted.glyphs, start, end)


def _changed(shown: CellRow, wanted: CellRow) -> list[int]:
    """The columns of the cells that look different."""
    cells = zip(shown.glyphs, wanted.glyphs, shown.styles, wanted.styles, strict=True)
    return [
        x
        for x, (old, new, old_style, new_style) in enumerate(cells)
        if old != new or (old_style != new_style and (new != " " or blanks_differ(old_style, new_style)))
    ]


def _whole(glyphs: list[str], start: int, end: int) -> tuple[int, int]:
    """The stretch with whole glyphs at its ends. If it has a disputed glyph, it goes to the end of the row."""
    while not glyphs[start]:
        start -= 1
    while end < len(glyphs) and not glyphs[end]:
        end += 1
    return start, len(glyphs) if _DISPUTED in _shape(glyphs[start:end]) else end


_DISPUTED, _COVERED = "\1", "\0"


def _shape(cells: list[str]) -> str:
    """`cells` as text for the patterns: one character for each cell. Only blanks and the marks above matter."""
    text = "".join(cells)
    if len(text) == len(cells) and "" not in cells and max(text) < "\U0001f000":
        return text
    is_wide = [*map(not_, cells[1:]), False]
    return "".join(map(_mark, cells, is_wide))


@lru_cache(4096)
def _mark(cell: str, is_wide: bool) -> str:
    if not cell:
        return _COVERED
    if cell < FIRST_PICTURE_GLYPH and is_disputed(cell, is_wide=is_wide):
        return _DISPUTED
    return cell if cell == " " else "x"


def _strokes(blank: str) -> re.Pattern[str]:
    """Splits cells of one style into strokes: blanks worth erasing, one disputed glyph, or cells up to one of these.

    Cells cannot simply be written in a row. Terminals disagree about the width of some glyphs (emoji, joined
    characters): after such a glyph the cursor's column is unknown, and a terminal that draws it narrow would leave an
    old cell visible. So each disputed glyph is a stroke of its own: its cells are blanked first and the cursor is
    placed again after it. A long run of blanks is a stroke of its own because erasing it (`CSI n X`, or `CSI K` at the
    right edge) takes four to six bytes; shorter runs cost less as blanks, and would cut a word into two strokes.
    """
    return re.compile(rf"(?P<blank>{blank})|(?P<disputed>{_DISPUTED}{_COVERED}*)|(?:(?!{blank})[^{_DISPUTED}])+")


_STROKES = _strokes(" {12,}")
_LAST_STROKES = _strokes(r" {12,}| {4,}\Z")
