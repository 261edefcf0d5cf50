"""The request history: one SQLite file.

`Store` says what can be asked and told, `History` on which thread; `Ledger` only reads, and is imported in no time.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from faldeck.history.leases import Lease, LeaseLost
    from faldeck.history.store import LogLine, Query, Store
    from faldeck.history.threads import CannotWrite, Duplicate, History, HistoryError, Interrupted, is_locked

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

_STORE = {"Lease", "LeaseLost", "LogLine", "Query", "Store"}


def history_path(profile_is_demo: bool = False) -> Path:
    """The history file; the demo keeps one of its own, so that play never mixes with work."""
    from pathlib import Path

    from faldeck.system import folders

    return Path(folders.history_file(of_demo=profile_is_demo))


def __getattr__(name: str) -> object:
    """Imports what is asked for, so that whoever lists the history need not import what changes it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("faldeck.history.store" if name in _STORE else "faldeck.history.threads"), name)
