"""Small news of many jobs reach the disk together, and never undo what else was recorded."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from support.engine_process import LAKE, SKETCH

from faldeck.engine.group_commit import GroupCommit
from faldeck.history import History, HistoryError, Lease, LeaseLost, Store
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id

Answer = TypeVar("Answer")
FOREVER = 2**45
"""Milliseconds: a lease that does not lapse while a test runs."""


class CountedHistory(History):
    """A history that counts its changes."""

    changes = 0

    async def write(self, change: Callable[[Store], Answer]) -> Answer:
        self.changes += 1
        return await super().write(change)


@asynccontextmanager
async def queued(folder: Path, count: int) -> AsyncIterator[tuple[CountedHistory, list[Job]]]:
    """So many queued jobs, and their history; "me" holds them."""
    store = Store(folder / "history.db")
    jobs = [
        Job(id=new_id(), profile="lab", endpoint_id=SKETCH, state=State.QUEUED, created_at=now()) for _ in range(count)
    ]
    for job in jobs:
        store.add(job, LAKE, lease=Lease("me", FOREVER))
    store.close()
    history = CountedHistory(folder / "history.db")
    try:
        yield history, jobs
    finally:
        history.close()


async def places(history: History, jobs: list[Job]) -> list[int | None]:
    """The places in the queue that are on disk."""
    kept = await history.read_settled(lambda store: [store.job(job.id) for job in jobs])
    return [job.queue_position for job in kept if job]


async def test_the_places_of_many_jobs_are_recorded_at_once(tmp_path: Path) -> None:
    async with queued(tmp_path, 20) as (history, jobs):
        commit = GroupCommit(history, "me")
        await asyncio.gather(*(commit.save(job._replace(queue_position=at)) for at, job in enumerate(jobs)))

        assert history.changes == 1
        assert await places(history, jobs) == list(range(20))


async def test_only_a_job_that_another_process_follows_hears_so(tmp_path: Path) -> None:
    async with queued(tmp_path, 3) as (history, jobs):
        await history.write(lambda store: store.leases.release_job("me", jobs[1].id))
        commit = GroupCommit(history, "me")
        told = await asyncio.gather(
            *(commit.save(job._replace(queue_position=7)) for job in jobs), return_exceptions=True
        )

        assert [type(one) for one in told] == [type(None), LeaseLost, type(None)]
        assert await places(history, jobs) == [7, None, 7]


async def test_a_place_that_was_waiting_when_its_job_was_stopped_is_left_out(tmp_path: Path) -> None:
    async with queued(tmp_path, 2) as (history, jobs):
        commit = GroupCommit(history, "me")
        await commit.save(jobs[0]._replace(queue_position=5))
        waiting = [asyncio.create_task(commit.save(job._replace(queue_position=4))) for job in jobs]
        await asyncio.sleep(0)
        waiting[0].cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting[0]
        await waiting[1]

        assert await places(history, jobs) == [5, 4]


async def test_a_job_hears_that_the_history_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with queued(tmp_path, 2) as (history, jobs):
        monkeypatch.setattr("faldeck.history.store._SAVE_PROGRESS", "UPDATE nothing SET place = ?")
        commit = GroupCommit(history, "me")
        told = await asyncio.gather(*(commit.save(job) for job in jobs), return_exceptions=True)

        assert all(isinstance(one, HistoryError) for one in told)


async def test_no_job_waits_for_ever_for_a_change_that_failed_in_another_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with queued(tmp_path, 2) as (history, jobs):
        monkeypatch.setattr(Store, "save_progress", lambda *_: 1 / 0)
        commit = GroupCommit(history, "me")
        async with asyncio.timeout(30):
            told = await asyncio.gather(*(commit.save(job) for job in jobs), return_exceptions=True)

        assert [type(one) for one in told] == [ZeroDivisionError, ZeroDivisionError]
