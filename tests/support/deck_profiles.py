"""Profiles in the config, and what several tests of the deck do with them."""

from __future__ import annotations

from faldeck.config import credentials, toml_edit
from faldeck.config.settings import Profile, load
from faldeck.job import Job
from support.deck_jobs import SKETCH
from support.person import Person

HK_KEY, LAB_KEY = "sk-hk-canary-1234", "lab-id-5678:lab-canary"


def named(name: str, url: str, key: str = "", **settings: str) -> Profile:
    """A profile in the config, whose service is the emulator at `url`; with its key, if any."""
    toml_edit.save_profile(
        name,
        {
            "queue_url": f"{url}/queue",
            "schema_url": f"{url}/site/api/openapi/queue/openapi.json",
            "api_url": f"{url}/api/v1",
            **settings,
        },
    )
    if key:
        credentials.save(name, key)
    return load(name).active


async def works_with(person: Person, profile: str) -> None:
    """Waits until the header names the profile."""
    await person.until(lambda: person.screen.partition("\n")[0].endswith(f" {profile}"))


async def opened(person: Person) -> None:
    """Opens the list of profiles."""
    await person.until(lambda: person.models.row_count())
    await person.press("escape", "P")
    await person.sees("Profiles", "Enter use")


async def submitted(person: Person, prompt: str = "a lake") -> Job:
    """A job of a sketch, as soon as its service has it."""
    known = [job.id for job in person.jobs]
    await person.open_form(SKETCH)
    await person.fill("prompt", prompt)
    await person.press("ctrl+j")
    return await person.job(lambda job: job.id not in known and job.request_id is not None)
