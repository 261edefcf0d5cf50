"""Puts a landscape together column by column, which in Python is a hundred times quicker than pixel by pixel.

A column is a few slices of ready-made vertical strips; the picture is turned into rows at the end.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fal_emulator.art.palette import DISC, MIRROR, RIDGES, SKY, SPARK, WINDOW

_BUCKETS = 64
"""Into how many strips the sky is divided by the distance from its light."""
_JITTER = (0.1, 0.6, 0.35, 0.85)
"""Added to the bucket of neighbouring columns in turn, so that no edge between two strips shows."""


@dataclass(frozen=True)
class Light:
    """The sun, the moon or a planet: centre and radius in pixels."""

    x: float
    y: float
    radius: float
    reach: float
    """How far its glow goes, in pixels."""
    strength: float = 0.6
    """How much of the sky's brightness the glow adds, 0 to 1."""
    is_banded: bool = False
    """A planet: lit from one side, with bands."""

    def chord(self, x: int) -> tuple[int, int]:
        """The rows between which the disc covers a column; an empty range beside it."""
        half = self.radius**2 - (x - self.x) ** 2
        if half <= 0:
            return 0, 0
        half = math.sqrt(half)
        return round(self.y - half), round(self.y + half)


@dataclass(frozen=True)
class Landscape:
    """What is to be painted: sizes in pixels, ridges from the farthest to the nearest."""

    width: int
    height: int
    horizon: int
    """The row where the sky's last colour is reached."""
    light: Light
    ridges: Sequence[Sequence[int]] = ()
    """For each ridge the row of its crest in every column."""
    depth: float = 0.5
    """How far down the haze has taken over, as a share of the height."""
    is_rounded: bool = False
    """Whether haze begins at the crest of each column, which looks like a body, or at the ridge's highest one."""
    windows: frozenset[int] = field(default_factory=frozenset)
    """Which ridges are houses with lit windows."""
    stars: int = 0
    water: int | None = None
    """The row from which on the picture is a reflection."""


def rows_of(scene: Landscape, dice: random.Random) -> list[bytes]:
    """The painted rows of palette indices."""
    joined = b"".join(_columns(scene, dice))
    rows = [joined[y :: scene.height] for y in range(scene.height)]
    if scene.stars:
        _add_stars(rows, scene, dice)
    return rows if scene.water is None else _reflected(rows, scene.water, dice)


def strip(levels: Sequence[float], colours: tuple[int, int], parity: int) -> bytes:
    """A vertical strip of levels (0 to 1) in a range of colours, dithered; `parity` is that of its column."""
    first, count = colours
    thresholds = ((0.125, 0.625), (0.875, 0.375))[parity]
    top = count - 1
    return bytes(
        first + min(top, max(0, int(level * top + threshold)))
        for level, threshold in zip(levels, _alternating(thresholds), strict=False)
    )


def _alternating(pair: tuple[float, float]) -> Iterator[float]:
    while True:
        yield from pair


def _columns(scene: Landscape, dice: random.Random) -> Iterator[bytes]:
    """Every column from left to right."""
    light, height = scene.light, scene.height
    skies = [_sky(scene, bucket) for bucket in range(_BUCKETS)]
    farthest = max(light.x, scene.width - light.x)
    discs = [_disc(light, height, parity) for parity in (0, 1)]
    slopes = [_slopes(scene, number, dice) for number in range(len(scene.ridges))]
    summits = [max(0, min(crests)) for crests in scene.ridges]
    for x in range(scene.width):
        bucket = int(abs(x - light.x) / farthest * (_BUCKETS - 2) + _JITTER[x & 3])
        column = skies[bucket][x & 1]
        top, bottom = light.chord(x)
        if bottom > max(top, 0):
            top = max(top, 0)
            offset = round(x - light.x + light.radius) if light.is_banded else 0
            column = column[:top] + discs[x & 1][offset + top : offset + bottom] + column[bottom:]
        for crests, kinds, summit in zip(scene.ridges, slopes, summits, strict=True):
            crest = min(max(crests[x], 0), height)
            skipped = 0 if scene.is_rounded else crest - min(crest, summit)
            column = column[:crest] + kinds[x % len(kinds)][skipped : skipped + height - crest]
        yield column[:height]


def _sky(scene: Landscape, bucket: int) -> tuple[bytes, bytes]:
    """A strip of sky at some distance from its light, for even and odd columns."""
    light = scene.light
    farthest = max(light.x, scene.width - light.x)
    aside = bucket / (_BUCKETS - 2) * farthest
    levels = []
    for y in range(0, scene.height, 2):
        distance = math.hypot(aside, y - light.y) / light.reach
        glow = light.strength / (1 + 3.2 * distance * distance)
        level = min(1.0, (y / scene.horizon) ** 1.15 * (1 - 0.35 * light.strength) + glow)
        levels += [level, level]
    return strip(levels, SKY, 0), strip(levels, SKY, 1)


def _disc(light: Light, height: int, parity: int) -> bytes:
    """A strip through the disc; that of a planet is slanted by taking it from farther down in each column."""
    if not light.is_banded:
        return strip([0.0] * (height * 2), DISC, parity)
    top, across = light.y - light.radius, 4 * light.radius
    levels = []
    for y in range(height + int(2 * light.radius) + 2):
        at = (y - top) / across
        levels.append(min(1.0, max(0.0, at * 1.15 - 0.1 + 0.09 * math.sin(at * 34) + 0.04 * math.sin(at * 91))))
    return strip(levels, DISC, parity)


def _slopes(scene: Landscape, number: int, dice: random.Random) -> list[bytes]:
    """The strips of a ridge below its crest, by column."""
    fade = max(1.0, scene.depth * scene.height)
    levels = [min(1.0, depth / fade) for depth in range(scene.height + 1)]
    walls = [strip(levels, RIDGES[number], parity) for parity in (0, 1)]
    if number not in scene.windows:
        return walls
    # A street of walls and windows, repeated over the width.
    unit = max(2, scene.width // 340)
    street: list[bytes] = []
    for _ in range(23):
        lit = bytearray(walls[0])
        for row in range(3 * unit, scene.height - unit, 4 * unit):
            if dice.random() < 0.42:
                lit[row : row + 2 * unit] = bytes([WINDOW + (dice.random() < 0.5)]) * (2 * unit)
        street += [walls[n & 1] for n in range(2 * unit)] + [bytes(lit)] * unit
    return street


def _add_stars(rows: list[bytes], scene: Landscape, dice: random.Random) -> None:
    """Sparks where there is sky, more of them higher up."""
    darkest = SKY[1] * 3 // 4
    for _ in range(scene.stars):
        x, y = dice.randrange(scene.width - 1), int(scene.horizon * dice.random() ** 1.5)
        size = 2 if dice.random() < 0.08 and scene.width > 400 else 1
        for row in range(y, min(y + size, scene.height)):
            if rows[row][x] < darkest:
                line = bytearray(rows[row])
                line[x : x + size] = bytes([SPARK + (dice.random() < 0.65)]) * size
                rows[row] = bytes(line)


def _reflected(rows: list[bytes], water: int, dice: random.Random) -> list[bytes]:
    """The rows down to the water, and their mirror image broken by ripples that grow towards the shore."""
    mirror = bytes(range(MIRROR, 256)) * 2
    reach = len(rows) - water
    phase = dice.uniform(0, math.tau)
    below = []
    for depth in range(reach):
        near = depth / reach
        swell = math.sin(phase + 46 * math.log1p(depth / 9)) + 0.5 * math.sin(31 * math.log1p(depth / 5))
        source = int(water - 1 - depth * water / len(rows) * 1.1 - swell * (1 + 5 * near))
        row = rows[min(water - 1, max(0, source))]
        shift = int(swell * (1 + 5 * near))
        moved = row[shift:] + row[-1:] * shift if shift >= 0 else row[:1] * -shift + row[:shift]
        below.append(moved.translate(mirror))
    return rows[:water] + below
