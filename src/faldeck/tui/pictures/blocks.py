"""A picture as rows of text: two pixels in a cell, and few colours, so that a slow line carries it in a second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from faldeck.tui.pictures import decode
from faldeck.tui.pictures.decode import Room

if TYPE_CHECKING:
    from PIL.Image import Image

Row: TypeAlias = "Sequence[tuple[str, str]]"
"""Texts with the colours of each: `#rrggbb on #rrggbb`, or `on #rrggbb` for blanks.

Pictures are tuples: garbage collection passes over tuples of texts. The lists of a hundred pictures would make it
longer.
"""

COLOURS = 48

UPPER_HALF = "▀"


def rows(source: str | BytesIO, room: Room) -> Sequence[Row]:
    """The picture in a file, as large as fits in the room. Blocks; raises CannotShow."""
    with decode.opened(source) as file:
        from PIL import Image

        flat = decode.shrunk(file, room.columns, room.rows * 2, room.background)
        return tuple(_rows(flat.quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB")))


def _rows(picture: Image) -> Iterator[Row]:
    """Two lines of pixels in each row, the upper as the text's colour, the lower as the background."""
    width, data = picture.width, picture.tobytes()
    pixels = [f"#{data[at : at + 3].hex()}" for at in range(0, len(data), 3)]
    for top in range(0, len(pixels), 2 * width):
        pairs = zip(pixels[top : top + width], pixels[top + width : top + 2 * width], strict=True)
        yield tuple(_run(upper, lower, len(list(alike))) for (upper, lower), alike in groupby(pairs))


def _run(upper: str, lower: str, length: int) -> tuple[str, str]:
    """The text of equal neighbouring cells."""
    if upper == lower:
        return " " * length, f"on {lower}"
    return UPPER_HALF * length, f"{upper} on {lower}"
