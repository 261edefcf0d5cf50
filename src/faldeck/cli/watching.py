"""Follows many jobs at once and says how each ended."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Collection, Sequence
from typing import Protocol

from faldeck.cli import outcome, output, waiting
from faldeck.cli.exits import Exit
from faldeck.cli.reach import Engine
from faldeck.cli.standing import standing
from faldeck.cli.statusline import StatusLine
from faldeck.cli.tally import Tally
from faldeck.engine import verdicts
from faldeck.history import Query
from faldeck.history.transfer import document
from faldeck.job import Job, State

LOOK_SECONDS = 0.3
"""How often the history is looked at for jobs that have ended."""


class Source(Protocol):
    """Where jobs to be watched come from."""

    async def more(self, under_way: int) -> Collection[str]:
        """Further jobs, while so many are being watched."""

    async def is_replaced(self, job_id: str) -> bool:
        """Whether another job will come in the place of one that has ended, of which nothing is told then."""


async def these(
    engine: Engine,
    job_ids: Collection[str],
    *,
    seconds: float | None,
    as_json: bool,
    back: waiting.Back,
    first_alone: bool = False,
    only_sent: bool = False,
    source: Source | None = None,
    total: int | None = None,
) -> Exit:
    """Prints each of these jobs as it ends, or the first alone, and gives the worst of their exit statuses.

    With `only_sent` a job's end is that it can be left, and its request id is what is printed. `source` gives
    further jobs, again and again; in the end there are `total`. Raises Stop after so many `seconds`, or where all that
    are left wait for a key or for a network to be sent; `back` tells how to go on.
    """
    status, watched, clock = Exit.DONE, set(job_ids), waiting.FileClock()
    tally, begun = Tally(total or len(watched)), time.monotonic()
    async with waiting.patience(engine, seconds, back), StatusLine() as line:
        while True:
            watched |= set(await source.more(len(watched)) if source else ())
            if not watched:
                return status
            line.show(tally.words(len(watched), time.monotonic() - begun))
            # First, so that jobs which waited for a key are asked about once more before they are despaired of.
            await asyncio.sleep(LOOK_SECONDS)
            unfinished = await _unfinished(engine)
            if only_sent:
                unfinished = {name: job for name, job in unfinished.items() if not waiting.can_be_left(job)}
            stopped = [
                unfinished.pop(name)
                for name in sorted(watched & set(unfinished))
                if clock.has_stopped(unfinished[name])
            ]
            for job in stopped:
                line.clear()
                output.note(waiting.missing(job))
            for job_id in sorted(watched - set(unfinished)):
                if source and await source.is_replaced(job_id):
                    continue
                line.clear()
                ending = await _report(engine, job_id, as_json, only_sent)
                tally.count(is_good=ending is Exit.DONE)
                status = max(status, ending)
                if first_alone:
                    return status
            watched &= set(unfinished)
            require_hope([unfinished[job_id] for job_id in watched], engine.services.usable(), back)


async def _unfinished(engine: Engine) -> dict[str, Job]:
    jobs = await engine.history.read(lambda store: store.page(Query(live=True), limit=-1))
    return {job.id: job for job in jobs}


async def tell(engine: Engine, job: Job, *, as_json: bool) -> None:
    """Prints a job as it is now: on a line, or one for each of its files once it is done."""
    body = await engine.history.read(lambda store: store.body(job.id))
    if as_json:
        output.line(document(job, body))
    elif job.is_open:
        output.text(f"{job.id}  {standing(job)}")
    else:
        made = outcome.made(job, body) if job.state is State.COMPLETED else [outcome.why_not(job)]
        output.text("\n".join(f"{job.id}  {job.state}  {line}" for line in made))
    sys.stdout.flush()  # Whoever reads along wants each when it happens.


async def _report(engine: Engine, job_id: str, as_json: bool, only_sent: bool) -> Exit:
    """Prints one job that has ended, or has been sent, and gives the exit status it asks for."""
    job = await engine.history.read(lambda store: store.job(job_id))
    if job is None:
        return Exit.DONE
    is_request = only_sent and job.request_id is not None
    if is_request and not as_json:
        output.text(str(job.request_id))
        sys.stdout.flush()
    else:
        await tell(engine, job, as_json=as_json)
    return Exit.DONE if is_request else outcome.exit_status(job)


def require_hope(jobs: Sequence[Job], usable: Collection[str], back: waiting.Back) -> None:
    """Raises Stop where every one of the jobs waits for a key, or for a network to be sent at all or looked for."""
    if jobs and all(verdicts.is_paused(job) or job.profile not in usable for job in jobs):
        profiles = sorted({job.profile for job in jobs})
        raise back.stop(f"{len(jobs)} unfinished jobs wait for a good key of {', '.join(profiles)}.", Exit.REFUSED)
    to_send = [job for job in jobs if not job.sought]
    if to_send and all(verdicts.is_offline(job) and not waiting.is_sent(job) for job in to_send):
        raise back.stop("There is no connection to the service, so nothing more is sent.", Exit.NO_ANSWER)
