"""The pictures that a terminal shows, and the output that changes them into the wanted ones.

A pane draws a picture as cells, with a private character for each. So whatever covers, scrolls
or removes a picture changes cells, as with text. The visible rest of each picture is placed again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import count
from threading import Lock
from typing import NamedTuple
from weakref import ref

from faldeck.tui.terminal import placeholders
from faldeck.tui.terminal.bitmaps import Bitmap, KittyBitmap, PicturePart, SixelBitmap
from faldeck.tui.terminal.graphics import CellSize, Protocol
from faldeck.tui.terminal.grid import FIRST_PICTURE_GLYPH, CellRow
from faldeck.tui.terminal.sgr import Style

_FIRST = ord(FIRST_PICTURE_GLYPH)
MOST_CELLS = 65_534
"""The number of private characters in the last plane, and so of picture cells that are kept at once."""


class Placed(NamedTuple):
    """A part of a picture on the screen."""

    number: int
    x: int
    y: int
    part: PicturePart

    def holds(self, other: Placed) -> bool:
        """Whether the other is a piece of this one at the same position."""
        mine, its = self.part, other.part
        return (
            self.number == other.number
            and (self.x - mine.column, self.y - mine.row) == (other.x - its.column, other.y - its.row)
            and mine.column <= its.column
            and mine.row <= its.row
            and mine.column + mine.columns >= its.column + its.columns
            and mine.row + mine.rows >= its.row + its.rows
        )


class TerminalOutput(NamedTuple):
    """Output for the terminal, and the cell at which the cursor must be for it."""

    data: str
    at: tuple[int, int] | None = None
    """Column and row. A Sixel picture moves the cursor."""


class Shelf:
    """Assigns private characters to the cells of pictures. Any thread may call it.

    A picture keeps its characters as long as a reference to it exists.
    """

    def __init__(self) -> None:
        self._ranges: tuple[GlyphRange, ...] = ()
        """In the order of their characters. Never changed, only replaced."""
        self._adding = Lock()
        self._numbers = count(
            int.from_bytes(os.urandom(3), "big") + 1
        )  # Other programs number theirs in the same terminal.

    def new_number(self) -> int:
        """A number for a picture that has none."""
        return next(self._numbers)

    def add(self, bitmap: Bitmap) -> list[list[tuple[str, str]]]:
        """Adds a picture; returns the rows of text, each with a style, that represent it.

        Raises LookupError if too many pictures are kept already.
        """
        with self._adding:
            start = self._free(bitmap.columns * bitmap.rows)
            added = GlyphRange(start, bitmap.columns, bitmap.rows, ref(bitmap))
            self._ranges = tuple(sorted((*self._alive(), added)))
        lines = (range(at, at + bitmap.columns) for at in range(start, added.end, bitmap.columns))
        return [[("".join(chr(_FIRST + place) for place in line), "")] for line in lines]

    def bitmap(self, number: int) -> Bitmap | None:
        """The picture with that number, if a reference to it still exists."""
        return next((found for one in self._ranges if (found := one.bitmap()) and found.number == number), None)

    def cell(self, glyph: str) -> tuple[Bitmap, int, int] | None:
        """The picture, column and row that a character represents."""
        place = ord(glyph[0]) - _FIRST if glyph else -1
        for one in self._ranges:
            if one.start <= place < one.end:
                bitmap = one.bitmap()
                row, column = divmod(place - one.start, one.columns)
                return (bitmap, column, row) if bitmap else None
        return None

    def _alive(self) -> list[GlyphRange]:
        return [one for one in self._ranges if one.bitmap()]

    def _free(self, length: int) -> int:
        """The position of the first `length` free characters in a row."""
        start = 0
        for one in self._alive():
            if one.start - start >= length:
                break
            start = one.end
        if start + length > MOST_CELLS:
            raise LookupError
        return start


class GlyphRange(NamedTuple):
    """The characters of one picture, by their position in the private plane."""

    start: int
    columns: int
    rows: int
    bitmap: ref[Bitmap]

    @property
    def end(self) -> int:
        return self.start + self.columns * self.rows


class GraphicsTerminal(NamedTuple):
    """A terminal that draws pixels."""

    protocol: Protocol
    cell: CellSize
    shelf: Shelf


class Placements:
    """What is placed on one terminal."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._runs: dict[int, list[Placed]] = {}
        """The pieces of pictures in each row of the screen that has any."""
        self._damaged: set[int] = set()
        """The numbers of pictures that text was written over."""
        self._shown: dict[Placed, int] = {}
        """What is placed, and the number of its placement."""
        self._bitmaps: dict[int, Bitmap] = {}
        """The pictures that are placed: kept until they are taken away."""
        self._doomed: list[Bitmap] = []
        """Pictures of a screen that was lost; the terminal may still show them."""

    def forget(self) -> None:
        """The terminal may show anything: places all pictures again."""
        self._doomed += self._bitmaps.values()
        self._runs, self._shown, self._bitmaps = {}, {}, {}

    def row_changed(self, y: int, row: CellRow) -> None:
        """Records the pictures that the screen wants in a row."""
        if runs := list(self._pieces(y, row.glyphs)):
            self._runs[y] = runs
        else:
            self._runs.pop(y, None)

    def overwritten(self, glyphs: Sequence[str]) -> None:
        """Text is written over these cells."""
        if _may_have_pictures(glyphs):
            self._damaged |= {run.number for run in self._pieces(0, glyphs)}

    def as_text(self, row: CellRow, start: int, end: int) -> CellRow:
        """Some cells of a row as the terminal gets them as text: a cell of a picture is a blank or a placeholder."""
        cells = CellRow(row.glyphs[start:end], row.styles[start:end])
        if not _may_have_pictures(cells.glyphs):
            return cells
        pieces = list(self._pieces(0, cells.glyphs))
        cells.glyphs[:] = [" " if glyph >= FIRST_PICTURE_GLYPH else glyph for glyph in cells.glyphs]
        for piece in pieces:
            if not _is_in_tmux(self._shelf.bitmap(piece.number)):
                continue
            part = piece.part
            named = Style(foreground=placeholders.colour(piece.number))
            for x, text in enumerate(placeholders.cells(piece.number, part.row, part.column, part.columns), piece.x):
                cells.glyphs[x], cells.styles[x] = text, named._replace(background=cells.styles[x].background)
        return cells

    def follow(self) -> Iterator[TerminalOutput]:
        """The output that changes the pictures on the terminal into the wanted ones, after all text is drawn."""
        yield from (TerminalOutput(bitmap.removed()) for bitmap in self._doomed if isinstance(bitmap, KittyBitmap))
        self._doomed.clear()
        if not self._runs and not self._shown:
            return
        shown, wanted = self._shown, list(_merged(self._runs))
        self._shown = {}
        kept = {place: placement for place, placement in shown.items() if place in wanted}
        for place, placement in shown.items():
            bitmap = self._bitmaps[place.number]
            if place not in kept and isinstance(bitmap, KittyBitmap) and not bitmap.in_tmux:
                yield TerminalOutput(bitmap.removed(placement))
        for place in wanted:
            yield from self._place(place, shown, kept)
        for number in self._bitmaps.keys() - {place.number for place in self._shown}:
            if isinstance(bitmap := self._bitmaps.pop(number), KittyBitmap):
                yield TerminalOutput(bitmap.removed())
        self._damaged.clear()

    def _place(self, place: Placed, shown: dict[Placed, int], kept: dict[Placed, int]) -> Iterator[TerminalOutput]:
        bitmap = self._shelf.bitmap(place.number)
        if bitmap is None:
            return
        if isinstance(bitmap, SixelBitmap):
            self._shown[place] = 0
            self._bitmaps[place.number] = bitmap
            if place.number in self._damaged or not any(other.holds(place) for other in shown):
                yield TerminalOutput(bitmap.encoded(place.part), (place.x, place.y))
            return
        if place.number not in self._bitmaps:
            yield TerminalOutput(bitmap.sent())
            self._bitmaps[place.number] = bitmap
        if bitmap.in_tmux:
            self._shown[place] = 0
            return
        if place in kept:
            self._shown[place] = kept[place]
            return
        taken = {*kept.values(), *self._shown.values()}
        placement = next(number for number in count(1) if number not in taken)
        self._shown[place] = placement
        yield TerminalOutput(bitmap.placed(place.part, placement), (place.x, place.y))

    def _pieces(self, y: int, glyphs: Sequence[str]) -> Iterator[Placed]:
        """The pieces of pictures in a row."""
        x = 0
        while _may_have_pictures(glyphs) and x < len(glyphs):
            start = x
            x += 1
            found = self._shelf.cell(glyphs[start]) if glyphs[start] >= FIRST_PICTURE_GLYPH else None
            if found is None:
                continue
            bitmap, column, row = found
            first = ord(glyphs[start])
            while x < len(glyphs) and column + x - start < bitmap.columns and glyphs[x] == chr(first + x - start):
                x += 1
            yield Placed(bitmap.number, start, y, PicturePart(column, row, x - start, 1))

    def cleared(self) -> str:
        """The output that removes every picture from the terminal; the text style must be plain."""
        output = [
            bitmap.removed() for bitmap in (*self._doomed, *self._bitmaps.values()) if isinstance(bitmap, KittyBitmap)
        ]
        for place in self._shown:
            if isinstance(self._bitmaps[place.number], SixelBitmap):
                rows = range(place.y, place.y + place.part.rows)
                output += [f"\x1b[{y + 1};{place.x + 1}H\x1b[{place.part.columns}X" for y in rows]
        self.forget()
        self._doomed.clear()
        return "".join(output)


def _may_have_pictures(glyphs: Sequence[str]) -> bool:
    """Whether any cell may belong to a picture."""
    return max(glyphs, default="") >= FIRST_PICTURE_GLYPH


def _is_in_tmux(bitmap: Bitmap | None) -> bool:
    return isinstance(bitmap, KittyBitmap) and bitmap.in_tmux


def _merged(runs: dict[int, list[Placed]]) -> Iterator[Placed]:
    """Merges the pieces into rectangles: equal pieces in neighbouring rows become one."""
    growing: dict[tuple[int, int, int, int], Placed] = {}
    for y in sorted(runs):
        for run in runs[y]:
            key = (run.number, run.x, run.part.column, run.part.columns)
            before = growing.get(key)
            if before and (before.y + before.part.rows, before.part.row + before.part.rows) == (y, run.part.row):
                growing[key] = before._replace(part=before.part._replace(rows=before.part.rows + 1))
                continue
            if before:
                yield before
            growing[key] = run
    yield from growing.values()
