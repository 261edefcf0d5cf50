"""Opens the file of the history: for reading and writing, or for reading alone where it cannot be written."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from faldeck.history.migrations import is_newest, migrate
from faldeck.safety import private_file


def can_be_written(path: str | Path) -> bool:
    """Whether the file may be written, and the files that SQLite puts beside it; True where there is no file yet."""
    return not os.access(path, os.F_OK) or (os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK))


def connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Opens the file for reading and writing, makes it where it is missing, and brings its schema up to date.

    `busy_seconds` is how long a write waits for another process. Raises sqlite3.Error, OSError.
    """
    private_file.private_dir(path.parent)
    path.touch(mode=0o600)
    for suffix in ("-wal", "-shm"):
        # Whoever read the file while it was read-only has made these read-only, too.
        beside = path.with_name(path.name + suffix)
        if os.access(beside, os.F_OK) and not os.access(beside, os.W_OK):
            beside.chmod(0o600)
    database = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    database.row_factory = sqlite3.Row
    _write_ahead(database, busy_seconds)
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("PRAGMA synchronous = FULL")
    migrate(database)
    return database


def connect_read_only(path: Path) -> sqlite3.Connection:
    """Opens a file that cannot be written; raises sqlite3.Error.

    SQLite needs two files beside one with a write-ahead log. Where it cannot make them either, the file is read as it
    is; what another process has left in such a log is not seen then.
    """
    problem: sqlite3.OperationalError | None = None
    for option in ("mode=ro", "immutable=1"):
        database = sqlite3.connect(
            f"{path.absolute().as_uri()}?{option}", uri=True, isolation_level=None, check_same_thread=False
        )
        database.row_factory = sqlite3.Row
        try:
            if is_newest(database):
                return database
            problem = sqlite3.OperationalError(
                "another version of faldeck wrote it, and it cannot be brought up to date"
            )
            problem.sqlite_errorcode = sqlite3.SQLITE_READONLY
        except sqlite3.OperationalError as error:
            problem = error
        database.close()
    assert problem
    raise problem


def unwritable(path: Path) -> str:
    """Says that a history can only be read, as a sentence."""
    return f"{path} cannot be written, so nothing can be recorded: no request is sent, and no job is followed."


def _write_ahead(database: sqlite3.Connection, busy_seconds: float) -> None:
    """Turns the write-ahead log on. The first time needs the file to itself, and SQLite does not wait for that."""
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
