"""Pictures in the terminal: half blocks in few colours, and nothing that a broken file could do."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from support.emulator import Emulator
from support.person import Person, at_the_deck

from faldeck.tui.panes import picture

BLACK = (0, 0, 0)


@pytest.fixture
def painted(tmp_path: Path) -> Callable[..., str]:
    """A function that puts a picture of one colour on disk and gives its path."""

    def paint(colour: object, size: tuple[int, int], mode: str = "RGB", kind: str = "png") -> str:
        path = tmp_path / f"picture.{kind}"
        Image.new(mode, size, colour).save(path)  # type: ignore[arg-type]
        return str(path)

    return paint


def text(rows: list[picture.Row]) -> list[str]:
    """What a picture is without its colours."""
    return ["".join(piece for piece, _ in row) for row in rows]


def test_two_pixels_share_a_cell(tmp_path: Path) -> None:
    file = Image.new("RGB", (2, 2), "red")
    file.putpixel((0, 1), (0, 0, 255))
    file.save(tmp_path / "picture.png")

    assert picture.rows(str(tmp_path / "picture.png"), 2, 1, BLACK) == [
        [("▀", "#ff0000 on #0000ff"), (" ", "on #ff0000")],
    ]


@pytest.mark.parametrize(
    ("size", "shape"), [((400, 100), (40, 5)), ((100, 400), (5, 10)), ((400, 400), (20, 10)), ((4000, 1), (40, 1))]
)
def test_a_picture_keeps_its_shape_in_the_room_it_has(
    painted: Callable[..., str], size: tuple[int, int], shape: tuple[int, int]
) -> None:
    rows = text(picture.rows(painted("red", size), 40, 10, BLACK))

    assert (len(rows[0]), len(rows)) == shape
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(
    ("mode", "kind", "colour"),
    [
        ("P", "gif", 0),
        ("L", "jpeg", 0),
        ("1", "png", 0),
        ("LA", "png", (0, 255)),
        ("I;16", "png", 0),
        ("CMYK", "jpeg", 0),
    ],
)
def test_every_kind_of_pixel_is_shown(painted: Callable[..., str], mode: str, kind: str, colour: object) -> None:
    assert text(picture.rows(painted(colour, (8, 8), mode, kind), 4, 2, BLACK)) == [" " * 4] * 2


def test_what_is_transparent_shows_the_background(painted: Callable[..., str]) -> None:
    assert picture.rows(painted((255, 0, 0, 0), (2, 2), "RGBA"), 2, 1, (1, 2, 3)) == [[("  ", "on #010203")]]


def test_a_photograph_has_few_colours(tmp_path: Path) -> None:
    Image.effect_mandelbrot((200, 200), (-2, -2, 2, 2), 100).convert("RGB").save(tmp_path / "picture.png")

    rows = picture.rows(str(tmp_path / "picture.png"), 40, 20, BLACK)

    used = {colour for row in rows for _, style in row for colour in re.findall("#[0-9a-f]{6}", style)}
    assert 20 < len(used) <= picture.COLOURS


@pytest.mark.parametrize(
    "data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, None, b"%!PS-Adobe-3.0 EPSF"]
)
def test_what_is_no_whole_picture_is_said_to_be_none(
    painted: Callable[..., str], tmp_path: Path, data: bytes | None
) -> None:
    whole = Path(painted("red", (300, 300), kind="jpeg")).read_bytes()
    (tmp_path / "broken").write_bytes(whole[: len(whole) // 2] if data is None else data)

    with pytest.raises(picture.CannotShow, match="cannot be shown"):
        picture.rows(str(tmp_path / "broken"), 20, 10, BLACK)


def test_what_would_fill_the_memory_is_not_decoded(
    painted: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "MOST_PIXELS", 99)

    with pytest.raises(picture.CannotShow, match="10×10 pixels"):
        picture.rows(painted("red", (10, 10)), 20, 10, BLACK)


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(picture.CannotShow, match=r"pip install 'faldeck\[images\]'"):
        picture.rows("any", 20, 10, BLACK)


async def test_the_result_at_full_height_shows_the_picture_and_the_panel_does_not(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await _made(person)
        assert picture.UPPER_HALF not in person.screen
        await person.press("enter")
        await person.sees(picture.UPPER_HALF * 2)
        await person.press("right")
        await person.sees_no(picture.UPPER_HALF)
        await person.press("left", "escape")
        await person.sees("1 Models")
        assert picture.UPPER_HALF not in person.screen


async def test_a_picture_that_is_broken_on_disk_is_a_sentence(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await _made(person)
        await asyncio.to_thread(Path(person.jobs[0].outputs[0].path or "").write_bytes, b"no more")
        await person.press("enter")
        await person.sees("The file cannot be shown")


async def _made(person: Person) -> None:
    """A picture, under the cursor of the Jobs pane."""
    await person.open_form("demo/sketch/fast")
    await person.fill("prompt", "a fox")
    await person.press("ctrl+j")
    job = await person.job()
    await person.press("escape", "3")
    await person.until(lambda: person.highlighted == job)
