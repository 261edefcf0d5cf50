"""The contact sheet: pictures of the listed jobs in a grid, one of them large, decoded only where they are seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.kept_pictures import keep
from support.person import Person, at_the_deck

from faldeck.history import Store
from faldeck.tui.panes.contact_sheet import SheetGrid, SheetPane, shots_of
from faldeck.tui.pictures import blocks
from faldeck.tui.pictures.blocks import UPPER_HALF
from faldeck.tui.pictures.decode import Room


def sheet(person: Person) -> SheetPane:
    return person.app.screen.query_one(SheetPane)


@pytest.mark.parametrize("pictures", [0, 1, 7, 200])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (20, 6), (1, 1)])
def test_a_grid_fits_into_any_screen(size: tuple[int, int], pictures: int) -> None:
    grid = SheetGrid.within(*size, pictures)
    assert grid.across >= 1
    assert grid.across * grid.width <= max(size[0], 4)
    assert size[1] % grid.height < max(4, size[1] // grid.height), "rows of pictures fill the height"


@pytest.mark.parametrize(
    ("size", "pictures", "across"),
    [((200, 59), 7, 4), ((200, 59), 200, 7), ((120, 39), 4, 3), ((120, 39), 2, 2), ((80, 23), 1, 2), ((80, 23), 7, 3)],
)
def test_few_pictures_are_as_large_as_the_screen_has_room_for(
    size: tuple[int, int], pictures: int, across: int
) -> None:
    grid = SheetGrid.within(*size, pictures)
    assert grid.across == across
    assert pictures > 10 or size == (80, 23) or -(-pictures // across) * grid.height <= size[1]


def test_only_pictures_that_are_on_disk_are_on_the_sheet(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    job = keep(store, tmp_path, 1, files=2)
    store.close()
    assert [shot.path for shot in shots_of([job])] == [output.path for output in job.outputs]


async def test_the_listed_pictures_are_a_grid_and_only_those_that_are_seen_are_decoded(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []

    def noted(path: str, room: Room) -> Sequence[blocks.Row]:
        decoded.append(path)
        return rows(path, room)

    rows = blocks.rows
    async with at_the_deck(emulator.url, tmp_path) as person:
        for number in range(30):
            keep(person.store, tmp_path, number)
        await person.press("escape", "3")
        await person.sees("picture 29")
        monkeypatch.setattr(blocks, "rows", noted)
        await person.press("v")
        await person.sees("Contact sheet", "1/30", "▸picture 29", "picture 26", UPPER_HALF)
        await person.until(lambda: len(sheet(person)._drawn) == len(sheet(person)._seen))
        assert len(set(decoded)) < 15

        await person.press("right", "down")
        await person.sees("6/30", "▸picture 24")
        await person.press("enter")
        await person.until(lambda: widest(person) > 40)
        assert "picture 25" not in person.screen
        await person.press("right")
        await person.sees("7/30")
        await person.press("escape")
        await person.sees("▸picture 23")
        await person.press("end")
        await person.sees("30/30", "▸picture 0")
        await person.press("escape")
        await person.sees("3 Jobs")


async def test_the_sheet_of_the_result_has_the_pictures_of_one_job(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        keep(person.store, tmp_path, 1)
        keep(person.store, tmp_path, 2, files=3)
        await person.press("escape", "3")
        await person.sees("picture 2")
        await person.press("4", "v")
        await person.sees("▸picture 2", "1/3", "2/3", "3/3")
        assert "picture 1" not in person.screen
        await person.press("q")
        await person.sees("3 Jobs")


async def test_the_sheet_of_marked_jobs_has_their_pictures_alone(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        for number in range(4):
            keep(person.store, tmp_path, number)
        await person.press("escape", "3")
        await person.sees("picture 3")
        await person.press("home", "space", "down", "space")
        await person.sees("2 marked")
        await person.press("v")
        await person.sees("1/2")


async def test_a_sheet_without_pictures_says_what_to_do(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.press("escape", "3", "v")
        await person.sees("No picture of these jobs is on the disk.", "d in the Jobs pane fetches a job's files.")


async def test_a_picture_that_is_gone_says_so_in_its_place(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        job = keep(person.store, tmp_path, 1)
        Path(job.outputs[0].path or "").unlink()  # noqa: ASYNC240 (a test's own file)
        await person.press("escape", "3")
        await person.sees("picture 1")
        await person.press("v")
        await person.sees("The file is gone")


def widest(person: Person) -> int:
    """Half blocks in the line that has most of them."""
    return max(line.count(UPPER_HALF) for line in person.screen.splitlines())


async def test_where_no_pictures_are_drawn_the_sheet_says_so_and_draws_none(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, pictures="off") as person:
        keep(person.store, tmp_path, 1)
        await person.press("escape", "3")
        await person.sees("picture 1")
        await person.press("v")
        await person.sees("Contact sheet", "▸picture 1")
        await person.press("enter")
        await person.sees("No pictures are drawn")
        assert UPPER_HALF not in person.screen
        await person.press("escape")
        await person.sees("▸picture 1")
