"""The tables of the word index: which job is in which, and the words that begin alike.

A list of words is short to store and quick to read if the numbers of its jobs are close together. Job ids are far
apart, so `search_by_place` numbers the jobs by place: 1, 2, 3, ... in the order of their ids. The table `place` maps
places to ids. A job that is newer or older than all of these gets the next place at that end. A job in between goes to
the table `search`, whose numbers are the ids. Older versions have that table alone.

The table `long_word` has the longer words of `search_by_place`. If a beginning is longer than those that FTS5 keeps
lists for, it reads the jobs of all words with it before it returns the first one. A query that names the words is read
job by job.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence

from faldeck.history.search_text import EVERY

KEPT_BEGINNINGS = 4
"""Characters of the longest beginnings that FTS5 keeps lists for (`prefix` in the migration)."""

MOST_ENDINGS = 250
"""The most words that stand for their common beginning in a query."""

BY_PLACE, BY_ID = "search_by_place", "search"


class WordTables:
    """The word tables of a history file. Callers hold a transaction for changes; raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def enter(self, jobs: Iterable[tuple[int, str]], *, by_id: bool = False) -> None:
        """Adds jobs that are in no table: their numbers and words, separated by blanks. `by_id`: to `search` only."""
        # In ascending order: FTS5 writes a new part of its index for each step down.
        new = sorted(jobs)
        places = {} if by_id else self._free_places([number for number, _ in new])
        others = [job for job in new if job[0] not in places]
        placed = [(places[number], words) for number, words in new if number in places]
        self._db.executemany("INSERT INTO search (rowid, text) VALUES (?, ?)", others)
        self._db.executemany("INSERT INTO place (id, place) VALUES (?, ?)", places.items())
        self._db.executemany("INSERT INTO search_by_place (rowid, text) VALUES (?, ?)", placed)
        self._learn({word for _, words in placed for word in words.split()})

    def change(self, number: int, gone: Collection[str], new: Collection[str]) -> None:
        """Removes words from a job that is in a table and has them, and adds others."""
        if not (gone or new):
            return
        table, row = self._row(number)
        if gone:
            self._remove(table, row, gone)
        # FTS5 counts rows: a removed row must be added again, even if empty.
        self._db.execute(f"INSERT INTO {table} (rowid, text) VALUES (?, ?)", (row, " ".join(new) or EVERY))
        if table == BY_PLACE:
            self._learn(new)

    def _remove(self, table: str, row: int, words: Iterable[str]) -> None:
        self._db.execute(f"INSERT INTO {table} ({table}, rowid, text) VALUES ('delete', ?, ?)", (row, " ".join(words)))

    def leave(self, number: int, words: Iterable[str]) -> None:
        """Removes a job with all its words."""
        self._remove(*self._row(number), words)
        self._db.execute("DELETE FROM place WHERE id = ?", (number,))

    def forget(self, words: Iterable[str]) -> None:
        """Removes those of the longer words that no job has any more."""
        query = "DELETE FROM long_word WHERE word = ? AND NOT EXISTS (SELECT 1 FROM search_by_place(?))"
        self._db.executemany(query, ((word, f'"{word}"') for word in words if _is_long(word)))

    def clear(self) -> None:
        """Empties all tables."""
        for table in (BY_PLACE, BY_ID):
            self._db.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
        self._db.execute("DELETE FROM place")
        self._db.execute("DELETE FROM long_word")

    def endings(self, beginning: str) -> Sequence[str] | None:
        """The words of `search_by_place` that start with `beginning`; None if FTS5 itself should look them up."""
        if not _is_long(beginning):
            return None
        query = "SELECT word FROM long_word WHERE word >= ? AND word < ? LIMIT ?"
        found = self._db.execute(query, (beginning, f"{beginning}\U0010ffff", MOST_ENDINGS + 1)).fetchall()
        return [row[0] for row in found] if len(found) <= MOST_ENDINGS else None

    def _row(self, number: int) -> tuple[str, int]:
        """The table that a job is in, and its number there."""
        found = self._db.execute("SELECT place FROM place WHERE id = ?", (number,)).fetchone()
        return (BY_ID, number) if found is None else (BY_PLACE, int(found[0]))

    def _learn(self, words: Iterable[str]) -> None:
        long = [word for word in words if _is_long(word)]
        if long:
            query = "INSERT OR IGNORE INTO long_word SELECT value FROM json_each(?)"
            self._db.execute(query, (json.dumps(long),))

    def _free_places(self, numbers: Sequence[int]) -> dict[int, int]:
        """The places of those of ascending new numbers that can have one."""
        ends = "SELECT id, place FROM place ORDER BY place {} LIMIT 1"
        first, last = (self._db.execute(ends.format(order)).fetchone() for order in ("ASC", "DESC"))
        if first is None:
            return {number: place for place, number in enumerate(numbers, 1)}
        older = [number for number in numbers if number < first[0]]
        newer = [number for number in numbers if number > last[0]]
        return {
            **{number: place for place, number in enumerate(older, first[1] - len(older))},
            **{number: place for place, number in enumerate(newer, last[1] + 1)},
        }


def _is_long(word: str) -> bool:
    """Whether a word is kept in `long_word`: seeds and parts of file names, which few jobs share, are not."""
    return len(word) > KEPT_BEGINNINGS and word[0] != "~" and not any(map(str.isdigit, word[: KEPT_BEGINNINGS + 1]))
