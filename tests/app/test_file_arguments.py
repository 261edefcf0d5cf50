"""Files of this machine in a form: found, and held against the field's limits before anything is sent."""

import struct
from pathlib import Path
from typing import Any

import pytest

from faldeck.app import file_arguments
from faldeck.schema import document
from faldeck.schema.document import ModelSchema

LIMITS = {"max_file_size": 2_000, "min_width": 100}
FILE = {"type": "string", "x-fal": LIMITS}


def model(**properties: Any) -> ModelSchema:
    """A model with these input properties."""
    return document.from_components("a/b", "In", {"In": {"type": "object", "properties": properties}})


def gif(path: Path, width: int, size: int = 100) -> str:
    """A picture's beginning, filled up to a size."""
    path.write_bytes((b"GIF89a" + width.to_bytes(2, "little") + b"\x40\0").ljust(size, b"\0"))
    return str(path)


def test_a_film_too_long_for_its_field_is_a_problem(tmp_path: Path) -> None:
    film = tmp_path / "clip.mp4"
    length = struct.pack(">IIIII", 0, 0, 0, 1_000, 12_500)
    with film.open("wb") as file:
        file.write(b"\0\0\0\x10ftypisom\0\0\0\0" + struct.pack(">I4s", 2**21 + 8, b"mdat") + bytes(2**21))
        file.write(struct.pack(">I4sI4s", 36, b"moov", 28, b"mvhd") + length)
    form = model(video_url={"type": "string", "x-fal": {"max_duration": 10.05}})

    (problem,) = file_arguments.problems(form, {"video_url": str(film)})
    assert problem.message == "must be at most 10.05 s long, not 12.5"


def test_a_file_against_its_limits_is_a_problem_at_its_field(tmp_path: Path) -> None:
    form = model(image_url=FILE, others={"type": "array", "items": FILE}, prompt={"type": "string"})
    small, heavy = gif(tmp_path / "small.gif", 64), gif(tmp_path / "heavy.gif", 200, 3_000)
    good = gif(tmp_path / "good.gif", 100, 2_000)
    arguments: dict[str, Any] = {
        "image_url": small,
        "others": [good, heavy, str(tmp_path / "gone.gif"), "https://example.invalid/x.png"],
        "prompt": "/no/file",
    }

    assert [(problem.loc, problem.message) for problem in file_arguments.problems(form, arguments)] == [
        (("image_url",), "must be at least 100 px wide, not 64"),
        (("others", 1), "must be at most 2 kB, not 2.9 kB"),
        (("others", 2), f"there is no file {tmp_path / 'gone.gif'}."),
    ]


def test_uploads_name_each_file_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = file_arguments.uploads(model(image_url=FILE), {"image_url": "fox.png"})
    assert [(upload.loc, upload.path) for upload in found] == [(("image_url",), str(tmp_path / "fox.png"))]
