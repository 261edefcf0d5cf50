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

LARGE_BYTES = 200 << 20
"""For files of at least this size, a message says that the copy takes time."""

_NAME = re.compile(r"-v(\d+)\.db\.bak$")


def before_migration(database: sqlite3.Connection, path: Path, tell: Callable[[str], None]) -> None:
    """Copies the history beside itself as `history-v4.db.bak` (4 is its format), private to the user.

    Without room no copy is made, and `tell` is called with a sentence. The format is changed all the same: each
    step of it happens as a whole or not at all, and a full disk must not keep a person from running jobs.
    Raises sqlite3.Error if the history itself cannot be read.
    """
    size = sum(part.stat().st_size for part in (path, path.with_name(f"{path.name}-wal")) if part.exists())
    if shutil.disk_usage(path.parent).free < size + SPARE_BYTES:
        tell(f"There is no room for a backup of {path} ({size / 1e6:,.0f} MB) before its format is updated.")
        return
    if size > LARGE_BYTES:
        tell(f"The format of the history is updated once; first {path} ({size / 1e9:,.1f} GB) is copied.")
    copy = path.with_name(f".{path.stem}-{os.getpid()}-{get_ident()}{private_file.UNFINISHED}")
    try:
        copy.touch(mode=0o600)
        with closing(sqlite3.connect(copy, isolation_level=None)) as target:
            database.backup(target)
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
