"""Paths that complete while they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.suggester import SuggestFromList

from faldeck.tui.form.inputs import PathSuggester


async def test_the_first_name_that_fits_is_suggested(tmp_path: Path) -> None:
    (tmp_path / "fox.png").touch()
    (tmp_path / "forest").mkdir()
    (tmp_path / ".hidden").touch()
    suggest = PathSuggester().get_suggestion
    assert await suggest(f"{tmp_path}/fox") == f"{tmp_path}/fox.png"
    assert await suggest(f"{tmp_path}/fo") == f"{tmp_path}/forest/"
    assert await suggest(f"{tmp_path}/") == f"{tmp_path}/forest/"
    assert await suggest(f"{tmp_path}/.h") == f"{tmp_path}/.hidden"


async def test_links_and_what_is_not_there_are_left_alone(tmp_path: Path) -> None:
    suggest = PathSuggester().get_suggestion
    assert await suggest("https://example.org/fox") is None
    assert await suggest(f"{tmp_path}/nothing/here") is None
    assert await suggest(f"{tmp_path}/zzz") is None


async def test_the_home_of_somebody_who_is_not_here_is_left_alone() -> None:
    assert await PathSuggester().get_suggestion("~nobody-of-that-name/pic") is None


async def test_a_name_that_cannot_be_drawn_as_it_is_is_not_suggested(tmp_path: Path) -> None:
    for name in ("fox\x1b[2J.png", "fox\u202e.png", "foxes.png"):
        (tmp_path / name).touch()
    assert await PathSuggester().get_suggestion(f"{tmp_path}/fo") == f"{tmp_path}/foxes.png"


@pytest.mark.parametrize("typed", ["/\0/fox", "/\ud83d/fox"], ids=ascii)
async def test_what_is_no_path_at_all_is_left_alone(typed: str) -> None:
    assert await PathSuggester().get_suggestion(typed) is None


async def test_a_word_that_stands_for_a_file_is_suggested_beside_paths(tmp_path: Path) -> None:
    (tmp_path / "canny.png").touch()
    suggest = PathSuggester(SuggestFromList(["canny", "depth"], case_sensitive=False)).get_suggestion

    assert await suggest("De") == "depth"
    assert await suggest(f"{tmp_path}/ca") == f"{tmp_path}/canny.png"
    assert await suggest("fox") is None
