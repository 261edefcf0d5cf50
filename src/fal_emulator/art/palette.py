"""Light and colour of a scene: the moods a prompt can name, and the 256 colours painted with."""

from collections.abc import Sequence
from dataclasses import dataclass

from fal_emulator.art.raster import Colour

SKY = (0, 64)
"""First index and number of the sky's colours, zenith first."""
DISC = (64, 10)
"""Those of the sun, the moon or a planet, bright side first."""
RIDGES = tuple((74 + 10 * n, 10) for n in range(5))
"""Those of each ridge, farthest ridge and its crest first."""
SPARK = 124
"""Stars; the index after it is their dim kind."""
WINDOW = 126
"""Lit windows, likewise."""
MIRROR = 128
"""Added to an index it gives its reflection in water."""


@dataclass(frozen=True)
class Mood:
    """A time of day and weather."""

    sky: Sequence[str]
    """Colours from the zenith to the horizon, as hexadecimal digits."""
    disc: str
    """The colour of the sun or moon."""
    far: str
    near: str
    """The crests of the farthest and the nearest ridge."""
    haze: str
    """What lies between the ridges."""
    has_stars: bool = False
    sun_height: float = 0.5
    """How high the sun stands over the horizon, 0 to 1."""


MOODS: dict[str, Mood] = {
    "dawn": Mood(
        ("24396b", "6a5f9c", "d98aa5", "f9c39b", "ffe9c4"), "fff3d6", "8e86b5", "1c2142", "f2b9a8", False, 0.12
    ),
    "day": Mood(("2f6fb5", "5fa3d9", "a9d3ea", "e6f3f2"), "fffbe6", "8fb3c9", "1f4a43", "dcecec", False, 0.75),
    "sunset": Mood(
        ("2b1f4f", "6c2f6a", "c94e5f", "f58a4b", "ffd27a"), "fff0b8", "a2536f", "1d1230", "f79b5e", False, 0.18
    ),
    "night": Mood(("060b1f", "0e1b3d", "1d3a66", "3f6b8f"), "f4f1dc", "27466b", "04070f", "345a7c", True, 0.7),
    "aurora": Mood(
        ("05091c", "0a2340", "0f5a5c", "2fae86", "a6f0b5"), "eafff0", "15505a", "03080f", "2c8d7d", True, 0.55
    ),
    "fog": Mood(("8d9aa6", "a9b4bb", "c6cdcf", "e4e6e2"), "fdfcf5", "a7b2b8", "3a474d", "d7dcda", False, 0.4),
    "winter": Mood(("5b86b4", "93b7d6", "cfe2ee", "fdf3ec"), "fffdf6", "b9cfe1", "4a6788", "eef4f8", False, 0.3),
    "autumn": Mood(("47638c", "8b9fb0", "e0c9a2", "fbe3b0"), "fff4cf", "c98a5a", "4a1f14", "efcf9b", False, 0.35),
    "neon": Mood(("0a0420", "26084d", "6d1280", "d6308f", "ff9ac2"), "ffe3f1", "53178a", "07031a", "b12a9a", True, 0.2),
    "spring": Mood(("3a7fbf", "79b4dd", "c4e3e6", "f6f5dc"), "fffbe0", "a5c9a8", "1c4a2c", "e6efcf", False, 0.55),
    "desert": Mood(("3b5f96", "8aa4bd", "f0cf9f", "ffe5b8"), "fffae0", "dba06b", "7a3b22", "f5d3a0", False, 0.5),
}

MOOD_WORDS: dict[str, str] = {
    "dawn": "dawn sunrise morning serene soft pastel",
    "day": "day noon bright summer clear sunny blue",
    "sunset": "sunset dusk evening golden warm fire lava red orange dramatic",
    "night": "night moon moonlit midnight dark stars",
    "aurora": "aurora northern magic emerald fantasy",
    "fog": "fog mist misty haze rain grey storm cloudy quiet",
    "winter": "winter snow ice frozen cold arctic",
    "autumn": "autumn fall october rust vintage",
    "neon": "neon cyberpunk synthwave vaporwave purple pink violet retro",
    "spring": "spring green lush meadow rice",
    "desert": "desert dune sand sahara",
}


def rgb(digits: str) -> Colour:
    """A colour from its six hexadecimal digits.

    >>> rgb("ff8000")
    (255, 128, 0)
    """
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """The colour `share` (0 to 1) of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def ramp(stops: Sequence[Colour], count: int) -> list[Colour]:
    """`count` colours that run through all stops."""
    colours = []
    for number in range(count):
        at = number / (count - 1) * (len(stops) - 1)
        below = min(int(at), len(stops) - 2)
        colours.append(mixed(stops[below], stops[below + 1], at - below))
    return colours


def colours(mood: Mood, ridges: int) -> tuple[Colour, ...]:
    """The palette of a scene in that mood with so many ridges, reflections included."""
    disc, far, near, haze = rgb(mood.disc), rgb(mood.far), rgb(mood.near), rgb(mood.haze)
    palette = ramp([rgb(digits) for digits in mood.sky], SKY[1])
    palette += ramp([disc, mixed(disc, haze, 0.55)], DISC[1])
    for number in range(len(RIDGES)):
        crest = mixed(far, near, min(1, number / max(1, ridges - 1)))
        mist = mixed(haze, crest, min(1, 0.25 + 0.75 * number / max(1, ridges - 1)))
        palette += ramp([crest, mist], RIDGES[number][1])
    palette += [mixed(disc, rgb("ffffff"), 0.4), mixed(disc, rgb(mood.sky[1]), 0.55)]
    palette += [rgb("ffd98f"), mixed(rgb("ffb45e"), near, 0.55)]
    water = mixed(near, rgb(mood.sky[0]), 0.6)
    return (*palette, *(mixed(colour, water, 0.34) for colour in palette))
