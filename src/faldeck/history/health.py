"""Whether a history file is sound, found out without changing it."""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Health:
    """What there is to say of a history file."""

    jobs: int
    size_bytes: int
    problem: str | None
    """The first thing that is wrong with it, in SQLite's words."""


def look(path: Path) -> Health | None:
    """The health of the file at `path`, None where there is none yet."""
    if not path.exists():
        return None
    size = path.stat().st_size
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as database:
            (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
            (jobs,) = database.execute("SELECT count(*) FROM job").fetchone()
    except sqlite3.Error as error:
        return Health(0, size, str(error))
    return Health(jobs, size, None if verdict == "ok" else str(verdict))


def lock_problem(folder: Path) -> str:
    """Why no file in a folder can be locked, in words; empty where files can be.

    SQLite gives a file system without locks (NFS without its lock service) out for a file that another program holds.
    """
    try:
        import fcntl
    except ImportError:  # Windows, where locks always work.
        return ""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            fcntl.lockf(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
            why = os.strerror(error.errno)
            return f"files in {folder} cannot be locked ({why}); XDG_DATA_HOME can name another folder"
    return ""
