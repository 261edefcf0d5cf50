"""Decodes the picture in a file as small as it is shown. Every function blocks: call them away from the event loop."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

KINDS = ("PNG", "JPEG", "WEBP", "GIF")
"""The formats that are decoded; what else a file may turn out to be is left alone."""

MOST_PIXELS = 40_000_000
"""What is larger is not decoded: it would fill the memory."""


class CannotShow(Exception):
    """The file cannot be shown as a picture; the text says why, and what helps."""


@dataclass(frozen=True, slots=True)
class Room:
    """Where a picture is shown."""

    columns: int
    rows: int
    background: tuple[int, int, int]
    """Red, green and blue of what is seen through a transparent picture."""


@contextmanager
def opened(source: str | BytesIO) -> Iterator[ImageFile]:
    """The picture in a file, its header read and its pixels not yet; raises CannotShow, also for what is done with it.

    `source` is a path or the file's bytes.
    """
    if importlib.util.find_spec("PIL") is None:
        raise CannotShow("Pictures are shown here with one more package: pip install 'faldeck[images]'")
    from PIL import Image

    # Pillow's own bound warns on the terminal that the deck draws on; the one below is tighter.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(source, formats=KINDS) as file:
            if file.width * file.height > MOST_PIXELS:
                raise CannotShow(f"With {file.width}×{file.height} pixels it is too large to be shown here.")
            yield file
    except FileNotFoundError as error:
        raise CannotShow("The file is gone from the disk.") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise CannotShow("The file cannot be shown: it is no picture, or not a whole one.") from error


def shrunk(file: ImageFile, width: int, height: int, background: tuple[int, int, int]) -> Image:
    """The picture in at most `width` by `height` pixels, an even number of them high, without transparency.

    It is never larger than it is in the file: that would show nothing more.
    """
    from PIL import Image

    file.draft("RGB", (width * 2, height * 2))  # A JPEG need not be decoded in full.
    scale = min(width / file.width, height / file.height, 1.0)
    size = max(1, round(file.width * scale)), max(2, round(file.height * scale / 2) * 2)
    # Converted when it is small, unless its pixels are numbers of colours, between which there is nothing.
    picture = file if file.mode in ("RGB", "RGBA", "L") else file.convert("RGBA")
    small = picture.resize(size, Image.Resampling.BOX).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", size, background), small).convert("RGB")
