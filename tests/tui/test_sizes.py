"""The sizes of the panes: how far a border goes, and that they come back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import at_the_deck
from textual.events import MouseDown, MouseMove, MouseUp
from textual.geometry import Offset, Size

from faldeck.tui.arrangement import MIN_COLUMNS, MIN_ROWS, Shares, arranged, border_at, moved

WIDE, VERY_WIDE = Size(120, 38), Size(200, 58)


@pytest.mark.parametrize("size", [WIDE, VERY_WIDE])
def test_a_border_moves_by_the_step_and_stops_at_the_least_size(size: Size) -> None:
    usual = arranged(size, Shares())
    right = arranged(size, moved(size, Shares(), "form", 4, 0))
    assert right["models"].width == usual["models"].width + 4
    assert right["result"] == usual["result"]
    left = arranged(size, moved(size, Shares(), "jobs", -4, 0))
    assert left["result"].width == usual["result"].width + 4
    assert left["models"] == usual["models"]
    shares = Shares()
    for _ in range(200):
        shares = moved(size, shares, "models", -2, 1)
    assert arranged(size, shares)["models"].width == MIN_COLUMNS
    assert arranged(size, shares)["jobs"].height == MIN_ROWS
    back = arranged(size, moved(size, shares, "models", 2, -1))  # It comes back at the first step.
    assert (back["models"].width, back["jobs"].height) == (MIN_COLUMNS + 2, MIN_ROWS + 1)


def test_the_borders_are_where_the_panes_meet() -> None:
    regions = arranged(WIDE, Shares())
    assert border_at(WIDE, Shares(), Offset(regions["form"].x, 3)) == "form"
    assert border_at(WIDE, Shares(), Offset(regions["result"].x, regions["result"].y + 2)) == "result"
    assert border_at(WIDE, Shares(), Offset(5, regions["jobs"].y)) == "lower"
    assert border_at(WIDE, Shares(), Offset(5, 5)) == ""


async def test_sizes_are_moved_by_key_and_mouse_and_come_back_at_the_next_start(
    emulator: Emulator, tmp_path: Path
) -> None:
    memory = tmp_path / "deck.json"
    async with at_the_deck(emulator.url, tmp_path, memory_path=memory) as person:
        await person.until(lambda: person.models.row_count())
        before = person.models.size.width
        await person.press("ctrl+right", "ctrl+w", "l")
        assert person.models.size.width == before + 4
        result = person.result.region
        for kind, x in ((MouseDown, result.x), (MouseMove, result.x - 5), (MouseUp, result.x - 5)):
            person.app.post_message(kind(None, x, result.y + 3, 0, 0, 1, False, False, False, x, result.y + 3))
        await person.rest()
        assert person.result.region.x == result.x - 5
        await person.press("3", "z")
        assert person.jobs_pane.size.width == 120
        await person.press("q")
        assert person.jobs_pane.size.width < 120
    assert json.loads(memory.read_text())["sizes"].keys() == {"models", "result"}
    async with at_the_deck(emulator.url, tmp_path, memory_path=memory) as person:
        await person.until(lambda: person.models.row_count())
        assert (person.models.size.width, person.result.region.x) == (before + 4, result.x - 5)
        await person.press("1", "ctrl+w", "=")
        assert person.models.size.width == before
