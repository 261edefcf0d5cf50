"""Removes deleted jobs from disk, with their files if a person asked for that: a few at a time.

Only files that faldeck wrote are deleted: a saved output under the output folder, a regular file with the size and the
time that it had when it was saved, and named by no other job.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faldeck.history import History, embedded, sidecar
from faldeck.history.trash import DeletedJob, NamedFiles
from faldeck.job import FileState, Job, Output, State

TOGETHER = 20
"""Jobs that are removed in one transaction, so that no other process waits long for the disk."""

ROUND = 10_000
"""Jobs for which the history is read once to find out which of their files other jobs name, too."""

SCANNED = 2_000
"""Jobs that are read at once for that."""

SAME_TIME_MS = 2_000
"""How much a file's time may differ: some file systems and backups round it."""


@dataclass
class Purged:
    """The sums of the removed data."""

    jobs: int = 0
    files: int = 0
    size_bytes: int = 0
    """Bytes of these files."""
    kept: list[tuple[str, str]] = field(default_factory=list)
    """Files that were not deleted: path and reason."""


async def purge(history: History, folder: Path, on_progress: Callable[[Purged], object] = lambda _: None) -> Purged:
    """Removes all deleted jobs whose deleter has ended; `folder` is the output folder. Raises HistoryError."""
    purged = Purged()
    while doomed := await history.read_settled(lambda store: store.trash.abandoned(limit=ROUND)):
        shared = await _named_by_others(history, doomed)
        for start in range(0, len(doomed), TOGETHER):
            some = doomed[start : start + TOGETHER]
            await asyncio.to_thread(_delete_files, some, folder, shared, purged)
            purged.jobs += await _remove_rows(history, [one.id for one in some])
            on_progress(purged)
    return purged


async def forget_ended(history: History, *, is_told: bool) -> None:
    """Removes the ended jobs without history that no process shows any more; their files stay.

    `is_told`: a person has seen their results. Without it, jobs whose result is nowhere else stay.
    """
    if history.is_read_only:
        return
    ended = await history.read_settled(lambda store: store.trash.ended_without_history())
    if ids := [job.id for job in ended if can_be_forgotten(job, is_told=is_told)]:
        await _remove_rows(history, ids)


async def forget_told(history: History, job: Job) -> None:
    """Removes a job without history whose end was just shown to a person."""
    if can_be_forgotten(job, is_told=True):
        await _remove_rows(history, [job.id])


def can_be_forgotten(job: Job, *, is_told: bool) -> bool:
    """Whether nothing of a job is needed any more.

    An unconfirmed request may have been paid, a file that could not be saved can be fetched again, and a result
    without files is in the history alone until it `is_told`.
    """
    if not job.no_history or job.is_open or job.state is State.UNCONFIRMED:
        return False
    if job.state is not State.COMPLETED:
        return True
    states = {output.state for output in job.outputs}
    return FileState.FAILED not in states if is_told else states == {FileState.SAVED}


def why_kept(job_id: str, output: Output, folder: Path) -> str | None:
    """Why an output's file must not be deleted, as words; None if it can be. Raises FileNotFoundError, OSError."""
    path = Path(output.path or "")
    found = path.lstat()
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        return f"it is not in {folder}"
    if not stat.S_ISREG(found.st_mode):
        return "it is a link or a folder"
    written_ms = output.saved_file_ms
    is_touched = written_ms is not None and abs(found.st_mtime_ns // 1_000_000 - written_ms) > SAME_TIME_MS
    is_known = output.size_bytes in (found.st_size, embedded.size_before(job_id, output))
    if is_touched or not is_known:
        return "it was changed after it was saved"
    return None


def saved_outputs(outputs: Sequence[Output]) -> list[Output]:
    """The outputs that were saved to files."""
    return [output for output in outputs if output.state is FileState.SAVED and output.path]


def _delete_files(doomed: Sequence[DeletedJob], folder: Path, shared: Collection[str], purged: Purged) -> None:
    for job_id, output in ((one.id, output) for one in doomed for output in saved_outputs(one.outputs)):
        path = output.path or ""
        try:
            reason = "another job names it, too" if path in shared else why_kept(job_id, output, folder)
            if reason is None:
                os.unlink(path)
                purged.files += 1
                purged.size_bytes += output.size_bytes or 0
                _delete_sidecar(Path(path), job_id, purged)
                _remove_empty_folders(Path(path).parent, folder)
        except FileNotFoundError:
            _delete_sidecar(Path(path), job_id, purged)
            continue
        except OSError as error:
            reason = error.strerror or str(error)
        if reason:
            purged.kept.append((path, reason))


def _delete_sidecar(output: Path, job_id: str, purged: Purged) -> None:
    """Deletes the sidecar of an output. It is small, and not counted."""
    try:
        sidecar.remove(output, job_id)
    except OSError as error:
        purged.kept.append((str(sidecar.path_beside(output)), error.strerror or str(error)))


def _remove_empty_folders(path: Path, folder: Path) -> None:
    """Removes a folder and those around it up to the output folder, as long as they are empty."""
    with contextlib.suppress(OSError):  # One that is not empty stays.
        while path != folder and path.is_relative_to(folder):
            path.rmdir()
            path = path.parent


async def _named_by_others(history: History, doomed: Sequence[DeletedJob]) -> set[str]:
    """The files of `doomed` that any other job names, too."""
    mine = {output.path or "" for one in doomed for output in saved_outputs(one.outputs)}
    own_ids = {one.id for one in doomed}
    by_name: dict[str, list[str]] = {}
    for path in mine:
        by_name.setdefault(os.path.basename(path), []).append(path)
    shared: set[str] = set()
    after = ""
    while mine:
        page = await _named_files(history, after, by_name)
        for job_id, path in page.found:
            if job_id not in own_ids:
                shared.update(own for own in by_name[os.path.basename(path)] if _is_same(own, path))
        if page.last is None:
            break
        after = page.last
    return shared


async def _remove_rows(history: History, job_ids: Collection[str]) -> int:
    return await history.write(lambda store: store.trash.purge(job_ids))


async def _named_files(history: History, after: str, names: Collection[str]) -> NamedFiles:
    return await history.read(lambda store: store.trash.named_files(after, names, limit=SCANNED))


def _is_same(path: str, other: str) -> bool:
    if path == other:
        return True
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False
