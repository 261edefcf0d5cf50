"""Recovers a history whose file is damaged, or was deleted or replaced while it was open here.

A damaged file is kept under another name, and its readable parts are copied to a new file. A deleted file still exists
for the process that has it open; it is copied before the process ends.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from faldeck.history import backup, file_header, new_schema, row_recovery
from faldeck.history.connection import identity, is_damage, log_of
from faldeck.history.record import Record
from faldeck.history.store import Store
from faldeck.job import Job
from faldeck.query.language import LIVE, Query
from faldeck.safety import private_file

TOGETHER = 200
"""Jobs that are read and written at once."""

LOCK_SECONDS = 0.05
"""How often a process that waits for another's recovery checks again (seconds)."""


def recover(path: Path, damaged: tuple[int, int], tell: Callable[[str], None]) -> None:
    """Replaces a damaged history by its readable parts. The damaged file is kept as `history.corrupt-DATE.db`.

    `damaged` is the identity of the file that was found damaged: if another file is there now, nothing is done.
    `tell` is called with a sentence before and after. Raises sqlite3.Error, OSError; then the
    damaged file is still in its place.
    """
    with _alone(path):
        if identity(path) != damaged:
            return
        tell(f"{path} is damaged. Its readable parts are being recovered.")
        copy = path.with_name(f".{path.name}-{os.getpid()}")
        copy.unlink(missing_ok=True)
        copy.touch(mode=0o600)
        try:
            with _held(path):
                found = _recovered(path, copy, file_header.read(path)[0])
                if not (found.jobs or found.lost):
                    found = _recovered_with_new_schema(path, copy)
                aside = _set_aside(path)
                copy.replace(path)
        finally:
            copy.unlink(missing_ok=True)
        tell(_outcome(path, aside, found))


def _outcome(path: Path, aside: Path, found: row_recovery.Recovered) -> str:
    if found.jobs or found.lost:
        lost = f"; {found.lost:,} could not be read" if found.lost else ""
        were = "job was" if found.jobs == 1 else "jobs were"
        what = f"{found.jobs:,} {were} recovered{lost}"
    else:
        copies = backup.copies(path)
        what = f"nothing could be read, so a new one was started{f'; {copies[0]} is an older copy' if copies else ''}"
    return f"The history was damaged: {what}. The damaged file is kept as {aside}."


def _recovered(path: Path, copy: Path, file_format: int) -> row_recovery.Recovered:
    """Copies what can be read of the file at `path` into the empty file `copy`."""
    with closing(_damaged(path)) as source, closing(sqlite3.connect(copy, isolation_level=None)) as target:
        found = row_recovery.recover_into(target, source, file_format)
        # The whole file is on the disk before it gets its name.
        target.execute("PRAGMA synchronous = FULL")
        target.execute("PRAGMA user_version").fetchone()
    descriptor = os.open(copy, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return found


def _recovered_with_new_schema(path: Path, copy: Path) -> row_recovery.Recovered:
    """Tries once more with a copy in which the pages that list the tables are those of a new history.

    A history that began with this version has its tables in the same places. In any other, at these places is nothing
    that looks like a job.
    """
    mended = path.with_name(f".{path.name}-{os.getpid()}-mended")
    try:
        for file in (mended, copy):
            file.unlink(missing_ok=True)
            file.touch(mode=0o600)
        shutil.copyfile(path, mended)
        new_schema.put_into(mended)
        return _recovered(mended, copy, 0)
    finally:
        mended.unlink(missing_ok=True)


def _damaged(path: Path) -> sqlite3.Connection:
    """Opens a damaged file for reading, even one that is shorter than its header says."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    database.execute("PRAGMA writable_schema = ON")  # Without it, SQLite refuses a file that is too short.
    try:
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return database
        database.close()  # Its write-ahead log cannot be used.
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        database.execute("PRAGMA writable_schema = ON")
    return database


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Keeps other processes from writing to a damaged file, if it can still be locked."""
    if os.name == "nt":  # On Windows an open file cannot be renamed.
        yield
        return
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        with suppress(sqlite3.DatabaseError):
            database.execute("BEGIN IMMEDIATE")
        yield


def _set_aside(path: Path) -> Path:
    """Renames a damaged file and its log, and returns the file's new path. The log must not be used with a new file."""
    stem = f"{path.stem}.corrupt-{datetime.now().astimezone():%Y-%m-%d}"
    names = (path.with_name(f"{stem}{f'-{number}' if number else ''}{path.suffix}") for number in range(10_000))
    aside = next(name for name in names if not name.exists())
    try:
        os.link(path, aside)  # A link, so that the path always has a file.
    except OSError:  # Some file systems do not support links.
        path.rename(aside)
    with suppress(FileNotFoundError):
        if log_of(path).stat().st_size:
            log_of(path).rename(log_of(aside))
        else:
            log_of(path).unlink()
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    return aside


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Waits until no other process recovers the file, and keeps others from doing so."""
    lock = path.with_name(f".{path.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not _locked(descriptor):
            time.sleep(LOCK_SECONDS)
        yield
    finally:
        os.close(descriptor)
        lock.unlink(missing_ok=True)


def _locked(descriptor: int) -> bool:
    """Takes a lock that ends with the process; False if another process has it."""
    try:
        try:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except (BlockingIOError, PermissionError):
        return False
    return True


def restore_file(ours: Store, path: Path) -> Store:
    """Opens the history at `path` again, with everything that `ours` holds, and returns it; `ours` is closed.

    If another file is there now, it keeps its jobs and gets the rest. If this raises sqlite3.Error or OSError, `ours`
    stays open.
    """
    ours.remove_log_of_moved_file()
    if not path.exists():
        _copied(ours, path)
    new = Store(path)
    try:
        _take_in(new, ours)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            new.close()
            raise
        _take_in_damaged(new, ours, path)
    except BaseException:
        new.close()
        raise
    ours.close()
    return new


def _copied(ours: Store, path: Path) -> None:
    """Writes a whole copy and gives it its name, unless another process was faster."""
    copy = private_file.private_dir(path.parent) / f".{path.name}-{os.getpid()}"
    try:
        copy.touch(mode=0o600)
        target = sqlite3.connect(copy)
        try:
            ours.copy_to(target)
        finally:
            target.close()
        for rest in ("-wal", "-shm"):
            path.with_name(path.name + rest).unlink(missing_ok=True)  # They belong to the old file.
        _named(copy, path)
    finally:
        copy.unlink(missing_ok=True)


def _named(copy: Path, path: Path) -> None:
    """Moves the copy to its path, but never over a new file of another process; raises OSError."""
    try:
        os.link(copy, path)
    except FileExistsError:
        return
    except OSError:  # Some file systems do not support links.
        if not path.exists():
            copy.rename(path)


def _take_in_damaged(new: Store, ours: Store, path: Path) -> None:
    """Adds the readable parts of a damaged history that is open here."""
    copy = path.with_name(f".{path.name}-{os.getpid()}")
    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(copy, isolation_level=None)) as target:
            ours.recover_into(target)
        with closing(Store(copy)) as sound:
            _take_in(new, sound)
    except BaseException:
        new.close()
        raise
    finally:
        for rest in ("", "-wal", "-shm"):
            copy.with_name(copy.name + rest).unlink(missing_ok=True)


def _take_in(new: Store, ours: Store) -> None:
    """Adds the jobs and the ends of jobs that the file at the path does not have."""
    open_there = {job.id for job in new.page(LIVE, limit=-1)}
    for some in _pages(ours):
        missing = [job for job in some if new.job(job.id) is None]
        new.imports.add_records([Record(job, ours.body(job.id), tuple(ours.logs(job.id))) for job in missing])
        for job in some:
            if job.id in open_there and not job.is_open:
                new.save(job, result=ours.body(job.id).result)
    new.copy_marks_and_leases(ours)


def _pages(store: Store) -> Iterator[list[Job]]:
    before = None
    while page := store.page(Query(), limit=TOGETHER, before=before):
        yield page
        before = page[-1].id
