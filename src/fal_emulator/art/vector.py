"""The same scenes as SVG: outlines instead of pixels."""

from collections.abc import Sequence

from fal_emulator.art.palette import DISC, RIDGES, SKY, colours
from fal_emulator.art.raster import Colour
from fal_emulator.art.scene import Composition

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
