"""The request history: one SQLite file.

Imports sqlite3, `query`, `job`, `schema`, `system` and `safety`.

Read `store` for what can be asked and recorded, `threads` for how the event loop does it (`History`), then `search` (a
`Query` as SQL), `rows`, `leases`, `marks`, `trash` and `migrations`. `export` writes and reads jobs as JSON.

Tests: tests/history/
"""

from __future__ import annotations

from pathlib import Path

from faldeck.history.leases import Lease, LeaseLost
from faldeck.history.store import LogLine, Store
from faldeck.history.threads import CannotWrite, Duplicate, History, HistoryError, Interrupted, is_locked
from faldeck.query import Query
from faldeck.system import paths

__all__ = [
    "CannotWrite",
    "Duplicate",
    "History",
    "HistoryError",
    "Interrupted",
    "Lease",
    "LeaseLost",
    "LogLine",
    "Query",
    "Store",
    "history_path",
    "is_locked",
]


def history_path(is_demo: bool = False) -> Path:
    """The file of the history. The demo has a file of its own, so that trying things out never mixes with work."""
    folder = paths.data_dir() / paths.DEMO if is_demo else paths.data_dir()
    return folder / "history.db"
