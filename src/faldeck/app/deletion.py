"""Deleting jobs: what a deletion would remove, and a deletion that cannot be undone.

The deck deletes with `Supervisor.delete`, which `Supervisor.restore` undoes until the deck ends.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faldeck.engine.leases import LeaseHolder, now_ms
from faldeck.engine.purge import Purged, purge, saved_outputs, why_kept
from faldeck.history import History, Store
from faldeck.job import Job

TOGETHER = 500
"""Jobs that are deleted in one transaction, so that no other process waits long for the disk."""

LEASE_SECONDS = 60.0
"""After this time (seconds) another process purges what a process that cannot be seen has left."""


@dataclass
class DeletionPlan:
    """What a deletion would remove."""

    job_ids: list[str] = field(default_factory=list)
    live: list[Job] = field(default_factory=list)
    """The jobs among them that have something left to do; their requests go on at the service."""
    files: int = 0
    size_bytes: int = 0
    """Bytes of these files."""


def plan(jobs: Iterable[Job], folder: Path | None) -> DeletionPlan:
    """Plans to delete jobs, with their files below the output folder `folder` unless it is None. Reads the disk."""
    plan = DeletionPlan()
    for job in jobs:
        plan.job_ids.append(job.id)
        if job.is_open:
            plan.live.append(job)
        for output in saved_outputs(job.outputs) if folder else ():
            with contextlib.suppress(OSError):  # It is gone, or cannot be seen: it will not be deleted.
                if folder and why_kept(job.id, output, folder) is None:
                    plan.files += 1
                    plan.size_bytes += output.size_bytes or 0
    return plan


def plan_ids(store: Store, job_ids: Sequence[str], folder: Path | None) -> DeletionPlan:
    """The same for many ids. Without `folder` no job is read."""
    if folder is None:
        return DeletionPlan(list(job_ids))
    return plan((job for job_id in job_ids if (job := store.job(job_id))), folder)


async def delete_for_good(
    history: History,
    job_ids: Sequence[str],
    folder: Path,
    *,
    files: bool,
    live: bool,
    on_progress: Callable[[int], object] = lambda jobs: None,
) -> Purged:
    """Deletes jobs and purges them at once, a few at a time; `on_progress` is called with how many are purged.

    Jobs with something left to do stay, unless `live`. If the process is killed meanwhile, a later one purges what was
    deleted. Raises HistoryError.
    """
    holder = LeaseHolder(LEASE_SECONDS)
    for start in range(0, len(job_ids), TOGETHER):
        await _delete(history, job_ids[start : start + TOGETHER], holder, files=files, live=live)
    await history.write(lambda store: store.leases.release(holder.name))
    return await purge(history, folder, lambda purged: on_progress(purged.jobs))


async def _delete(history: History, job_ids: Collection[str], holder: LeaseHolder, *, files: bool, live: bool) -> None:
    await history.write(lambda store: store.trash.delete(job_ids, holder.lease(), now_ms(), files=files, live=live))
