"""A query as SQL. Lists are read by keyset: from a job on, never by offset."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from faldeck.history.search_text import match_expression, storable
from faldeck.job import ID_ALPHABET, ID_LENGTH, State, first_number, id_number, now
from faldeck.query import EXACTLY, Key, Query, SortBy, Term
from faldeck.query.values import CANCELLING, LIVE, YES, Bounds, choices, period, seconds_bounds, usd_bounds

SHORTEST_BEGINNING = 4
"""Characters of an id from which on its beginning names it."""

_LAST_CHARACTER = "\U0010ffff"
"""What stands behind every other character in the order of SQLite."""


class _Source:
    """One way to find jobs, by an index of its own."""

    def __init__(self, tables: str, order: str, condition: str = "") -> None:
        """`order` is the column that holds the job's id, in whose order the rows are read."""
        self.tables, self.order, self.condition = tables, order, condition


# A bound on the id makes of every walk a search of the primary key.
_ALL = _Source("job", "job.id", "job.id > 0")
_NONE = _Source("job", "job.id", "FALSE")
# CROSS JOIN keeps the planner from asking the word index once per job.
_BY_WORDS = _Source("words CROSS JOIN job ON job.id = words.rowid", "words.rowid", "words MATCH :words")
_BY_REQUEST_ID = _Source(
    "job INDEXED BY job_request", "job.id", "job.request_id >= :request_id AND job.request_id < :request_id_end"
)
_BY_FOLDED_REQUEST_ID = _Source(
    "job INDEXED BY job_request", "job.id", "job.request_id >= :folded_id AND job.request_id < :folded_id_end"
)
_BY_JOB_ID = _Source("job NOT INDEXED", "job.id", "job.id BETWEEN :first_id AND :last_id")

_SORT_COLUMNS: Mapping[SortBy, str] = {
    SortBy.COST: "coalesce(job.cost_nanos, -1)",
    SortBy.TOOK: "coalesce(job.took_ms, -1)",
}
"""What a list is sorted by, before the id; a job that has none is the least."""

SQL_FOLLOWED = ", ".join(f"'{state}'" for state in State if state.is_followed)


@dataclass
class _Parameters:
    """The parameters of a statement, named as they come."""

    values: dict[str, object] = field(default_factory=dict)

    def add(self, value: object) -> str:
        """Takes a value; gives its place in the SQL."""
        name = f"p{len(self.values)}"
        self.values[name] = storable(value) if isinstance(value, str) else value
        return f":{name}"

    def list(self, values: Collection[object]) -> str:
        """Takes values; gives the list for `IN`."""
        return f"({', '.join(map(self.add, values))})"


class QuerySql:
    """The jobs of a query, as statements."""

    def __init__(
        self, query: Query, *, models: Collection[str] = (), at: datetime | None = None, by_id_alone: bool = False
    ) -> None:
        """`models` are the endpoint ids that were used, of which `model:` names parts; `at` is now for `7d`.

        `by_id_alone` reads the words of the query as an id or its beginning only.
        """
        self._query, self._models, self._at = query, models, at or now()
        self._parameters = _Parameters()
        wanted = [term.value for term in query.terms if term.key is Key.TEXT and not term.negated]
        unwanted = [term.value for term in query.terms if term.key is Key.TEXT and term.negated]
        models_named = [
            named_models(one.value, models) for one in query.terms if one.key is Key.MODEL and not one.negated
        ]
        one_model = models_named[0][0] if len(models_named) == 1 and len(models_named[0]) == 1 else None
        words = "" if by_id_alone else match_expression(" ".join(wanted), one_model)
        ids = _ids(wanted[0]) if len(wanted) == 1 else {}
        self._parameters.values |= {"words": words, **ids}
        self._sources = [
            *([_BY_WORDS] if words else []),
            *([_BY_REQUEST_ID] if "request_id" in ids else []),
            *([_BY_FOLDED_REQUEST_ID] if "folded_id" in ids else []),
            *([_BY_JOB_ID] if "first_id" in ids else []),
        ] or [_NONE if wanted or by_id_alone else _ALL]
        self._conditions = ["job.deleted_ms IS NULL"]
        self._conditions += [self._condition(term) for term in query.terms if term.key is not Key.TEXT]
        self._conditions += [
            f"job.id NOT IN (SELECT rowid FROM words WHERE words MATCH {self._parameters.add(expression)})"
            for expression in map(match_expression, unwanted)
            if expression
        ]

    @property
    def sort_column(self) -> str | None:
        """What the jobs are sorted by before their ids; None where the id alone decides."""
        return _SORT_COLUMNS.get(self._query.sort)

    def page(
        self,
        columns: str,
        *,
        limit: int,
        before: str | None = None,
        after: str | None = None,
        sort_value: object = None,
    ) -> tuple[str, dict[str, object]]:
        """The statement for `columns` of up to `limit` jobs, with its parameters.

        In the order of the list those that follow `before`; in the opposite order those that precede `after`.
        `sort_value` is the sort column's value of that job, where there is one.
        """
        conditions = list(self._conditions)
        parameters = {**self._parameters.values, "limit": limit}
        descending = (after is None) != self._query.is_reversed
        job_id = after if before is None else before
        if job_id is not None:
            parameters["from_id"], parameters["from_value"] = id_number(job_id), sort_value
            sign = "<" if descending else ">"
            row = f"({self.sort_column}, job.id)" if self.sort_column else "job.id"
            start = "(:from_value, :from_id)" if self.sort_column else ":from_id"
            conditions.append(f"{row} {sign} {start}")
        direction = "DESC" if descending else "ASC"
        if len(self._sources) == 1:
            return self._select(columns, self._sources[0], conditions, direction), parameters
        # Each source gives its first rows by its own index; the page is the first of all of these.
        parts = [self._select(f"{one.order} AS id", one, conditions, direction) for one in self._sources]
        ids = " UNION ALL ".join(f"SELECT id FROM ({part})" for part in parts)
        whole = _Source("job", "job.id", f"job.id IN ({ids})")
        return self._select(columns, whole, [], direction), parameters

    def count(self, cap: int) -> tuple[str, dict[str, object]]:
        """The statement for how many jobs there are, counted up to `cap`, with its parameters."""
        parts = [
            f"SELECT {one.order} AS id FROM {one.tables} {_where([*self._conditions, one.condition])}"
            for one in self._sources
        ]
        return f"SELECT count(*) FROM ({' UNION '.join(parts)} LIMIT :cap)", {**self._parameters.values, "cap": cap}

    def groups(
        self, columns: str, *, beside: str, conditions: Collection[str], parameters: Mapping[str, object]
    ) -> tuple[str, dict[str, object]]:
        """The statement for `columns` of all jobs, grouped by the first two, with its parameters.

        `beside` joins further tables; `conditions` narrow the jobs, with `parameters` of their own.
        """
        whole = self._sources[0]
        if len(self._sources) > 1:
            ids = " UNION ".join(f"SELECT {one.order} FROM {one.tables} WHERE {one.condition}" for one in self._sources)
            whole = _Source("job", "job.id", f"job.id IN ({ids})")
        where = _where([*self._conditions, *conditions, whole.condition])
        statement = f"SELECT {columns} FROM {whole.tables} {beside} {where} GROUP BY 1, 2"
        return statement, {**self._parameters.values, **parameters}

    def _select(self, columns: str, source: _Source, conditions: list[str], direction: str) -> str:
        where = _where([*conditions, source.condition])
        first = f"{self.sort_column} {direction}, " if self.sort_column else ""
        return f"SELECT {columns} FROM {source.tables} {where} ORDER BY {first}{source.order} {direction} LIMIT :limit"

    # One condition for each term

    def _condition(self, term: Term) -> str:
        makers: Mapping[Key, Callable[[str], str]] = {
            Key.STATE: self._state,
            Key.MODEL: self._model,
            Key.PROFILE: lambda value: f"job.profile IN {self._parameters.list(choices(value))}",
            Key.SINCE: self._since,
            Key.UNTIL: self._until,
            Key.TAG: self._tag,
            Key.STAR: lambda value: "job.starred" if value == YES else "NOT job.starred",
            Key.COST: lambda value: self._within("job.cost_nanos", usd_bounds(value), Decimal(10**9)),
            Key.TOOK: lambda value: self._within("job.took_ms", seconds_bounds(value), Decimal(1000)),
            Key.HAS: lambda value: _any_of(_HAS[one] for one in choices(value)),
            Key.BATCH: lambda value: f"job.group_id IN {self._parameters.list(choices(value))}",
            Key.KIND: lambda value: _any_of(_KIND[one] for one in choices(value)),
        }
        condition = makers[term.key](term.value)
        return f"({condition}) IS NOT TRUE" if term.negated else condition

    def _state(self, value: str) -> str:
        named = choices(value)
        states = [one for one in named if one not in (LIVE, CANCELLING)]
        return _any_of(
            [
                *(["job.is_open"] if LIVE in named else []),
                *([f"job.cancel_requested AND job.state IN ({SQL_FOLLOWED})"] if CANCELLING in named else []),
                *([f"job.state IN {self._parameters.list(states)}"] if states else []),
            ]
        )

    def _model(self, value: str) -> str:
        # An empty list would make an index that is asked for useless, which SQLite takes for an error.
        return f"job.endpoint_id IN {self._parameters.list(named_models(value, self._models) or [''])}"

    def _since(self, value: str) -> str:
        start, _ = period(value, self._at)
        return f"job.id >= {self._parameters.add(_first_id(start))}"

    def _until(self, value: str) -> str:
        _, end = period(value, self._at)
        return f"job.id < {self._parameters.add(_first_id(end))}"

    def _tag(self, value: str) -> str:
        wanted = self._parameters.list([tag.casefold() for tag in choices(value)])
        return f"EXISTS (SELECT 1 FROM tag WHERE tag.job_id = job.id AND tag.tag IN {wanted})"

    def _within(self, column: str, bounds: Bounds, scale: Decimal) -> str:
        """That an amount in a column, which counts `scale` to the unit, lies within bounds."""
        conditions = [f"{column} IS NOT NULL"]
        if bounds.least is not None:
            sign = ">=" if bounds.with_least else ">"
            conditions.append(f"{column} {sign} {self._parameters.add(float(bounds.least * scale))}")
        if bounds.most is not None:
            sign = "<=" if bounds.with_most else "<"
            conditions.append(f"{column} {sign} {self._parameters.add(float(bounds.most * scale))}")
        return " AND ".join(conditions)


_HAS: Mapping[str, str] = {
    "file": "job.outputs_json IS NOT NULL",
    "note": "job.note <> ''",
    "error": "job.error_json IS NOT NULL",
    "tag": "job.tags_json IS NOT NULL",
}


def _of_type(prefix: str) -> str:
    return f"""job.outputs_json LIKE '%"content_type":"{prefix}%'"""


_KIND: Mapping[str, str] = {
    "image": _of_type("image/"),
    "video": _of_type("video/"),
    "audio": _of_type("audio/"),
    "text": f"{_of_type('text/')} OR (job.state = 'completed' AND job.outputs_json IS NULL)",
    "3d": _of_type("model/"),
    "file": _of_type("application/"),
}


def named_models(value: str, models: Collection[str]) -> list[str]:
    """The endpoint ids that a value of `model:` names.

    A whole endpoint id names itself; anything else names those of `models` that have it as a part. `=ID` names an
    endpoint id that need not be one of them.
    """
    found: list[str] = []
    for one in choices(value):
        if one.startswith(EXACTLY):
            found.append(one.removeprefix(EXACTLY))
        elif one in models:
            found.append(one)
        else:
            found += [model for model in models if one.lower() in model.lower()]
    return list(dict.fromkeys(found))


def _first_id(at: datetime) -> int:
    return first_number(round(at.timestamp() * 1000))


def _any_of(conditions: Iterable[str]) -> str:
    return " OR ".join(f"({one})" for one in conditions)


def _where(conditions: list[str]) -> str:
    meant = [f"({condition})" for condition in conditions if condition]
    return f"WHERE {' AND '.join(meant)}" if meant else ""


def _ids(text: str) -> dict[str, object]:
    """The ranges of the ids that begin with `text`, as parameters; none where no id begins so."""
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
