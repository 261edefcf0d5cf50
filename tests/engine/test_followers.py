"""Who follows a job when a process ends, a disk is full, keys cannot be read or an accident happens."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from support.engine_process import FAST, is_, lab, running
from support.scripted_service import URL, Answer, Far, said, waiting

from faldeck.config.credentials import Credential
from faldeck.config.settings import ConfigError, Profile
from faldeck.engine import follow
from faldeck.engine.events import Trouble
from faldeck.history import HistoryError
from faldeck.job import Job, State

MODEL = "acme/lake"
ALONE = replace(FAST, lease=1.0, renew=0.1)


async def test_a_command_gets_its_job_back_when_the_deck_that_took_it_is_closed(tmp_path: Path) -> None:
    is_done = False
    far = Far(lambda request: waiting() if request.url.path.endswith("/status") and not is_done else None)
    async with running(lab(URL), tmp_path, line=far, pace=ALONE) as command:
        job = await command.until(await command.submit(MODEL), is_(State.QUEUED))
        async with running(lab(URL), tmp_path, line=far, pace=ALONE) as deck:
            await command.history.write(lambda store: store.leases.release(command.supervisor._tasks.holder.name))
            await deck.supervisor.resume()
            async with asyncio.timeout(20):
                while not deck.supervisor._tasks.jobs:
                    await deck.supervisor.resume()
        is_done = True
        async with asyncio.timeout(20):
            job = await command.until(job)

    assert job.state is State.COMPLETED


async def test_keys_that_cannot_be_read_for_a_moment_cost_no_job_its_follower(tmp_path: Path) -> None:
    is_readable, is_done = True, False
    is_told, is_read_again = asyncio.Event(), asyncio.Event()

    def key_of(profile: Profile) -> Credential:
        if not is_readable:
            raise ConfigError("credentials.toml can be read by others")
        if is_told.is_set():
            is_read_again.set()
        return Credential("0f1e2d3c:good", "the test")

    far = Far(lambda request: waiting() if request.url.path.endswith("/status") and not is_done else None)
    pace = replace(FAST, lease=3.0, renew=0.1)
    async with running(lab(URL), tmp_path, line=far, pace=pace, resume=True) as engine, asyncio.timeout(20):
        job = await engine.until(await engine.submit(MODEL), is_(State.QUEUED))
        engine.services._find_key = key_of
        engine.supervisor.events.subscribe(
            lambda event: is_told.set() if isinstance(event, Trouble) and "credentials.toml" in event.sentence else None
        )
        is_readable = False
        await is_told.wait()
        is_readable = True
        await is_read_again.wait()
        is_done = True
        assert (await engine.until(job)).state is State.COMPLETED


async def test_a_job_whose_life_ends_in_an_accident_is_told_of_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accidents = iter([ZeroDivisionError("so it is")])
    complete = follow.complete

    async def fragile(*args: object) -> Job:
        for accident in accidents:
            raise accident
        return await complete(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(follow, "complete", fragile)
    async with running(lab(URL), tmp_path, line=Far(), pace=replace(ALONE, paused=0.01)) as engine:
        async with asyncio.timeout(20):
            job = await engine.until(await engine.submit(MODEL))

        assert job.state is State.COMPLETED
        assert [trouble for trouble in engine.troubles if job.id in trouble and "ZeroDivisionError" in trouble]


async def test_jobs_that_a_full_disk_left_with_nobody_are_followed_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_done = False

    def says(request: httpx.Request) -> Answer:
        if request.method == "POST":
            return said({"request_id": f"r-{far.asked(MODEL, 'POST')}"})
        return waiting() if request.url.path.endswith("/status") and not is_done else None

    far = Far(says)
    async with running(lab(URL), tmp_path, line=far) as engine:
        jobs = [await engine.until(await engine.submit(MODEL), is_(State.QUEUED)) for _ in range(3)]
    async with running(lab(URL), tmp_path, line=far, pace=ALONE) as engine:
        tasks = engine.supervisor._tasks
        recover, refusals = tasks._recover, iter([HistoryError("database or disk is full")])

        async def refused_once(job: Job) -> Job:
            for refusal in refusals:
                raise refusal
            return await recover(job)

        monkeypatch.setattr(tasks, "_recover", refused_once)
        with pytest.raises(HistoryError):
            await engine.supervisor.resume()
        is_done = True
        await engine.supervisor.resume()
        async with asyncio.timeout(20):
            ended = [await engine.until(job) for job in jobs]

    assert [job.state for job in ended] == [State.COMPLETED] * 3
