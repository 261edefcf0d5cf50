"""The request history: one SQLite file.

Imports sqlite3, `query`, `job`, `schema`, `system` and `safety`.

Read `store` for what can be asked and recorded, and `threads` for how the event loop does it (`History`). Then, by
subject:
    the file    `connection`, `migrations`, `rows` (columns of a job), `record` (a job with its documents), `leases`,
                `upload_cache`
    lists       `job_lists` (pages), `search` (a `Query` as SQL), `search_terms`, `sorted_search` (its order by cost or
                time), `stats` (sums)
    words       `search_text` (the words of a job), `search_index` (of all jobs), `word_tables` (its tables), `indexer`
                (for an older history)
    the person  `marks` (stars, tags, notes), `model_marks` (the same of models), `trash` (deleted jobs)
    exchange    `export` (a job as JSON), `restoring` (back again), `imports` (adds jobs of another history), `merge`
                (one job from two histories), `sidecar` (the JSON beside an output), `embedded` (the same inside it)
    safety      `file_header` (a newer version wrote it), `backup` (before a migration), `maintenance` (check, prune,
                shrink, copy), `file_recovery` (it is damaged, deleted or replaced), `row_recovery` (reads what is
                left), `new_schema` (for a file whose list of tables is damaged)

Tests: tests/history/
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from faldeck.history.connection import is_damage
from faldeck.history.leases import Lease, LeaseLost
from faldeck.history.model_marks import ModelMark
from faldeck.history.record import LogLine
from faldeck.history.search_index import IndexingProgress
from faldeck.history.store import Store
from faldeck.history.threads import CannotWrite, Duplicate, History, HistoryError, Interrupted, is_locked
from faldeck.query import Query
from faldeck.system import paths

__all__ = [
    "CannotWrite",
    "Duplicate",
    "History",
    "HistoryError",
    "IndexingProgress",
    "Interrupted",
    "Lease",
    "LeaseLost",
    "LogLine",
    "ModelMark",
    "Query",
    "Store",
    "history_path",
    "is_locked",
    "open_store",
]


def history_path(is_demo: bool = False) -> Path:
    """The file of the history. The demo has a file of its own, so that trying things out never mixes with work."""
    folder = paths.data_dir() / paths.DEMO if is_demo else paths.data_dir()
    return folder / "history.db"


@contextmanager
def open_store(path: Path, tell: Callable[[str], None]) -> Iterator[Store]:
    """Opens the history for a command that reads it directly; `tell` is called with sentences about the file.

    If a part of the file turns out to be damaged, it is recovered, and HistoryError says to run the command again:
    half of its output may be printed already.
    """
    store = Store(path, tell=tell)
    try:
        yield store
    except sqlite3.DatabaseError as error:
        if not is_damage(error) or store.is_read_only:
            raise
        from faldeck.history import file_recovery

        file_recovery.recover(path, store.file, tell)
        raise HistoryError("a part of it could not be read. It has been recovered; run the command again") from error
    finally:
        store.close()
