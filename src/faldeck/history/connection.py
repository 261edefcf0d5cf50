"""Opens the file of the history: for reading and writing, or only for reading if it cannot be written."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faldeck.history import file_header, search_index
from faldeck.history.migrations import MIGRATIONS, format_of, is_newest, migrate
from faldeck.safety import private_file

LOOK_SECONDS = 0.002
"""How often a statement that waits for another process's write checks whether it has ended (seconds)."""

LOG_PAGES = 4_000
"""Pages of the write-ahead log from which on a change also writes them to the file.

An import does that earlier (`Imports.write_log_to_file`), so that no save of a job waits for what an import wrote.
"""


def can_be_written(path: str | Path) -> bool:
    """Whether the file and SQLite's files next to it may be written; True if no file exists yet."""
    return not os.access(path, os.F_OK) or (os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK))


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is damaged: it is not a database, or a part of it cannot be read."""
    if (code := getattr(error, "sqlite_errorcode", None)) is None:
        # Python gives no error code for invalid UTF-8. faldeck never writes such a text.
        return isinstance(error, sqlite3.OperationalError) and str(error).startswith("Could not decode to UTF-8")
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class PatientConnection(sqlite3.Connection):
    """A connection that waits for another process's write, and checks often whether it has ended.

    SQLite itself checks less and less often, down to ten times a second. An import pauses for others only for a few
    milliseconds at a time, so SQLite would wait for seconds.
    """

    busy_seconds = 0.0
    """How long a statement waits before it raises."""

    def execute(self, *statement: Any) -> sqlite3.Cursor:
        """Runs a statement; raises sqlite3.Error."""
        try:
            return super().execute(*statement)
        except sqlite3.OperationalError as error:
            if not self._may_wait(error):
                raise
        deadline = time.monotonic() + self.busy_seconds
        while True:
            time.sleep(LOOK_SECONDS)
            try:
                return super().execute(*statement)
            except sqlite3.OperationalError as error:
                if not self._may_wait(error) or time.monotonic() > deadline:
                    raise

    def _may_wait(self, error: sqlite3.OperationalError) -> bool:
        return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY and not self.in_transaction


AGAIN_SECONDS = 3.0
"""How often slow work says how far it is (seconds)."""


class SlowWork:
    """Says how far work on the file is, as soon as it takes longer than a second, and then every few seconds."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        """`say` is called with a sentence."""
        self._say, self._clock = say, clock
        self._next = clock() + 1

    def at(self, progress: str) -> None:
        """The work is this far now: `step 2 of 9`."""
        if self._clock() >= self._next:
            self._next = self._clock() + AGAIN_SECONDS
            self._say(f"The format of the history is updated once: {progress}.")


def identity(path: Path) -> tuple[int, int]:
    """The identity of the file at a path, which differs for another file there; raises OSError."""
    found = path.stat()
    return found.st_dev, found.st_ino


def identity_if_there(path: Path) -> tuple[int, int] | None:
    """The same; None if the file does not exist."""
    try:
        return identity(path)
    except OSError:
        return None


def log_of(path: Path) -> Path:
    """SQLite's write-ahead log of a database."""
    return path.with_name(f"{path.name}-wal")


def refuse_newer(path: Path) -> None:
    """Raises NewerHistory if a newer faldeck has written the file. Writes nothing, not even next to it."""
    file_header.check_format(path, len(MIGRATIONS))


def connect_or_recover(
    path: Path, busy_seconds: float, tell: Callable[[str], None], progress: Callable[[str], None] | None = None
) -> sqlite3.Connection:
    """Opens the file as `connect` does. A damaged file is renamed and replaced by its readable parts."""
    found = identity_if_there(path)
    try:
        return connect(path, busy_seconds, tell, progress)
    except sqlite3.DatabaseError as error:
        if found is None or not is_damage(error):
            raise
    from faldeck.history import file_recovery

    file_recovery.recover(path, found, tell)
    return connect(path, busy_seconds, tell, progress)


def connect(
    path: Path, busy_seconds: float, tell: Callable[[str], None], progress: Callable[[str], None] | None = None
) -> sqlite3.Connection:
    """Opens the file for reading and writing, creates it if it is missing, and updates its schema.

    `busy_seconds` is how long a write waits for another process. `tell` is called with a sentence if the person
    should know what happens to the file, and `progress` (otherwise `tell`) with one that says how far a slow update is.
    Raises NewerHistory, sqlite3.Error, OSError.
    """
    private_file.private_dir(path.parent)
    refuse_newer(path)
    path.touch(mode=0o600)
    for suffix in ("-wal", "-shm"):
        # A process that read the file while it was read-only has created these as read-only, too.
        beside = path.with_name(path.name + suffix)
        if os.access(beside, os.F_OK) and not os.access(beside, os.W_OK):
            beside.chmod(0o600)
    database = sqlite3.connect(
        path, timeout=0, isolation_level=None, check_same_thread=False, factory=PatientConnection
    )
    try:
        database.busy_seconds = busy_seconds
        database.row_factory = sqlite3.Row
        search_index.add_functions(database)
        _write_ahead(database, busy_seconds)
        database.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("PRAGMA synchronous = FULL")
        # A statement that fires triggers can be undone alone: what that takes need not be written to a file.
        database.execute("PRAGMA temp_store = MEMORY")
        database.execute("PRAGMA secure_delete = ON")  # What is forgotten is overwritten, however SQLite was built.
        if 0 < format_of(database) < len(MIGRATIONS):
            from faldeck.history import backup  # Most histories have the newest format.

            work = SlowWork(progress or tell)
            backup.before_migration(database, path, tell, work.at)
            migrate(database, work.at)
        else:
            migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def connect_read_only(path: Path) -> sqlite3.Connection:
    """Opens a file that cannot be written; raises sqlite3.Error.

    With a write-ahead log, SQLite needs two more files. If it cannot create them, the file is read without a log; then
    changes that another process has left in the log are not visible.
    """
    refuse_newer(path)
    problem: sqlite3.OperationalError | None = None
    for option in ("mode=ro", "immutable=1"):
        database = sqlite3.connect(
            f"{path.absolute().as_uri()}?{option}", uri=True, isolation_level=None, check_same_thread=False
        )
        database.row_factory = sqlite3.Row
        search_index.add_functions(database)
        try:
            if is_newest(database):
                return database
            problem = sqlite3.OperationalError(
                "an older faldeck wrote it, and its format cannot be updated while it is read-only"
            )
            problem.sqlite_errorcode = sqlite3.SQLITE_READONLY
        except sqlite3.OperationalError as error:
            problem = error
        database.close()
    assert problem
    raise problem


def unwritable(path: Path) -> str:
    """The sentence that says that a history is read-only."""
    return f"{path} cannot be written, so nothing can be recorded: no request is sent, and no job is followed."


def _write_ahead(database: sqlite3.Connection, busy_seconds: float) -> None:
    """Turns the write-ahead log on. The first time needs exclusive access, and SQLite does not wait for that."""
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
