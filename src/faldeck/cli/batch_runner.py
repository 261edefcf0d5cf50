"""Runs a batch: submits its requests, a limited number at a time, and prints each job as it ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from faldeck.app import job_actions, wording
from faldeck.app.batch import UNSENT, Batch, BatchItem, BatchStore
from faldeck.app.exit_status import ExitStatus
from faldeck.app.session import Session
from faldeck.cli import follow, output
from faldeck.engine.supervisor import Draft
from faldeck.history import CannotWrite, Duplicate
from faldeck.job import State

PARALLEL = 20
"""How many jobs of a batch run at once by default."""


class BatchScope(NamedTuple):
    """Which requests of a batch a command works on, chosen by their state."""

    sends: Callable[[BatchItem], bool]
    """True for a request to submit, as a new job if it had one."""
    awaits: Callable[[BatchItem], bool]
    """True for a request whose job is followed to its end and printed."""


def is_pending(item: BatchItem) -> bool:
    """True if the request runs, or may run because its answer was lost."""
    return item.job is not None and (item.job.is_open or item.job.state is State.UNCONFIRMED)


RERUN = BatchScope(
    sends=lambda item: item.state in (UNSENT, State.FAILED, State.CANCELLED),
    awaits=lambda item: not item.is_deleted,
)
"""The same `faldeck run` again: sends every request without a result, and prints all results."""

RESUME = BatchScope(sends=lambda item: item.state in (UNSENT, State.FAILED), awaits=is_pending)
"""`batch resume`: sends and prints what is left. Cancelled requests stay cancelled."""

RETRY = BatchScope(
    sends=lambda item: item.job is not None and item.job.state is State.FAILED and not item.is_deleted,
    awaits=lambda item: False,
)
"""`batch retry`: only what has failed."""


class BatchOptions(NamedTuple):
    """How a command runs a batch."""

    parallel: int | None = None
    """How many jobs run at once; None for `PARALLEL`."""
    seconds: float | None = None
    """How long to wait; None for no limit."""
    as_json: bool = False
    only_sent: bool = False
    """Wait only until the service has every request."""


async def run_batch(
    session: Session, store: BatchStore, batch: Batch, scope: BatchScope, options: BatchOptions
) -> ExitStatus:
    """Runs the requests of a batch that are in scope and returns the worst exit status.

    A request that another process has sent is not sent again, and none is sent after the batch was cancelled. Raises
    CommandError when the time is up, or when no job can go on.
    """
    for item in await session.history.read(batch.items):
        if item.job and scope.awaits(item):
            if item.job.state is State.UNCONFIRMED and not item.job.looking_up:
                await job_actions.look_up_again(session, item.job)
            elif item.job.is_open:
                await session.supervisor.claim(item.job)
    # By now the history shows what a process that was killed has left unsent.
    items = await session.history.read_settled(batch.items)
    unsent = [item for item in items if scope.sends(item)]
    awaited = [item.id for item in items if scope.awaits(item) and not scope.sends(item)]
    command = f"{wording.faldeck_command(session.profile.name)} batch resume {batch.id}"
    resume = follow.ResumeHint("What was sent goes on; send the rest with", command)

    async def withdraw() -> follow.ResumeHint:
        for item in await session.history.read_settled(batch.items):
            if item.job and not follow.is_sent(item.job):
                await session.supervisor.withdraw(item.job)
        return resume

    wait_options = follow.WaitOptions(
        resume=resume,
        withdraw=withdraw,
        as_json=options.as_json,
        seconds=options.seconds,
        only_sent=options.only_sent,
    )
    sender = _Sender(session, store, batch, options.parallel or PARALLEL, deque(item.next_draft() for item in unsent))
    status = await follow.wait_for_jobs(session, awaited, wait_options, sender)
    output.print_message(await summary(session, batch))
    return status


@dataclass
class _Sender:
    """A JobSource that submits the requests of a batch, at most `_parallel` at a time."""

    _session: Session
    _store: BatchStore
    _batch: Batch
    _parallel: int
    _unsent: deque[Draft]
    _resubmitted: set[str] = field(default_factory=set)
    """The jobs submitted in place of one that was never sent."""

    @property
    def pending(self) -> int:
        """How many requests are still to be submitted."""
        return len(self._unsent)

    async def more(self, active: int) -> Collection[str]:
        """Submits requests up to the limit. Raises HistoryError if none can be recorded and no job is active."""
        sent: list[str] = []
        while self._unsent and active + len(sent) < self._parallel:
            if self._store.is_cancelled(self._batch):
                self._unsent.clear()
                break
            draft = self._unsent.popleft()
            try:
                await self._session.supervisor.submit(draft)
            except Duplicate:
                pass  # Another process runs the same batch and was faster.
            except CannotWrite:
                self._unsent.appendleft(draft)
                if not active and not sent:
                    raise
                break
            sent.append(draft.id)
        return sent

    async def is_replaced(self, job_id: str) -> bool:
        """True if a job was never sent because its process was killed, so that its request is submitted again."""
        job = await self._session.history.read_settled(lambda store: store.job(job_id))
        if job is None or not job.was_never_sent or job_id in self._resubmitted:
            return False
        for item in await self._session.history.read_settled(self._batch.items):
            if job in item.jobs:
                # If another process has submitted the request again, wait for that job: the same id cannot be
                # submitted twice.
                draft = item.next_draft() if item.id == job_id else replace(item.draft, id=item.id)
                self._unsent.appendleft(draft)
                self._resubmitted.add(draft.id)
                return True
        return False


async def summary(session: Session, batch: Batch) -> str:
    """The state and the cost of a batch, in one or two sentences."""
    items = await session.history.read(batch.items)
    counts = await session.history.read(batch.counts)
    states = ", ".join(f"{count:,} {state}" for state, count in counts.items())
    costs = (job.cost for item in items for job in item.jobs if job.cost)
    spent = sum((cost.total_usd or Decimal(0) for cost in costs), Decimal(0))
    return f"Batch {batch.id}: {states}." + (f" It cost {wording.usd(spent)}." if spent else "")
