"""What a picture shows: the words of a prompt choose the place and the mood, the seed chooses all the rest."""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fal_emulator.art.outlines import Outline, dunes, hills, houses, mountains, trees, waves


@dataclass(frozen=True)
class Mood:
    """A time of day and weather. Colours are hexadecimal digits."""

    words: str
    """The words of a prompt that ask for it."""
    sky: str
    """Its colours from the top down to the horizon."""
    disc: str
    """The colour of the sun or moon."""
    far: str
    near: str
    """The crests of the farthest and the nearest ridge."""
    haze: str
    """The colour between the ridges."""
    sun: float
    """How high the sun stands above the horizon, 0 to 1."""
    has_stars: bool = False


@dataclass(frozen=True)
class Place:
    """A kind of landscape."""

    words: str
    """The words of a prompt that ask for it."""
    moods: str
    """The moods that suit it, where the prompt names none."""
    ridges: Sequence[tuple[Outline, float, float]]
    """From the farthest to the nearest: its outline, where its foot is and how far it rises (shares of the height)."""
    depth: float = 0.5
    """How far below the crest the haze has taken over, as a share of the height."""
    is_round: bool = False
    """Each ridge is lit along its crest and throws a shadow, as cut paper does."""
    water: float | None = None
    """Where the water begins, as a share of the height."""
    is_space: bool = False
    """A planet among stars, in place of a sun."""


@dataclass(frozen=True)
class Scene:
    """What is to be painted. All numbers are pixels."""

    place: Place
    mood: Mood
    width: int
    height: int
    horizon: int
    """The row where the last colour of the sky is reached."""
    light: tuple[float, float, float]
    """The sun, moon or planet: x, y and radius."""
    ridges: Sequence[Sequence[float]]
    """For each ridge, from the farthest to the nearest, the height of its crest in every column, from the top."""

    def frames(self, count: int) -> Iterable["Scene"]:
        """A slow drive through the left half: near ridges pass quicker than far ones, and the sun rises."""
        width = self.width // 2
        x, y, radius = self.light
        for number in range(count):
            share = number / max(1, count - 1)
            starts = [int(share * width * (depth + 1) / len(self.ridges)) for depth in range(len(self.ridges))]
            ridges = [crests[start : start + width] for crests, start in zip(self.ridges, starts, strict=True)]
            yield replace(self, width=width, ridges=ridges, light=(x / 2, y - share * self.height * 0.06, radius))


def compose(prompt: str, seed: int, width: int, height: int) -> Scene:
    """The scene for a prompt and a seed, `width` by `height` pixels."""
    dice = random.Random(f"{prompt}/{seed}")
    words = set(re.findall(r"[a-z]+", prompt.lower()))
    words |= {word.removesuffix("s") for word in words}
    place = PLACES[_named(words, PLACES) or dice.choice(list(PLACES))]
    mood = MOODS[_named(words, MOODS) or dice.choice(place.moods.split())]
    horizon = height * (place.water or dice.uniform(0.55, 0.66))
    x, y, radius = dice.uniform(0.2, 0.8), horizon - height * (0.08 + 0.42 * mood.sun), dice.uniform(0.035, 0.07)
    if place.is_space:
        x, y, radius, horizon = dice.uniform(0.35, 0.65), height * dice.uniform(0.36, 0.48), radius * 5, height * 1.9
    light = (x * width, y, radius * min(width, height))
    ridges = [outline(dice, width, height * foot, height * rise) for outline, foot, rise in place.ridges]
    return Scene(place, mood, width, height, int(horizon), light, ridges)


def _named(words: set[str], choices: "dict[str, Mood] | dict[str, Place]") -> str | None:
    """The choice with most of its words in the prompt, None if none has any."""
    counts = {name: len(words & set(choice.words.split())) for name, choice in choices.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None


def _row(outline: Outline, layers: int, rise: float = 0.34) -> list[tuple[Outline, float, float]]:
    """Ridges of one kind one behind the other, lower and flatter towards the viewer."""
    return [(outline, 0.6 + 0.52 * (n / layers) ** 1.1, rise - 0.03 * n) for n in range(layers)]


# fmt: off
MOODS: dict[str, Mood] = {
    "dawn": Mood("dawn sunrise morning serene soft pastel",
                 "24396b 6a5f9c d98aa5 f9c39b ffe9c4", "fff3d6", "8e86b5", "1c2142", "f2b9a8", 0.12),
    "day": Mood("day noon bright summer clear sunny blue",
                "2f6fb5 5fa3d9 a9d3ea e6f3f2", "fffbe6", "8fb3c9", "1f4a43", "dcecec", 0.75),
    "sunset": Mood("sunset dusk evening golden warm fire lava red orange dramatic",
                   "2b1f4f 6c2f6a c94e5f f58a4b ffd27a", "fff0b8", "a2536f", "1d1230", "f79b5e", 0.18),
    "night": Mood("night moon moonlit midnight dark stars",
                  "060b1f 0e1b3d 1d3a66 3f6b8f", "f4f1dc", "27466b", "04070f", "345a7c", 0.7, True),
    "aurora": Mood("aurora northern magic emerald fantasy",
                   "05091c 0a2340 0f5a5c 2fae86 a6f0b5", "eafff0", "15505a", "03080f", "2c8d7d", 0.55, True),
    "fog": Mood("fog mist misty haze rain grey storm cloudy quiet",
                "8d9aa6 a9b4bb c6cdcf e4e6e2", "fdfcf5", "a7b2b8", "3a474d", "d7dcda", 0.4),
    "winter": Mood("winter snow ice frozen cold arctic",
                   "5b86b4 93b7d6 cfe2ee fdf3ec", "fffdf6", "b9cfe1", "4a6788", "eef4f8", 0.3),
    "autumn": Mood("autumn fall october rust vintage",
                   "47638c 8b9fb0 e0c9a2 fbe3b0", "fff4cf", "c98a5a", "4a1f14", "efcf9b", 0.35),
    "neon": Mood("neon cyberpunk synthwave vaporwave purple pink violet retro",
                 "0a0420 26084d 6d1280 d6308f ff9ac2", "ffe3f1", "53178a", "07031a", "b12a9a", 0.2, True),
    "spring": Mood("spring green lush meadow rice",
                   "3a7fbf 79b4dd c4e3e6 f6f5dc", "fffbe0", "a5c9a8", "1c4a2c", "e6efcf", 0.55),
    "desert": Mood("desert dune sand sahara",
                   "3b5f96 8aa4bd f0cf9f ffe5b8", "fffae0", "dba06b", "7a3b22", "f5d3a0", 0.5),
}

PLACES: dict[str, Place] = {
    "mountains": Place("mountain peak alps landscape valley volcano", "dawn sunset day winter aurora",
                       _row(mountains, 5)),
    "sea": Place("sea ocean lake water beach island coast river harbor harbour boat ship whale fish lighthouse cliff",
                 "dawn sunset night day", [(mountains, 0.63, 0.2), (mountains, 0.66, 0.13)], depth=0.16, water=0.6),
    "forest": Place("forest tree wood fir pine fox deer wolf bear owl cabin", "fog dawn autumn night aurora",
                    [*_row(mountains, 2), (trees, 0.78, 0.2), (trees, 0.9, 0.28), (trees, 1.06, 0.42)], depth=0.4),
    "city": Place("city street skyline tower tokyo york building cafe car robot", "night neon sunset dawn",
                  [*_row(hills, 1), (houses, 0.76, 0.4), (houses, 0.82, 0.42), (houses, 0.86, 0.34)], water=0.8),
    "dunes": Place("desert dune sand camel sahara canyon", "desert sunset dawn",
                   _row(dunes, 4), depth=0.3, is_round=True),
    "space": Place("space planet star galaxy astronaut nebula cosmos rocket alien", "night neon aurora sunset",
                   [(mountains, 0.94, 0.2), (mountains, 1.04, 0.2)], depth=0.3, is_space=True),
    "hills": Place("hill field meadow farm flower garden horse sheep village vineyard", "spring day dawn autumn",
                   _row(hills, 5)),
    "waves": Place("abstract wave pattern paper music dream silk poster logo", "neon sunset aurora dawn desert",
                   _row(waves, 5), depth=0.2, is_round=True),
}
# fmt: on
