"""What changes in the history, whoever changes it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from functools import partial
from typing import NamedTuple

from faldeck.cli import waiting
from faldeck.cli.reach import Engine
from faldeck.cli.standing import standing
from faldeck.history import Query, Store
from faldeck.job import Job, id_text

LOOK_SECONDS = 0.3
"""Changes that come within this time are told together."""


class News(NamedTuple):
    """What has changed since the last time, and what is left."""

    changed: list[Job]
    """Oldest first; one that has ended is told of once."""
    unfinished: list[Job]


async def news(engine: Engine) -> AsyncGenerator[News, None]:
    """The unfinished jobs, and then, whenever one changes or comes, that one as it is now.

    While files are waited for there is news twice a second, with no change in it.
    """
    may_have_come = asyncio.Event()
    engine.supervisor.on_change = may_have_come.set
    newest = await engine.history.read(_newest)
    shown: dict[str, str] = {}
    while True:
        may_have_come.clear()
        jobs = await engine.history.read(partial(_of_interest, shown=set(shown), newest=newest))
        newest = max([newest, *(job.id for job in jobs)])
        unfinished = [job for job in jobs if job.is_open]
        changed = [job for job in jobs if not job.is_open or shown.get(job.id) != standing(job)]
        shown = {job.id: standing(job) for job in unfinished}
        yield News(changed, unfinished)
        # What has come of a file is not in the history.
        patience = waiting.GLANCE_SECONDS if any(map(waiting.waits_for_files, unfinished)) else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await may_have_come.wait()
        await asyncio.sleep(LOOK_SECONDS)


def _newest(store: Store) -> str:
    newest = store.page(Query(), limit=1)
    return newest[0].id if newest else id_text(0)


def _of_interest(store: Store, *, shown: set[str], newest: str) -> list[Job]:
    """What is unfinished, what was so the last time, and what has come since: some jobs are done in no time."""
    live = store.page(Query(live=True), limit=-1)
    come = store.page(Query(), limit=-1, after=newest)
    jobs = {job.id: job for job in (*live, *come)}
    ended = (store.job(job_id) for job_id in shown - jobs.keys())
    return sorted([*jobs.values(), *(job for job in ended if job)], key=lambda job: job.id)
