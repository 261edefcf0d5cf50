"""Small changes of many jobs, recorded in one transaction: a place in the queue, or how far the work is.

Each transaction costs as much as a hundred updates, and two changes of thread. A job waits until its change is on
disk, as for any other (disk before screen); what is worth more than a place in a queue is never held up here.
"""

from __future__ import annotations

import asyncio

from faldeck.history import History, LeaseLost
from faldeck.job import Job

GATHER_SECONDS = 0.2
"""How long a change waits for those of other jobs, if some were recorded so recently (seconds)."""


class GroupCommit:
    """The small changes that wait to be recorded."""

    def __init__(self, history: History, owner: str) -> None:
        """`owner` is the name of the lease holder."""
        self._history = history
        self._owner = owner
        self._waiting: dict[str, tuple[Job, asyncio.Future[None]]] = {}
        self._next = 0.0
        """The earliest time of the next transaction, in seconds of the loop's clock."""
        self._writing: set[asyncio.Task[None]] = set()

    async def save(self, job: Job) -> None:
        """Records the place and the progress of a job. If it is cancelled, they may be left out.

        Raises LeaseLost, HistoryError.
        """
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_at(max(loop.time(), self._next), self._commit)
        recorded = loop.create_future()
        self._waiting[job.id] = job, recorded
        try:
            await recorded
        finally:
            # After a cancellation a person's decision may be recorded first, and must stay.
            if self._waiting.get(job.id, (job, None))[1] is recorded:
                del self._waiting[job.id]

    def _commit(self) -> None:
        waiting, self._waiting = self._waiting, {}
        if waiting:
            loop = asyncio.get_running_loop()
            self._next = loop.time() + GATHER_SECONDS
            task = loop.create_task(self._write(waiting))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _write(self, waiting: dict[str, tuple[Job, asyncio.Future[None]]]) -> None:
        jobs = [job for job, _ in waiting.values()]
        failed: Exception | None = None
        lost: set[str] = set()
        try:
            lost = await self._history.write(lambda store: store.save_progress(jobs, self._owner))
        except Exception as error:  # noqa: BLE001 (each job raises it for itself)
            failed = error
        for job_id, (_, recorded) in waiting.items():
            if recorded.done():
                continue
            if problem := failed or (LeaseLost(job_id) if job_id in lost else None):
                recorded.set_exception(problem)
            else:
                recorded.set_result(None)
