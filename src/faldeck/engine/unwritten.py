"""What was learned of jobs and is in memory alone, because the disk is full or refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from faldeck.history import History, HistoryError, LeaseLost, LogLine, Store
from faldeck.job import Job


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A job as it is to be recorded, with its new log lines, and its documents where they are new."""

    job: Job
    logs: Sequence[LogLine] = ()
    arguments: object = None
    result: object = None

    def save(self, store: Store, owner: str) -> None:
        """Records it; raises LeaseLost, HistoryError."""
        store.save(self.job, owner=owner, logs=self.logs, arguments=self.arguments, result=self.result)

    def is_news(self, kept: Job | None) -> bool:
        """Whether it tells what the service may not tell again, beyond what is on disk."""
        return self.result is not None or (kept is not None and self.job.request_id != kept.request_id)

    def __str__(self) -> str:
        job, said = self.job, []
        if job.request_id:
            said.append(f"The request {job.request_id} is not on disk (job {job.id}). To get it back:")
            said.append(f"faldeck --profile {job.profile} adopt {job.endpoint_id} {job.request_id}")
        else:
            said.append(f"The result of the job {job.id} is not on disk.")
        if files := [output.url for output in job.outputs if output.url]:
            said.append(f"Its files: {' '.join(files)}")
        return " ".join(said)


class UnsavedSnapshots:
    """The newest snapshot of each job that waits for room on the disk."""

    def __init__(self) -> None:
        self._kept: dict[str, Snapshot] = {}

    def keep(self, snapshot: Snapshot) -> None:
        """Remembers a snapshot that could not be written."""
        self._kept[snapshot.job.id] = snapshot

    def forget(self, job_id: str) -> None:
        """Forgets what is on disk now, or is not to be written any more."""
        self._kept.pop(job_id, None)

    async def write(self, history: History, owner: str) -> None:
        """Tries once to write all, and keeps of the rest what the service may not tell again; raises nothing."""
        for snapshot in list(self._kept.values()):
            if await self._is_done_with(snapshot, history, owner):
                self.forget(snapshot.job.id)

    async def _is_done_with(self, snapshot: Snapshot, history: History, owner: str) -> bool:
        try:
            await history.write(lambda store: snapshot.save(store, owner))
        except (LeaseLost, HistoryError):
            kept = await history.read_settled(lambda store: store.job(snapshot.job.id))
            return not snapshot.is_news(kept)
        return True

    def sentences(self) -> list[str]:
        """What is in memory alone and how it is got back, a sentence for each job."""
        return [str(snapshot) for snapshot in self._kept.values()]
