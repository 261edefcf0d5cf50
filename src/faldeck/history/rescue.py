"""Puts a history back whose file was deleted, or replaced by another, while it was open here.

An open file goes on existing for whoever has it open; it must be copied before that ends.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from faldeck.history.store import Record, Store
from faldeck.job import Job
from faldeck.query.language import LIVE, Query
from faldeck.safety import private_file

TOGETHER = 200
"""Jobs that are read and written in one go."""


def restore_file(ours: Store, path: Path) -> Store:
    """The history at `path`, opened anew, with everything that `ours` holds; `ours` is closed.

    A file that stands there by now keeps what it has and takes in the rest. Raises sqlite3.Error, OSError, and
    `ours` stays open.
    """
    if not path.exists():
        _copied(ours, path)
    new = Store(path)
    try:
        _take_in(new, ours)
    except BaseException:
        new.close()
        raise
    ours.close()
    return new


def _copied(ours: Store, path: Path) -> None:
    """Writes a whole copy and gives it its name, unless another process was quicker."""
    copy = private_file.private_dir(path.parent) / f".{path.name}-{os.getpid()}"
    try:
        copy.touch(mode=0o600)
        target = sqlite3.connect(copy)
        try:
            ours.copy_to(target)
        finally:
            target.close()
        for rest in ("-wal", "-shm"):
            path.with_name(path.name + rest).unlink(missing_ok=True)  # They belong to the file that is gone.
        _named(copy, path)
    finally:
        copy.unlink(missing_ok=True)


def _named(copy: Path, path: Path) -> None:
    """Gives the copy its place, and leaves alone what another process has put there meanwhile; raises OSError."""
    try:
        os.link(copy, path)
    except FileExistsError:
        return
    except OSError:  # Some file systems have no links.
        if not path.exists():
            copy.rename(path)


def _take_in(new: Store, ours: Store) -> None:
    """Adds the jobs that the file at the place does not have, and the ends that it does not know."""
    open_there = {job.id for job in new.page(LIVE, limit=-1)}
    for some in _pages(ours):
        missing = [job for job in some if new.job(job.id) is None]
        new.import_records(Record(job, ours.body(job.id), tuple(ours.logs(job.id))) for job in missing)
        for job in some:
            if job.id in open_there and not job.is_open:
                new.save(job, result=ours.body(job.id).result)
    new.copy_marks_and_leases(ours)


def _pages(store: Store) -> Iterator[list[Job]]:
    before = None
    while page := store.page(Query(), limit=TOGETHER, before=before):
        yield page
        before = page[-1].id
