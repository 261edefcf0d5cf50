"""Fills in, sends and writes in the Form pane, for tests."""

from __future__ import annotations

from support.emulator import Emulator
from support.person import Person, received

SKETCH = "demo/sketch/fast"
EVERY = "demo/every/field"


async def submitted(person: Person, emulator: Emulator) -> object:
    """What the service gets when the form is sent now."""
    before = len(person.jobs)
    await person.press("ctrl+j")
    await person.until(lambda: len(person.jobs) > before)
    return received(emulator.url, await person.job(lambda job: job.request_id is not None))


async def write(person: Person, text: str) -> None:
    """Puts a text in place of the one that the dialog at hand shows, and keeps it."""
    await person.press("f7")
    await person.paste(text)
    await person.press("ctrl+j")
