"""The word index of all jobs. It is updated with their rows, and made in steps for a history of an older version.

The index keeps no texts: faldeck tells SQLite's FTS5 which words a job gains and loses. Both follow from the job's row
before and after a change, read in the transaction of the change, so that the index always matches the rows. Only new
words are added. Removing a word also removes its beginnings, which other words of the job may share, so some words with
these are added again.

The table `indexing` has a row while jobs with ids below `below` are not in the index yet, except those of the table
`indexed_early`. Their arguments' words are in the table `words`, the index of older versions. The table `unindexed` has
the jobs of a large import that are not in the index yet. `word_tables` has the tables of the index itself.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from faldeck.history import search_text
from faldeck.history.leases import repeatable
from faldeck.history.word_tables import KEPT_BEGINNINGS, WordTables
from faldeck.job import State

OLD_INDEX = """CREATE VIRTUAL TABLE IF NOT EXISTS words
    USING fts5 (text, content='', detail=none, columnsize=0, prefix='2 3')"""
"""The index of older versions. It exists while `indexing` has a row, and is removed some time after that."""

STEP_SECONDS = 0.04
"""How long one indexing step blocks other writers (seconds)."""

_ROWS_OF_A_STEP = 20
"""Jobs that are indexed between two looks at the clock."""

_READING = 0.6
"""For how much of a step's time the words of jobs are read; in the rest they are entered, and others wait."""

_PAGES_OF_A_STEP = 200
"""Pieces of the old index that are deleted at once."""


class IndexingProgress(NamedTuple):
    """The progress of indexing an older history, or the jobs of a large import."""

    done: int
    total: int
    is_of_import: bool = False
    """Whether the jobs are of an import: then no word of theirs is found yet, and `done` is 0."""


_NEWEST_UNINDEXED = "SELECT id FROM unindexed WHERE id < ? ORDER BY id DESC LIMIT ?"


class SearchIndex:
    """The word index of a history file. Callers must hold a transaction, unless a method says that it opens its own."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._tables = WordTables(connection)
        self.endings = self._tables.endings
        self._fitting = _ROWS_OF_A_STEP
        """Jobs of an import that a step can enter in time."""

    def add(self, jobs: Iterable[tuple[int, str]]) -> None:
        """Adds new jobs: the number and all words, separated by blanks."""
        below = self._below()
        early: list[tuple[int, str]] = []
        others: list[tuple[int, str]] = []
        for job in jobs:
            (early if job[0] < below else others).append(job)
        self._add_early(early)
        self._tables.enter(others)

    def _add_early(self, jobs: Sequence[tuple[int, str]]) -> None:
        self._tables.enter(jobs, by_id=True)
        self._db.executemany("INSERT INTO indexed_early VALUES (?)", ((number,) for number, _ in jobs))

    def defer(self, numbers: Iterable[int]) -> None:
        """Marks new jobs to be indexed later, by `step`."""
        self._db.executemany("INSERT OR IGNORE INTO unindexed VALUES (?)", ((number,) for number in numbers))

    def is_changed(self, number: int, columns: Mapping[str, object]) -> bool:
        """Whether new columns of a job change its words, apart from its documents and a person's marks."""
        names = ("state", "error_json", "outputs_json", "kinds")
        row = self._db.execute(f"SELECT {', '.join(names)} FROM job WHERE id = ?", (number,)).fetchone()
        if row is None or all(row[name] == columns[name] for name in names[1:]):
            states = {State(str(one["state"])) for one in (row, columns) if one}
            return len(states) > 1 and any(state.is_final for state in states)
        return True

    @contextmanager
    def following(self, numbers: Collection[int], *, marks_only: bool = False) -> Iterator[None]:
        """Updates the index after the changes to jobs inside the block. `marks_only` if these are only stars, tags and
        notes, which is faster.

        This is the only way to change a job's words.
        """
        read = search_text.mark_words if marks_only else search_text.words
        before = {number: read(row) for number, row in self._rows(numbers, marks_only=marks_only)}
        yield
        not_there = self._not_there(numbers)
        changes: dict[int, tuple[set[str], set[str]]] = {}
        for number, row in self._rows(before, marks_only=marks_only):
            if number not in not_there:
                after = read(row)
                changes[number] = before[number] - after, after - before[number]
            elif number < self._below():  # A later step would index the job too late.
                self._add_early([(number, " ".join(self._words([number])[number]))])
                self._db.execute("DELETE FROM unindexed WHERE id = ?", (number,))
        firsts = {
            number: {word[0] for word in gone if not word.startswith(search_text.EVERY)}
            for number, (gone, _) in changes.items()
        }
        rest = dict(self._rows(number for number, some in firsts.items() if some))
        for number, (gone, new) in changes.items():
            words = search_text.words_beginning(rest[number], firsts[number]) if number in rest else set()
            self._tables.change(number, gone - words, new | _beginning_like(gone - words, words))

    def remove(self, numbers: Collection[int]) -> None:
        """Removes jobs; called before their rows are deleted."""
        not_there, gone = self._not_there(numbers), set[str]()
        for number, row in self._rows(number for number in numbers if number not in not_there):
            words = search_text.words(row)
            self._tables.leave(number, words)
            gone |= words
        self._tables.forget(gone)
        for table in ("unindexed", "indexed_early"):
            self._db.executemany(f"DELETE FROM {table} WHERE id = ?", ((number,) for number in numbers))

    def _not_there(self, numbers: Collection[int]) -> set[int]:
        """The jobs of these that are not in the index yet."""
        below = self._below()
        older = {number for number in numbers if number < below}
        return self._among("unindexed", numbers) | (older - self._among("indexed_early", older))

    def _among(self, table: str, numbers: Collection[int]) -> set[int]:
        """The ids of these that are in a table of ids."""
        query = f"SELECT id FROM {table} WHERE id IN (SELECT value FROM json_each(?))"
        return {int(row[0]) for row in self._db.execute(query, (json.dumps(list(numbers)),))} if numbers else set()

    def rebuild(self) -> None:
        """Empties the index and marks all jobs to be indexed again, for a history whose index cannot be trusted."""
        self._tables.clear()
        self._db.execute(OLD_INDEX)
        for table in ("indexing", "indexed_early", "unindexed"):
            self._db.execute(f"DELETE FROM {table}")
        self._db.execute("INSERT INTO indexing SELECT max(id) + 1, count(*), 0 FROM job HAVING count(*) > 0")

    # Making the index of an older history

    @property
    def below(self) -> int | None:
        """The id below which jobs are not in the index yet; None if all are."""
        row = self._db.execute("SELECT below FROM indexing").fetchone()
        return None if row is None else int(row[0])

    def progress(self) -> IndexingProgress | None:
        """The progress of the index; None if it is complete."""
        row = self._db.execute("SELECT done, total FROM indexing").fetchone()
        if row is not None:
            return IndexingProgress(row["done"], row["total"])
        if not self.has_unindexed():
            return None
        left = int(self._db.execute("SELECT count(*) FROM unindexed").fetchone()[0])
        return IndexingProgress(0, left, is_of_import=True)

    def is_growing(self) -> bool:
        """Whether some jobs are not in the index yet."""
        return self.below is not None or self.has_unindexed()

    def is_behind(self) -> bool:
        """Whether `step` has something to do."""
        return self.is_growing() or self._has_old_index()

    def step(self, seconds: float = STEP_SECONDS) -> bool:
        """Indexes some jobs, the newest first, in its own transaction of about `seconds`.

        False if nothing is left to do. Several processes can do this at once, and any of them can be killed.
        """
        if self.below is None:
            return self._index_unindexed(seconds) or self._throw_old_index_away()
        with repeatable(self._db):
            end = time.monotonic() + seconds
            below: int | None = self.below
            while below is not None:
                below = self._index_some(below)
                if time.monotonic() >= end:
                    break
        return True

    def _index_some(self, below: int) -> int | None:
        """Indexes the newest jobs below an id; returns the id below which some are left, or None."""
        numbers = [
            int(row[0])
            for row in self._db.execute(
                "SELECT id FROM job WHERE id < ? ORDER BY id DESC LIMIT ?", (below, _ROWS_OF_A_STEP)
            )
        ]
        if not numbers:
            self._db.execute("DELETE FROM indexing")
            self._db.execute("DELETE FROM indexed_early")
            return None
        self._enter(set(numbers) - self._among("indexed_early", numbers))
        self._db.executemany("DELETE FROM unindexed WHERE id = ?", ((number,) for number in numbers))
        self._db.execute("UPDATE indexing SET below = ?, done = done + ?", (numbers[-1], len(numbers)))
        return numbers[-1]

    def has_unindexed(self) -> bool:
        """Whether jobs of an import are not in the index yet."""
        return self._db.execute("SELECT 1 FROM unindexed LIMIT 1").fetchone() is not None

    def _index_unindexed(self, seconds: float) -> bool:
        """Indexes jobs of the table `unindexed`, the newest first; False if it has none.

        Their words are read before the transaction, in which others wait.
        """
        end = time.monotonic() + seconds * _READING
        read: dict[int, tuple[sqlite3.Row, str]] = {}
        last = 2**63 - 1
        while found := self._db.execute(_NEWEST_UNINDEXED, (last, _ROWS_OF_A_STEP)).fetchall():
            last = int(found[-1][0])
            for number, row in self._rows(int(one[0]) for one in found):
                read[number] = row, " ".join(search_text.words(row))
            if time.monotonic() >= end or len(read) >= self._fitting:
                break
        if not read:
            return False
        with self._timed(len(read), seconds * (1 - _READING)), repeatable(self._db):
            left = self._among("unindexed", read)  # Another process may have indexed some, or changed them.
            self._tables.enter(
                (number, read[number][1] if row == read[number][0] else " ".join(search_text.words(row)))
                for number, row in self._rows(left)
            )
            self._db.executemany("DELETE FROM unindexed WHERE id = ?", ((number,) for number in left))
        return True

    @contextmanager
    def _timed(self, count: int, seconds: float) -> Iterator[None]:
        """Learns from the work on some jobs how many fit into some time: on a busy machine only a few."""
        began = time.monotonic()
        yield
        fitting = count * seconds / max(time.monotonic() - began, 0.001)
        self._fitting = min(max(round(fitting), _ROWS_OF_A_STEP), 2 * self._fitting)

    def _throw_old_index_away(self) -> bool:
        """Removes the index of older versions piece by piece: dropping a large one at once would block others."""
        if not self._has_old_index():
            return False
        with repeatable(self._db):
            if not self._has_old_index():
                return False
            gone = self._db.execute(
                "DELETE FROM words_data WHERE id IN (SELECT id FROM words_data WHERE id > 10 LIMIT ?)",
                (_PAGES_OF_A_STEP,),
            ).rowcount
            if gone < _PAGES_OF_A_STEP:
                self._db.execute("DROP TABLE words")
        return True

    def _has_old_index(self) -> bool:
        return self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'words'").fetchone() is not None

    def _below(self) -> int:
        return self.below or 0

    # One job

    def _words(self, numbers: Iterable[int]) -> dict[int, set[str]]:
        return {number: search_text.words(row) for number, row in self._rows(numbers)}

    def _rows(self, numbers: Iterable[int], *, marks_only: bool = False) -> list[tuple[int, sqlite3.Row]]:
        """The jobs with the columns of their words, the oldest first; with `marks_only` without their documents."""
        columns = search_text.MARK_COLUMNS if marks_only else search_text.SEARCHED_COLUMNS
        found = self._db.execute(
            f"SELECT job.id AS number, {columns} FROM job {'' if marks_only else 'JOIN body ON body.id = job.id'}"
            " WHERE job.id IN (SELECT value FROM json_each(?)) ORDER BY job.id",
            (json.dumps(list(numbers)),),
        )
        return [(row["number"], row) for row in found]

    def _enter(self, numbers: Iterable[int]) -> None:
        """Adds jobs of the history that are not in the index yet."""
        self._tables.enter([(number, " ".join(search_text.words(row))) for number, row in self._rows(numbers)])


def _beginning_like(gone: Iterable[str], words: Collection[str]) -> set[str]:
    """Some of `words` that have all the kept beginnings which `gone` share with any of them."""
    found: set[str] = set()
    for word in gone:
        for length in range(KEPT_BEGINNINGS, 0, -1):
            if one := next((one for one in words if one.startswith(word[:length])), None):
                found.add(one)
                break
    return found


def old_question(text: str) -> str:
    """The query to the index of older versions for typed words; empty if it cannot have them.

    It has the words of the arguments, and of scripts without blanks the next 16 characters from each place on.
    """
    words = re.findall(r"[^\W_]+", text.lower())
    cut = [word[:16] if max(word) >= "\u2e80" else word for word in words]
    return " AND ".join(f'"{word}"*' for word in cut)


def add_functions(connection: sqlite3.Connection) -> None:
    """Adds the SQL functions `texts_have(needle, id)`, whether a job's texts contain `needle` (a result of `spaced`),
    and `texts_may_have(needle, STORED_TEXT)`, which is false if they certainly do not, and much faster.
    """
    query = f"SELECT {search_text.SEARCHED_COLUMNS} FROM job JOIN body ON body.id = job.id WHERE job.id = ?"

    def texts_have(needle: str, number: int) -> bool:
        row = connection.execute(query, (number,)).fetchone()
        return row is not None and search_text.has(row, needle)

    def texts_may_have(needle: str, stored: str | None) -> bool:
        return stored is not None and search_text.may_have(stored, needle)

    connection.create_function("texts_have", 2, texts_have)
    connection.create_function("texts_may_have", 2, texts_may_have)
