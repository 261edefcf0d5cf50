"""Looks after the history file: counts its contents, finds jobs to prune, checks it, shrinks it, copies it."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from faldeck.history import connection, rows
from faldeck.history.leases import Lease
from faldeck.history.search_text import EVERY
from faldeck.history.word_tables import BY_ID, BY_PLACE
from faldeck.job import State
from faldeck.job_ids import first_number, id_text

BUSY_SECONDS = 5.0
"""How long a write waits for another process's write."""

COPIED_PAGES = 2_000
"""Pages that are copied between two progress reports of a backup."""

MOST_PROBLEMS = 20
"""The most problems of the file that are reported."""


class FileStats(NamedTuple):
    """The contents of a history file."""

    jobs: int
    by_state: dict[str, int]
    live: int
    starred: int
    tagged: int
    deleted: int
    """Deleted jobs that are not purged yet."""
    oldest_ms: int | None
    newest_ms: int | None
    size_bytes: int
    free_bytes: int
    """Unused bytes of the file; `vacuum` frees them."""


class PruneRule(NamedTuple):
    """Which jobs are pruned: those of `states` that exceed any of the limits; without a limit all of them."""

    before_ms: int | None = None
    """Jobs that were made before this time."""
    keep: int | None = None
    """All jobs except this many of the newest."""
    max_bytes: int | None = None
    """The oldest jobs, until about this many bytes are left."""
    states: tuple[State, ...] = ()
    """Only jobs in these states; () means all states of ended jobs."""
    with_starred: bool = False
    with_tagged: bool = False

    @property
    def has_limit(self) -> bool:
        """True if the rule has a limit: then jobs within it stay."""
        return any(limit is not None for limit in (self.before_ms, self.keep, self.max_bytes))


class Check(NamedTuple):
    """One check and the problem that it found; an empty text without a problem."""

    subject: str
    problem: str = ""


class Maintenance:
    """Maintains a history file through its own connection. Raises sqlite3.Error."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        """Opens the file, only for reading if it cannot be written; `tell` is called with sentences about the file."""
        if connection.can_be_written(path):
            self._db = connection.connect_or_recover(path, BUSY_SECONDS, tell)
        else:
            self._db = connection.connect_read_only(path)

    def close(self) -> None:
        """Closes the connection."""
        self._db.close()

    def stats(self) -> FileStats:
        """Counts what the file holds; reads all rows."""
        by_state = dict(
            self._db.execute(
                "SELECT state, count(*) FROM job WHERE deleted_ms IS NULL GROUP BY state ORDER BY count(*) DESC, state"
            ).fetchall()
        )
        oldest, newest = self._db.execute(
            "SELECT (SELECT created_ms FROM job WHERE deleted_ms IS NULL ORDER BY id LIMIT 1),"
            " (SELECT created_ms FROM job WHERE deleted_ms IS NULL ORDER BY id DESC LIMIT 1)"
        ).fetchone()
        return FileStats(
            jobs=sum(by_state.values()),
            by_state=by_state,
            live=self._one("SELECT count(*) FROM job WHERE is_open AND deleted_ms IS NULL"),
            starred=self._one("SELECT count(*) FROM job WHERE starred AND deleted_ms IS NULL"),
            tagged=self._one("SELECT count(*) FROM job WHERE tags_json NOTNULL AND deleted_ms IS NULL"),
            deleted=self._one("SELECT count(*) FROM job WHERE deleted_ms NOTNULL"),
            oldest_ms=oldest,
            newest_ms=newest,
            size_bytes=self.size_bytes,
            free_bytes=self._one("PRAGMA freelist_count") * self._one("PRAGMA page_size"),
        )

    @property
    def size_bytes(self) -> int:
        """Bytes of the file."""
        return self._one("PRAGMA page_count") * self._one("PRAGMA page_size")

    def prunable(self, rule: PruneRule) -> list[str]:
        """The ids of the jobs that a rule prunes, oldest first.

        Jobs with something left to do are never pruned; unconfirmed ones, which may have been paid, only if the rule
        names them; starred and tagged ones only if it says so.
        """
        conditions = ["deleted_ms IS NULL", "NOT is_open"]
        states = [state.value for state in rule.states]
        conditions.append(f"state IN ({', '.join('?' * len(states))})" if states else "state <> 'unconfirmed'")
        conditions += [] if rule.with_starred else ["NOT starred"]
        conditions += [] if rule.with_tagged else ["tags_json IS NULL"]
        found = self._db.execute(f"SELECT id FROM job WHERE {' AND '.join(conditions)} ORDER BY id", states)
        numbers = [row[0] for row in found]
        if rule.has_limit:
            numbers = numbers[: max(self._exceeding(rule, numbers))]
        return [id_text(number) for number in numbers]

    def _exceeding(self, rule: PruneRule, numbers: Sequence[int]) -> Iterator[int]:
        """How many of the oldest jobs exceed each limit of the rule."""
        if rule.before_ms is not None:
            first = first_number(rule.before_ms)
            yield sum(number < first for number in numbers)
        if rule.keep is not None:
            yield max(0, len(numbers) - rule.keep)
        if rule.max_bytes is not None:
            used = self.size_bytes - self._one("PRAGMA freelist_count") * self._one("PRAGMA page_size")
            jobs = max(1, self._one("SELECT count(*) FROM job"))
            yield max(0, math.ceil((used - rule.max_bytes) * jobs / used))

    def checks(self) -> Iterator[Check]:
        """Checks the file and its tables, one after the other; a large file takes a while."""
        verdicts = [row[0] for row in self._db.execute(f"PRAGMA integrity_check({MOST_PROBLEMS})")]
        yield Check("file", "" if verdicts == ["ok"] else "\n".join(map(str, verdicts)))
        orphans = {str(row[0]) for row in self._db.execute("PRAGMA foreign_key_check")}
        yield Check("parts without a job", f"some are in {', '.join(sorted(orphans))}" if orphans else "")
        bare = self._one("SELECT count(*) FROM job WHERE id NOT IN (SELECT id FROM body)")
        yield Check("documents", f"{bare:,} jobs have none" if bare else "")
        tagged, found = self._one("SELECT count(*) FROM job WHERE tags_json NOTNULL"), "SELECT DISTINCT job_id FROM tag"
        untold = abs(tagged - self._one(f"SELECT count(*) FROM ({found})"))
        yield Check("tags", f"{untold:,} jobs are not found by their tags" if untold else "")
        yield Check("search index", self._index_problem())

    def _index_problem(self) -> str:
        """The problem of the word index: it is damaged, or its jobs are not those of the history."""
        try:
            for table in (BY_PLACE, BY_ID):
                self._db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            return str(error)
        by_id = f"SELECT rowid FROM search WHERE search MATCH '\"{EVERY}\"'"
        places = f"SELECT rowid FROM search_by_place WHERE search_by_place MATCH '\"{EVERY}\"'"
        indexed = f"SELECT id FROM place WHERE place IN ({places}) UNION {by_id}"
        unfound = self._one(
            f"SELECT count(*) FROM job WHERE id NOT IN ({indexed}) AND id >= ifnull((SELECT below FROM indexing), 0)"
        )
        if unfound:
            return f"{unfound:,} jobs are not found by their words"
        gone = self._one(f"SELECT count(*) FROM ({indexed}) WHERE id NOT IN (SELECT id FROM job)")
        gone += self._one(f"SELECT count(*) FROM ({places}) WHERE rowid NOT IN (SELECT place FROM place)")
        return f"it has {gone:,} jobs that are gone" if gone else ""

    def saved_paths(self, after: int = -1, *, limit: int) -> tuple[list[str], int | None]:
        """The paths of the saved files of up to `limit` jobs after a number, and the number of the last job."""
        query = "SELECT id, outputs_json FROM job WHERE id > ? AND outputs_json NOTNULL ORDER BY id LIMIT ?"
        page = self._db.execute(query, (after, limit)).fetchall()
        paths = [one.path for _, text in page for one in rows.outputs(text) if one.path and one.state == "saved"]
        return paths, page[-1][0] if len(page) == limit else None

    def leases(self) -> list[Lease]:
        """The leases of all processes that follow jobs, even of processes that have crashed."""
        return [Lease(*row) for row in self._db.execute("SELECT owner, until_ms FROM lease")]

    def vacuum(self) -> None:
        """Makes the file as small as possible. No process can write meanwhile, and the disk needs room for a copy."""
        self._db.execute("VACUUM")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def backup(self, path: Path, on_progress: Callable[[float], object] = lambda part: None) -> None:
        """Copies the file, as it is now, to `path`, which must exist and be empty; others may write meanwhile.

        `on_progress` is called with the finished part, from 0 to 1.
        """
        # Without an open snapshot, the copy would start again after each write of another process.
        self._db.execute("BEGIN")
        try:
            self._one("SELECT count(*) FROM lease")
            with closing(sqlite3.connect(path, isolation_level=None)) as target:
                self._db.backup(
                    target,
                    pages=COPIED_PAGES,
                    progress=lambda status, left, total: on_progress(1 - left / max(1, total)),
                )
                target.execute("PRAGMA journal_mode = DELETE")  # A single file, without a write-ahead log next to it.
        finally:
            self._db.execute("ROLLBACK")

    def _one(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])
