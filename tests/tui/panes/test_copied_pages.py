"""`y` in the Result pane copies what the page shows; Enter on a line of JSON copies its path."""

from __future__ import annotations

import json
from pathlib import Path

from support.deck_jobs import SKETCH, finished
from support.emulator import Emulator
from support.person import Person, at_the_deck


async def at_a_result(person: Person) -> None:
    """Sends a request and goes to its result."""
    await finished(person, SKETCH, prompt="日本の狐", seed=7, image_size={"width": 64, "height": 48})
    await person.press("4")
    await person.rest()


async def test_each_page_is_copied_as_what_it_shows(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await at_a_result(person)
        job = await person.job()
        body, logs = person.store.body(job.id), person.store.logs(job.id)

        await person.press("y")
        assert person.app.clipboard == job.outputs[0].url
        await person.press("right", "y")
        assert person.app.clipboard.splitlines() == [f"{log.timestamp} {log.message}" for log in logs]
        await person.sees("Copied to", "the logs")
        await person.press("right", "y")
        assert json.loads(person.app.clipboard) == body.arguments
        await person.press("right", "y")
        assert json.loads(person.app.clipboard) == body.result
        assert "日本の狐" in person.app.clipboard


async def test_enter_on_a_line_of_json_copies_its_path_and_y_its_value(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await at_a_result(person)
        job = await person.job()
        await person.press("left", "slash")
        await person.type('"url"')
        await person.press("enter", "enter")
        assert person.app.clipboard == "images[0].url"
        await person.sees("y copies its value")
        await person.press("y")
        assert person.app.clipboard == job.outputs[0].url
        await person.press("up", "down", "y")
        assert json.loads(person.app.clipboard) == person.store.body(job.id).result


async def test_a_line_of_the_input_has_a_path_too_and_z_enlarges_there(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await at_a_result(person)
        await person.press("right", "right", "z")
        await person.sees_no("3 Jobs")
        await person.press("slash")
        await person.type("height")
        await person.press("enter", "enter", "y")
        assert person.app.clipboard == "48"
        await person.press("z")
        await person.sees("3 Jobs")


async def test_a_word_below_the_fold_is_found_in_a_script_without_blanks(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 12)) as person:
        await at_a_result(person)
        await person.press("enter", "left")
        await person.sees_no("日本の狐")
        person.burst("slash", *"本の狐", "enter")
        await person.rest()
        await person.sees("日本の狐", "“本の狐” 1 of 1")
