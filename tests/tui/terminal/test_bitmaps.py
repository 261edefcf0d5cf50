"""Kitty and Sixel: what a terminal decodes is the picture that was encoded."""

from __future__ import annotations

import base64
import random
import re

import pytest

from faldeck.tui.terminal.bitmaps import KittyBitmap, PicturePart, SixelBitmap
from faldeck.tui.terminal.graphics import CellSize

CELL = CellSize(5, 9)


def decoded(sixel: str) -> tuple[int, int, list[list[int | None]], dict[int, tuple[int, ...]]]:
    """Width, height, the colour of each pixel (None where none was drawn), and the colours in percents."""
    found = re.fullmatch(r'\x1bP0;1;0q"1;1;(\d+);(\d+)(.*)\x1b\\', sixel, re.DOTALL)
    assert found
    width, height, rest = int(found[1]), int(found[2]), found[3]
    pixels: list[list[int | None]] = [[None] * width for _ in range(height)]
    palette: dict[int, tuple[int, ...]] = {}
    colour = x = y = 0
    for token in re.finditer(r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)([?-~])|([?-~])|([$-])|(.)", rest, re.DOTALL):
        assert not token[10], f"{token[10]!r} has no place in Sixel"
        if token[1]:
            palette[int(token[1])] = tuple(int(token[place]) for place in (2, 3, 4))
        elif token[5]:
            colour = int(token[5])
        elif token[9]:
            x, y = 0, y + 6 * (token[9] == "-")
        else:
            bits = ord(token[7] or token[8]) - 63
            end = x + int(token[6] or 1)
            for bit in range(6):
                if bits >> bit & 1:
                    pixels[y + bit][x:end] = [colour] * (end - x)
            x = end
    return width, height, pixels, palette


@pytest.mark.parametrize("kind", ["noise", "flat", "stripes", "wide runs"])
@pytest.mark.parametrize("part", [None, PicturePart(1, 1, 3, 2), PicturePart(0, 0, 1, 1)])
def test_sixel_decodes_to_the_same_pixels(kind: str, part: PicturePart | None) -> None:
    columns, rows = 160, 4
    width, height = columns * CELL.width, rows * CELL.height
    chance = random.Random(7)
    pixels = {
        "noise": bytes(chance.randrange(64) for _ in range(width * height)),
        "flat": bytes(width * height),
        "stripes": bytes(x // 37 % 5 for _ in range(height) for x in range(width)),
        "wide runs": bytes((x > 271) + (x > 300 + y) for y in range(height) for x in range(width)),
    }[kind]
    bitmap = SixelBitmap(1, CELL, columns, rows, pixels, bytes(range(192)))
    part = part or bitmap.whole

    shown_width, shown_height, shown, palette = decoded(bitmap.encoded(part))

    assert (shown_width, shown_height) == (part.columns * CELL.width, part.rows * CELL.height // 6 * 6)
    left, top = part.column * CELL.width, part.row * CELL.height
    for y in range(shown_height):
        start = (top + y) * width + left
        assert shown[y] == list(pixels[start : start + shown_width])
    assert palette == {
        colour: tuple(round(channel * 100 / 255) for channel in range(colour * 3, colour * 3 + 3)) for colour in palette
    }


def test_kitty_gets_the_file_in_pieces_of_four_thousand_characters() -> None:
    png = random.Random(7).randbytes(10_000)
    commands = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", KittyBitmap(77, CELL, 4, 2, png).sent())

    assert base64.b64decode("".join(data for _, data in commands)) == png
    assert all(len(data) <= 4096 for _, data in commands)
    assert [head for head, _ in commands] == ["a=t,f=100,i=77,q=2,m=1", "m=1", "m=1", "m=0"]


def test_kitty_shows_a_part_of_the_picture_by_its_pixels() -> None:
    bitmap = KittyBitmap(77, CELL, 4, 2, b"")
    assert bitmap.placed(PicturePart(1, 0, 3, 1), 2) == "\x1b_Ga=p,i=77,p=2,x=5,y=0,w=15,h=9,c=3,r=1,C=1,q=2\x1b\\"
