"""What a terminal shows of the bytes sent to it, judged by pyte."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pyte

_LINK = re.compile(rb"\x1b\]8;[^;]*;([^\x07\x1b]*)(?:\x07|\x1b\\)")
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<=>][0-9;]*[a-z]")
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*|\][^\x07\x1b]*\x1b?)?\Z")


class Cell(NamedTuple):
    """One cell, as a viewer sees it.

    The cells that a wide glyph covers show nothing, and a blank has no colour but that behind it.
    """

    glyph: str
    foreground: str
    background: str
    attributes: frozenset[str]
    link: str


class _Canvas(pyte.Screen):
    """pyte's screen, which knows no links; a cell's link is kept where pyte keeps that it blinks."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self.targets = [""]
        self._drawn = ""

    def draw(self, data: str) -> None:
        self._drawn = data[-1:]
        super().draw(data)

    def repeat(self, count: int = 1) -> None:
        """`CSI n b`: the last glyph again, which pyte does not know."""
        self.draw(self._drawn * max(count, 1))
        self._drawn = self._drawn[-1:]

    def open_link(self, number: int = 0) -> None:
        self.cursor.attrs = self.cursor.attrs._replace(blink=self.targets[number])  # type: ignore[arg-type]

    def select_graphic_rendition(self, *codes: int, **options: Any) -> None:
        """Style and link are independent in terminals, in pyte a reset of the style would end the link."""
        link = self.cursor.attrs.blink
        super().select_graphic_rendition(*codes, **options)
        self.cursor.attrs = self.cursor.attrs._replace(blink=link)


class _Stream(pyte.ByteStream):
    csi = {**pyte.ByteStream.csi, "z": "open_link", "b": "repeat"}  # noqa: RUF012
    events = pyte.ByteStream.events | {"open_link", "repeat"}


class Screen:
    """A terminal's screen. `feed` it bytes, then look."""

    def __init__(self, columns: int, rows: int) -> None:
        self._canvas = _Canvas(columns, rows)
        self._stream = _Stream(self._canvas)
        self._unfinished = b""
        self._text: str | None = None

    def feed(self, data: bytes) -> None:
        if not data:
            return
        self._text = None
        data = self._unfinished + data
        cut = match.start() if (match := _UNFINISHED.search(data)) else len(data)
        data, self._unfinished = data[:cut], data[cut:]
        self._stream.feed(_LINK.sub(self._link, _UNKNOWN_TO_PYTE.sub(b"", data)))

    def resize(self, columns: int, rows: int) -> None:
        self._text = None
        self._canvas.resize(rows, columns)

    @property
    def text(self) -> str:
        """The rows, without the blanks at their ends."""
        if self._text is None:  # A test that waits for a text looks many times, and whole cells cost far more.
            columns = range(self._canvas.columns)
            lines = (self._canvas.buffer[y] for y in range(self._canvas.lines))
            rows = ([line[x] for x in columns] for line in lines)
            self._text = "\n".join("".join([_glyph(row, x) for x in columns]).rstrip() for row in rows)
        return self._text

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the terminal's own cursor."""
        return self._canvas.cursor.x, self._canvas.cursor.y

    @property
    def cells(self) -> list[list[Cell]]:
        """All cells, row by row. What is left of a wide glyph that was half overwritten shows as a blank."""
        columns = range(self._canvas.columns)
        rows = [[self._canvas.buffer[y][x] for x in columns] for y in range(self._canvas.lines)]
        return [[_cell(row, x) for x in columns] for row in rows]

    def _link(self, opened: re.Match[bytes]) -> bytes:
        self._canvas.targets.append(opened[1].decode())
        return b"\x1b[%dz" % (len(self._canvas.targets) - 1)


_SEEN_ON_BLANKS = ("underscore", "strikethrough", "reverse")
_ATTRIBUTES = ("bold", "italics", *_SEEN_ON_BLANKS)


def _glyph(row: list[Any], x: int) -> str:
    data: str = row[x].data
    if data.isascii() and data:
        return data
    is_torn = not data and (x == 0 or _width(row[x - 1].data) < 2)
    is_torn |= _width(data) == 2 and x + 1 < len(row) and row[x + 1].data != ""
    return " " if is_torn else data


def _cell(row: list[Any], x: int) -> Cell:
    char = row[x]
    glyph = _glyph(row, x)
    attributes = frozenset(name for name in _ATTRIBUTES if getattr(char, name))
    if glyph == " " and attributes.intersection(_SEEN_ON_BLANKS) == {"reverse"} and char.fg != "default":
        return Cell(glyph, foreground="", background=char.fg, attributes=frozenset(), link=char.blink or "")
    is_empty = glyph == " " and attributes.isdisjoint(_SEEN_ON_BLANKS)
    return Cell(
        glyph,
        foreground="" if is_empty else char.fg,
        background=char.bg,
        attributes=frozenset() if is_empty else attributes,
        link=char.blink or "",
    )


def _width(glyph: str) -> int:
    return max(pyte.screens.wcwidth(glyph[0]), 0) if glyph else 0
