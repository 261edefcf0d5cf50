"""`Runner.run(job)` takes one job from submit to files on disk and yields each snapshot on the way.

Every snapshot is on disk before it is yielded. Rules are numbered in `faldeck/__init__`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import NamedTuple

from faldeck.engine import fetch, follow, submit
from faldeck.engine.job_context import JobContext
from faldeck.fal import errors
from faldeck.fal.values import Cancellation
from faldeck.job import Job, State

STAGES: tuple[Callable[[JobContext, Job], AsyncIterator[Job]], ...] = (
    submit.upload,
    submit.submit,
    submit.find_lost,
    follow.follow,
    fetch.fetch,
)
"""The stages of a run, in order. Each yields the next snapshots, or nothing if the job is past it."""


class Runner(NamedTuple):
    """Runs the jobs of one profile."""

    context: JobContext

    async def run(self, job: Job) -> AsyncGenerator[Job, None]:
        """Yields the job's next snapshots, each saved before it is yielded, until it is no longer open.

        Network faults end nothing: they show as the job's `waiting`. Raises LeaseLost if another process has taken
        the job over, and HistoryError if the history cannot be used any more.
        """
        for stage in STAGES:
            async for snapshot in stage(self.context, job):
                job = snapshot
                yield job

    async def cancel(self, job: Job) -> Cancellation | None:
        """Asks the service to cancel; only what a status says later ends the job (rule 7).

        Returns None if there is no request yet: the mark is read before the POST leaves and after it is answered.
        Raises FalError.
        """
        if job.mode.is_direct and job.state is State.RUNNING:
            raise errors.NotSupported("A direct call cannot be cancelled: it goes on to its end.")
        await self.context.history.write(lambda store: store.mark(job.id, cancel_requested=True))
        # The service may have accepted the job since the person saw it.
        stored = await self.context.history.read_settled(lambda store: store.job(job.id))
        return await self.context.ask_to_cancel(stored) if stored and stored.request_id else None

    async def poll_once(self, job: Job) -> Job:
        """Asks for the status of an accepted job once, and for its result if there is one; saves and returns the job.

        Raises FalError, HistoryError, LeaseLost.
        """
        return await follow.poll_once(self.context, job)
