"""Carries out a batch: submits its requests, so many at a time, and prints each job as it ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from contextlib import suppress

from faldeck import costs
from faldeck.cli import output, waiting, watching
from faldeck.cli.batches import Batch, Shelf
from faldeck.cli.exits import Exit
from faldeck.cli.reach import Engine
from faldeck.history import Duplicate

PARALLEL = 20
"""Jobs of a batch that are under way at once, unless said otherwise."""


async def carry_out(
    engine: Engine,
    shelf: Shelf,
    batch: Batch,
    *,
    parallel: int,
    seconds: float | None = None,
    as_json: bool = False,
    only_sent: bool = False,
) -> Exit:
    """Goes on with a batch until its end, or with `only_sent` until the service has all its requests.

    What was sent before is not sent again, and nothing more once somebody has given the batch up. Gives the worst
    exit status.

    Raises Stop after so many `seconds`, and where nothing can go on.
    """
    jobs = await engine.history.read(batch.jobs)
    begun = [job for job in jobs if job and job.is_open]
    unsent = deque(draft for draft, job in zip(batch.drafts, jobs, strict=True) if not job)
    for job in begun:
        await engine.supervisor.take(job)

    async def more(under_way: int) -> Collection[str]:
        sent: list[str] = []
        while unsent and under_way + len(sent) < parallel:
            if shelf.is_given_up(batch):
                unsent.clear()
                break
            draft = unsent.popleft()
            with suppress(Duplicate):  # Another process carries out the same batch, and was quicker.
                await engine.supervisor.submit(draft)
            sent.append(draft.id)
        return sent

    again = f"{waiting.command(engine.profile)} batch resume {batch.id}"
    status = await watching.these(
        engine,
        [job.id for job in begun],
        seconds=seconds,
        as_json=as_json,
        back=waiting.Back("What was sent goes on; go on with the rest by", again),
        more=more,
        total=len(begun) + len(unsent),
        only_sent=only_sent,
    )
    output.note(await summary(engine, batch))
    return status


async def summary(engine: Engine, batch: Batch) -> str:
    """What has become of a batch, in one sentence."""
    jobs = await engine.history.read(batch.jobs)
    counts = await engine.history.read(batch.counts)
    said = ", ".join(f"{count:,} {state}" for state, count in counts.items())
    spent = sum(job.cost.total_usd or 0 for job in jobs if job and job.cost)
    return f"Batch {batch.id}: {said}." + (f" It cost ${costs.written(spent)}." if spent else "")
