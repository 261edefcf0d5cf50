"""The deck starts where it was left."""

from contextlib import closing
from pathlib import Path

import pytest
from support.deck_jobs import FILM, SKETCH, submit
from support.emulator import Emulator
from support.person import at_the_deck

from faldeck.config.deck_state import DeckMemory
from faldeck.history import Query, Store
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id


async def test_pane_form_filter_and_job_come_back(emulator: Emulator, tmp_path: Path) -> None:
    memory_path = tmp_path / "deck.json"
    async with at_the_deck(emulator.url, tmp_path, memory_path=memory_path) as person:
        assert person.active == "models"
        first = await submit(person, SKETCH, "a fox")
        await submit(person, SKETCH, "a fox and a hen")
        await submit(person, SKETCH, "a lake")
        await person.job()
        await person.open_form(FILM)
        await person.fill("prompt", "ocean waves")
        await person.press("escape", "3", "slash")
        await person.type("fox")
        await person.press("enter", "down")
        assert person.highlighted and person.highlighted.id == first.id
        await person.press("q")

    async with at_the_deck(emulator.url, tmp_path, memory_path=memory_path) as person:
        await person.until(lambda: person.form.state)
        await person.rest()
        assert person.active == "jobs"
        assert person.form.endpoint_id == FILM and "ocean waves" in person.row("prompt")
        assert person.highlighted and person.highlighted.id == first.id
        assert len(person.job_rows) == 2 and "“fox”" in person.screen
        assert person.models.highlighted == FILM
        assert "typing" not in person.screen
        assert len(emulator.posts()) == 3

    async with at_the_deck(emulator.url, tmp_path, memory_path=memory_path, restore=False) as person:
        await person.until(lambda: len(person.job_rows) == 3)
        assert (person.active, person.form.endpoint_id) == ("models", "")


async def test_a_job_that_is_gone_and_a_form_of_another_profile_are_left_out(
    emulator: Emulator, tmp_path: Path
) -> None:
    memory = DeckMemory(tmp_path / "deck.json")
    memory.change(profile="other", pane="form", form=SKETCH, job="not an id", section="none of that name")
    memory.save()
    async with at_the_deck(emulator.url, tmp_path, memory_path=tmp_path / "deck.json") as person:
        await person.until(lambda: person.models.row_count())
        await person.rest()
        assert (person.active, person.form.endpoint_id, person.job_filter) == ("models", "", "all")


async def test_a_job_far_down_the_list_comes_back_and_newer_ones_are_above_it(
    emulator: Emulator, tmp_path: Path
) -> None:
    job = Job(id="", profile="demo", endpoint_id=SKETCH, state=State.CANCELLED, created_at=now())
    with closing(Store(tmp_path / "history.db")) as store:
        for number in range(260):
            store.add(job._replace(id=new_id(), title=f"number {number}"), {})
        old = store.page(Query(), limit=300)[-8]
    memory = DeckMemory(tmp_path / "deck.json")
    memory.change(pane="jobs", job=old.id)
    memory.save()
    async with at_the_deck(emulator.url, tmp_path, memory_path=tmp_path / "deck.json") as person:
        await person.until(lambda: person.highlighted)
        await person.rest()
        assert person.highlighted == old
        await person.press("up")
        assert person.highlighted and person.highlighted.title == "number 8"
        await person.press("home")
        await person.until(lambda: person.highlighted and person.highlighted.title == "number 259")


@pytest.mark.parametrize(("key", "title"), [("home", "number 1299"), ("end", "number 0")])
async def test_a_way_to_an_end_of_the_list_is_not_forgotten_when_jobs_change_meanwhile(
    key: str, title: str, emulator: Emulator, tmp_path: Path
) -> None:
    job = Job(id="", profile="demo", endpoint_id=SKETCH, state=State.CANCELLED, created_at=now())
    with closing(Store(tmp_path / "history.db")) as store:
        for number in range(1300):
            store.add(job._replace(id=new_id(), title=f"number {number}"), {})
        middle = store.page(Query(), limit=1000)[600]
    memory = DeckMemory(tmp_path / "deck.json")
    memory.change(pane="jobs", job=middle.id)
    memory.save()
    async with at_the_deck(emulator.url, tmp_path, memory_path=tmp_path / "deck.json") as person:
        await person.until(lambda: person.highlighted == middle)
        await person.rest()
        pane = person.jobs_pane
        pane.action_first() if key == "home" else pane.action_last()
        pane._reader._look_again()
        pane.move_by(1)
        await person.until(lambda: person.highlighted and person.highlighted.title == title)
