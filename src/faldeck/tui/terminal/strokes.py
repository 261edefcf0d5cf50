"""Finds the cells of a row that look different, as strokes: stretches of one style that are drawn in one go."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import not_
from typing import NamedTuple, TypeAlias

from faldeck.tui.terminal.grid import FIRST_PICTURE_GLYPH, CellRow, is_disputed
from faldeck.tui.terminal.sgr import Style, blanks_differ

_GAP = 4
"""Up to this many unchanged cells between two changes are sent again: that is shorter than moving the cursor."""

_MARGIN = 2
"""Up to this many blanks at the left edge are sent again before a text: a return and they are shorter than a column."""

AsText: TypeAlias = Callable[[CellRow, int, int], CellRow]


class Stroke(NamedTuple):
    """Cells of one style in one row."""

    x: int
    y: int
    style: Style
    cells: list[str]
    is_blank: bool
    """Whether blanks alone are drawn: of their style only the background shows."""
    follows: bool = False
    """Whether it must be drawn right after the stroke before it."""

    @property
    def end(self) -> int:
        """The column after the last cell."""
        return self.x + len(self.cells)


def strokes_of(y: int, shown: CellRow | None, wanted: CellRow, as_text: AsText) -> Iterator[Stroke]:
    """The strokes that change row `y` from `shown` to `wanted`, from left to right; None is an unknown row.

    `as_text` returns cells of a row as the terminal gets them, without those of pictures. The strokes may be drawn in
    any order, but for those that must follow the one before.
    """
    if shown is None:
        yield from _whole_stretch(y, wanted, 0, len(wanted.glyphs), as_text)
        return
    changed = _changed(shown, wanted)
    for start, end in _stretches(changed):
        start, end = _widened(wanted.glyphs, start if start > _MARGIN else 0, end)
        if has_disputed(wanted.glyphs[start:end]):
            yield from _whole_stretch(y, wanted, start, len(wanted.glyphs), as_text)
            return
        for stroke in _split(y, wanted, start, end, as_text):
            if trimmed := _trimmed(stroke, wanted, changed):
                yield trimmed


def _whole_stretch(y: int, row: CellRow, start: int, end: int, as_text: AsText) -> Iterator[Stroke]:
    """All cells from `start`, in order: a disputed glyph may be drawn over the cells after it."""
    is_disputed_before = False
    for stroke in _split(y, row, start, end, as_text):
        yield stroke._replace(follows=is_disputed_before)
        is_disputed_before = is_disputed_before or has_disputed(stroke.cells)


def _changed(shown: CellRow, wanted: CellRow) -> list[int]:
    """The columns of the cells that look different."""
    cells = zip(shown.glyphs, wanted.glyphs, shown.styles, wanted.styles, strict=True)
    return [
        x
        for x, (old, new, old_style, new_style) in enumerate(cells)
        if old != new or (old_style != new_style and (new != " " or blanks_differ(old_style, new_style)))
    ]


def _stretches(changed: list[int]) -> Iterator[tuple[int, int]]:
    """The stretches of changed columns, as (start, end); small gaps are inside."""
    if not changed:
        return
    start = end = changed[0]
    for x in changed:
        if x > end + _GAP:
            yield start, end
            start = x
        end = x + 1
    yield start, end


def _widened(glyphs: list[str], start: int, end: int) -> tuple[int, int]:
    """The stretch with whole glyphs at its ends."""
    while not glyphs[start]:
        start -= 1
    while end < len(glyphs) and not glyphs[end]:
        end += 1
    return start, end


def _split(y: int, row: CellRow, start: int, end: int, as_text: AsText) -> Iterator[Stroke]:
    """The cells of a stretch by style. Blanks join their neighbour if they look alike in its style."""
    glyphs, styles = as_text(row, start, end)
    before: Stroke | None = None
    x = 0
    for style, run in groupby(styles):
        stop = x + len(list(run))
        cells = glyphs[x:stop]
        stroke = Stroke(start + x, y, style, cells, not style.shows_on_blanks and cells.count(" ") == len(cells))
        if before and (joined := _joined(before, stroke)):
            before = joined
        else:
            if before:
                yield before
            before = stroke
        x = stop
    if before:
        yield before


def _joined(one: Stroke, other: Stroke) -> Stroke | None:
    """The two as one stroke, if one of them is blank and looks the same in the other's style."""
    if not (one.is_blank or other.is_blank) or one.style.background != other.style.background:
        return None
    base = other if one.is_blank else one
    if base.style.shows_on_blanks:
        return None
    return Stroke(one.x, one.y, base.style, one.cells + other.cells, one.is_blank and other.is_blank)


def _trimmed(stroke: Stroke, row: CellRow, changed: list[int]) -> Stroke | None:
    """The stroke without the unchanged cells at its ends, less a margin of blanks; None if nothing is left."""
    first, after = bisect_left(changed, stroke.x), bisect_left(changed, stroke.end)
    if first == after:
        return None
    start, end = _widened(row.glyphs, changed[first], changed[after - 1] + 1)
    margin = stroke.cells[:start] if stroke.x == 0 else []
    if len(margin) <= _MARGIN < end - start and margin == [" "] * start:
        start = 0
    return stroke._replace(x=start, cells=stroke.cells[start - stroke.x : end - stroke.x])


_DISPUTED, _COVERED = "\1", "\0"


def has_disputed(cells: list[str]) -> bool:
    """Whether terminals disagree about the width of any of these cells."""
    return _DISPUTED in _shape(cells)


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


class Piece(NamedTuple):
    """A part of a stroke that is sent in one way."""

    start: int
    end: int
    is_blank: bool
    is_disputed: bool


def pieces(cells: list[str], *, is_last: bool) -> Iterator[Piece]:
    """Splits cells of one style into blanks worth erasing, disputed glyphs, and cells up to one of these.

    `is_last` is true if they reach the right edge.

    Cells cannot simply be written in a row. Terminals disagree about the width of some glyphs (emoji, joined
    characters): after such a glyph the cursor's column is unknown, and a terminal that draws it narrow would leave an
    old cell visible. So each disputed glyph is a piece of its own: its cells are blanked first and the cursor is
    placed again after it. A long run of blanks is a piece of its own because erasing it (`CSI n X`, or `CSI K` at the
    right edge) takes four to six bytes; shorter runs cost less as blanks, and would cut a word into two.
    """
    for match in (_LAST_PIECES if is_last else _PIECES).finditer(_shape(cells)):
        yield Piece(*match.span(), match["blank"] is not None, match["disputed"] is not None)


def _pattern(blank: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<blank>{blank})|(?P<disputed>{_DISPUTED}{_COVERED}*)|(?:(?!{blank})[^{_DISPUTED}])+")


_PIECES = _pattern(r" {12,}| {8,}\Z")
_LAST_PIECES = _pattern(r" {12,}| {4,}\Z")
