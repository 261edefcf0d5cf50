"""Snapshots that exist in memory only, because the disk is full or refuses writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from faldeck.history import History, HistoryError, LeaseLost, LogLine, Store
from faldeck.job import Job


class Snapshot(NamedTuple):
    """A job to be recorded, with its new log lines and its new documents."""

    job: Job
    logs: Sequence[LogLine] = ()
    arguments: object = None
    result: object = None

    def save(self, store: Store, owner: str) -> None:
        """Records it; raises LeaseLost, HistoryError."""
        store.save(self.job, owner=owner, logs=self.logs, arguments=self.arguments, result=self.result)

    def holds_unsaved_data(self, stored: Job | None) -> bool:
        """Whether it has a result or a request id that is not on disk and that the service may not return again."""
        return self.result is not None or (stored is not None and self.job.request_id != stored.request_id)

    def __str__(self) -> str:
        job, sentences = self.job, list[str]()
        if job.request_id:
            sentences.append(f"The request {job.request_id} is not on disk (job {job.id}). To get it back:")
            sentences.append(f"faldeck --profile {job.profile} adopt {job.endpoint_id} {job.request_id}")
        else:
            sentences.append(f"The result of the job {job.id} is not on disk.")
        if files := [output.url for output in job.outputs if output.url]:
            sentences.append(f"Its files: {' '.join(files)}")
        return " ".join(sentences)


class UnsavedSnapshots:
    """The newest snapshot of each job that could not be written yet."""

    def __init__(self) -> None:
        self._kept: dict[str, Snapshot] = {}

    def keep(self, snapshot: Snapshot) -> None:
        """Remembers a snapshot that could not be written."""
        self._kept[snapshot.job.id] = snapshot

    def forget(self, job_id: str) -> None:
        """Forgets a job's snapshot: it is on disk now, or must not be written any more."""
        self._kept.pop(job_id, None)

    async def write(self, history: History, owner: str) -> None:
        """Tries once to write all snapshots; keeps those that failed and hold data the service may not give again.

        Raises nothing.
        """
        for snapshot in list(self._kept.values()):
            if await self._is_done_with(snapshot, history, owner):
                self.forget(snapshot.job.id)

    async def _is_done_with(self, snapshot: Snapshot, history: History, owner: str) -> bool:
        try:
            await history.write(lambda store: snapshot.save(store, owner))
        except (LeaseLost, HistoryError):
            stored = await history.read_settled(lambda store: store.job(snapshot.job.id))
            return not snapshot.holds_unsaved_data(stored)
        return True

    def sentences(self) -> list[str]:
        """A sentence for each job: what is only in memory, and how to recover it."""
        return [str(snapshot) for snapshot in self._kept.values()]
