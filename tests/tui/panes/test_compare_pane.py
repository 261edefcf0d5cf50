"""`=` on marked jobs: beside each other, one starred, one deleted, one opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from support.deck_jobs import SKETCH, send
from support.emulator import Emulator
from support.kept_pictures import keep
from support.person import Person, at_the_deck

from faldeck.job import Job
from faldeck.tui.pictures import blocks
from faldeck.tui.pictures.decode import Room


async def two_jobs(person: Person) -> tuple[Job, Job]:
    """Two jobs that are over and differ by their seed, the newer one first."""
    for seed in (1, 2):
        await send(person, SKETCH, prompt="a fox", seed=seed, image_size={"width": 64, "height": 48})
        await person.until(lambda seed=seed: len(person.jobs) == seed and not any(job.is_open for job in person.jobs))  # type: ignore[misc]
    await person.press("escape", "3", "home")
    await person.rest()
    newer, older = person.jobs
    return newer, older


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_marked_jobs_are_compared_and_the_worse_is_deleted(
    size: tuple[int, int], emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=size) as person:
        newer, older = await two_jobs(person)
        await person.press("equals_sign")
        await person.sees("Space in the Jobs pane marks a job")
        await person.press("space", "space", "equals_sign")
        await person.sees("Compare", "2 jobs", "▀")
        await person.press("end", "pagedown")
        await person.sees("seed", "≠ 1", "2 arguments are the same.")
        await person.press("s")
        await person.until(lambda: person.store.job(newer.id).starred)  # type: ignore[union-attr]
        await person.press("right", "D")
        await person.sees("Delete 1 job?", "No, keep it")
        await person.press("down", "enter")
        await person.until(lambda: person.store.job(older.id) is None)
        await person.sees("Compare  1 job")
        await person.press("U")
        await person.sees("Compare  2 jobs")
        await person.press("escape")
        await person.until(lambda: len(person.app.screen_stack) == 1)


async def test_enter_shows_the_result_of_the_chosen_job(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        _, older = await two_jobs(person)
        await person.press("space", "space", "equals_sign")
        await person.sees("Compare")
        await person.press("right", "enter")
        await person.until(lambda: person.highlighted is not None and person.highlighted.id == older.id)
        await person.sees_no("3 Jobs")
        await person.sees("seed 1")


async def test_all_outputs_of_a_job_are_seen_one_after_the_other(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def noted(path: str, room: Room) -> Sequence[blocks.Row]:
        drawn.append(Path(path).name)
        return rows(path, room)

    rows = blocks.rows
    monkeypatch.setattr(blocks, "rows", noted)
    async with at_the_deck(emulator.url, tmp_path) as person:
        for number in range(2):
            keep(person.store, tmp_path, number, files=3 - number)
        await person.press("escape", "3")
        await person.sees("picture 1")
        await person.press("home", "space", "space", "equals_sign")
        await person.sees("Compare", "1 of 2", "1 of 3", "▀")
        await person.until(lambda: {"1-0.png", "0-0.png"} <= set(drawn))
        await person.press("n")
        await person.sees("2 of 2", "1 of 3")
        await person.press("right_square_bracket")
        await person.sees("1 of 2", "2 of 3")
        await person.until(lambda: {"1-1.png", "0-1.png"} <= set(drawn))
        assert "0-2.png" not in drawn
        await person.press("right", "p")
        await person.sees("1 of 2", "1 of 3")


async def test_below_a_wide_picture_the_arguments_follow_at_once(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        for number in range(2):
            keep(person.store, tmp_path, number)
            Image.radial_gradient("L").resize((512, 128)).convert("RGB").save(tmp_path / f"{number}-0.png")
        await person.press("escape", "3")
        await person.sees("picture 1")
        await person.press("home", "space", "space", "equals_sign")
        await person.sees("Compare", "▀", "prompt")

        def is_filled() -> bool:
            lines = person.screen.splitlines()
            facts, arguments = (next(y for y, line in enumerate(lines) if word in line) for word in ("png", "prompt"))
            return arguments - facts < 12

        await person.until(is_filled)
