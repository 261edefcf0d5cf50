"""Makes SQL of the terms of a query: conditions on rows, and queries to the word index, so that few rows are read.

Only the conditions decide. A query to the index finds every job that meets the condition.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from faldeck.history import search_text
from faldeck.history.search_index import old_question
from faldeck.history.search_text import folded_tag, marker, storable
from faldeck.job import State
from faldeck.job_ids import first_number
from faldeck.query import EXACTLY, Key, Term
from faldeck.query.values import CANCELLING, LIVE, YES, Bounds, choices, period, seconds_bounds, usd_bounds

MOST_MODELS_ASKED = 60
"""If `model:` names more models than this, the rows are checked instead of the index."""

_FOLLOWED = ", ".join(f"'{state}'" for state in State if state.is_followed)


class Parameters:
    """The parameters of a statement, named in order."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def add(self, value: object) -> str:
        """Adds a value; returns its placeholder."""
        name = f"p{len(self.values)}"
        self.values[name] = storable(value) if isinstance(value, str) else value
        return f":{name}"

    def list(self, values: Collection[object]) -> str:
        """Adds values; returns the list for `IN`."""
        return f"({', '.join(map(self.add, values))})"


class Narrowing:
    """The conditions that the terms of a query make."""

    def __init__(self) -> None:
        self.conditions = ["job.deleted_ms IS NULL"]
        """On a row of `job`, in SQL."""
        self.first_id, self.last_id = 1, 2**63 - 1
        """The ids that are wanted lie between these two, which the dates say."""
        self.text_conditions: list[str] = []
        """Further ones, on a job that is found by its words and not by its id."""
        self.wanted: list[str] = []
        """Queries to the index that find every wanted job."""
        self.unwanted: list[str] = []
        """Queries to the index that find no wanted job."""
        self.has_words = False
        """Whether words are searched, which only the word index finds."""
        self.is_live = False
        """Whether only unfinished jobs are searched, of which there are few."""
        self.old_question = ""
        """The query for the words to the index of older versions."""

    @property
    def question(self) -> str:
        """The whole query to the index; empty if it is not needed."""
        wanted = " AND ".join(dict.fromkeys(self.wanted)) or (f'"{search_text.EVERY}"' if self.unwanted else "")
        return " NOT ".join([f"({wanted})", *self.unwanted]) if wanted else ""


class Terms:
    """Makes SQL of the terms of one query."""

    def __init__(self, parameters: Parameters, models: Collection[str], at: datetime, *, is_indexing: bool) -> None:
        """`is_indexing` says that the index does not have all jobs yet."""
        self._parameters, self._models, self._at, self._is_indexing = parameters, models, at, is_indexing

    def narrowing(self, terms: Iterable[Term]) -> Narrowing:
        """The conditions of the terms."""
        found = Narrowing()
        old = []
        for term in terms:
            if term.key is Key.TEXT:
                self._narrow_by_text(found, term)
                old += [] if term.negated else [old_question(term.value)]
            else:
                self._narrow(found, term)
        found.old_question = " AND ".join(question for question in old if question)
        return found

    def _narrow(self, found: Narrowing, term: Term) -> None:
        if term.key in (Key.SINCE, Key.UNTIL):
            start, end = period(term.value, self._at)
            bound = _first_id(start if term.key is Key.SINCE else end)
            if (term.key is Key.SINCE) != term.negated:
                found.first_id = max(found.first_id, bound)
            else:
                found.last_id = min(found.last_id, bound - 1)
            return
        makers: Mapping[Key, Callable[[str], str]] = {
            Key.STATE: self._state,
            Key.MODEL: lambda value: self._among("job.endpoint_id", named_models(value, self._models) or [""]),
            Key.PROFILE: lambda value: self._among("job.profile", choices(value)),
            Key.TAG: self._tag,
            Key.STAR: lambda value: "job.starred" if value == YES else "NOT job.starred",
            Key.COST: lambda value: self._within("job.cost_nanos", usd_bounds(value), Decimal(10**9)),
            Key.TOOK: lambda value: self._within("job.took_ms", seconds_bounds(value), Decimal(1000)),
            Key.HAS: lambda value: _any_of(_HAS[one] for one in choices(value)),
            Key.KIND: lambda value: _any_of(f"instr(job.kinds, ',{one},') > 0" for one in choices(value)),
            Key.BATCH: lambda value: self._among("job.group_id", choices(value)),
        }
        condition = makers[term.key](term.value)
        found.conditions.append(f"({condition}) IS NOT TRUE" if term.negated else condition)
        if question := self._question(term):
            (found.unwanted if term.negated else found.wanted).append(question)
        if term.key is Key.STATE and not term.negated:
            found.is_live = found.is_live or (not question and not _final_states(term.value))

    def _question(self, term: Term) -> str:
        """The query to the index for a term other than text; empty if the index cannot answer it."""
        values = choices(term.value)
        match term.key:
            case Key.STATE if len(_final_states(term.value)) == len(values):
                return _one_of(marker("s", value) for value in values)
            case Key.MODEL:
                models = named_models(term.value, self._models)
                return _one_of(marker("m", model) for model in models) if len(models) <= MOST_MODELS_ASKED else ""
            case Key.PROFILE:
                return _one_of(marker("p", value) for value in values)
            case Key.TAG:
                return _one_of(marker("t", folded_tag(value)) for value in values)
            case Key.HAS:
                return _one_of(marker("h", value) for value in values)
            case Key.KIND:
                return _one_of(marker("k", value) for value in values)
            case Key.STAR if term.value == YES:
                return _one_of([marker("star")])
        return ""

    def _narrow_by_text(self, found: Narrowing, term: Term) -> None:
        asked = search_text.asked_whole(term.value) if term.quoted else search_text.asked(term.value)
        needles = [self._has_text(needle) for needle in search_text.needles(term.value, quoted=term.quoted)]
        if not term.negated:
            found.has_words = True
            found.wanted += asked
            found.text_conditions += needles
        elif asked and (needles or self._is_indexing):
            words = self._parameters.add(" AND ".join(asked))
            places = f"SELECT rowid FROM search_by_place WHERE search_by_place MATCH {words}"
            has = f"(job.id IN (SELECT rowid FROM search WHERE search MATCH {words})"
            has += f" OR job.id IN (SELECT id FROM place WHERE place IN ({places})))"
            if self._is_indexing:
                place = self._parameters.add(old_question(term.value))
                has = f"({has} OR job.id IN (SELECT rowid FROM words WHERE words MATCH {place}))"
            found.conditions.append(f"NOT ({' AND '.join([has, *needles])})")
        elif asked:
            found.unwanted.append(f"({' AND '.join(asked)})")

    def _has_text(self, needle: str) -> str:
        """The condition that the texts of a job contain a result of `spaced`."""
        place = self._parameters.add(needle)
        has = f"texts_have({place}, job.id)"
        if not needle.isascii():
            return has
        return f"CASE WHEN texts_may_have({place}, {search_text.STORED_TEXT}) THEN {has} ELSE FALSE END"

    def _among(self, column: str, values: Collection[str]) -> str:
        return f"{column} IN {self._parameters.list(values)}"

    def _state(self, value: str) -> str:
        named = choices(value)
        states = [one for one in named if one not in (LIVE, CANCELLING)]
        return _any_of(
            [
                *(["job.is_open"] if LIVE in named else []),
                *([f"job.cancel_requested AND job.state IN ({_FOLLOWED})"] if CANCELLING in named else []),
                *([self._among("job.state", states)] if states else []),
            ]
        )

    def _tag(self, value: str) -> str:
        tags = self._parameters.list([folded_tag(tag) for tag in choices(value)])
        return f"EXISTS (SELECT 1 FROM tag WHERE tag.job_id = job.id AND tag.tag IN {tags})"

    def _within(self, column: str, bounds: Bounds, scale: Decimal) -> str:
        """The condition that an amount in a column, in 1/`scale` units, is within bounds."""
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


def _final_states(value: str) -> list[str]:
    named = [one for one in choices(value) if one not in (LIVE, CANCELLING)]
    return [one for one in named if State(one).is_final]


def _first_id(at: datetime) -> int:
    return first_number(round(at.timestamp() * 1000))


def _any_of(conditions: Iterable[str]) -> str:
    return " OR ".join(f"({one})" for one in conditions)


def _one_of(words: Iterable[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return f"({' OR '.join(quoted)})" if quoted else ""
