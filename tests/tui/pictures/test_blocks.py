"""Half blocks in few colours, and nothing that a broken or a huge file could do."""

from __future__ import annotations

import importlib.util
import re
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image

from faldeck.tui.pictures import blocks, decode
from faldeck.tui.pictures.decode import Room

BLACK = (0, 0, 0)


@pytest.fixture
def painted(tmp_path: Path) -> Callable[..., str]:
    """A function that puts a picture of one colour on disk and gives its path."""

    def paint(colour: object, size: tuple[int, int], mode: str = "RGB", kind: str = "png") -> str:
        path = tmp_path / f"picture.{kind}"
        Image.new(mode, size, colour).save(path)  # type: ignore[arg-type]
        return str(path)

    return paint


def text(rows: Sequence[blocks.Row]) -> list[str]:
    """What a picture is without its colours."""
    return ["".join(piece for piece, _ in row) for row in rows]


def test_two_pixels_share_a_cell(tmp_path: Path) -> None:
    file = Image.new("RGB", (2, 2), "red")
    file.putpixel((0, 1), (0, 0, 255))
    file.save(tmp_path / "picture.png")

    assert blocks.rows(str(tmp_path / "picture.png"), Room(2, 1, BLACK)) == (
        (("▀", "#ff0000 on #0000ff"), (" ", "on #ff0000")),
    )


@pytest.mark.parametrize(
    ("size", "shape"), [((400, 100), (40, 5)), ((100, 400), (5, 10)), ((400, 400), (20, 10)), ((4000, 1), (40, 1))]
)
def test_a_picture_keeps_its_shape_in_the_room_it_has(
    painted: Callable[..., str], size: tuple[int, int], shape: tuple[int, int]
) -> None:
    rows = text(blocks.rows(painted("red", size), Room(40, 10, BLACK)))

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
    assert text(blocks.rows(painted(colour, (8, 8), mode, kind), Room(4, 2, BLACK))) == [" " * 4] * 2


def test_what_is_transparent_shows_the_background(painted: Callable[..., str]) -> None:
    assert blocks.rows(painted((255, 0, 0, 0), (2, 2), "RGBA"), Room(2, 1, (1, 2, 3))) == ((("  ", "on #010203"),),)


def test_a_photograph_has_few_colours(tmp_path: Path) -> None:
    Image.effect_mandelbrot((200, 200), (-2, -2, 2, 2), 100).convert("RGB").save(tmp_path / "picture.png")

    rows = blocks.rows(str(tmp_path / "picture.png"), Room(40, 20, BLACK))

    used = {colour for row in rows for _, style in row for colour in re.findall("#[0-9a-f]{6}", style)}
    assert 20 < len(used) <= blocks.COLOURS


@pytest.mark.parametrize(
    "data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, None, b"%!PS-Adobe-3.0 EPSF"]
)
def test_what_is_no_whole_picture_is_said_to_be_none(
    painted: Callable[..., str], tmp_path: Path, data: bytes | None
) -> None:
    whole = Path(painted("red", (300, 300), kind="jpeg")).read_bytes()
    (tmp_path / "broken").write_bytes(whole[: len(whole) // 2] if data is None else data)

    with pytest.raises(decode.CannotShow, match="if they are whole"):
        blocks.rows(str(tmp_path / "broken"), Room(20, 10, BLACK))


def test_what_would_fill_the_memory_is_not_decoded(
    painted: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode, "MOST_PIXELS", 99)

    with pytest.raises(decode.CannotShow, match="10×10 pixels"):
        blocks.rows(painted("red", (10, 10)), Room(20, 10, BLACK))


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(decode.CannotShow, match=r"pip install 'faldeck\[images\]'"):
        blocks.rows("any", Room(20, 10, BLACK))


def test_thirty_thousand_pixels_a_side_are_told_from_the_header_alone(tmp_path: Path) -> None:
    (tmp_path / "huge.png").write_bytes(png_header(30_000, 30_000))

    with pytest.raises(decode.CannotShow, match="30000×30000 pixels"):
        blocks.rows(str(tmp_path / "huge.png"), Room(20, 10, BLACK))


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG file, without its pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">II", zlib.crc32(header), 9) + b"IDAT"
