"""Reports every change of the unfinished jobs, whichever process follows them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from functools import partial
from typing import NamedTuple

from faldeck.app.session import Session
from faldeck.cli import follow
from faldeck.cli.progress import stable_summary
from faldeck.engine.events import Event, JobChanged
from faldeck.history import Store
from faldeck.job import Job
from faldeck.job_ids import id_text
from faldeck.query import LIVE, Query


class JobUpdates(NamedTuple):
    """What has changed since the last report, and what is unfinished."""

    changed: list[Job]
    """Oldest first. A job that has ended is reported once."""
    unfinished: list[Job]


async def job_updates(session: Session) -> AsyncGenerator[JobUpdates, None]:
    """Reports the unfinished jobs first, then every job that changes or is new.

    While files are being fetched it also reports twice a second with no change.
    """
    may_have_changed = asyncio.Event()
    with session.supervisor.events.subscribe(partial(_set_if_changed, may_have_changed)):
        # Close the inner generator before the subscription ends.
        async with aclosing(_read_updates(session, may_have_changed)) as updates:
            async for update in updates:
                yield update


def _set_if_changed(flag: asyncio.Event, event: Event) -> None:
    if isinstance(event, JobChanged):
        flag.set()


async def _read_updates(session: Session, may_have_changed: asyncio.Event) -> AsyncGenerator[JobUpdates, None]:
    newest = await session.history.read(_newest_id)
    shown: dict[str, str] = {}
    while True:
        may_have_changed.clear()
        jobs = await session.history.read(partial(_relevant_jobs, shown=set(shown), newest=newest))
        newest = max([newest, *(job.id for job in jobs)])
        unfinished = [job for job in jobs if job.is_open]
        changed = [job for job in jobs if not job.is_open or shown.get(job.id) != stable_summary(job)]
        shown = {job.id: stable_summary(job) for job in unfinished}
        yield JobUpdates(changed, unfinished)
        # The history does not record how much of a file has arrived, so check again after a while.
        seconds = follow.FILE_CHECK_SECONDS if any(map(follow.only_files_left, unfinished)) else None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await may_have_changed.wait()
        await asyncio.sleep(follow.HISTORY_CHECK_SECONDS)


def _newest_id(store: Store) -> str:
    newest = store.page(Query(), limit=1)
    return newest[0].id if newest else id_text(0)


def _relevant_jobs(store: Store, *, shown: set[str], newest: str) -> list[Job]:
    """The unfinished jobs, those unfinished last time, and the new ones: a job can start and end between two reads."""
    live = store.page(LIVE, limit=-1)
    added = store.page(Query(), limit=-1, after=newest)
    jobs = {job.id: job for job in (*live, *added)}
    ended = (store.job(job_id) for job_id in shown - jobs.keys())
    return sorted([*jobs.values(), *(job for job in ended if job)], key=lambda job: job.id)
