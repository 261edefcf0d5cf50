"""Paints a scene with pillow."""

import io
import math
import random
from collections.abc import Sequence
from functools import partial

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from fal_emulator.art.outlines import houses
from fal_emulator.art.scene import Scene, compose

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255 each."""

_STEP = 4
"""Pixels between two points of an outline in SVG."""


def paint(prompt: str, seed: int, width: int, height: int) -> Image.Image:
    """The picture for a prompt and a seed: the same two give the same pixels."""
    return _painted(compose(prompt, seed, width, height))


def film(prompt: str, seed: int, width: int, height: int, frames: int) -> list[Image.Image]:
    """The frames of a slow drive past the scene."""
    return [_painted(scene) for scene in compose(prompt, seed, width * 2, height).frames(frames)]


def png(image: Image.Image) -> bytes:
    """The picture as a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=4)
    return file.getvalue()


def gif(frames: Sequence[Image.Image], seconds: float) -> bytes:
    """The frames as an animated GIF that repeats for ever."""
    file = io.BytesIO()
    pause = 1000 * seconds / len(frames)
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=pause, loop=0)
    return file.getvalue()


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """The colour `share` (0 to 1) of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def rgb(digits: str) -> Colour:
    """A colour from its six hexadecimal digits.

    >>> rgb("ff8000")
    (255, 128, 0)
    """
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def _painted(scene: Scene) -> Image.Image:
    # The details have dice of their own, so that the frames of a film differ in what moves only.
    dice = random.Random(scene.place.words)
    image = _sky(scene)
    if scene.mood.has_stars or scene.place.is_space:
        _add_stars(image, scene, dice)
    _add_light(image, scene)
    for number, crests in enumerate(scene.ridges):
        _add_ridge(image, scene, number)
        is_lit = scene.mood.sun < 0.3 or scene.mood.has_stars
        if is_lit and scene.place.ridges[number][0] is houses:
            _add_windows(image, scene, crests, dice)
    if scene.place.water:
        _add_water(image, scene, dice)
    return image


def _sky(scene: Scene) -> Image.Image:
    """The colours of the sky: they run down to the horizon, and are those of the horizon around the light."""
    x, y, _ = scene.light
    strength = 0.5 if scene.place.is_space else 0.6
    levels = [min(1, (row / scene.horizon)) ** 1.15 * (1 - 0.35 * strength) for row in range(scene.height)]
    level = Image.frombytes("L", (1, scene.height), bytes(int(255 * value) for value in levels))
    glow = [round(255 * strength / (1 + 3.2 * (distance / 64) ** 2)) for distance in range(256)]
    # How many pixels of the gradient, which is 256 wide, stand for a pixel of the picture.
    scale = 32 / (max(scene.width, scene.height) * 0.34)
    left, top = 128 - x * scale, 128 - y * scale
    halo = Image.radial_gradient("L").point(glow)
    box = (left, top, left + scene.width * scale, top + scene.height * scale)
    size = (scene.width, scene.height)
    level = ImageChops.add(level.resize(size), halo.resize(size, Image.Resampling.BILINEAR, box))
    ramp = _gradient([rgb(digits) for digits in scene.mood.sky.split()], (1, 256))
    return Image.merge("RGB", [level.point(list(channel.tobytes())) for channel in ramp.split()])


def _gradient(colours: Sequence[Colour], size: tuple[int, int]) -> Image.Image:
    """Colours that run into each other from top to bottom."""
    stops = Image.frombytes("RGB", (1, len(colours)), bytes(part for colour in colours for part in colour))
    return stops.resize(size, Image.Resampling.BILINEAR, box=(0, 0.5, 1, len(colours) - 0.5))


def _mask(scene: Scene, points: Sequence[tuple[float, float]]) -> Image.Image:
    """White inside the polygon, with smooth edges."""
    mask = Image.new("L", (2 * scene.width, 2 * scene.height))
    ImageDraw.Draw(mask).polygon([(2 * x, 2 * y) for x, y in points], fill=255)
    return mask.reduce(2)


def _blurred(mask: Image.Image, radius: float) -> Image.Image:
    """Blurs over `radius` pixels, in a smaller copy because that is quicker."""
    small = mask.reduce(max(1, int(radius / 3)))
    return small.filter(ImageFilter.GaussianBlur(3)).resize(mask.size, Image.Resampling.BICUBIC)


def _add_stars(image: Image.Image, scene: Scene, dice: random.Random) -> None:
    """More of them higher up."""
    draw, disc = ImageDraw.Draw(image), rgb(scene.mood.disc)
    for _ in range(scene.width * scene.height // (900 if scene.place.is_space else 1400)):
        x, y, shine = dice.randrange(scene.width), int(scene.horizon * dice.random() ** 1.5), dice.random() ** 2
        if y < scene.height:
            below = image.getpixel((x, y))
            size = dice.random() < 0.08 and scene.width > 400
            draw.rectangle((x, y, x + size, y + size), mixed(below, disc, 0.3 + 0.7 * shine))  # type: ignore[arg-type]


def _add_light(image: Image.Image, scene: Scene) -> None:
    """The sun or moon; or a planet with bands, lit from one side."""
    x, y, radius = scene.light
    side = max(2, round(2 * radius))
    mask = Image.new("L", (4 * side, 4 * side))
    ImageDraw.Draw(mask).ellipse((0, 0, 4 * side - 1, 4 * side - 1), fill=255)
    disc, haze = rgb(scene.mood.disc), rgb(scene.mood.haze)
    colours = [disc]
    if scene.place.is_space:
        shades = [0.5 + 0.3 * math.sin(0.9 * n) + 0.2 * math.sin(2.3 * n) for n in range(24)]
        colours = [mixed(disc, haze, max(0, shade)) for shade in shades]
    ball = _gradient(colours, (2 * side, 2 * side)).rotate(24, Image.Resampling.BICUBIC)
    ball = ball.crop((side // 2, side // 2, side // 2 + side, side // 2 + side))
    if scene.place.is_space:
        shadow = Image.radial_gradient("L").resize((3 * side, 3 * side), Image.Resampling.BICUBIC)
        shadow = shadow.crop((round(1.2 * side), round(1.2 * side), round(2.2 * side), round(2.2 * side)))
        ball.paste(rgb(scene.mood.near), mask=shadow.point(lambda value: min(235, value * value // 160)))
    image.paste(ball, (round(x - side / 2), round(y - side / 2)), mask.reduce(4))


def _add_ridge(image: Image.Image, scene: Scene, number: int) -> None:
    """One ridge: its crest in its own colour, and haze farther down."""
    crests, place, mood = scene.ridges[number], scene.place, scene.mood
    nearness = number / max(1, len(scene.ridges) - 1)
    crest = mixed(rgb(mood.far), rgb(mood.near), nearness)
    mist = mixed(rgb(mood.haze), crest, min(1, 0.25 + 0.75 * nearness))
    mask = _mask(scene, [(-1, scene.height), (-1, crests[0]), *enumerate(crests), (scene.width, scene.height)])
    fade = max(2, round(place.depth * scene.height))
    body = Image.new("RGB", image.size, mist)
    if place.is_round:
        shadow = _blurred(mask, scene.height / 40)
        image.paste(rgb(mood.near), mask=shadow.point(lambda value: value // 4))
        inside = ImageChops.offset(mask, 0, fade // 2)
        inside.paste(0, (0, 0, scene.width, fade // 2))
        body.paste(crest, mask=ImageChops.invert(_blurred(inside, fade / 3)))
    else:
        body.paste(_gradient((crest, mist), (scene.width, fade)), (0, int(min(crests))))
    image.paste(body, mask=mask)


def _add_windows(image: Image.Image, scene: Scene, crests: Sequence[float], dice: random.Random) -> None:
    """Some of the windows of the houses are lit."""
    draw, near = ImageDraw.Draw(image), rgb(scene.mood.near)
    unit = max(1, scene.width // 340)
    colours = rgb("ffd98f"), mixed(rgb("ffb45e"), near, 0.55)
    for x in range(unit, scene.width - unit, 3 * unit):
        for y in range(int(max(crests[x : x + unit + 1])) + 2 * unit, scene.height, 4 * unit):
            if dice.random() < 0.42:
                draw.rectangle((x, y, x + unit - 1, y + 2 * unit - 1), dice.choice(colours))


def _add_water(image: Image.Image, scene: Scene, dice: random.Random) -> None:
    """The upper part again upside down, darker and broken by ripples that grow towards the shore."""
    water = int(scene.height * (scene.place.water or 1))
    phase, reach = dice.uniform(0, math.tau), scene.height - water
    above = image.copy()
    for depth in range(reach):
        swell = math.sin(phase + 46 * math.log1p(depth / 9)) + 0.5 * math.sin(31 * math.log1p(depth / 5))
        ripple = swell * (1 + 5 * depth / reach)
        row = min(water - 1, max(0, int(water - 1 - depth * water / scene.height * 1.1 - ripple)))
        line = above.crop((0, row, scene.width, row + 1))
        image.paste(line, (0, water + depth))
        image.paste(line, (int(ripple), water + depth))
    colour = mixed(rgb(scene.mood.near), rgb(scene.mood.sky[:6]), 0.6)
    image.paste(colour, (0, water, scene.width, scene.height), Image.new("L", (scene.width, reach), 87))


def svg(prompt: str, seed: int, width: int, height: int) -> str:
    """The scene for a prompt and a seed as an SVG document, without light and haze."""
    scene = compose(prompt, seed, width, height)
    mood, (x, y, radius) = scene.mood, scene.light
    colours = mood.sky.split()
    stops = "".join(
        f'<stop offset="{n / (len(colours) - 1):g}" stop-color="#{colour}"/>' for n, colour in enumerate(colours)
    )
    shade = partial(mixed, rgb(mood.far), rgb(mood.near))
    paths = "".join(
        f'<path fill="#{bytes(shade(number / max(1, len(scene.ridges) - 1))).hex()}" d="{_outline(crests, height)}"/>'
        for number, crests in enumerate(scene.ridges)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<defs><linearGradient id="sky" x2="0" y2="1">{stops}</linearGradient></defs>'
        f'<rect width="100%" height="100%" fill="url(#sky)"/>'
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="#{mood.disc}"/>{paths}</svg>\n'
    )


def _outline(crests: Sequence[float], height: int) -> str:
    points = [f"{x} {crests[x]:.0f}" for x in range(0, len(crests), _STEP)]
    return f"M0 {height}L{'L'.join(points)}L{len(crests)} {crests[-1]:.0f}V{height}Z"
