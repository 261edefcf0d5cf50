"""Completes the names and values of a filter while it is typed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from faldeck.query.language import KEYS, SORT, FilterPiece, SortBy, items
from faldeck.query.values import DATE_WORDS, HAS_VALUES, KIND_VALUES, NO, STATE_VALUES, YES, Key

_FIXED: Mapping[str, Sequence[str]] = {
    Key.STATE: STATE_VALUES,
    Key.HAS: HAS_VALUES,
    Key.KIND: KIND_VALUES,
    Key.STAR: (YES, NO),
    Key.SINCE: DATE_WORDS,
    Key.UNTIL: DATE_WORDS,
    Key.COST: (">0.1", ">1", "<0.01"),
    Key.TOOK: (">60", ">5m", "<10"),
    SORT: (*SortBy, *(f"-{by}" for by in SortBy)),
}

_SEVERAL = frozenset({Key.STATE, Key.HAS, Key.KIND, Key.MODEL, Key.PROFILE, Key.TAG})


class Vocabulary(NamedTuple):
    """What can be completed in a filter."""

    keys: Sequence[str] = ()
    values: Mapping[str, Sequence[str]] = {}
    """Key → its values, the likeliest first."""
    several: frozenset[str] = frozenset()
    """The keys whose values may be several, with commas between them."""
    anywhere: frozenset[str] = frozenset()
    """The keys whose values are completed from any part of them, not from their beginning alone."""


class Known(NamedTuple):
    """The values that the history has, the likeliest first."""

    models: Sequence[str] = ()
    profiles: Sequence[str] = ()
    tags: Sequence[str] = ()

    @property
    def vocabulary(self) -> Vocabulary:
        """What can be completed in a filter of the job list."""
        given: Mapping[str, Sequence[str]] = {Key.MODEL: self.models, Key.PROFILE: self.profiles, Key.TAG: self.tags}
        return Vocabulary(KEYS, {**_FIXED, **given}, _SEVERAL, frozenset({Key.MODEL}))


class Completion(NamedTuple):
    """What may stand in place of the characters from `start` to `end` of the text."""

    start: int
    end: int
    options: tuple[str, ...] = ()

    def applied(self, text: str) -> tuple[str, int]:
        """The text with the one option, or with what all have in common, and where the cursor is then."""
        typed = text[self.start : self.end]
        common = "".join(
            one[0] for one in takewhile(lambda some: len(set(some)) == 1, zip(*self.options, strict=False))
        )
        whole = common if len(self.options) == 1 or len(common) > len(typed) else typed
        return text[: self.start] + whole + text[self.end :], self.start + len(whole)


def complete(text: str, cursor: int, known: Known) -> Completion:
    """What goes on from what stands before the cursor in a filter of the job list."""
    return complete_from(known.vocabulary, text, cursor)


def complete_from(words: Vocabulary, text: str, cursor: int) -> Completion:
    """The names or values that go on from what stands before the cursor."""
    before = text[:cursor]
    item = next((one for one in items(before) if one.position + len(one.text) == cursor), None)
    if item is None or (item.key is None and item.quoted):
        return Completion(cursor, cursor)
    if item.key is None:
        start = item.position + item.negated
        names = [f"{key}:" for key in words.keys if key.startswith(item.value.lower())] if item.value else []
        return Completion(start, cursor, tuple(names))
    return _values(item, cursor, words)


def _values(item: FilterPiece, cursor: int, words: Vocabulary) -> Completion:
    key = (item.key or "").lower()
    first, comma, last = item.value.rpartition(",") if key in words.several else ("", "", item.value)
    fitting = _fitting(last.lower(), words.values.get(key, ()), anywhere=key in words.anywhere)
    return Completion(item.value_position, cursor, tuple(f"{_written(f'{first}{comma}{one}')} " for one in fitting))


def _fitting(typed: str, values: Iterable[str], *, anywhere: bool) -> list[str]:
    """The values that begin so, then those that have it at another place."""
    begun = [value for value in values if value.lower().startswith(typed)]
    inside = [value for value in values if anywhere and typed in value.lower() and value not in begun]
    return [*begun, *inside]


def _written(value: str) -> str:
    doubled = value.replace('"', '""')
    return f'"{doubled}"' if value.startswith('"') or any(map(str.isspace, value)) else value
