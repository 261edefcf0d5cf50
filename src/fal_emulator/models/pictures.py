"""What the models that take and make pictures share."""

import hashlib
import io
from collections import Counter
from typing import Any

from PIL import Image, ImageOps

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.art.painting import Colour, paint, png, rgb
from fal_emulator.model import MadeFile, ModelRequest

LARGEST_SIDE = 2048
"""Pixels. A larger picture is made smaller in proportion, so that every picture is made quickly."""

_NAMED = """
0a0a10 black, 19285a deep blue, 4678be blue, b9d7eb pale blue, 196969 teal, 3c8250 green, 55287d violet, e169a5 pink,
be3c3c red, f08c4b orange, fad28c gold, 6e3c28 brown, 8c9196 grey, f5f5f5 white"""
_COLOURS = {name: rgb(digits) for digits, name in (entry.strip().split(" ", 1) for entry in _NAMED.split(","))}


def picture(image: Image.Image) -> MadeFile:
    """A picture as a PNG file."""
    return MadeFile(png(image), "image/png", "png", {"width": image.width, "height": image.height})


def pixels(image_size: Any) -> tuple[int, int]:
    """Width and height of an image size, which is the name of a preset or an object of the two."""
    if isinstance(image_size, str):
        return fields.SIZES[image_size]
    width, height = image_size.get("width", 512), image_size.get("height", 512)
    scale = min(1, LARGEST_SIDE / max(width, height))
    return max(8, round(width * scale)), max(8, round(height * scale))


def given(request: ModelRequest, url: str) -> Image.Image:
    """The picture behind a URL; where that is no picture that can be read, one painted from the hash of what it is."""
    data = request.fetch(url)
    try:
        image = Image.open(io.BytesIO(data or b""))
        image.thumbnail((2 * LARGEST_SIDE, 2 * LARGEST_SIDE))
        return ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        pass  # Pillow's ways to say that this is not a whole picture of a reasonable size.
    digest = hashlib.sha256(url.encode() if data is None else data).digest()
    return paint("", int.from_bytes(digest[:4], "big"), 1024, 768)


def described(image: Image.Image) -> str:
    """A picture in one sentence: its shape and its three commonest colours."""
    counts = Counter[str]()
    small = image.resize((48, 48), Image.Resampling.NEAREST)
    for count, colour in small.getcolors(48 * 48) or ():
        counts[_nearest(colour)] += count  # type: ignore[arg-type]
    names = [name for name, _ in counts.most_common(3)]
    shape = "square" if image.width == image.height else "tall" if image.height > image.width else "wide"
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"A {shape} picture, mostly {listed}, with calm shapes behind each other."


def megapixels(request: ModelRequest, output: JsonObject) -> float:
    """Billed by area, each picture rounded up."""
    images: list[MadeFile] = output["images"] if "images" in output else [output["image"]]
    return float(sum(-(-image.facts["width"] * image.facts["height"] // 1_000_000) for image in images))


def _nearest(colour: Colour) -> str:
    return min(_COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(colour, _COLOURS[name], strict=True)))
