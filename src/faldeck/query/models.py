"""Which models a list shows, in which order, and the language in which a person says it.

`flux -turbo cat:image-to-video price:<0.1 star:yes sort:newest`: the language of the job list with other keys. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from faldeck.query.completion import Vocabulary
from faldeck.query.language import SORT, FilterPiece, FilterProblem, key_named, order_named, understood, written
from faldeck.query.values import KIND_ALIASES, NO, YES, BadValue, one_or_more_of, some, usd_bounds, yes_or_no


class ModelKey(StrEnum):
    """What a term of a model search is about; its text stands before the colon."""

    TEXT = ""
    """Words of an id, a name, a tag, a description or a note. It is written without a key."""
    CATEGORY = "cat"
    KIND = "kind"
    STATUS = "status"
    PRICE = "price"
    STAR = "star"


class ModelOrder(StrEnum):
    """What the models are sorted by. The best, the newest, the first in the alphabet, the cheapest come first."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    NAME = "name"
    PRICE = "price"
    USED = "used"


ACTIVE, DEPRECATED = "active", "deprecated"
TRAINING, INFERENCE = "training", "inference"
KINDS = ("image", "video", "audio", "text", "3d", TRAINING, INFERENCE)
"""The values of `kind:`: what a model makes, or whether it trains another one."""

_ORDER_ALIASES = {"best": "relevance", "new": "newest", "date": "newest", "id": "name", "cost": "price", "last": "used"}

_KEY_ALIASES = {
    "category": ModelKey.CATEGORY,
    "type": ModelKey.KIND,
    "makes": ModelKey.KIND,
    "state": ModelKey.STATUS,
    "cost": ModelKey.PRICE,
    "starred": ModelKey.STAR,
    "is": ModelKey.STATUS,
    "order": SORT,
}
"""Keys that others use, each with ours: for the suggestion alone."""

KEYS: tuple[str, ...] = (*(key.value for key in ModelKey if key is not ModelKey.TEXT), SORT)
"""Every key that can be typed."""


def _price(value: str) -> str:
    typed = "=0" if value.lower() == "free" else value.lower().replace(" ", "")
    usd_bounds(typed)
    return typed


_CHECKS: Mapping[ModelKey, Callable[[str], str]] = {
    ModelKey.TEXT: lambda value: value,
    ModelKey.CATEGORY: lambda value: "-".join(some(value).lower().replace("_", "-").split()),
    ModelKey.KIND: one_or_more_of(KINDS, {**KIND_ALIASES, "trainer": TRAINING}),
    ModelKey.STATUS: one_or_more_of((ACTIVE, DEPRECATED), {"old": DEPRECATED, "retired": DEPRECATED}),
    ModelKey.PRICE: _price,
    ModelKey.STAR: yes_or_no,
}


class ModelTerm(NamedTuple):
    """One condition on a model."""

    key: ModelKey
    value: str
    """In the one way in which it is written."""
    negated: bool = False
    quoted: bool = False
    """Only of texts: the words stand together."""

    @staticmethod
    def of(key: ModelKey, value: str, *, negated: bool = False) -> ModelTerm:
        """The term of a typed value; raises BadValue."""
        return ModelTerm(key, _CHECKS[key](value.strip()), negated)

    def __str__(self) -> str:
        return written(self.key, self.value, negated=self.negated, quoted=self.quoted)


class ModelQuery(NamedTuple):
    """The models that match every term, sorted. An empty one shows all."""

    terms: tuple[ModelTerm, ...] = ()
    sort: ModelOrder = ModelOrder.RELEVANCE
    is_reversed: bool = False

    def __str__(self) -> str:
        """The text that `parse` makes this query of."""
        sort = f"{SORT}:{'-' if self.is_reversed else ''}{self.sort}"
        has_order = self.sort is not ModelOrder.RELEVANCE or self.is_reversed
        return " ".join([*map(str, self.terms), *([sort] if has_order else [])])

    @property
    def words(self) -> str:
        """The words to search for, with blanks between them; quoted and negated ones are conditions, not words."""
        return " ".join(term.value for term in self.terms if is_word(term))

    @property
    def uses_prices(self) -> bool:
        """True if the prices of the models decide what is shown, or in which order."""
        return self.sort is ModelOrder.PRICE or any(term.key is ModelKey.PRICE for term in self.terms)

    def narrowed(self, *terms: ModelTerm) -> ModelQuery:
        """This query with further terms."""
        return self._replace(terms=(*self.terms, *(term for term in terms if term not in self.terms)))

    def without(self, *terms: ModelTerm) -> ModelQuery:
        """This query without some of its terms."""
        return self._replace(terms=tuple(term for term in self.terms if term not in terms))


def is_word(term: ModelTerm) -> bool:
    """True if a term is a word that makes a model more or less like what is searched for."""
    return term.key is ModelKey.TEXT and not term.negated and not term.quoted


class ParsedModelQuery(NamedTuple):
    """What a typed search says."""

    query: ModelQuery
    problems: tuple[FilterProblem, ...] = ()


@lru_cache(64)
def parse(text: str) -> ParsedModelQuery:
    """What a typed search says, and what of it was not understood; never raises."""
    terms: list[ModelTerm] = []
    order = [(ModelOrder.RELEVANCE, False)]

    def take(item: FilterPiece) -> None:
        if item.key is None:
            if item.value.strip():
                terms.append(ModelTerm(ModelKey.TEXT, item.value, item.negated, item.quoted))
        elif item.key.lower() == SORT:
            order[0] = order_named(item, ModelOrder, _ORDER_ALIASES)
        else:
            term = ModelTerm.of(key_named(item.key, ModelKey, KEYS, _KEY_ALIASES), item.value, negated=item.negated)
            if term not in terms:
                terms.append(term)

    problems = understood(text, take, KEYS)
    return ParsedModelQuery(ModelQuery(tuple(terms), *order[0]), problems)


def order_of(text: str) -> tuple[ModelOrder, bool]:
    """The order that a word names, and whether it is reversed: `newest`, `-price`. Raises BadValue."""
    return order_named(FilterPiece(0, text, False, SORT, text, 0, False), ModelOrder, _ORDER_ALIASES)


def vocabulary(categories: Sequence[str]) -> Vocabulary:
    """What can be completed in a search over models of these categories."""
    return Vocabulary(
        keys=KEYS,
        values={
            ModelKey.CATEGORY: categories,
            ModelKey.KIND: KINDS,
            ModelKey.STATUS: (ACTIVE, DEPRECATED),
            ModelKey.PRICE: ("<0.01", "<0.1", ">1", "0.1..0.5", "free"),
            ModelKey.STAR: (YES, NO),
            SORT: (*ModelOrder, *(f"-{order}" for order in ModelOrder)),
        },
        several=frozenset({ModelKey.CATEGORY, ModelKey.KIND, ModelKey.STATUS}),
        anywhere=frozenset({ModelKey.CATEGORY}),
    )


__all__ = ["BadValue", "ModelKey", "ModelOrder", "ModelQuery", "ModelTerm", "ParsedModelQuery", "parse"]
