"""A clock that is hours or days off keeps no job from being followed or found (rules 2 and 8)."""

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import pytest
from support.emulator import Emulator
from support.engine_process import FAST, LAKE, SKETCH, Engine, content, is_, lab, running

from faldeck.engine.leases import LeaseHolder, now_ms
from faldeck.history import Lease
from faldeck.job import Job, State

DAYS = 10 * 24 * 3600 * 1000
"""Milliseconds."""

PACE = replace(FAST, lease=0.3, renew=0.05)


def set_clock(monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    """Has this process's clock go so far ahead of the service's."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + ahead

    monkeypatch.setattr("faldeck.job.datetime", Clock)


async def left_by(owner: str, until_ms: int, engine: Engine) -> Job:
    """A queued job that is held by somebody else until then."""
    job = await engine.until(await engine.submit(), is_(State.QUEUED))
    await engine.supervisor._tasks.stop(job.id)

    def hold(store):  # type: ignore[no-untyped-def]
        store.leases.release_job(engine.supervisor._tasks.holder.name, job.id)
        store.leases.claim(Lease(owner, until_ms), [job.id], ["lab"], now_ms(), is_over=lambda lease: False)

    await engine.history.write(hold)
    return job


def name_of(pid: int) -> str:
    """How a process of this machine with that id holds jobs."""
    place, _, nonce = LeaseHolder(1).name.rsplit(":", 2)
    return f"{place}:{pid}:{nonce}"


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize("owner", ["elsewhere:7:00", name_of(os.getppid())], ids=["elsewhere", "here"])
async def test_a_lease_of_a_clock_that_was_days_ahead_is_taken_over(
    emulator: Emulator, tmp_path: Path, owner: str
) -> None:
    emulator.hold_jobs()
    async with running(lab(emulator.url), tmp_path, pace=PACE) as former:
        job = await left_by(owner, now_ms() + DAYS, former)
    emulator.start_jobs()

    async with running(lab(emulator.url), tmp_path, pace=PACE, resume=True) as heir:
        job = await heir.until(job)

    assert job.state is State.COMPLETED and content(job)


async def test_a_process_that_was_killed_is_succeeded_at_once(emulator: Emulator, tmp_path: Path) -> None:
    emulator.hold_jobs()
    async with running(lab(emulator.url), tmp_path) as former:
        job = await left_by(name_of(dead_pid()), now_ms() + DAYS, former)
    emulator.start_jobs()

    # No lease lapses while this test runs.
    async with running(lab(emulator.url), tmp_path, pace=replace(FAST, lease=1e6), resume=True) as heir:
        assert (await heir.until(job)).state is State.COMPLETED


@pytest.mark.parametrize("behind", [-DAYS, DAYS])
async def test_a_process_with_another_clock_keeps_its_jobs(emulator: Emulator, tmp_path: Path, behind: int) -> None:
    emulator.hold_jobs()
    async with running(lab(emulator.url), tmp_path, pace=PACE) as other:
        holder = other.supervisor._tasks.holder
        lease = holder.lease
        renewals: list[Lease] = []

        def told() -> Lease:
            renewals.append(lease()._replace(until_ms=lease().until_ms - behind))
            return renewals[-1]

        holder.lease = told  # type: ignore[method-assign]
        job = await other.until(await other.submit(), is_(State.QUEUED))

        async with running(lab(emulator.url), tmp_path, pace=PACE, resume=True):
            while len(renewals) < 15:  # noqa: ASYNC110 - for longer than a lease lasts that is not renewed.
                await asyncio.sleep(PACE.renew)
            assert [one.id for one in other.supervisor._tasks.jobs] == [job.id]
            emulator.start_jobs()
            job = await other.until(job)

    assert job.state is State.COMPLETED


@pytest.mark.parametrize("ahead", [timedelta(days=-3), timedelta(hours=5)])
async def test_a_lost_answer_is_looked_for_with_the_services_time(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    set_clock(monkeypatch, ahead)
    emulator.faults("drop-after@submit=1x")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(SKETCH, {**LAKE, "prompt": f"a lake {ahead} from here"}))

    assert job.state is State.COMPLETED
    assert len(emulator.posts()) == 1


async def test_a_lost_answer_is_found_after_the_clock_was_set_back(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = {**LAKE, "prompt": "a lake in the year after"}
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, timedelta(days=365))
        emulator.faults("drop-after@submit=1x,locked@catalogue")
        async with running(lab(emulator.url), tmp_path) as engine:
            job = await engine.until(await engine.submit(SKETCH, arguments))
            assert (job.state, job.is_open) == (State.UNCONFIRMED, False)
    emulator.faults("")

    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        await engine.supervisor.resume()
        job = await engine.until(job)

    assert job.submitted_at is not None and job.submitted_at > datetime.now(UTC)
    assert job.state is State.COMPLETED


@pytest.mark.parametrize("behind", [timedelta(hours=3), timedelta(days=3), timedelta(days=400)])
async def test_a_lost_answer_is_found_after_the_clock_was_set_forward(
    emulator: Emulator, tmp_path: Path, behind: timedelta
) -> None:
    arguments = {**LAKE, "prompt": f"a lake of {behind} ago"}
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, -behind)
        emulator.faults("drop-after@submit=1x,locked@catalogue")
        async with running(lab(emulator.url), tmp_path) as engine:
            job = await engine.until(await engine.submit(SKETCH, arguments))
            assert (job.state, job.is_open) == (State.UNCONFIRMED, False)
    emulator.faults("")

    async with running(lab(emulator.url), tmp_path) as engine:
        await engine.supervisor.look_up_again(job)
        job = await engine.until(job)

    assert job.state is State.COMPLETED
    assert len(emulator.posts()) == 1


async def test_a_clock_that_was_behind_does_not_choose_among_equal_requests(emulator: Emulator, tmp_path: Path) -> None:
    arguments = {**LAKE, "prompt": "a lake twice"}
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, -timedelta(days=3))
        emulator.faults("drop-after@submit=1x,locked@catalogue")
        async with running(lab(emulator.url), tmp_path) as engine:
            job = await engine.until(await engine.submit(SKETCH, arguments))
    emulator.faults("")
    async with running(lab(emulator.url), tmp_path / "elsewhere") as other:
        stranger = await other.until(await other.submit(SKETCH, arguments))

    async with running(lab(emulator.url), tmp_path) as engine:
        await engine.supervisor.look_up_again(job)
        job = await engine.until(job)

    assert job.state is State.UNCONFIRMED
    assert str(stranger.request_id) in job.notice and "2 requests" in job.notice
