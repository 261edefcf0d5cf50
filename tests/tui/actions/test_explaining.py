"""`W` in the deck: why a job failed, and what can be done next."""

from pathlib import Path

from support.deck_jobs import MISHAP
from support.emulator import Emulator
from support.person import at_the_deck


async def test_a_failed_job_is_explained_and_the_picked_step_acts_on_it(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.open_form(MISHAP)
        await person.press("ctrl+j")
        job = await person.job()
        await person.press("escape", "3", "W")
        await person.sees("flagged by the content", "It was not billed.", "Change the input and send it")
        await person.press("enter")
        await person.until(lambda: person.active == "form" and person.form.state)
        assert person.form.endpoint_id == job.endpoint_id
        assert len(person.jobs) == 1
