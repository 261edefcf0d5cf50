"""Carries out a batch: submits its requests, so many at a time, and prints each job as it ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from faldeck.app import wording
from faldeck.app.batch import UNSENT, Batch, BatchItem, BatchStore
from faldeck.app.exit_status import ExitStatus
from faldeck.cli import follow, output
from faldeck.cli.context import Engine
from faldeck.engine.supervisor import Draft
from faldeck.history import CannotWrite, Duplicate
from faldeck.job import State, add_usd

PARALLEL = 20
"""Jobs of a batch that are under way at once, unless said otherwise."""


@dataclass(frozen=True, slots=True)
class BatchScope:
    """Which requests of a batch a command is about, by what has become of them."""

    is_sent: Callable[[BatchItem], bool]
    """Those that are submitted, as new jobs where they had one."""
    is_awaited: Callable[[BatchItem], bool]
    """Those whose job is followed to its end, and told."""


def is_pending(row: BatchItem) -> bool:
    """Whether it is under way, or may be: its answer was lost."""
    return row.job is not None and (row.job.is_open or row.job.state is State.UNCONFIRMED)


RERUN = BatchScope(lambda row: row.state in (UNSENT, State.FAILED, State.CANCELLED), lambda row: True)
"""What the same call does again: all that has no result is sent, all that has one is told."""

RESUME = BatchScope(lambda row: row.state in (UNSENT, State.FAILED), is_pending)
"""What is left to do; what a person has cancelled stays cancelled."""

RETRY = BatchScope(lambda row: row.job is not None and row.job.state is State.FAILED, lambda row: False)
"""What has failed, and nothing else."""


async def run_batch(
    engine: Engine,
    store: BatchStore,
    batch: Batch,
    scope: BatchScope,
    *,
    parallel: int,
    seconds: float | None = None,
    as_json: bool = False,
    only_sent: bool = False,
) -> ExitStatus:
    """Goes on with a batch until its end, or with `only_sent` until the service has all its requests.

    No request is sent that another process has sent, nor more of them once somebody has given the batch up. Gives the
    worst exit status.

    Raises CommandError after so many `seconds`, and where nothing can go on.
    """
    for row in await engine.history.read(batch.items):
        if row.job and scope.is_awaited(row):
            if row.job.state is State.UNCONFIRMED and not row.job.sought:
                await engine.supervisor.look_again(row.job)
            elif row.job.is_open:
                await engine.supervisor.claim(row.job)
    # What another process left behind unsent is known to be so by now.
    rows = await engine.history.read_settled(batch.items)
    unsent = [row for row in rows if scope.is_sent(row)]
    awaited = {row.id: row for row in rows if scope.is_awaited(row) and not scope.is_sent(row)}
    sender = _Sender(engine, store, batch, parallel, deque(row.next_draft() for row in unsent))
    again = f"{follow.faldeck_command(engine.profile)} batch resume {batch.id}"
    status = await follow.wait_for_jobs(
        engine,
        awaited,
        seconds=seconds,
        as_json=as_json,
        back=follow.ResumeHint("What was sent goes on; go on with the rest by", again),
        source=sender,
        total=len(awaited) + len(unsent),
        only_sent=only_sent,
    )
    output.print_message(await summary(engine, batch))
    return status


@dataclass
class _Sender:
    """Gives the jobs of a batch to whoever watches them, by submitting so many at a time."""

    _engine: Engine
    _store: BatchStore
    _batch: Batch
    _parallel: int
    _unsent: deque[Draft]
    _again: set[str] = field(default_factory=set)
    """The jobs that were submitted in the place of one that turned out never to have been sent."""

    async def more(self, under_way: int) -> Collection[str]:
        """Submits what there is room for; raises HistoryError where nothing goes on without it."""
        sent: list[str] = []
        while self._unsent and under_way + len(sent) < self._parallel:
            if self._store.is_cancelled(self._batch):
                self._unsent.clear()
                break
            draft = self._unsent.popleft()
            try:
                await self._engine.supervisor.submit(draft)
            except Duplicate:
                pass  # Another process carries out the same batch, and was quicker.
            except CannotWrite:
                self._unsent.appendleft(draft)
                if not under_way and not sent:
                    raise
                break
            sent.append(draft.id)
        return sent

    async def is_replaced(self, job_id: str) -> bool:
        """Whether a job that has ended was never sent, because its process ended before, and is submitted anew."""
        job = await self._engine.history.read_settled(lambda store: store.job(job_id))
        if job is None or not job.was_never_sent or job_id in self._again:
            return False
        for row in await self._engine.history.read_settled(self._batch.items):
            if job in row.jobs:
                # Where another process has sent it anew, that job is watched: it cannot be submitted twice.
                draft = row.next_draft() if row.id == job_id else replace(row.draft, id=row.id)
                self._unsent.appendleft(draft)
                self._again.add(draft.id)
                return True
        return False


async def summary(engine: Engine, batch: Batch) -> str:
    """What has become of a batch, in one sentence."""
    rows = await engine.history.read(batch.items)
    counts = await engine.history.read(batch.counts)
    said = ", ".join(f"{count:,} {state}" for state, count in counts.items())
    spent = add_usd(job.cost.total_usd or 0 for row in rows for job in row.jobs if job.cost)
    return f"Batch {batch.id}: {said}." + (f" It cost {wording.usd(spent)}." if spent else "")
