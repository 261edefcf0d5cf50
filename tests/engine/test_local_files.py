"""Files of this machine in a form: found, looked at, and held against the field's limits before anything is sent."""

import os
import struct
from pathlib import Path
from typing import Any

import pytest

from faldeck.engine import local_files
from faldeck.engine.local_files import NoFile
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


def test_home_is_where_a_tilde_points(isolation: Path) -> None:
    assert local_files.path_of(" ~/fox.png ") == isolation / "fox.png"
    assert local_files.path_of("~nobody-of-this-name/fox.png") == Path("~nobody-of-this-name/fox.png")


def test_a_file_link_is_a_path() -> None:
    assert local_files.path_of("file:///tmp/two%20foxes.png") == Path("/tmp/two foxes.png")


def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoFile, match=r"^There is no file .*gone\.png\.$"):
        local_files.facts(tmp_path / "gone.png")
    with pytest.raises(NoFile, match=r"is a folder, not a file\.$"):
        local_files.facts(tmp_path)
    with pytest.raises(NoFile, match=r"cannot be read: "):
        local_files.facts(Path("a\0b"))


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NoFile, match=r"is a pipe or a device, not a file\.$"):
        local_files.facts(tmp_path / "pipe")


def test_a_film_too_long_for_its_field_is_a_problem(tmp_path: Path) -> None:
    film = tmp_path / "clip.mp4"
    length = struct.pack(">IIIII", 0, 0, 0, 1_000, 12_500)
    with film.open("wb") as file:
        file.write(b"\0\0\0\x10ftypisom\0\0\0\0" + struct.pack(">I4s", 2**21 + 8, b"mdat") + bytes(2**21))
        file.write(struct.pack(">I4sI4s", 36, b"moov", 28, b"mvhd") + length)
    form = model(video_url={"type": "string", "x-fal": {"max_duration": 10.05}})

    (problem,) = local_files.problems(form, {"video_url": str(film)})
    assert problem.message == "must be at most 10.05 s long, not 12.5"


def test_a_path_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(NoFile) as caught:
        local_files.facts(tmp_path / "\x1b[31mred")
    assert "\x1b" not in str(caught.value)


def test_a_file_against_its_limits_is_a_problem_at_its_field(tmp_path: Path) -> None:
    form = model(image_url=FILE, others={"type": "array", "items": FILE}, prompt={"type": "string"})
    small, heavy = gif(tmp_path / "small.gif", 64), gif(tmp_path / "heavy.gif", 200, 3_000)
    good = gif(tmp_path / "good.gif", 100, 2_000)
    arguments: dict[str, Any] = {
        "image_url": small,
        "others": [good, heavy, str(tmp_path / "gone.gif"), "https://example.invalid/x.png"],
        "prompt": "/no/file",
    }

    assert [(problem.loc, problem.message) for problem in local_files.problems(form, arguments)] == [
        (("image_url",), "must be at least 100 px wide, not 64"),
        (("others", 1), "must be at most 2 kB, not 2.9 kB"),
        (("others", 2), f"there is no file {tmp_path / 'gone.gif'}."),
    ]


def test_uploads_name_each_file_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = local_files.uploads(model(image_url=FILE), {"image_url": "fox.png"})
    assert [(upload.loc, upload.path) for upload in found] == [(("image_url",), str(tmp_path / "fox.png"))]


def test_a_link_that_is_none_is_a_path_that_leads_nowhere() -> None:
    path = local_files.path_of("file://[x")
    with pytest.raises(NoFile):
        local_files.facts(path)
