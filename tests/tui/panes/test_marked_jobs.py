"""Keys that act on all marked jobs, and the sections of the list, at a deck."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.deck_jobs import SKETCH, shown, submit
from support.emulator import Emulator
from support.person import Person, at_the_deck

from faldeck.config.settings import load


async def three_jobs(person: Person) -> None:
    """Makes three jobs that end, and goes to the list; the newest is under the cursor."""
    for prompt in ("a fox", "a hare", "a lake"):
        await submit(person, SKETCH, prompt)
    await person.until(lambda: len(person.jobs) == 3 and not any(job.is_open for job in person.jobs))
    await person.press("escape", "3")
    await person.until(lambda: shown(person) == ["a lake", "a hare", "a fox"])


async def test_marked_jobs_are_tagged_starred_deleted_and_brought_back_together(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await three_jobs(person)
        await person.press("space", "space")
        await person.sees("2 marked")

        await person.press("t")
        await person.sees("Tags to add to 2 jobs")
        await person.type("draft keep")
        await person.press("enter")
        await person.sees("#draft")
        assert [job.tags for job in person.jobs] == [("draft", "keep"), ("draft", "keep"), ()]
        await person.press("s")
        await person.until(lambda: [job.starred for job in person.jobs] == [True, True, False])

        await person.press("D")
        await person.sees("Delete 2 jobs?")
        files = [Path(str(job.outputs[0].path)) for job in person.jobs]
        await person.press("down", "enter")
        await person.until(lambda: shown(person) == ["a fox"])
        assert len(person.jobs) == 1 and all(file.exists() for file in files)
        await person.press("U")
        await person.until(lambda: shown(person) == ["a lake", "a hare", "a fox"])
        assert [job.starred for job in person.jobs] == [True, True, False]


async def test_all_jobs_that_match_are_marked_and_their_marks_turned_round(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await three_jobs(person)
        await person.press("space", "I")
        await person.sees("2 marked")
        await person.press("*")
        await person.sees("3 marked")
        await person.press("escape")
        await person.until(lambda: "marked" not in person.screen)


async def test_marked_jobs_run_again_only_after_one_question(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await three_jobs(person)
        await person.press("space", "space", "r")
        await person.sees("Send 2 jobs again")
        assert len(emulator.posts()) == 3
        await person.press("escape", "r")
        await person.sees("Send 2 jobs again")
        await person.press("down", "enter")
        await person.until(lambda: len(person.jobs) == 5)
        assert len(emulator.posts()) <= 5
        await person.until(lambda: len(emulator.posts()) == 5)


async def test_marked_jobs_whose_files_are_all_on_disk_have_none_to_download(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await three_jobs(person)
        await person.press("space", "space", "d")
        await person.sees("No file of these jobs is left to download.")


async def test_a_key_for_one_job_does_nothing_to_several(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await three_jobs(person)
        await person.press("*", "e")
        await person.sees("acts on one job")


async def test_marked_jobs_are_exported_into_a_new_private_file(emulator: Emulator, tmp_path: Path) -> None:
    target = tmp_path / "some.jsonl"
    async with at_the_deck(emulator.url, tmp_path) as person:
        await three_jobs(person)
        await person.press("space", "space", "E")
        await person.sees("Export 2 jobs to this file")
        await person.replace(str(target))
        await person.press("enter")
        await person.sees("faldeck import reads them")
        assert [json.loads(line)["title"] for line in target.read_text().splitlines()] == ["a lake", "a hare"]
        assert target.stat().st_mode & 0o077 == 0
        await person.press("E")
        await person.replace(str(target))
        await person.press("enter")
        await person.sees("Nothing was exported")
        table = target.with_suffix(".csv")
        await person.press("E")
        await person.replace(str(table))
        await person.press("enter")
        await person.sees("Spreadsheets open it")
        assert [line.split(",")[7] for line in table.read_text().splitlines()] == ["title", "a lake", "a hare"]


async def test_a_search_is_saved_as_a_section_and_removed_again(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await three_jobs(person)
        await person.press("slash")
        await person.type("fox")
        await person.press("enter", "plus")
        await person.sees("Name of the section: fox")
        await person.replace("foxes")
        await person.press("enter")
        await person.until(lambda: person.job_filter == "foxes" and shown(person) == ["a fox"])
        await person.sees("foxes 1")
        assert load().sections == {"foxes": "fox"}

        await person.press("minus")
        await person.until(lambda: person.job_filter == "all" and len(shown(person)) == 3)
        assert load().sections == {}


@pytest.mark.parametrize("key", ["minus", "U"])
async def test_a_key_with_nothing_to_undo_or_remove_says_so(emulator: Emulator, tmp_path: Path, key: str) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.press("escape", "3", key)
        await person.sees("Only a saved section" if key == "minus" else "Nothing was deleted")


async def test_a_filter_that_is_not_understood_is_said_above_the_jobs(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await three_jobs(person)
        await person.press("slash")
        await person.type("stat:failed")
        await person.sees("Did you mean state:")
        assert len(shown(person)) == 3
