"""Makes SQL of a query. Lists are read by keyset: from a job on, never by offset. No statement scans a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from faldeck.history.search_terms import Parameters, Terms
from faldeck.history.search_text import storable
from faldeck.job import ID_ALPHABET, ID_LENGTH, id_number, now
from faldeck.query import Key, Query, SortBy

SHORTEST_BEGINNING = 4
"""The least characters of an id that can stand for the whole id."""

FEW = 3_000
"""Up to this many jobs are read and sorted. With more, jobs are read in sorted order and checked one by one."""

_LAST_CHARACTER = "\U0010ffff"
"""A character that SQLite sorts after all others."""

SORT_COLUMNS: Mapping[SortBy, str] = {
    SortBy.COST: "coalesce(job.cost_nanos, -1)",
    SortBy.TOOK: "coalesce(job.took_ms, -1)",
}
"""The sort column of each order; the id comes second. A job without a value sorts lowest."""

_SORT_INDEXES: Mapping[SortBy, str] = {SortBy.COST: "job_cost", SortBy.TOOK: "job_took"}


@dataclass(frozen=True, slots=True)
class _Source:
    """One way to find jobs, by its own index."""

    tables: str
    conditions: tuple[str, ...]
    order: str = "job.id"
    """The column that holds the job's id, in whose order the rows are read."""

    def also(self, *conditions: str) -> _Source:
        """The same with further conditions."""
        return replace(self, conditions=(*self.conditions, *conditions))

    def select(self, columns: str, order: str) -> str:
        """The statement for columns of the first `:limit` jobs."""
        return f"{self.select_all(columns)} ORDER BY {order} LIMIT :limit"

    def select_all(self, columns: str) -> str:
        """The statement for columns of every job."""
        return f"SELECT {columns} FROM {self.tables} WHERE {' AND '.join(f'({one})' for one in self.conditions)}"


# A bound on the id turns a scan by the primary key into a search.
_ALL = _Source("job", ("job.id > 0",))
_NONE = _Source("job", ("FALSE",))
# CROSS JOIN keeps the planner from asking the word index once per job.
_BY_WORDS = _Source("search CROSS JOIN job ON job.id = search.rowid", ("search MATCH :question",), "search.rowid")
_BY_OLD_WORDS = _Source(
    "words CROSS JOIN job ON job.id = words.rowid", ("words MATCH :old_question", "words.rowid < :below"), "words.rowid"
)
_BY_REQUEST_ID = _Source(
    "job INDEXED BY job_request", ("job.request_id >= :request_id", "job.request_id < :request_id_end")
)
_BY_FOLDED_REQUEST_ID = _Source(
    "job INDEXED BY job_request", ("job.request_id >= :folded_id", "job.request_id < :folded_id_end")
)
_BY_JOB_ID = _Source("job NOT INDEXED", ("job.id BETWEEN :first_id AND :last_id",))

_DELETED = "deleted_ms IS NOT NULL"

_SINCE_THE_OLDEST_LIVE = "search.rowid >= (SELECT coalesce(min(id), 9223372036854775807) FROM job WHERE is_open)"


@dataclass(frozen=True, slots=True)
class ListPlace:
    """The position of a job in a sorted list."""

    job_id: str
    value: object = None
    """Its sort column's value."""


class QuerySql:
    """The jobs of a query, as statements."""

    def __init__(
        self,
        query: Query,
        *,
        models: Collection[str] = (),
        below: int | None = None,
        at: datetime | None = None,
        by_id_alone: bool = False,
    ) -> None:
        """`models` are the used endpoint ids, which `model:` matches by parts; `at` is the time from which `7d` counts.

        Jobs with ids below `below` are not in the index yet. `by_id_alone` reads the words of the
        query as an id or its beginning only.
        """
        self._query = query
        parameters = Parameters()
        is_indexing = below is not None
        terms = [term for term in query.terms if not (by_id_alone and term.key is Key.TEXT)]
        asked = Terms(parameters, models, at or now(), is_indexing=is_indexing).narrowing(terms)
        question = asked.question
        typed = [term.value for term in query.terms if term.key is Key.TEXT and not term.negated]
        ids = _ids(typed[0]) if len(typed) == 1 else {}
        self._parameters = {
            **parameters.values,
            **ids,
            "question": question,
            "old_question": asked.old_question,
            "below": below,
        }
        by_words = []
        if question and (asked.has_words or not (is_indexing or asked.is_live or typed)):
            bound = [_SINCE_THE_OLDEST_LIVE] if asked.is_live else []
            by_words = [_BY_WORDS.also(*asked.text_conditions, *bound)]
            if is_indexing and asked.old_question:
                by_words.append(_BY_OLD_WORDS.also(*asked.text_conditions))
        by_id = [
            *([_BY_REQUEST_ID] if "request_id" in ids else []),
            *([_BY_FOLDED_REQUEST_ID] if "folded_id" in ids else []),
            *([_BY_JOB_ID] if "first_id" in ids else []),
        ]
        sources = [*by_words, *by_id] or [_NONE if typed else _ALL]
        self._walks_all = sources == [_ALL]
        self._is_everything = not query.terms
        self._other_conditions = [*asked.conditions, *(f"job.id {bound}" for bound in asked.bounds)]
        self._has_words = bool(typed)
        self._sources = [
            source.also(*(f"{source.order} {bound}" for bound in asked.bounds), *asked.conditions) for source in sources
        ]

    @property
    def sort_column(self) -> str | None:
        """The column by which the jobs are sorted before their ids; None if they are sorted by id only."""
        return SORT_COLUMNS.get(self._query.sort)

    @property
    def is_sorted_after_search(self) -> bool:
        """Whether the number of jobs matters: the word index does not have the sort column."""
        return self.sort_column is not None and not self._walks_all

    def page(
        self,
        columns: str,
        *,
        limit: int,
        behind: ListPlace | None = None,
        in_front: ListPlace | None = None,
        is_first: bool = False,
        from_end: bool = False,
        are_many: bool = False,
    ) -> tuple[str, dict[str, object]]:
        """The statement for `columns` of up to `limit` jobs, with its parameters.

        In list order, those after `behind`, including that job with `is_first`; in the opposite order, those before
        `in_front`, or with `from_end` the last ones. `are_many` says that there are more than
        `FEW`.
        """
        is_backwards = from_end or in_front is not None
        descending = is_backwards == self._query.is_reversed
        direction, sign = ("DESC", "<") if descending else ("ASC", ">")
        sign += "=" if is_first else ""
        parameters = {**self._parameters, "limit": limit}
        place = behind or in_front
        if place:
            parameters |= {"from_id": id_number(place.job_id), "from_value": place.value}
        if self.sort_column is None:
            sources = [one.also(f"{one.order} {sign} :from_id") for one in self._sources] if place else self._sources
            if len(sources) == 1:
                return sources[0].select(columns, f"{sources[0].order} {direction}"), parameters
            # Each source gives its first rows by its own index; the page is the first of all of these.
            parts = [one.select(f"{one.order} AS id", f"{one.order} {direction}") for one in sources]
            ids = " UNION ALL ".join(f"SELECT id FROM ({part})" for part in parts)
            return _Source("job", (f"job.id IN ({ids})",)).select(columns, f"job.id {direction}"), parameters
        start = [f"({self.sort_column}, job.id) {sign} (:from_value, :from_id)"] if place else []
        if self._query.is_reversed:
            start.append(f"{self.sort_column} >= 0")  # A job without a value is neither cheap nor quick.
        order = f"{self.sort_column} {direction}, job.id {direction}"
        walk = _Source(f"job INDEXED BY {_SORT_INDEXES[self._query.sort]}", (f"{self.sort_column} > -2", *start))
        if self._walks_all:
            return walk.also(*self._sources[0].conditions).select(columns, order), parameters
        found = f"job.id IN ({self._ids_of_all()})"
        if are_many and not self._has_words:
            # With so many jobs, enough of them match soon.
            return walk.also(*self._other_conditions).select(columns, order), parameters
        source = walk.also(found) if are_many else _Source("job", (found, *start))
        return source.select(columns, order), parameters

    def count(self, cap: int) -> tuple[str, dict[str, object]]:
        """The statement for how many jobs there are, counted up to `cap` or exactly, with its parameters."""
        if self._is_everything:
            # Both are counted in small indexes.
            rest = f"count(*) - (SELECT count(*) FROM job WHERE {_DELETED})"
            return f"SELECT CASE WHEN :cap < 0 THEN {rest} ELSE min({rest}, :cap) END FROM job", {"cap": cap}
        return f"SELECT count(*) FROM ({self._ids_of_all()} LIMIT :cap)", {**self._parameters, "cap": cap}

    def groups(
        self, columns: str, *, beside: str, conditions: Collection[str], parameters: Mapping[str, object]
    ) -> tuple[str, dict[str, object]]:
        """The statement for `columns` of all jobs, grouped by the first two, with its parameters.

        `beside` joins further tables; `conditions` narrow the jobs, with `parameters` of their own.
        """
        whole = self._sources[0]
        if len(self._sources) > 1:
            whole = _Source("job", (f"job.id IN ({self._ids_of_all()})",))
        joined = replace(whole, tables=f"{whole.tables} {beside}").also(*conditions)
        return f"{joined.select_all(columns)} GROUP BY 1, 2", {**self._parameters, **parameters}

    def _ids_of_all(self) -> str:
        return " UNION ".join(one.select_all(f"{one.order} AS id") for one in self._sources)


def _ids(text: str) -> dict[str, object]:
    """The ranges of the ids that begin with `text`, as parameters; none if no id can start like that."""
    beginning = storable(text.strip())
    if len(beginning) < SHORTEST_BEGINNING or any(character.isspace() for character in beginning):
        return {}
    ids: dict[str, object] = {"request_id": beginning, "request_id_end": beginning + _LAST_CHARACTER}
    folded = beginning.lower()
    if folded != beginning:
        ids |= {"folded_id": folded, "folded_id_end": folded + _LAST_CHARACTER}
    try:
        first, last = (id_number(folded.ljust(ID_LENGTH, digit)) for digit in (ID_ALPHABET[0], ID_ALPHABET[-1]))
    except ValueError:
        return ids
    return ids | {"first_id": first, "last_id": last}
