"""Paints a picture for a prompt and a seed: the same two give the same pixels."""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fal_emulator.art import ridges
from fal_emulator.art.canvas import Landscape, Light, rows_of
from fal_emulator.art.palette import DISC, MOOD_WORDS, MOODS, RIDGES, SKY, Mood, colours
from fal_emulator.art.raster import Colour, IndexedImage

Painter = Callable[[random.Random, int, int, Mood], Landscape]


@dataclass(frozen=True)
class Composition:
    """What a picture shows, before it is painted."""

    place: str
    mood: Mood
    scene: Landscape

    def painted(self) -> IndexedImage:
        """The picture."""
        # The details have dice of their own, so that the frames of a film differ in what moves only.
        rows = rows_of(self.scene, random.Random(self.place))
        return IndexedImage(tuple(rows), colours(self.mood, len(self.scene.ridges)))


def compose(prompt: str, seed: int, width: int, height: int) -> Composition:
    """A scene of that size in pixels. Words of the prompt choose place and mood, the seed all the rest."""
    dice = random.Random(f"{prompt}/{seed}")
    words = set(re.findall(r"[a-z]+", prompt.lower()))
    place = _named(words, {name: kind[0] for name, kind in _PLACES.items()}) or dice.choice(list(_PLACES))
    mood = MOODS[_named(words, MOOD_WORDS) or dice.choice(_PLACES[place][1].split())]
    return Composition(place, mood, _PLACES[place][2](dice, width, height, mood))


def paint(prompt: str, seed: int, width: int, height: int) -> IndexedImage:
    """The picture for a prompt and a seed."""
    return compose(prompt, seed, width, height).painted()


def film(prompt: str, seed: int, width: int, height: int, frames: int) -> list[IndexedImage]:
    """A slow drive past the scene: near ridges pass quicker than far ones, and the light rises."""
    wide = compose(prompt, seed, width * 2, height)
    return [wide_frame.painted() for wide_frame in _frames(wide, width, frames)]


def _frames(wide: Composition, width: int, count: int) -> Iterator[Composition]:
    scene = wide.scene
    for number in range(count):
        share = number / max(1, count - 1)
        ridges = []
        for depth, crests in enumerate(scene.ridges, start=1):
            start = int(share * width * depth / len(scene.ridges))
            ridges.append(crests[start : start + width])
        light = replace(scene.light, x=scene.light.x / 2, y=scene.light.y - share * scene.height * 0.06)
        yield replace(wide, scene=replace(scene, width=width, ridges=ridges, light=light))


def _named(words: set[str], choices: Mapping[str, str]) -> str | None:
    """The choice with most of its words in the prompt, None if none has any; plurals count."""
    singular = words | {word.removesuffix("s") for word in words}
    counts = {name: len(singular & set(text.split())) for name, text in choices.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None


def _mountains(dice: random.Random, width: int, height: int, mood: Mood) -> Landscape:
    return _ranges(dice, width, height, mood, ridges.mountains, layers=5)


def _hills(dice: random.Random, width: int, height: int, mood: Mood) -> Landscape:
    return _ranges(dice, width, height, mood, ridges.hills, layers=5)


def _dunes(dice: random.Random, width: int, height: int, mood: Mood) -> Landscape:
    return replace(_ranges(dice, width, height, mood, ridges.dunes, layers=4), depth=0.3, is_rounded=True)


def _waves(dice: random.Random, width: int, height: int, mood: Mood) -> Landscape:
    return replace(_ranges(dice, width, height, mood, ridges.waves, layers=5), depth=0.2, is_rounded=True)


def _forest(dice: random.Random, width: int, height: int, mood: Mood) -> Landscape:
    scene = _ranges(dice, width, height, mood, ridges.mountains, layers=2)
    woods = [
        ridges.trees(dice, width, height * base, height * rise)
        for base, rise in ((0.78, 0.2), (0.9, 0.28), (1.06, 0.42))
    ]
    return replace(scene, ridges=(*scene.ridges, *woods), depth=0.4)


def _city(dice: random.Random, width: int, height: int, mood: Mood) -> Landscape:
    scene = _ranges(dice, width, height, mood, ridges.hills, layers=1)
    towers = [
        ridges.houses(dice, width, height * base, height * rise)
        for base, rise in ((0.76, 0.4), (0.82, 0.42), (0.86, 0.34))
    ]
    lit = frozenset((2, 3)) if mood.sun_height < 0.3 or mood.has_stars else frozenset()
    return replace(scene, ridges=(*scene.ridges, *towers), depth=0.5, windows=lit, water=int(height * 0.8))


def _sea(dice: random.Random, width: int, height: int, mood: Mood) -> Landscape:
    water = int(height * dice.uniform(0.56, 0.64))
    scene = _ranges(dice, width, height, mood, ridges.mountains, layers=1)
    coast = [
        ridges.mountains(dice, width, water + height * low, height * rise) for low, rise in ((0.03, 0.2), (0.06, 0.13))
    ]
    light = replace(scene.light, y=water - height * (0.05 + 0.4 * mood.sun_height))
    return replace(scene, ridges=coast, light=light, horizon=water, water=water, depth=0.16)


def _space(dice: random.Random, width: int, height: int, mood: Mood) -> Landscape:
    radius = min(width, height) * dice.uniform(0.22, 0.36)
    planet = Light(width * dice.uniform(0.35, 0.65), height * dice.uniform(0.36, 0.48), radius, radius * 2.1, 0.5, True)
    ground = [ridges.mountains(dice, width, height * base, height * 0.2) for base in (0.94, 1.04)]
    return Landscape(width, height, int(height * 1.9), planet, ground, depth=0.3, stars=width * height // 900)


def _ranges(
    dice: random.Random, width: int, height: int, mood: Mood, outline: ridges.Outline, *, layers: int
) -> Landscape:
    """Ridges of one kind behind each other, lower and higher towards the viewer, under a sky with one light."""
    horizon = int(height * dice.uniform(0.55, 0.66))
    light = Light(
        width * dice.uniform(0.2, 0.8),
        horizon - height * (0.08 + 0.42 * mood.sun_height),
        min(width, height) * dice.uniform(0.035, 0.07),
        max(width, height) * 0.34,
    )
    crests = [
        outline(
            dice,
            width,
            horizon + (height * 1.12 - horizon) * (number / max(1, layers)) ** 1.1,
            height * (0.34 - 0.03 * number),
        )
        for number in range(layers)
    ]
    stars = width * height // 1400 if mood.has_stars else 0
    return Landscape(width, height, horizon, light, crests, stars=stars)


_PLACES: dict[str, tuple[str, str, Painter]] = {
    "mountains": (
        "mountain peak alps landscape valley cliff volcano",
        "dawn sunset day winter aurora",
        _mountains,
    ),
    "sea": ("sea ocean lake water beach island coast river harbor boat ship whale fish", "dawn sunset night day", _sea),
    "forest": (
        "forest tree wood fir pine fox deer wolf bear owl cabin",
        "fog dawn autumn night aurora",
        _forest,
    ),
    "city": ("city street skyline tower tokyo york building cafe car robot", "night neon sunset dawn", _city),
    "dunes": ("desert dune sand camel sahara canyon", "desert sunset dawn", _dunes),
    "space": ("space planet star galaxy astronaut nebula cosmos rocket alien", "night neon aurora sunset", _space),
    "hills": ("hill field meadow farm flower garden horse sheep village vineyard", "spring day dawn autumn", _hills),
    "waves": ("abstract wave pattern paper music dream silk poster logo", "neon sunset aurora dawn desert", _waves),
}
"""For each place: the words that mean it, the moods that suit it, and who paints it."""


_STEP = 4
"""Pixels between two points of an outline."""


def svg(composition: Composition) -> str:
    """The composition as an SVG document."""
    scene = composition.scene
    palette = colours(composition.mood, len(scene.ridges))
    first, count = SKY
    stops = "".join(
        f'<stop offset="{n / 4:g}" stop-color="{_hex(palette[first + n * (count - 1) // 4])}"/>' for n in range(5)
    )
    paths = "".join(
        f'<path fill="{_hex(palette[RIDGES[number][0]])}" d="{_outline(crests, scene.height)}"/>'
        for number, crests in enumerate(scene.ridges)
    )
    light = scene.light
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {scene.width} {scene.height}">'
        f'<defs><linearGradient id="sky" x2="0" y2="1">{stops}</linearGradient></defs>'
        f'<rect width="100%" height="100%" fill="url(#sky)"/>'
        f'<circle cx="{light.x:.0f}" cy="{light.y:.0f}" r="{light.radius:.0f}" fill="{_hex(palette[DISC[0]])}"/>'
        f"{paths}</svg>\n"
    )


def _outline(crests: Sequence[int], height: int) -> str:
    points = [f"{x} {crests[x]}" for x in range(0, len(crests), _STEP)]
    return f"M0 {height}L{'L'.join(points)}L{len(crests)} {crests[-1]}V{height}Z"


def _hex(colour: Colour) -> str:
    return "#" + bytes(colour).hex()
