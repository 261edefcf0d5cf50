"""Jobs as a person at the deck sends and sees them: what several tests of the deck do."""

from __future__ import annotations

import json
import re
from pathlib import Path

from faldeck.job import Job, Output, State
from support.person import Person

SKETCH = "demo/sketch/fast"
FILM = "demo/reel/v2/text-to-video"
MISHAP = "demo/mishap/any"


async def submit(person: Person, endpoint_id: str, prompt: str) -> Job:
    """Sends a request; gives its job as soon as that is on disk."""
    before = len(person.jobs)
    await person.open_form(endpoint_id)
    await person.fill("prompt", prompt)
    await person.press("ctrl+j")
    await person.until(lambda: len(person.jobs) > before)
    return person.jobs[0]


async def send(person: Person, endpoint_id: str, **arguments: object) -> None:
    """Sends a request of these arguments from the form as JSON."""
    await person.open_form(endpoint_id)
    await person.press("escape", "J", "f7")
    await person.paste(json.dumps(arguments))
    await person.press("ctrl+j", "ctrl+j")


async def finished(person: Person, endpoint_id: str, **arguments: object) -> Job:
    """A job that is over and under the cursor, its result shown."""
    await send(person, endpoint_id, **arguments)
    job = await person.job()
    await person.press("escape", "3")
    await person.until(lambda: person.highlighted == job)
    await person.rest()
    return job


def saved(output: Output) -> bytes:
    """What is in an output's file."""
    return Path(output.path or "").read_bytes()


def state(person: Person, job: Job) -> State:
    """The state of a job on disk."""
    kept = person.store.job(job.id)
    assert kept is not None
    return kept.state


def shown(person: Person) -> list[str]:
    """The prompts that the Jobs pane shows, from the top; where jobs are done they are in the fourth column."""
    return [cell for row in person.job_rows for cell in re.split(r"  +", row)[3:4]]


def cursor_row(person: Person) -> str:
    """The title of the job that the cursor is on."""
    job = person.highlighted
    return job.title if job else ""
