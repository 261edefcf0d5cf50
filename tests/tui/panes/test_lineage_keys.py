"""The Result page says what a job was made from and used in; `<` and `>` go there."""

from __future__ import annotations

from pathlib import Path

from support.emulator import Emulator
from support.person import at_the_deck

from faldeck.history import Store
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id


def job(title: str, parent: Job | None = None) -> Job:
    made = Job(id=new_id(), profile="demo", endpoint_id="demo/sketch/fast", state=State.COMPLETED, created_at=now())
    return made._replace(title=title, parent=parent.id if parent else None)


async def test_keys_walk_to_the_parent_and_to_one_of_the_children(emulator: Emulator, tmp_path: Path) -> None:
    fox = job("a fox")
    night, rain = job("at night", fox), job("in rain", fox)
    store = Store(tmp_path / "history.db")
    for one in (fox, night, rain):
        store.add(one, {"prompt": one.title})
    store.close()
    async with at_the_deck(emulator.url, tmp_path, size=(140, 40)) as person:
        await person.press("3")
        await person.until(lambda: person.highlighted is not None and person.highlighted.id == rain.id)
        await person.press("4")
        await person.sees("< made from sketch/fast · a fox")

        await person.press("less_than_sign")
        await person.sees("> used in sketch/fast · at night", "> used in sketch/fast · in rain")
        await person.sees_no("made from")

        await person.press("greater_than_sign")
        await person.sees("Used in")
        await person.press("down", "enter")
        await person.sees("< made from sketch/fast · a fox")
        await person.press("greater_than_sign")
        await person.sees("No job has an output of this one as its input.")
