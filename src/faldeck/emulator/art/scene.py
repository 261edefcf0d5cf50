"""Paints a picture for a prompt and a seed: the same two give the same pixels."""

import random

from faldeck.emulator.art.raster import Raster


def paint(prompt: str, seed: int, width: int, height: int) -> Raster:
    """A picture of that size."""
    dice = random.Random(f"{prompt}/{seed}")
    start, end = ([dice.randrange(256) for _ in range(3)] for _ in range(2))
    palette = tuple(
        (
            int(start[0] + (end[0] - start[0]) * i / 255),
            int(start[1] + (end[1] - start[1]) * i / 255),
            int(start[2] + (end[2] - start[2]) * i / 255),
        )
        for i in range(256)
    )
    return Raster(tuple(bytes([y * 255 // height]) * width for y in range(height)), palette)
