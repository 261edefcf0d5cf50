"""Pictures for terminals that draw pixels: how each protocol encodes them, whole or a part. Pure.

Kitty's protocol: https://sw.kovidgoyal.net/kitty/graphics-protocol/. Sixel: DEC STD 070, chapter 9.
"""

from __future__ import annotations

from base64 import standard_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple, TypeAlias

from faldeck.tui.terminal.graphics import CellSize
from faldeck.tui.terminal.placeholders import passed_on

CHUNK = 4096
"""Characters of one kitty command at most."""
_BAND = 6
"""Rows of pixels in a line of Sixel."""
_EMPTY = 63
_RUNS = [
    (sixel * length, bytes([0x80 + place]), b"!%d%s" % (length, sixel))
    for place, (length, sixel) in enumerate(product((255, 64, 16, 6), (b"?", b"~")))
]
"""Runs of the two most common characters: the run, a byte that marks it, and its short form. Replacing is fast."""


class PicturePart(NamedTuple):
    """A part of a picture, in cells."""

    column: int
    row: int
    columns: int
    rows: int


@dataclass(frozen=True, eq=False)
class KittyBitmap:
    """A picture for kitty's protocol."""

    number: int
    cell: CellSize
    columns: int
    rows: int
    png: bytes
    in_tmux: bool = False
    """Whether it is sent through tmux, and shown where its placeholders are."""

    @property
    def size_bytes(self) -> int:
        """The memory it takes."""
        return len(self.png)

    def sent(self) -> str:
        """The sequence that stores the picture in the terminal; in tmux also the one that lets placeholders show it."""
        data = standard_b64encode(self.png).decode()
        pieces = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
        commands = []
        for index, piece in enumerate(pieces):
            head = f"a=t,f=100,i={self.number},q=2," if index == 0 else ""
            commands.append(f"\x1b_G{head}m={int(index < len(pieces) - 1)};{piece}\x1b\\")
        if self.in_tmux:
            commands.append(f"\x1b_Ga=p,U=1,i={self.number},c={self.columns},r={self.rows},q=2\x1b\\")
        return "".join(map(passed_on, commands) if self.in_tmux else commands)

    def placed(self, part: PicturePart, placement: int) -> str:
        """The sequence that shows a part of the stored picture at the cursor. The cursor does not move."""
        left, top = part.column * self.cell.width, part.row * self.cell.height
        width, height = part.columns * self.cell.width, part.rows * self.cell.height
        area = f"x={left},y={top},w={width},h={height},c={part.columns},r={part.rows}"
        return f"\x1b_Ga=p,i={self.number},p={placement},{area},C=1,q=2\x1b\\"

    def removed(self, placement: int | None = None) -> str:
        """The sequence that removes one placement from the screen, or the whole picture from the terminal."""
        what = f"d=I,i={self.number}" if placement is None else f"d=i,i={self.number},p={placement}"
        command = f"\x1b_Ga=d,{what},q=2\x1b\\"
        return passed_on(command) if self.in_tmux else command


@dataclass(frozen=True, eq=False)
class SixelBitmap:
    """A picture for Sixel terminals."""

    number: int
    cell: CellSize
    columns: int
    rows: int
    pixels: bytes
    """The colour number of each pixel, row by row."""
    palette: bytes
    """Red, green and blue of each colour."""
    _encoded: dict[PicturePart, str] = field(default_factory=dict)
    """Parts that were encoded before. The whole picture is always kept."""

    @property
    def whole(self) -> PicturePart:
        """All of it."""
        return PicturePart(0, 0, self.columns, self.rows)

    @property
    def size_bytes(self) -> int:
        """The memory it takes."""
        return len(self.pixels) + sum(map(len, self._encoded.values()))

    def encoded(self, part: PicturePart) -> str:
        """The sequence that draws a part of the picture at the cursor."""
        if part not in self._encoded:
            for other in [other for other in self._encoded if other != self.whole]:
                del self._encoded[other]
            self._encoded[part] = self._encode(part)
        return self._encoded[part]

    def _encode(self, part: PicturePart) -> str:
        stride = self.columns * self.cell.width
        left, width = part.column * self.cell.width, part.columns * self.cell.width
        top, height = part.row * self.cell.height, part.rows * self.cell.height
        height -= height % _BAND  # No pixel may reach into the cells below.
        lines = [self.pixels[y * stride + left : y * stride + left + width] for y in range(top, top + height)]
        bands = [b"".join(lines[at : at + _BAND]) for at in range(0, height, _BAND)]
        used = sorted(set(b"".join(lines)))
        colours = "".join(f"#{colour};2;{self._percents(colour)}" for colour in used)
        drawn = b"-".join(b"$".join(_band(band, width)) for band in bands)
        return f'\x1bP0;1;0q"1;1;{width};{height}{colours}{drawn.decode()}\x1b\\'

    def _percents(self, colour: int) -> str:
        return ";".join(str(round(part * 100 / 255)) for part in self.palette[colour * 3 : colour * 3 + 3])


Bitmap: TypeAlias = KittyBitmap | SixelBitmap


def _band(band: bytes, width: int) -> Iterator[bytes]:
    """Encodes six rows of pixels, once for each colour in them. Each character has a bit for each of six pixels."""
    base = int.from_bytes(bytes([_EMPTY]) * width, "big")
    for colour in set(band):
        ones = band.translate(bytes(colour) + b"\1" + bytes(255 - colour))
        rows = [
            int.from_bytes(ones[at : at + width], "big") << bit for bit, at in enumerate(range(0, len(ones), width))
        ]
        sixels = (base + sum(rows)).to_bytes(width, "big").rstrip(b"?")
        for run, mark, _ in _RUNS:
            sixels = sixels.replace(run, mark)
        for _, mark, shorter in _RUNS:
            sixels = sixels.replace(mark, shorter)
        yield b"#%d" % colour + sixels
