"""The outlines of a landscape: functions from a column to a height, as lists of pixels measured from the top."""

import math
import random
from collections.abc import Callable

Outline = Callable[[random.Random, int, float, float], list[int]]
"""Makes an outline: dice, number of columns, the row it rises from, and how far it rises, in pixels."""


def mountains(dice: random.Random, width: int, base: float, rise: float) -> list[int]:
    """Peaks and saddles, rough at every scale."""
    return _summed(dice, width, base, rise, waves=2.6, octaves=7, roughness=0.52, sharp=True)


def hills(dice: random.Random, width: int, base: float, rise: float) -> list[int]:
    """Round and calm."""
    return _summed(dice, width, base, rise * 0.7, waves=2.2, octaves=2, roughness=0.28, sharp=False)


def dunes(dice: random.Random, width: int, base: float, rise: float) -> list[int]:
    """Long slopes that end in an edge."""
    length = width * dice.uniform(0.5, 0.9)
    start = dice.uniform(0, length)
    sway = _noise(dice, width, 1.7)
    heights = []
    for x in range(width):
        at = ((x + start) / length) % 1
        slope = math.sin(at / 0.72 * math.pi / 2) if at < 0.72 else math.cos((at - 0.72) / 0.28 * math.pi / 2) ** 1.6
        heights.append(int(base - rise * (0.55 * slope + 0.25 * sway[x])))
    return heights


def trees(dice: random.Random, width: int, base: float, rise: float) -> list[int]:
    """Firs beside firs on a gentle slope."""
    ground = hills(dice, width, base, rise * 0.8)
    heights = list(ground)
    centre = 0.0
    while centre < width:
        tall = rise * dice.uniform(0.35, 0.75)
        half = max(2.0, tall * dice.uniform(0.17, 0.24))
        foot = ground[int(centre)]
        for x in range(max(0, int(centre - half)), min(width, int(centre + half) + 1)):
            off = abs(x - centre) / half
            # Branches: the outline steps out and in on its way down.
            teeth = 0.09 * ((off * 7) % 1)
            heights[x] = min(heights[x], int(foot - tall * (1 - off - teeth)))
        centre += half * dice.uniform(0.3, 0.9)
    return heights


def houses(dice: random.Random, width: int, base: float, rise: float) -> list[int]:
    """Towers of many widths, some with a spire."""
    heights: list[int] = []
    while len(heights) < width:
        wide = max(6, int(width * dice.uniform(0.022, 0.06)))
        tall = rise * dice.uniform(0.25, 0.85) * (1.25 if dice.random() < 0.2 else 1)
        house = [int(base - tall)] * wide
        if dice.random() < 0.25:
            house[wide // 2] -= int(rise * 0.16)
        heights += house
    return heights[:width]


def waves(dice: random.Random, width: int, base: float, rise: float) -> list[int]:
    """Two sines over each other, as in a paper cut."""
    length, phase = dice.uniform(0.35, 0.8) * width, dice.uniform(0, math.tau)
    second = length * dice.uniform(0.3, 0.5)
    return [
        int(base - rise * (0.3 * math.sin(math.tau * x / length + phase) + 0.1 * math.sin(math.tau * x / second)))
        for x in range(width)
    ]


def _summed(
    dice: random.Random,
    width: int,
    base: float,
    rise: float,
    *,
    waves: float,
    octaves: int,
    roughness: float,
    sharp: bool,
) -> list[int]:
    """Noise added up over the octaves; `sharp` folds it, so that it has peaks instead of domes."""
    total = [0.0] * width
    weight, sum_of_weights = 1.0, 0.0
    for _ in range(octaves):
        for x, value in enumerate(_noise(dice, width, waves)):
            total[x] += weight * (1 - abs(2 * value - 1) if sharp else value)
        sum_of_weights += weight
        weight *= roughness
        waves *= 2.05
    return [int(base - rise * value / sum_of_weights) for value in total]


def _noise(dice: random.Random, width: int, waves: float) -> list[float]:
    """Smooth noise between 0 and 1 with so many knots over the width."""
    knots = [dice.random() for _ in range(int(waves) + 3)]
    shift = dice.random()
    values = []
    for x in range(width):
        at = shift + x / width * waves
        left = int(at)
        part = at - left
        part = part * part * (3 - 2 * part)
        values.append(knots[left] + (knots[left + 1] - knots[left]) * part)
    return values
