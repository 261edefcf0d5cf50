"""Files dropped on a terminal arrive as text, spelt in the ways of many terminals."""

from __future__ import annotations

from pathlib import Path

import pytest

from faldeck.tui.form import pasting


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a photo's copy.png"
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize(
    "spelt",
    ["{path}", '"{path}"', "{escaped}", "{uri}", "{path}\n", " {escaped} "],
    ids=["bare", "quoted", "escaped", "uri", "newline", "spaces"],
)
def test_a_dropped_file_is_known_however_it_is_spelt(spelt: str, photo: Path) -> None:
    escaped = str(photo).replace(" ", "\\ ").replace("'", "\\'")
    assert pasting.file_paths(spelt.format(path=photo, escaped=escaped, uri=photo.as_uri())) == [str(photo)]


def test_several_files_come_in_one_line_or_in_many(photo: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.png"
    other.write_bytes(b"")
    assert pasting.file_paths(f'"{photo}" {other}') == [str(photo), str(other)]
    assert pasting.file_paths(f"{photo}\n{other}\n") == [str(photo), str(other)]


@pytest.mark.parametrize("text", ["", "a fox", "/no/such/file.png", "https://x.y/a.png", "it's", "notes.txt"])
def test_any_other_text_is_no_file(text: str) -> None:
    assert pasting.file_paths(text) == []


def test_a_text_of_which_only_a_part_is_a_file_is_none(photo: Path) -> None:
    assert pasting.file_paths(f'look at "{photo}"') == []
