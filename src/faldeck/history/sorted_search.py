"""Keeps the order of the last search that was sorted by cost or time, so that each next page is read by position.

The word index does not know costs. So the order of all jobs with a word follows from a look at each of them, which is
too slow to repeat for each page. The ids are kept for as long as nobody changes the history.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from faldeck.history import rows
from faldeck.history.search import ListPlace, QuerySql
from faldeck.job import Job
from faldeck.job_ids import id_number
from faldeck.query import Query

FEW = 3_000
"""A list of fewer jobs is put in order for its first page. That of a longer one is found by a walk in sorted order."""

MOST = 1_000_000
"""The order of a list of as many jobs or more is not kept: a walk soon comes to jobs of such a list."""


class JobOrder(NamedTuple):
    """All jobs of a sorted search, in order. A list from the lowest value on leaves those without a value out."""

    is_descending: bool
    values: array[int]
    """The sort column."""
    numbers: array[int]
    """The ids."""

    def part(
        self,
        limit: int,
        *,
        behind: ListPlace | None = None,
        in_front: ListPlace | None = None,
        is_first: bool = False,
        from_end: bool = False,
    ) -> Sequence[int]:
        """The ids that `QuerySql.page` finds with the same arguments."""
        start = 0 if self.is_descending else bisect_left(self.values, 0)
        end = len(self.numbers)
        if place := behind or in_front:
            if not isinstance(place.value, int):
                return ()  # The job is gone.
            wanted = self._signed(place.value, id_number(place.job_id))
            bisect = bisect_right if behind and not is_first else bisect_left
            at = bisect(range(end), wanted, key=lambda one: self._signed(self.values[one], self.numbers[one]))
            start, end = (max(start, at), end) if behind else (start, max(start, at))
        is_backwards = from_end or in_front is not None
        if limit >= 0:
            start, end = (max(start, end - limit), end) if is_backwards else (start, min(start + limit, end))
        found = self.numbers[start:end]
        return found[::-1] if is_backwards else found

    def _signed(self, value: int, number: int) -> tuple[int, int]:
        return (-value, -number) if self.is_descending else (value, number)


class _Kept(NamedTuple):
    query: Query
    moment: tuple[int, int]
    """The version of the file: it differs after each change, by this connection or another one."""
    bounds: tuple[int, int]
    cap: int
    order: JobOrder | None
    """None if there are `cap` jobs or more."""


class SortedSearch:
    """The order of the last sorted search; raises sqlite3.Error.

    Callers hold a transaction that changes nothing: after a rollback, the kept order would be wrong.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._kept: _Kept | None = None

    def order(self, query: Query, search: QuerySql, *, cap: int) -> JobOrder | None:
        """The order of all jobs of a search, as they are now; None if there are `cap` or more and it is not known."""
        moment = (self._db.total_changes, int(self._db.execute("PRAGMA data_version").fetchone()[0]))
        kept = self._kept
        if (
            kept
            and (kept.query, kept.moment) == (query, moment)
            and (kept.order or kept.cap >= cap)
            and self._has_same_jobs(kept.bounds, search.bounds)
        ):
            return kept.order
        self._kept = None  # Before the next one takes memory, too.
        numbers, values = array("q"), array("q")
        for number, value in self._db.execute(*search.whole(cap)):
            numbers.append(number)
            values.append(value)
        order = _ordered(numbers, values, search.is_descending) if len(numbers) < cap else None
        self._kept = _Kept(query, moment, search.bounds, cap, order)
        return order

    def jobs(self, numbers: Sequence[int]) -> list[Job]:
        """The jobs with these ids, in their order."""
        wanted = "SELECT key AS place, value AS wanted FROM json_each(?)"
        statement = f"SELECT {rows.JOB_COLUMNS} FROM ({wanted}) CROSS JOIN job ON job.id = wanted ORDER BY place"
        return [rows.job(row) for row in self._db.execute(statement, (json.dumps(list(numbers)),))]

    def _has_same_jobs(self, before: tuple[int, int], now: tuple[int, int]) -> bool:
        """Whether no job has come or gone by time alone: `since:7d` is a little later at each reading."""
        query = "SELECT EXISTS (SELECT 1 FROM job WHERE id BETWEEN ? AND ?)"
        (first, last), (first_now, last_now) = before, now
        moved = ((min(first, first_now), max(first, first_now) - 1), (min(last, last_now) + 1, max(last, last_now)))
        return not any(self._db.execute(query, ends).fetchone()[0] for ends in moved if ends[0] <= ends[1])


def _ordered(numbers: array[int], values: array[int], is_descending: bool) -> JobOrder:
    # SQLite takes twice the time to sort these, and pairs would take four times the memory.
    places = sorted(range(len(numbers)), key=numbers.__getitem__, reverse=is_descending)
    places.sort(key=values.__getitem__, reverse=is_descending)
    in_order = (array("q", map(column.__getitem__, places)) for column in (values, numbers))
    return JobOrder(is_descending, *in_order)
