"""Makes SQL of a query. Lists are read by keyset: from a job on, never by offset. No statement scans a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from faldeck.history import search_text
from faldeck.history.search_terms import Parameters, Terms
from faldeck.history.search_text import storable
from faldeck.job import State, now
from faldeck.job_ids import ID_ALPHABET, ID_LENGTH, id_number
from faldeck.query import Key, Query, SortBy
from faldeck.query.values import YES, choices

SHORTEST_BEGINNING = 4
"""The least characters of an id that can stand for the whole id."""

_LAST_CHARACTER = "\U0010ffff"
"""A character that SQLite sorts after all others."""

SORT_COLUMNS: Mapping[SortBy, str] = {
    SortBy.COST: "coalesce(job.cost_nanos, -1)",
    SortBy.TOOK: "coalesce(job.took_ms, -1)",
}
"""The sort column of each order; the id comes second. A job without a value sorts lowest."""

_SORT_INDEXES: Mapping[SortBy, str] = {SortBy.COST: "job_cost", SortBy.TOOK: "job_took"}


class _Source(NamedTuple):
    """One way to find jobs, by its own index."""

    tables: str
    conditions: tuple[str, ...]
    order: str = "job.id"
    """The column in whose order the rows are read, which is the order of the ids."""
    id: str = ""
    """The column that holds the job's id; that one, unless it is said."""
    bounded: str = ""
    """What lies between the bounds; that column, unless it is said."""
    bounds: str = "{first} AND :last_id"
    """The first and the last, with the first id in place of `{first}`."""
    first: str = ":first_id"
    """The first id."""
    has: str = ""
    """The condition on a row of `job` that it is one of these, without the bounds."""

    @property
    def id_column(self) -> str:
        """The column that holds the job's id."""
        return self.id or self.order

    def also(self, *conditions: str) -> _Source:
        """The same with further conditions."""
        return self._replace(conditions=(*self.conditions, *conditions))

    def select(self, columns: str, order: str) -> str:
        """The statement for columns of the first `:limit` jobs."""
        return f"{self.select_all(columns)} ORDER BY {order} LIMIT :limit"

    def select_all(self, columns: str) -> str:
        """The statement for columns of every job."""
        # SQLite bounds a walk by one pair of conditions alone, so all bounds on the id are these two.
        bounds = f"{self.bounded or self.order} BETWEEN {self.bounds.format(first=self.first)}"
        where = " AND ".join(f"({one})" for one in (bounds, *self.conditions))
        return f"SELECT {columns} FROM {self.tables} WHERE {where}"


_ALL = _Source("job", ())
_NONE = _Source("job", ("FALSE",))
# CROSS JOIN keeps the planner from asking the word index once per job.
_BY_WORDS = _Source(
    "search_by_place CROSS JOIN place ON place.place = search_by_place.rowid CROSS JOIN job ON job.id = place.id",
    ("search_by_place MATCH :question",),
    "search_by_place.rowid",
    id="place.id",
    # Without such a job, no row is between the bounds.
    bounds="coalesce((SELECT place FROM place WHERE id >= {first} ORDER BY id LIMIT 1), 9223372036854775807)"
    " AND coalesce((SELECT place FROM place WHERE id <= :last_id ORDER BY id DESC LIMIT 1), -9223372036854775808)",
    has="(SELECT place FROM place WHERE place.id = job.id)"
    " IN (SELECT rowid FROM search_by_place WHERE search_by_place MATCH :question)",
)
_BY_WORDS_AND_ID = _Source(
    "search CROSS JOIN job ON job.id = search.rowid",
    ("search MATCH :question_by_id",),
    "search.rowid",
    has="job.id IN (SELECT rowid FROM search WHERE search MATCH :question_by_id)",
)
_BY_OLD_WORDS = _Source(
    "words CROSS JOIN job ON job.id = words.rowid",
    ("words MATCH :old_question", "words.rowid < :below"),
    "words.rowid",
    has="job.id IN (SELECT rowid FROM words WHERE words MATCH :old_question AND rowid < :below)",
)
_NOT_INDEXED = _Source("unindexed CROSS JOIN job ON job.id = unindexed.id", (), "unindexed.id")
_BY_REQUEST_ID = _Source(
    "job INDEXED BY job_request", ("job.request_id >= :request_id", "job.request_id < :request_id_end")
)
_BY_FOLDED_REQUEST_ID = _Source(
    "job INDEXED BY job_request", ("job.request_id >= :folded_id", "job.request_id < :folded_id_end")
)
# The plus hides the column from the planner, which would otherwise walk by the bounds of the list.
_BY_JOB_ID = _Source("job NOT INDEXED", ("job.id BETWEEN :first_named AND :last_named",), bounded="+job.id")

_DELETED = "deleted_ms IS NOT NULL"

_OLDEST_LIVE = "max(:first_id, (SELECT coalesce(min(id), 9223372036854775807) FROM job WHERE is_open))"


class ListPlace(NamedTuple):
    """The position of a job in a sorted list."""

    job_id: str
    value: object = None
    """Its sort column's value."""
    is_named: bool = False
    """Whether the words of the query are the beginning of one of its ids (`QuerySql.named`)."""


class QuerySql:
    """The jobs of a query, as statements."""

    def __init__(
        self,
        query: Query,
        *,
        models: Collection[str] = (),
        below: int | None = None,
        has_unindexed: bool = False,
        endings: Callable[[str], Sequence[str] | None] = lambda beginning: None,
        at: datetime | None = None,
        by_id_alone: bool = False,
    ) -> None:
        """`models` are the used endpoint ids, which `model:` matches by parts; `at` is the time from which `7d` counts.

        Jobs with ids below `below` are not in the index yet; `has_unindexed` says that others are not, too. `endings`
        returns the words with a beginning, or None if the index should look them up (`WordTables.endings`).
        `by_id_alone` reads the words of the query as an id or its beginning only.
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
            "question": search_text.spelled_out(question, endings),
            "question_by_id": question,
            "old_question": asked.old_question,
            "below": below,
            "first_id": asked.first_id,
            "last_id": asked.last_id,
        }
        by_words = []
        if question and (asked.has_words or not (is_indexing or asked.is_live or typed)):
            first = _OLDEST_LIVE if asked.is_live else ":first_id"
            tables = (table._replace(first=first) for table in (_BY_WORDS, _BY_WORDS_AND_ID))
            by_words = [table.also(*asked.text_conditions) for table in tables]
            if is_indexing and asked.old_question:
                by_words.append(_BY_OLD_WORDS.also(*asked.text_conditions))
            if has_unindexed and not asked.has_words:
                by_words.append(_NOT_INDEXED)
        by_id = [
            *([_BY_REQUEST_ID] if "request_id" in ids else []),
            *([_BY_FOLDED_REQUEST_ID] if "folded_id" in ids else []),
            *([_BY_JOB_ID] if "first_named" in ids else []),
        ]
        sources = [*by_words, *by_id] or [_NONE if typed else _ALL]
        # A job whose id is typed stands before those that only have it as a word.
        is_in_two_parts = bool(by_words and by_id)
        self._names = " OR ".join(f"({' AND '.join(named.conditions)})" for named in by_id)
        others = f"({self._names}) IS NOT TRUE"
        words = (" AND ".join(map("({})".format, (one.has, *asked.text_conditions))) for one in by_words)
        self._has_words_or_id = " OR ".join(f"({one})" for one in (*words, *([self._names] if by_id else [])))
        parts = [by_id, [one.also(others) for one in by_words]] if is_in_two_parts else [sources]
        self._parts = [[source.also(*asked.conditions) for source in part] for part in parts]
        self._first_id, self._last_id = asked.first_id, asked.last_id
        self._walks_all = sources == [_ALL]
        self._is_everything = not query.terms
        self._counted = _counted_by_index(query)
        self._other_conditions = asked.conditions
        self._has_words = bool(typed)
        self._sources = [source.also(*asked.conditions) for source in sources]

    @property
    def sort_column(self) -> str | None:
        """The column by which the jobs are sorted before their ids; None if they are sorted by id only."""
        return SORT_COLUMNS.get(self._query.sort)

    @property
    def is_sorted_after_search(self) -> bool:
        """Whether the number of jobs matters: the word index does not have the sort column."""
        return self.sort_column is not None and not self._walks_all

    @property
    def is_descending(self) -> bool:
        """Whether the list begins with the highest values, or with the newest jobs."""
        return not self._query.is_reversed

    @property
    def bounds(self) -> tuple[int, int]:
        """The first and the last id that a job can have."""
        return self._first_id, self._last_id

    def page(
        self,
        columns: str,
        *,
        limit: int,
        behind: ListPlace | None = None,
        in_front: ListPlace | None = None,
        is_first: bool = False,
        from_end: bool = False,
    ) -> tuple[str, dict[str, object]]:
        """The statement for `columns` of up to `limit` jobs, with its parameters.

        In list order, those after `behind`, including that job with `is_first`; in the opposite order, those before
        `in_front`, or with `from_end` the last ones. A sorted search walks over jobs in sorted order and checks each,
        which is quick only if it soon finds some (`sorted_search`).
        """
        is_backwards = from_end or in_front is not None
        descending = is_backwards == self._query.is_reversed
        direction = "DESC" if descending else "ASC"
        parameters = {**self._parameters, "limit": limit}
        place = behind or in_front
        if self.sort_column is None:
            parts = self._parts[::-1] if is_backwards else self._parts
            if place and place.is_named is is_backwards:
                parts = parts[-1:]  # The job is in the second part.
            whole = {"first_of_whole": self._first_id, "last_of_whole": self._last_id}
            if place and descending:
                last = id_number(place.job_id) - (not is_first)
                parameters["last_id"] = min(last, self._last_id)
            elif place:
                parameters["first_id"] = max(id_number(place.job_id) + (not is_first), self._first_id)
            statement = self._by_id(parts[0], columns, direction)
            if len(parts) == 1:
                return statement, parameters
            rest = self._by_id(parts[1], columns, direction)
            for name in ("first", "last"):
                rest = rest.replace(f":{name}_id", f":{name}_of_whole")
            return f"SELECT * FROM ({statement}) UNION ALL SELECT * FROM ({rest}) LIMIT :limit", parameters | whole
        if self._walks_all or not self._has_words:
            conditions = self._other_conditions
        elif self._has_words_or_id:
            # Only the rows that are walked over are read, not those of all jobs with the words.
            conditions = [self._has_words_or_id, *self._other_conditions]
        else:
            conditions = [f"job.id IN ({self._ids_of_all()})"]
        index = f"INDEXED BY {_SORT_INDEXES[self._query.sort]}"
        among = _Source(f"job {index}", tuple(conditions), bounded="+job.id")
        # A job without a value is neither cheap nor quick.
        least = f"{self.sort_column} > {-1 if self._query.is_reversed else -2}"
        order = f"{self.sort_column} {direction}, job.id {direction}"
        if not place:
            return among.also(least).select(columns, order), parameters
        parameters |= {"from_id": id_number(place.job_id), "from_value": place.value}
        sign = "<" if descending else ">"
        # Those of the same value, then the others: a comparison of pairs would walk from the start of the list.
        equal = among.also(f"{self.sort_column} = :from_value", f"job.id {sign}{'=' if is_first else ''} :from_id")
        beyond = among.also(f"{self.sort_column} {sign} :from_value", *([least] if descending else []))
        both = (equal.select(columns, f"job.id {direction}"), beyond.select(columns, order))
        return f"{' UNION ALL '.join(f'SELECT * FROM ({part})' for part in both)} LIMIT :limit", parameters

    def whole(self, cap: int) -> tuple[str, dict[str, object]]:
        """The statement for the id and the sort column of all jobs of a sorted search, or of any `cap` of them."""
        parts = [one.select_all(f"{one.id_column} AS id, {self.sort_column}") for one in self._sources]
        found = " UNION ".join(f"SELECT * FROM ({part} LIMIT :limit)" for part in parts)
        return f"{found} LIMIT :limit", {**self._parameters, "limit": cap}

    @staticmethod
    def _by_id(sources: Sequence[_Source], columns: str, direction: str) -> str:
        if len(sources) == 1:
            return sources[0].select(columns, f"{sources[0].order} {direction}")
        # Each source gives its first rows by its own index; the page is the first of all of these.
        parts = [one.select(f"{one.id_column} AS id", f"{one.order} {direction}") for one in sources]
        ids = " UNION ALL ".join(f"SELECT id FROM ({part})" for part in parts)
        return _Source("job", (f"job.id IN ({ids})",), bounded="+job.id").select(columns, f"job.id {direction}")

    def named(self, job_id: str) -> tuple[str, dict[str, object]] | None:
        """The statement for whether a job is listed before others by its id; None if none is."""
        if len(self._parts) == 1:
            return None
        query = f"SELECT EXISTS (SELECT 1 FROM job WHERE id = :job_id AND ({self._names}))"
        return query, {**self._parameters, "job_id": id_number(job_id)}

    def count(self, cap: int) -> tuple[str, dict[str, object]]:
        """The statement for how many jobs there are, counted up to `cap` or exactly, with its parameters."""
        if self._is_everything:
            return "SELECT CASE WHEN :cap < 0 THEN jobs ELSE min(jobs, :cap) END FROM job_count", {"cap": cap}
        if self._counted:
            # The index alone has these, and the deleted ones among them are few.
            deleted = f"SELECT count(*) FROM job INDEXED BY job_deleted WHERE {_DELETED} AND {self._counted}"
            among = f"SELECT 1 FROM job WHERE {self._counted}"
            counted = f"SELECT count(*) - ({deleted}) AS jobs FROM ({among} LIMIT :cap + ({deleted}))"
            if cap < 0:
                counted = f"SELECT count(*) - ({deleted}) AS jobs FROM ({among})"
            return counted, {**self._parameters, "cap": cap}
        return f"SELECT count(*) FROM ({self._ids_of_all()} LIMIT :cap)", {**self._parameters, "cap": cap}

    def groups(
        self, columns: str, *, by: str, beside: str, conditions: Collection[str], parameters: Mapping[str, object]
    ) -> tuple[str, dict[str, object]]:
        """The statement for `columns` of all jobs, grouped `by` columns, with its parameters.

        `beside` joins further tables or names an index; `conditions` narrow the jobs, with `parameters` of their own.
        """
        whole = self._sources[0]
        if len(self._sources) > 1:
            whole = _Source("job", (f"job.id IN ({self._ids_of_all()})",), bounded="+job.id")
        joined = whole._replace(tables=f"{whole.tables} {beside}").also(*conditions)
        return f"{joined.select_all(columns)} GROUP BY {by}", {**self._parameters, **parameters}

    def _ids_of_all(self) -> str:
        return " UNION ".join(one.select_all(f"{one.id_column} AS id") for one in self._sources)


def _counted_by_index(query: Query) -> str:
    """The condition of a query that one index can count, without a row; empty for any other."""
    if len(query.terms) != 1 or (term := query.terms[0]).negated:
        return ""
    if term.key is Key.STAR and term.value == YES:
        return "starred"
    states = choices(term.value) if term.key is Key.STATE else ()
    if not states or not all(state in set(State) for state in states):
        return ""
    return "state IN ({})".format(", ".join(f"'{State(state)}'" for state in states))


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
    return ids | {"first_named": first, "last_named": last}
