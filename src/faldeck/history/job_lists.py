"""Reads the lists of jobs: pages of a query, in its order, by keyset."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from faldeck.history import rows
from faldeck.history.search import SORT_COLUMNS, ListPlace, QuerySql
from faldeck.history.search_index import SearchIndex
from faldeck.history.sorted_search import FEW, MOST, JobOrder, SortedSearch
from faldeck.job import Job
from faldeck.job_ids import id_number, id_text
from faldeck.query import EXACTLY, Key, Query, Term
from faldeck.query.completion import Known

NEWEST = 2_000
"""The number of newest jobs that are read to find the profiles in use."""


class WiderCounts(NamedTuple):
    """How many jobs wider filters than one that shows none would show."""

    total: int
    """Without any filter."""
    without: Mapping[str, int]
    """Without one of its terms: the term as text, and the jobs, if there are any."""


class JobLists:
    """The lists of a history file. Every method is one to three statements; raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection, index: SearchIndex) -> None:
        self._db, self._index = connection, index
        self._sorted = SortedSearch(connection)
        self._may_keep = True
        """Whether the current reads are in no transaction of a change, which may be undone."""

    def page(self, query: Query, *, limit: int, before: str | None = None, after: str | None = None) -> list[Job]:
        """Up to `limit` jobs in the order of the list: those just after `before`, or just before `after`."""
        jobs = self._jobs(query, limit, behind=before, in_front=after)
        return jobs if after is None else jobs[::-1]

    def page_from(self, query: Query, first: str, *, limit: int) -> list[Job]:
        """Up to `limit` jobs in the order of the list, starting at the job `first` or where it was."""
        return self._jobs(query, limit, behind=first, is_first=True)

    def last_page(self, query: Query, *, limit: int) -> list[Job]:
        """The last `limit` jobs, in the order of the list."""
        return self._jobs(query, limit, from_end=True)[::-1]

    def ids(self, query: Query, *, limit: int) -> list[str]:
        """The ids of the first `limit` jobs, in the order of the list."""
        with self._at_one_moment(query):
            search = self.search(query)
            if order := self._order(query, search, FEW):
                return [id_text(number) for number in order.part(limit)]
            return [id_text(row[0]) for row in self._db.execute(*search.page("job.id", limit=limit))]

    def count(self, query: Query, *, cap: int) -> int:
        """How many jobs `query` shows, counted up to `cap` (-1: all)."""
        with self._at_one_moment(query):
            search = self.search(query)
            # To count the jobs costs as much as to put them in order, which makes the next pages cheap.
            if order := self._order(query, search, MOST):
                return len(order.numbers) if cap < 0 else min(cap, len(order.numbers))
            return int(self._db.execute(*search.count(cap)).fetchone()[0])

    def loosened(self, query: Query, *, cap: int) -> WiderCounts:
        """What `query` would show without each of its terms, counted up to `cap`."""
        without = {str(term): self.count(query.without(term), cap=cap) for term in query.terms}
        return WiderCounts(self.count(Query(), cap=cap), {term: count for term, count in without.items() if count})

    def known_values(self) -> Known:
        """The names that a filter can have: the models, the profiles of the newest jobs, and the tags."""
        models = self._db.execute("SELECT endpoint_id FROM model WHERE used_ms NOT NULL ORDER BY used_ms DESC")
        newest = f"SELECT profile FROM job ORDER BY id DESC LIMIT {NEWEST}"
        profiles = self._db.execute(f"SELECT DISTINCT profile FROM ({newest})")
        tags = self._db.execute("SELECT DISTINCT tag FROM tag ORDER BY tag")
        return Known(*([str(row[0]) for row in found] for found in (models, profiles, tags)))

    def begun_by(self, name: str, *, endpoint_id: str | None, limit: int) -> list[Job]:
        """The newest jobs whose id or request id begins with `name`, of one model if it is given."""
        terms = [Term(Key.TEXT, name, quoted=True)]
        if endpoint_id:
            terms.append(Term(Key.MODEL, f"{EXACTLY}{endpoint_id}"))
        search = QuerySql(Query(tuple(terms)), by_id_alone=True)
        return [rows.job(row) for row in self._db.execute(*search.page(rows.JOB_COLUMNS, limit=limit))]

    def children(self, job_id: str, *, limit: int) -> list[Job]:
        """The newest jobs that have an output of this job as input."""
        query = (
            f"SELECT {rows.JOB_COLUMNS} FROM job INDEXED BY job_parent"
            " WHERE parent_id = ? AND deleted_ms IS NULL ORDER BY id DESC LIMIT ?"
        )
        return [rows.job(row) for row in self._db.execute(query, (id_number(job_id), limit))]

    def _jobs(
        self,
        query: Query,
        limit: int,
        *,
        behind: str | None = None,
        in_front: str | None = None,
        is_first: bool = False,
        from_end: bool = False,
    ) -> list[Job]:
        with self._at_one_moment(query):
            search = self.search(query)
            place, place_in_front = self._place(behind, search), self._place(in_front, search)
            # Who reads on from page to page needs the whole order. A list that is only shown again does not.
            reads_on = in_front is not None or (behind is not None and not is_first)
            if order := self._order(query, search, MOST if reads_on else FEW):
                part = order.part(limit, behind=place, in_front=place_in_front, is_first=is_first, from_end=from_end)
                return self._sorted.jobs(part)
            statement = search.page(
                rows.JOB_COLUMNS,
                limit=limit,
                behind=place,
                in_front=place_in_front,
                is_first=is_first,
                from_end=from_end,
            )
            return [rows.job(row) for row in self._db.execute(*statement)]

    @contextmanager
    def _at_one_moment(self, query: Query) -> Iterator[None]:
        """All reads inside see one moment of the file: another process may change it or its index in between."""
        self._may_keep = not self._db.in_transaction
        if self._db.in_transaction or not (query.sort in SORT_COLUMNS or self._index.is_growing()):
            yield
            return
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def _order(self, query: Query, search: QuerySql, cap: int) -> JobOrder | None:
        """The whole list in order, if only that is quick enough, and if there are fewer than `cap` jobs."""
        if not (search.is_sorted_after_search and self._may_keep):
            return None
        return self._sorted.order(query, search, cap=cap)

    def search(self, query: Query) -> QuerySql:
        """A query as statements, for the history as it is now."""
        models: list[str] = []
        if any(term.key is Key.MODEL for term in query.terms):
            models = [str(row[0]) for row in self._db.execute("SELECT endpoint_id FROM model WHERE used_ms NOT NULL")]
        return QuerySql(
            query,
            models=models,
            below=self._index.below,
            has_unindexed=self._index.has_unindexed(),
            endings=self._index.endings,
        )

    def _place(self, job_id: str | None, search: QuerySql) -> ListPlace | None:
        """The position of a job in a list; None for no job."""
        if job_id is None:
            return None
        if search.sort_column is None:
            named = search.named(job_id)
            return ListPlace(job_id, is_named=named is not None and bool(self._db.execute(*named).fetchone()[0]))
        row = self._db.execute(f"SELECT {search.sort_column} FROM job WHERE id = ?", (id_number(job_id),)).fetchone()
        return ListPlace(job_id, row and row[0])
