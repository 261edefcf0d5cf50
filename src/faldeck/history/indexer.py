"""Makes the search index of an older history in the background, in steps so short that no one notices them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

from faldeck.history.store import Store

PAUSE_SECONDS = 0.15
"""The pause after each step, in which other processes can use the file and the processor (seconds)."""

BUSY_SECONDS = 0.1
"""How long a step waits for another process's write before it tries again later (seconds)."""


class Indexer:
    """A thread that indexes the jobs of a history file until all are indexed, or until `stop` is called."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        """`tell` is called with a sentence, from another thread, if the index cannot be made."""
        self._path, self._tell = path, tell
        self._is_stopping = Event()
        self._thread = Thread(target=self._run, name="history-indexer", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether there is still something to index."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Ends after the current step. The next process continues there."""
        self._is_stopping.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with closing(Store(self._path, busy_seconds=BUSY_SECONDS)) as store:
                while store.is_in_place and self._step(store):
                    if self._is_stopping.wait(PAUSE_SECONDS):
                        return
        except (sqlite3.Error, OSError) as error:
            self._tell(f"Older jobs cannot be indexed for the search now: {error}. The next start continues.")

    def _step(self, store: Store) -> bool:
        try:
            return store.index.step()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return True  # Another process writes; the next step is tried after the pause.
            raise
