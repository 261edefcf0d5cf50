"""Which jobs a list shows, in which order, and the language in which a person says it.

`fox -tag:draft state:failed model:flux since:2026-11 cost:>0.5 "old man" sort:cost`: a job must match every term; `-`
turns a term round, quotes keep words together, a comma within a value means "one of". `parse` never raises: what it
does not understand is a `FilterProblem`, and `str` of a query is the text that gives the same query again. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from faldeck.query import values
from faldeck.query.values import BadValue, Key, canonical, nearest_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar  # Left out at run time for its cost.

    Name = TypeVar("Name", bound=StrEnum)


class SortBy(StrEnum):
    """What a list is sorted by. The newest, the dearest or the longest come first."""

    TIME = "time"
    COST = "cost"
    TOOK = "took"


SORT = "sort"
"""The key of the term that says the order."""

_SORT_ALIASES = {"date": "time", "new": "time", "price": "cost", "duration": "took"}


class Term(NamedTuple):
    """One condition on a job."""

    key: Key
    value: str
    """As `values.canonical` gives it."""
    negated: bool = False
    quoted: bool = False
    """Only of texts: the words stand together, as whole words."""

    def __str__(self) -> str:
        return written(self.key, self.value, negated=self.negated, quoted=self.quoted)


class Query(NamedTuple):
    """The jobs that match every term, sorted. An empty one shows all, the newest first."""

    terms: tuple[Term, ...] = ()
    sort: SortBy = SortBy.TIME
    is_reversed: bool = False

    def __str__(self) -> str:
        """The text that `parse` makes this query of."""
        sort = f"{SORT}:{'-' if self.is_reversed else ''}{self.sort}"
        return " ".join([*map(str, self.terms), *([sort] if self.has_own_order else [])])

    @staticmethod
    def of(text: str) -> Query:
        """The query that a text says; raises ValueError where it has a problem."""
        parsed = parse(text)
        if parsed.problems:
            raise ValueError(parsed.problems[0].message)
        return parsed.query

    def narrowed(self, *terms: Term) -> Query:
        """This query with further terms."""
        return Query((*self.terms, *terms), self.sort, self.is_reversed)

    def also(self, other: Query) -> Query:
        """The jobs that both show; in this one's order where it has one of its own."""
        if self.has_own_order:
            return self.narrowed(*other.terms)
        return Query((*self.terms, *other.terms), other.sort, other.is_reversed)

    @property
    def has_own_order(self) -> bool:
        """False where the newest come first."""
        return self.sort is not SortBy.TIME or self.is_reversed

    @property
    def has_words(self) -> bool:
        """True if words are searched for."""
        return any(term.key is Key.TEXT for term in self.terms)

    def without(self, term: Term) -> Query:
        """This query with one term less."""
        return Query(tuple(one for one in self.terms if one != term), self.sort, self.is_reversed)


LIVE = Query((Term(Key.STATE, values.LIVE),))
"""Jobs with something left to do."""


class FilterProblem(NamedTuple):
    """A part of a filter that was not understood and is left out of the query."""

    position: int
    """Where it begins, in characters."""
    text: str
    message: str
    """What is wrong and what to do, as sentences."""
    nearest: str | None = None
    """The text that was probably meant in its place."""


class ParsedFilter(NamedTuple):
    """What a typed filter says."""

    query: Query
    problems: tuple[FilterProblem, ...] = ()


class FilterPiece(NamedTuple):
    """A piece of a typed filter between blanks."""

    position: int
    text: str
    negated: bool
    key: str | None
    """What stands before the colon, as it was typed; None for words."""
    value: str
    value_position: int
    quoted: bool


_KEY = re.compile(r"([A-Za-z_]+):(?!//)")
_BLANKS = re.compile(r"\s+")
_PLAIN = re.compile(r"\S*")
_QUOTED = re.compile(r'"((?:[^"]|"")*)(?:"|$)', re.DOTALL)

KEYS: tuple[str, ...] = (*(key.value for key in Key if key is not Key.TEXT), SORT)
"""Every key that can be typed."""

_KEY_ALIASES = {
    "starred": "star",
    "endpoint": "model",
    "from": "since",
    "after": "since",
    "before": "until",
    "to": "until",
    "duration": "took",
    "time": "took",
    "price": "cost",
    "status": "state",
    "type": "kind",
    "is": "state",
    "group": "batch",
}
"""Keys that others use, each with ours: for the suggestion alone."""


def items(text: str) -> Iterator[FilterPiece]:
    """The pieces of a typed filter, in order."""
    at = 0
    while at < len(text):
        if blanks := _BLANKS.match(text, at):
            at = blanks.end()
            continue
        start = at
        negated = text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
        at += negated
        key = _KEY.match(text, at)
        at = key.end() if key else at
        quoted = _QUOTED.match(text, at)
        found = quoted or _PLAIN.match(text, at)
        assert found
        value = found[1].replace('""', '"') if quoted else found[0]
        yield FilterPiece(start, text[start : found.end()], negated, key and key[1], value, at, quoted is not None)
        at = found.end()


@lru_cache(64)
def parse(text: str) -> ParsedFilter:
    """What a typed filter says, and what of it was not understood.

    Kept for the last texts: a pane asks for each line that it draws.
    """
    terms: list[Term] = []
    order = [(SortBy.TIME, False)]

    def take(item: FilterPiece) -> None:
        if item.key is None:
            if item.value.strip():
                terms.append(Term(Key.TEXT, item.value, item.negated, item.quoted))
        elif item.key.lower() == SORT:
            order[0] = order_named(item, SortBy, _SORT_ALIASES)
        else:
            key = key_named(item.key, Key, KEYS, _KEY_ALIASES)
            term = Term(key, canonical(key, item.value), item.negated)
            if term not in terms:
                terms.append(term)

    problems = understood(text, take, KEYS)
    return ParsedFilter(Query(tuple(terms), *order[0]), problems)


# What all languages of filters share


def understood(text: str, take: Callable[[FilterPiece], None], keys: Sequence[str]) -> tuple[FilterProblem, ...]:
    """Hands the pieces of a text to `take`, in order; returns what is wrong with those for which it raises BadValue.

    `keys` are the keys that can be typed.
    """
    problems = []
    for item in items(text):
        try:
            take(item)
        except BadValue as error:
            problems.append(_problem(item, error, keys))
    return tuple(problems)


def _problem(item: FilterPiece, error: BadValue, keys: Sequence[str]) -> FilterProblem:
    """What to say of a piece whose key or value is not understood."""
    is_known = (item.key or "").lower() in keys
    near = error.nearest
    if near and is_known:
        near = f"{item.key}:{near}"
    if near and item.negated:
        near = f"-{near}"
    not_this = f", not “{item.value}”" if is_known and item.value else ""
    subject = f"{item.key}: " if is_known else ""
    meant = f" Did you mean {near}?" if near else ""
    rest = "" if is_known else " To search for the words, put them in quotes."
    return FilterProblem(item.position, item.text, f"{subject}{error}{not_this}.{meant}{rest}", near)


def key_named(typed: str, kind: type[Name], keys: Sequence[str], aliases: Mapping[str, str]) -> Name:
    """The key of this name; raises BadValue with the nearest one. `aliases` are names that others use."""
    try:
        return kind(typed.lower())
    except ValueError:
        near = aliases.get(typed.lower()) or nearest_name(typed.lower(), keys)
        raise BadValue(f"There is no filter “{typed}:”", near and f"{near}:") from None


def order_named(item: FilterPiece, kind: type[Name], aliases: Mapping[str, str]) -> tuple[Name, bool]:
    """The order that a piece names, and whether it is reversed; raises BadValue."""
    typed = item.value.lower()
    name = typed.removeprefix("-")
    try:
        by = kind(aliases.get(name, name))
    except ValueError:
        raise BadValue(f"takes {', '.join(kind)}, or these with - before them", nearest_name(name, kind)) from None
    return by, typed.startswith("-") != item.negated


def written(key: str, value: str, *, negated: bool, quoted: bool) -> str:
    """A term as it is typed; without a key it is a text, which may be quoted."""
    minus = "-" if negated else ""
    if not key:
        return minus + (_quote(value) if quoted else value)
    plain = value and not value.startswith('"') and not any(map(str.isspace, value))
    return f"{minus}{key}:{value if plain else _quote(value)}"


def _quote(value: str) -> str:
    doubled = value.replace('"', '""')
    return f'"{doubled}"'
