"""A picture as rows of text: two pixels in a cell, in so few colours that a slow line carries it in a second."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

Row: TypeAlias = "list[tuple[str, str]]"
"""Texts with the colours of each: `#rrggbb on #rrggbb`, or `on #rrggbb` for blanks."""

KINDS = ("PNG", "JPEG", "WEBP", "GIF")
"""The formats that are decoded; what else a file may turn out to be is left alone."""

COLOURS = 48
MOST_PIXELS = 40_000_000
"""What is larger is not decoded: it would fill the memory."""

UPPER_HALF = "▀"


class CannotShow(Exception):
    """The file cannot be shown as a picture; the text says why, and what helps."""


def rows(path: str, width: int, height: int, background: tuple[int, int, int]) -> list[Row]:
    """The picture in a file, as large as it can be in so many cells. Blocks; raises CannotShow.

    `background` (red, green, blue) is seen through what is transparent.
    """
    if importlib.util.find_spec("PIL") is None:
        raise CannotShow("Pictures are shown here with two more packages: pip install 'faldeck[images]'")
    from PIL import Image

    try:
        with Image.open(path, formats=KINDS) as file:
            if file.width * file.height > MOST_PIXELS:
                raise CannotShow(f"With {file.width}×{file.height} pixels it is too large to be shown here.")
            return list(_rows(_shrunk(file, width, height * 2, background)))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise CannotShow("The file cannot be shown: it is no picture, or not a whole one.") from error


def _shrunk(file: ImageFile, width: int, height: int, background: tuple[int, int, int]) -> Image:
    """The picture in at most `width` by `height` pixels, an even number of them high, in few colours."""
    from PIL import Image

    file.draft("RGB", (width * 2, height * 2))  # A JPEG need not be decoded in full.
    scale = min(width / file.width, height / file.height)
    size = max(1, round(file.width * scale)), max(2, round(file.height * scale / 2) * 2)
    # Converted when it is small, unless its pixels are numbers of colours, between which there is nothing.
    picture = file if file.mode in ("RGB", "RGBA", "L") else file.convert("RGBA")
    small = picture.resize(size, Image.Resampling.BOX).convert("RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", size, background), small).convert("RGB")
    return flat.quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB")


def _rows(picture: Image) -> Iterator[Row]:
    """Two lines of pixels in each row, the upper as the text's colour, the lower as the one behind it."""
    width, data = picture.width, picture.tobytes()
    pixels = [f"#{data[at : at + 3].hex()}" for at in range(0, len(data), 3)]
    for top in range(0, len(pixels), 2 * width):
        pairs = zip(pixels[top : top + width], pixels[top + width : top + 2 * width], strict=True)
        yield [_run(upper, lower, len(list(alike))) for (upper, lower), alike in groupby(pairs)]


def _run(upper: str, lower: str, length: int) -> tuple[str, str]:
    """So many equal cells in a line."""
    if upper == lower:
        return " " * length, f"on {lower}"
    return UPPER_HALF * length, f"{upper} on {lower}"
