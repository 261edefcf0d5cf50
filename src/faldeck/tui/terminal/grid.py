"""The screen that the terminal should show, as cells. They are read from the frames that Textual paints.

A frame is text, positions, styles and links. Anything else in it, such as a control sequence that came with
some text, is left out and never reaches the terminal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

from faldeck.tui.terminal.plain import ascii_cells
from faldeck.tui.terminal.sgr import PLAIN, Style, restyled

_TOKEN = re.compile(
    r"\x1b\[(?P<codes>[0-9;]*)m"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|\x1b\[(?P<row>[0-9]{1,4});(?P<column>[0-9]{1,4})H"
    r"|\x1b\]8;[^;\x07\x1b]*;(?P<link>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|.)",
    re.DOTALL,
)
_FRAME = re.compile(r"\x1b\[[0-9]+;[0-9]+H")
FIRST_PICTURE_GLYPH = "\U00100000"
"""Private characters from this one on represent cells of pictures; they never reach the terminal."""
_JOINER = "\u200d"
_IDEOGRAPHS = (
    *("\u1100-\u11ff", "\u2e80-\u303e", "\u3041-\ua4cf", "\ua960-\ua97f", "\uac00-\ud7ff", "\uf900-\ufaff"),
    *("\ufe30-\ufe6f", "\uff00-\uffe6", "\U00020000-\U0003fffd"),
)
"""Ranges of characters. A regular expression of them takes longer to compile than many frames to draw."""


class CellRow(NamedTuple):
    """One line of cells."""

    glyphs: list[str]
    """The glyph of each cell. A wide glyph is in its first cell; the other cells that it covers are empty."""
    styles: list[Style]

    def copy(self) -> CellRow:
        return CellRow(self.glyphs.copy(), self.styles.copy())


class Grid:
    """The cells of a whole screen."""

    def __init__(self, width: int, height: int, *, has_colours: bool = True, is_ascii_only: bool = False) -> None:
        """Without colours only bold, dim, reverse and the like are kept of each style."""
        self._has_colours = has_colours
        self._is_ascii_only = is_ascii_only
        self.width = width
        self.rows = [_blank_row(width) for _ in range(height)]
        self.cursor: tuple[int, int] | None = (0, 0)
        """Column and row where the terminal's own cursor must be; None if it may be anywhere."""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self.width, len(self.rows)

    def copy(self) -> Grid:
        """The same cells once more; what is painted later does not change them."""
        twin = Grid(0, 0, has_colours=self._has_colours, is_ascii_only=self._is_ascii_only)
        twin.width, twin.rows, twin.cursor = self.width, [row.copy() for row in self.rows], self.cursor
        return twin

    def resize(self, width: int, height: int) -> None:
        """Changes the size, and keeps the cells that fit."""
        for row in self.rows:
            if width < self.width:
                _part(row.glyphs, width)
            row.glyphs[width:] = [" "] * (width - self.width)
            row.styles[width:] = [PLAIN] * (width - self.width)
        self.width = width
        self.rows[height:] = [_blank_row(width) for _ in range(height - len(self.rows))]

    def paint(self, frame: str, *, has_caret: bool = True) -> None:
        """Draws a frame into the grid. Cells outside the grid are cut off.

        `has_caret` is true if text is being typed at the frame's last position: there input methods open.
        """
        x = y = 0
        style = PLAIN
        for token in _TOKEN.finditer(frame):
            match token.lastgroup:
                case "codes":
                    style = restyled(style, token["codes"])
                    if not self._has_colours:
                        style = style._replace(foreground="", background="")
                case "text":
                    cells = cells_of(token["text"])
                    if self._is_ascii_only:
                        cells = ascii_cells(cells)
                    self._put(x, y, cells, style.legible)
                    x += len(cells)
                case "column":
                    x, y = int(token["column"]) - 1, int(token["row"]) - 1
                case "link":
                    style = style._replace(link=token["link"])
        end = (max(0, min(x, self.width - 1)), max(0, min(y, len(self.rows) - 1)))
        self.cursor = end if has_caret else None

    def _put(self, x: int, y: int, cells: Sequence[str], style: Style) -> None:
        if not (0 <= x < self.width and 0 <= y < len(self.rows)):
            return
        if x + len(cells) > self.width:
            cells = list(cells)
            _part(cells, self.width - x)
            cells = cells[: self.width - x]
        row, end = self.rows[y], x + len(cells)
        _part(row.glyphs, x)
        _part(row.glyphs, end)
        row.glyphs[x:end] = cells
        row.styles[x:end] = [style] * len(cells)


def is_frame(data: str) -> bool:
    """Whether `data` is a painted frame, not a message to the terminal itself."""
    return _FRAME.match(data) is not None


def cells_of(text: str) -> Sequence[str]:
    """`text` as cells: one glyph in each, and an empty string for each further cell of a wide glyph."""
    return text if text.isascii() else _cells_of_glyphs(text)


@lru_cache(2048)
def is_disputed(glyph: str, *, is_wide: bool) -> bool:
    """Whether terminals disagree about the width of `glyph` in cells. `is_wide` is what Textual believes.

    They agree about letters and ideographs. About pictographs they differ.
    """
    if len(glyph) == 1 and any(span[0] <= glyph <= span[-1] for span in _IDEOGRAPHS):
        return False
    return is_wide or glyph >= "\U0001f000"


@lru_cache(2048)
def _cells_of_glyphs(text: str) -> Sequence[str]:
    glyphs: list[str] = []
    for character in text:
        if glyphs and _joins(glyphs[-1], character):
            glyphs[-1] += character
        else:
            glyphs.append(character)
    return tuple(cell for glyph in glyphs if (width := cell_len(glyph)) for cell in (glyph, *[""] * (width - 1)))


def _joins(glyph: str, character: str) -> bool:
    """Whether `character` is drawn as a part of the `glyph` before it."""
    return glyph[-1] == _JOINER or cell_len(character) == 0 or (_is_half_flag(glyph) and _is_half_flag(character))


def _is_half_flag(glyph: str) -> bool:
    return len(glyph) == 1 and "\U0001f1e6" <= glyph <= "\U0001f1ff"


def _part(cells: list[str], x: int) -> None:
    """Blanks a wide glyph that crosses the left edge of column `x`: half a glyph cannot be drawn."""
    if not 0 < x < len(cells) or cells[x]:
        return
    start = end = x
    while not cells[start]:
        start -= 1
    while end < len(cells) and not cells[end]:
        end += 1
    cells[start:end] = [" "] * (end - start)


def _blank_row(width: int) -> CellRow:
    return CellRow([" "] * width, [PLAIN] * width)
