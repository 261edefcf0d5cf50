"""What the models that take and make pictures share."""

import hashlib
import struct
from collections import Counter
from typing import Any

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.art.raster import Colour, IndexedImage
from fal_emulator.art.scene import paint
from fal_emulator.model import MadeFile, ModelRequest

LARGEST_SIDE = 2048
"""Pixels; what is asked for beyond is made smaller in proportion, so that every picture is made quickly."""

_PNG_HEAD = b"\x89PNG\r\n\x1a\n"

_COLOUR_NAMES: dict[str, Colour] = {
    "black": (10, 10, 16),
    "deep blue": (25, 40, 90),
    "blue": (70, 120, 190),
    "pale blue": (185, 215, 235),
    "teal": (25, 105, 105),
    "green": (60, 130, 80),
    "violet": (85, 40, 125),
    "pink": (225, 105, 165),
    "red": (190, 60, 60),
    "orange": (240, 140, 75),
    "gold": (250, 210, 140),
    "brown": (110, 60, 40),
    "grey": (140, 145, 150),
    "white": (245, 245, 245),
}


def picture(raster: IndexedImage, clear: int = 0) -> MadeFile:
    """A painting as a file; its first `clear` colours are transparent."""
    return MadeFile(raster.to_png(clear), "image/png", "png", {"width": raster.width, "height": raster.height})


def pixels(image_size: Any) -> tuple[int, int]:
    """Width and height of an image size, which is a preset's name or an object of the two."""
    if isinstance(image_size, str):
        return fields.SIZES[image_size]
    width, height = image_size.get("width", 512), image_size.get("height", 512)
    scale = min(1, LARGEST_SIDE / max(width, height))
    return max(8, round(width * scale)), max(8, round(height * scale))


def given(order: ModelRequest, url: str) -> IndexedImage:
    """The picture behind a URL if this service painted it, else one painted from the hash of what there is."""
    data = order.fetch(url)
    raster = None if data is None else IndexedImage.from_png(data)
    if raster is not None:
        return raster
    content = url.encode() if data is None else data
    seed = int.from_bytes(hashlib.sha256(content).digest()[:4], "big")
    return paint("", seed, *_size(content))


def described(raster: IndexedImage) -> str:
    """A picture in one sentence: its shape and its three commonest colours."""
    counts = Counter[str]()
    for row in raster.rows[:: max(1, raster.height // 64)]:
        for index, count in Counter(row[:: max(1, raster.width // 64)]).items():
            counts[_nearest(raster.palette[index])] += count
    names = [name for name, _ in counts.most_common(3)]
    shape = "square" if raster.width == raster.height else "tall" if raster.height > raster.width else "wide"
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"A {shape} picture, mostly {listed}, with calm shapes behind each other."


def megapixels(order: ModelRequest, output: JsonObject) -> float:
    """Billed by area, each picture rounded up."""
    images: list[MadeFile] = output["images"] if "images" in output else [output["image"]]
    return float(sum(-(-image.facts["width"] * image.facts["height"] // 1_000_000) for image in images))


def _size(content: bytes) -> tuple[int, int]:
    """The size a PNG file says it has, 1024 by 768 for anything else."""
    if not content.startswith(_PNG_HEAD) or len(content) < 24:
        return 1024, 768
    width, height = struct.unpack(">II", content[16:24])
    return pixels({"width": width, "height": height})


def _nearest(colour: Colour) -> str:
    def distance(name: str) -> int:
        return sum((a - b) ** 2 for a, b in zip(colour, _COLOUR_NAMES[name], strict=True))

    return min(_COLOUR_NAMES, key=distance)
