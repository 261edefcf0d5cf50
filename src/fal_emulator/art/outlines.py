"""The outlines of a landscape: for each column of the picture how far from the top, in pixels, a ridge begins."""

import math
import random
from collections.abc import Callable

Outline = Callable[[random.Random, int, float, float], list[float]]
"""Takes dice, the number of columns, the height of the foot and how many pixels it rises above it."""


def mountains(dice: random.Random, width: int, base: float, rise: float) -> list[float]:
    """Sharp peaks, rough at every scale."""
    noise = _noise(dice, width, 2.6, octaves=7, roughness=0.52, is_sharp=True)
    return [base - rise * value for value in noise]


def hills(dice: random.Random, width: int, base: float, rise: float) -> list[float]:
    """Round and calm."""
    return [base - rise * 0.7 * value for value in _noise(dice, width, 2.2, octaves=2)]


def dunes(dice: random.Random, width: int, base: float, rise: float) -> list[float]:
    """Long slopes that end in an edge."""
    length = width * dice.uniform(0.5, 0.9)
    start = dice.uniform(0, length)
    crests = []
    for x, sway in enumerate(_noise(dice, width, 1.7, octaves=1)):
        at = (x + start) / length % 1
        slope = math.sin(at / 0.72 * math.pi / 2) if at < 0.72 else math.cos((at - 0.72) / 0.28 * math.pi / 2) ** 1.6
        crests.append(base - rise * (0.55 * slope + 0.25 * sway))
    return crests


def waves(dice: random.Random, width: int, base: float, rise: float) -> list[float]:
    """Two sine waves added up, as in a paper cut."""
    length, phase = dice.uniform(0.35, 0.8) * width, dice.uniform(0, math.tau)
    second = length * dice.uniform(0.3, 0.5)
    return [
        base - rise * (0.3 * math.sin(math.tau * x / length + phase) + 0.1 * math.sin(math.tau * x / second))
        for x in range(width)
    ]


def trees(dice: random.Random, width: int, base: float, rise: float) -> list[float]:
    """Firs on a gentle slope."""
    ground = hills(dice, width, base, rise * 0.8)
    crests = list(ground)
    centre = 0.0
    while centre < width:
        tall = rise * dice.uniform(0.35, 0.75)
        half = max(2.0, tall * dice.uniform(0.17, 0.24))
        for x in range(max(0, int(centre - half)), min(width, int(centre + half) + 1)):
            off = abs(x - centre) / half
            branch = 0.09 * (off * 7 % 1)
            crests[x] = min(crests[x], ground[int(centre)] - tall * (1 - off - branch))
        centre += half * dice.uniform(0.3, 0.9)
    return crests


def houses(dice: random.Random, width: int, base: float, rise: float) -> list[float]:
    """Towers of different widths, some with a spire."""
    crests: list[float] = []
    while len(crests) < width:
        wide = max(6, int(width * dice.uniform(0.022, 0.06)))
        tall = rise * dice.uniform(0.25, 0.85) * (1.25 if dice.random() < 0.2 else 1)
        crests += [base - tall] * wide
        if dice.random() < 0.25:
            crests[-wide // 2] -= rise * 0.16
    return crests[:width]


def _noise(
    dice: random.Random, width: int, waves: float, *, octaves: int, roughness: float = 0.28, is_sharp: bool = False
) -> list[float]:
    """Smooth noise from 0 to 1 with about `waves` waves over the width, and finer ones on each further octave."""
    total = [0.0] * width
    for octave in range(octaves):
        knots = [dice.random() for _ in range(int(waves) + 3)]
        shift = dice.random()
        for x in range(width):
            left, part = divmod(shift + x / width * waves, 1)
            value, following = knots[int(left) : int(left) + 2]
            value += (following - value) * part * part * (3 - 2 * part)
            total[x] += roughness**octave * (1 - abs(2 * value - 1) if is_sharp else value)
        waves *= 2.05
    highest = sum(roughness**octave for octave in range(octaves))
    return [value / highest for value in total]
