"""Paths that complete while they are typed."""

from __future__ import annotations

from pathlib import Path

from faldeck.tui.completion import PathSuggester


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
