"""Jobs and the profiles that they belong to, while the person switches, mends and removes profiles."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from support.deck_jobs import SKETCH
from support.deck_profiles import HK_KEY, LAB_KEY, named, opened, submitted, works_with
from support.emulator import Emulator
from support.person import at_the_deck

from fal_emulator.state import fingerprint
from faldeck.app import job_actions
from faldeck.app.session import Session
from faldeck.config import credentials, toml_edit
from faldeck.config.settings import Profile, load
from faldeck.fal.values import Price
from faldeck.job import State

pytestmark = pytest.mark.usefixtures("public")


@pytest.fixture
def lab(emulator: Emulator) -> Profile:
    """The profile that the deck is opened with."""
    return named("lab", emulator.url, LAB_KEY, run_url=f"{emulator.url}/run", rest_url=f"{emulator.url}/rest")


async def test_a_request_goes_to_the_profile_that_was_seen_when_it_was_sent(
    emulator: Emulator,
    start_emulator: Callable[..., Emulator],
    lab: Profile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hk = named("hk", start_emulator().url, HK_KEY)
    priced = asyncio.Event()
    find_price = job_actions.find_price

    async def slowly(session: Session, endpoint_id: str, profile: str) -> Price | None:
        await priced.wait()
        return await find_price(session, endpoint_id, profile)

    monkeypatch.setattr(job_actions, "find_price", slowly)
    async with at_the_deck(emulator.url, tmp_path, profile=hk, profiles=load().profiles) as person:
        await person.open_form(SKETCH)
        await person.fill("prompt", "a lake")
        await person.press("ctrl+j", "w")
        await works_with(person, "lab")
        priced.set()
        job = await person.job(lambda job: job.request_id is not None)
    assert job.profile == "hk"
    assert emulator.posts() == []


async def test_a_form_that_comes_after_a_switch_is_of_the_profile_switched_to(
    emulator: Emulator, start_emulator: Callable[..., Emulator], lab: Profile, tmp_path: Path
) -> None:
    relay = start_emulator()
    hk = named("hk", relay.url, HK_KEY)
    async with at_the_deck(emulator.url, tmp_path, profile=hk, profiles=load().profiles) as person:
        await person.until(lambda: person.models.row_count())
        relay.faults("slow@catalogue=0.5")
        emulator.forget()
        await person.press("slash")
        person.burst(*"sketch/fast", "enter", "escape", "w")
        await works_with(person, "lab")
        await person.until(lambda: person.form.row_count())
        assert emulator.requests(path="/site/api/openapi")
        await person.sees(f"2 Form  {SKETCH}")


async def test_a_job_is_followed_with_its_own_key_after_a_switch_by_one_key(
    emulator: Emulator, start_emulator: Callable[..., Emulator], lab: Profile, tmp_path: Path
) -> None:
    relay = start_emulator()
    relay.hold_jobs()
    hk = named("hk", relay.url, HK_KEY)
    async with at_the_deck(emulator.url, tmp_path, profile=hk, profiles=load().profiles) as person:
        await submitted(person)
        await person.press("escape", "w")
        await works_with(person, "lab")
        await submitted(person, "a hill")
        relay.start_jobs()
        await person.until(lambda: all(job.state is State.COMPLETED for job in person.jobs))
        assert [job.profile for job in person.jobs] == ["lab", "hk"]
    assert relay.keys == {fingerprint(f"Key {HK_KEY}")}
    assert emulator.keys == {fingerprint(f"Key {LAB_KEY}")}
    assert (len(relay.posts()), len(emulator.posts())) == (1, 1)


async def test_a_direct_call_outlives_a_switch(
    emulator: Emulator, start_emulator: Callable[..., Emulator], lab: Profile, tmp_path: Path
) -> None:
    relay = start_emulator(faults="relay-a,slow@images=1", speed=100)
    page = f"{relay.url}/v1/images/generations"
    toml_edit.save_profile(
        "pics", {"images_url": page, "images_models": ["sketch/fast"], "schema_url": lab.schema_url or ""}
    )
    credentials.save("pics", HK_KEY)
    async with at_the_deck(emulator.url, tmp_path, profile=load("pics").active, profiles=load().profiles) as person:
        await person.open_form("sketch/fast")
        await person.fill("prompt", "a lake")
        await person.press("ctrl+j")
        await person.job(lambda job: job.state is State.RUNNING)
        await person.press("escape", "w")
        await works_with(person, "lab")
        job = await person.job(lambda job: job.state.is_final)
    assert job.state is State.COMPLETED
    assert len(relay.requests(method="POST")) == 1


async def test_a_mended_key_is_used_for_the_jobs_that_wait_for_it(
    emulator: Emulator, lab: Profile, tmp_path: Path
) -> None:
    emulator.hold_jobs()
    named("hk", emulator.url, HK_KEY)
    async with at_the_deck(emulator.url, tmp_path, profile=lab, profiles=load().profiles) as person:
        await submitted(person)
        credentials.save("lab", "invalid")
        await person.press("escape", "w", "w")
        await person.sees("paused: invalid key")
        await opened(person)
        await person.press("e", "shift+tab")
        await person.type(LAB_KEY)
        await person.press("ctrl+j")
        await person.sees("lab is changed")
        emulator.start_jobs()
        await person.press("escape")
        job = await person.job()
    assert job.state is State.COMPLETED
    assert len(emulator.posts()) == 1


async def test_a_job_whose_profile_is_gone_says_so_and_the_deck_goes_on(
    emulator: Emulator, lab: Profile, tmp_path: Path
) -> None:
    emulator.hold_jobs()
    hk = named("hk", emulator.url, HK_KEY)
    async with at_the_deck(emulator.url, tmp_path, profile=hk, profiles=load().profiles) as person:
        await submitted(person)
    toml_edit.remove_profile("hk")
    async with at_the_deck(emulator.url, tmp_path, profile=lab, profiles=load().profiles) as person:
        await person.until(lambda: person.highlighted)
        for key, outcome in {"c": "Not cancelled.", "r": "Nothing was sent."}.items():
            await person.press("3", key)
            await person.sees(f"{outcome} There is no profile called 'hk'")
        await person.press("3", "d")
        await person.sees("No file of this job is left to download.")
        assert [job.state for job in person.jobs] == [State.QUEUED]


async def test_a_rerun_goes_to_the_service_that_the_job_belongs_to(
    emulator: Emulator, start_emulator: Callable[..., Emulator], lab: Profile, tmp_path: Path
) -> None:
    relay = start_emulator()
    hk = named("hk", relay.url, HK_KEY)
    async with at_the_deck(emulator.url, tmp_path, profile=hk, profiles=load().profiles) as person:
        first = await submitted(person)
        await person.press("escape", "w")
        await works_with(person, "lab")
        await person.press("3", "r")
        again = await person.job(lambda job: job.id != first.id and job.request_id is not None)
    assert again.profile == "hk"
    assert (len(relay.posts()), len(emulator.posts())) == (2, 0)
