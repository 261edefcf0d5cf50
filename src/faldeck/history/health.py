"""Whether a history file is sound, found out without changing it."""

from __future__ import annotations

import sqlite3
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
