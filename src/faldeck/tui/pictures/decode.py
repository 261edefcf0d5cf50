"""Decodes the picture in a file as small as it is shown. Every function blocks: call them away from the event loop."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

KINDS = ("PNG", "JPEG", "WEBP", "GIF")
"""The formats that are decoded. Files of other formats are not."""

MOST_PIXELS = 40_000_000
"""The most pixels that are decoded: more would fill the memory."""


class CannotShow(Exception):
    """The file cannot be shown as a picture. The text says why, and what helps."""


class Room(NamedTuple):
    """The space for a picture, in cells."""

    columns: int
    rows: int
    background: tuple[int, int, int]
    """Red, green and blue behind a transparent picture."""


@contextmanager
def opened(source: str | BytesIO) -> Iterator[ImageFile]:
    """Opens the picture in a file; only its header is read. Raises CannotShow, also for errors inside the `with`.

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
        raise CannotShow("Only PNG, JPEG, WebP and GIF can be shown, if they are whole.") from error


def shrunk(file: ImageFile, width: int, height: int, background: tuple[int, int, int]) -> Image:
    """The picture in at most `width` by `height` pixels, without transparency. Its height is even.

    It is never larger than in the file.
    """
    from PIL import Image

    file.draft("RGB", (width * 2, height * 2))  # A JPEG need not be decoded in full.
    scale = min(width / file.width, height / file.height, 1.0)
    size = max(1, round(file.width * scale)), max(2, round(file.height * scale / 2) * 2)
    # Converted after shrinking, unless its pixels are palette indexes, which cannot be mixed.
    picture = file if file.mode in ("RGB", "RGBA", "L") else file.convert("RGBA")
    small = picture.resize(size, Image.Resampling.BOX).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", size, background), small).convert("RGB")
