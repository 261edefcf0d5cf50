"""The history as rows, for commands that print it: nothing is written, no job is made, and little is imported."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from types import TracebackType

from faldeck.history.export import read, row_document
from faldeck.history.migrations import is_newest
from faldeck.history.search import Search
from faldeck.job import id_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` itself is left out for its cost.
    from typing import Any, Self

PAGE = 200
"""Rows that are read at once, so that a reader who is slow keeps no other from tidying the file."""

_BODY = "(SELECT {0} FROM body WHERE body.id = job.id) AS {0}"
_COLUMNS = f"job.*, {_BODY.format('arguments_json')}, {_BODY.format('result_json')}"


class Ledger:
    """The history in the file at `path`, which may be missing.

    Every method raises sqlite3.Error, and entering it OSError.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        try:
            os.stat(self._path)
        except FileNotFoundError:
            return self
        self._db = sqlite3.connect(self._path)
        self._db.row_factory = sqlite3.Row
        if not is_newest(self._db):
            _bring_up_to_date(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._db:
            self._db.close()

    def documents(self, search: Search, *, limit: int = 0) -> Iterator[dict[str, Any]]:
        """The jobs that a search finds, newest first, as commands print them; at most `limit`, or all of them."""
        for row in self.rows(search, limit=limit):
            yield row_document(row, read(row["arguments_json"]) or {}, read(row["result_json"]))

    def count(self, search: Search, *, cap: int) -> int:
        """How many jobs a search finds, counted up to `cap`."""
        return int(self._db.execute(*search.count(cap)).fetchone()[0]) if self._db else 0

    def rows(self, search: Search, *, limit: int = 0) -> Iterator[dict[str, Any]]:
        """The same as rows: the columns of `job`, and the job's documents as JSON."""
        left, before = limit or -1, None
        while self._db and left:
            size = PAGE if left < 0 else min(PAGE, left)
            page = self._db.execute(*search.page(_COLUMNS, limit=size, before=before)).fetchall()
            yield from map(dict, page)
            if len(page) < size:
                return
            left, before = max(left - size, -1), id_text(page[-1]["id"])


def _bring_up_to_date(path: str) -> None:
    """Lets the store do what it does to an older file; raises as it does for a newer one."""
    from pathlib import Path

    from faldeck.history.store import Store

    Store(Path(path)).close()
