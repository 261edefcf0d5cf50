"""A copy of the history, made beside it before its format changes."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import get_ident

from faldeck.safety import private_file

KEPT = 3
"""The number of copies that are kept: those of the newest formats."""

SPARE_BYTES = 64 << 20
"""Free space that must remain on the disk after the copy: the change of the format needs some, too."""

COPIED_PAGES = 2_000
"""Pages that are copied between two reports of progress."""

_NAME = re.compile(r"-v(\d+)\.db\.bak$")


def before_migration(
    database: sqlite3.Connection, path: Path, tell: Callable[[str], None], at: Callable[[str], None] = lambda _: None
) -> None:
    """Copies the history beside itself as `history-v4.db.bak` (4 is its format), private to the user.

    `at` is called with how far it is. Without room no copy is made, and `tell` is called with a sentence. The format is
    changed all the same: each step of it happens as a whole or not at all, and a full disk must not keep a person from
    running jobs. Raises sqlite3.Error if the history itself cannot be read.
    """
    size = sum(part.stat().st_size for part in (path, path.with_name(f"{path.name}-wal")) if part.exists())
    if shutil.disk_usage(path.parent).free < size + SPARE_BYTES:
        tell(f"There is no room for a backup of {path} ({size / 1e6:,.0f} MB) before its format is updated.")
        return
    copy = path.with_name(f".{path.stem}-{os.getpid()}-{get_ident()}{private_file.UNFINISHED}")
    try:
        copy.touch(mode=0o600)
        with closing(sqlite3.connect(copy, isolation_level=None)) as target:
            _copy(database, target, at)
            # A single file, without a write-ahead log next to it.
            target.execute("PRAGMA journal_mode = DELETE")
            (copied_format,) = target.execute("PRAGMA user_version").fetchone()
        copy.replace(path.with_name(f"{path.stem}-v{copied_format}.db.bak"))
    except OSError as error:
        tell(f"There is no backup of {path} before its format is updated: {error.strerror}.")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise
        tell(f"There is no backup of {path} before its format is updated: {error}.")
    finally:
        copy.unlink(missing_ok=True)
    _drop_older(path)


def _copy(database: sqlite3.Connection, target: sqlite3.Connection, at: Callable[[str], None]) -> None:
    # Without an open snapshot, the copy would start again after each write of another process.
    database.execute("BEGIN")
    try:
        database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        database.backup(
            target,
            pages=COPIED_PAGES,
            progress=lambda _, left, total: at(f"{100 * (total - left) // max(1, total)} % of a backup are copied"),
        )
    finally:
        database.execute("ROLLBACK")


def copies(path: Path) -> list[Path]:
    """Returns the copies of the history at `path`, the one of the newest format first."""
    found = [
        (int(match[1]), file)
        for file in path.parent.glob(f"{path.stem}-v*.db.bak")
        if (match := _NAME.search(file.name))
    ]
    return [file for _, file in sorted(found, reverse=True)]


def _drop_older(path: Path) -> None:
    for old in copies(path)[KEPT:]:
        old.unlink(missing_ok=True)
