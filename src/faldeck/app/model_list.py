"""The catalogue as one person sees it: with stars, notes, aliases and prices, filtered, searched and sorted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from faldeck.app import aliases as alias_names
from faldeck.app.model_search import Finder
from faldeck.app.pricing import CURRENCY
from faldeck.fal.values import Model
from faldeck.history import ModelMark
from faldeck.query.models import ACTIVE, DEPRECATED, INFERENCE, ModelKey, ModelOrder, ModelQuery, ModelTerm, is_word
from faldeck.query.values import YES, choices, nearest_name, usd_bounds

if TYPE_CHECKING:
    from faldeck.fal.values import Price

_MAKES: Mapping[str, str] = {"speech": "audio", "music": "audio", "json": "text", "llm": "text", "vision": "text"}
"""The end of a category → what its models make, where that is another word."""


@dataclass(frozen=True, slots=True)
class Loosened:
    """A search with less conditions, and how many models it finds."""

    without: str
    """The conditions that are left out, as they are typed."""
    count: int


class ModelList:
    """All known models, as they are shown and searched."""

    def __init__(
        self,
        models: Sequence[Model],
        marks: Mapping[str, ModelMark] | None = None,
        prices: Mapping[str, Price] | None = None,
        aliases: Mapping[str, str] | None = None,
        *,
        own_first: bool = True,
    ) -> None:
        """`marks` and `prices` are by endpoint id, `aliases` as the config has them.

        With `own_first` the starred and the used models come first by relevance.
        """
        self._own_first = own_first
        self.marks = dict(marks or {})
        self.prices = prices or {}
        self.aliases = alias_names.of_models(aliases or {})
        """Endpoint id → its aliases."""
        listed = {model.endpoint_id for model in models}
        kept = [Model(name) for name, mark in self.marks.items() if mark.starred and name not in listed]
        self._models = [*models, *kept]
        self._listed = range(len(models))
        """The places of the models that the catalogue lists; behind them are those that only have a star."""
        also = {name: mark.note for name, mark in self.marks.items() if mark.note}
        for endpoint_id, names in self.aliases.items():
            also[endpoint_id] = " ".join([*names, also.get(endpoint_id, "")])
        self._finder = Finder(self._models, also)
        self.categories = [
            name for name, _ in Counter(model.category for model in models if model.category).most_common()
        ]
        """The categories, the largest first."""

    def __len__(self) -> int:
        """How many models the catalogue lists."""
        return len(self._listed)

    def prepare(self) -> None:
        """Does now, in a thread, what the first search would wait for: 0.1 s for 1,600 models."""
        self._finder.prepare()

    def mark(self, endpoint_id: str) -> ModelMark:
        """The marks of a model."""
        return self.marks.get(endpoint_id, ModelMark())

    def find(self, query: ModelQuery) -> list[Model]:
        """The models that match every term, in the order of the query. Words may have typing errors."""
        marks = self.marks if self._own_first else None
        return self._in_order(self._finder.find(query.words, marks=marks, only=self._allowed(query)), query)

    def loosened(self, query: ModelQuery) -> list[Loosened]:
        """What a search that finds nothing would find without one of its conditions, the most first.

        All plain words count as one condition. If no single one is to blame, all but the words are left out.
        """
        words = tuple(term for term in query.terms if is_word(term))
        others = tuple(term for term in query.terms if not is_word(term))
        ways = [(term,) for term in others] + ([words] if words else [])
        return self._found_without(query, ways) or self._found_without(query, [others] if words else [])

    def _found_without(self, query: ModelQuery, ways: Sequence[tuple[ModelTerm, ...]]) -> list[Loosened]:
        """Those ways to leave out some terms, but not all, that find a model; the most first."""
        found = [
            Loosened(" ".join(map(str, terms)), len(self.find(query.without(*terms))))
            for terms in ways
            if len(terms) < len(query.terms)
        ]
        return sorted((one for one in found if one.count), key=lambda one: -one.count)

    def unknown_category(self, query: ModelQuery) -> str:
        """Says that no listed category has the words of a `cat:` term, and which may have been meant; else empty."""
        for term in query.terms:
            if term.key is ModelKey.CATEGORY and self.categories:
                for one in choices(term.value):
                    if not any(one in _spelt(category) for category in self.categories):
                        parts = {part for category in self.categories for part in (category, *category.split("-"))}
                        near = nearest_name(one, sorted(parts, key=len, reverse=True))
                        return f"No category has “{one}” in it." + (f" Did you mean cat:{near}?" if near else "")
        return ""

    def next_category(self, current: str, steps: int) -> str:
        """The category some steps after another one; empty stands for all, before the first."""
        names = ["", *self.categories]
        place = names.index(current) if current in names else 0
        return names[(place + steps) % len(names)]

    # Conditions

    def _allowed(self, query: ModelQuery) -> set[int] | None:
        """The places of the models that match all conditions; None if all do."""
        wants_stars = any(term.key is ModelKey.STAR and (term.value == YES) != term.negated for term in query.terms)
        places: set[int] | None = None
        if len(self._models) > len(self._listed) and not wants_stars:
            places = set(self._listed)
        for term in query.terms:
            if not is_word(term):
                begun = range(len(self._models)) if places is None else places
                matching = self._matching(term)
                places = {place for place in begun if (place in matching) != term.negated}
        return places

    def _matching(self, term: ModelTerm) -> set[int]:
        """The places of the models that a term is true of, whether it is negated or not."""
        if term.key is ModelKey.TEXT:
            return self._finder.places_with(term.value)
        check = _CHECKS[term.key](term.value)
        return {index for index, model in enumerate(self._models) if check(self, model)}

    def _amount(self, model: Model) -> Decimal | None:
        """The price of one unit, in USD; None if it is unknown or in another currency."""
        price = self.prices.get(model.endpoint_id)
        return price.unit_price if price and price.currency == CURRENCY else None

    # Order

    def _in_order(self, found: list[Model], query: ModelQuery) -> list[Model]:
        """The models in the order of a query; those without the value that it asks for come last, either way."""
        if query.sort is ModelOrder.RELEVANCE:
            return found[::-1] if query.is_reversed else found
        value, is_falling = _VALUES[query.sort]
        with_value = [(one, model) for model in found if (one := value(self, model)) is not None]
        # Sorting keeps the order of equal values: the best match first.
        with_value.sort(key=lambda entry: entry[0], reverse=is_falling != query.is_reversed)
        return [*(model for _, model in with_value), *(model for model in found if value(self, model) is None)]


def _spelt(category: str) -> str:
    """A category as a `cat:` term spells it."""
    return "-".join(category.lower().replace("_", "-").split())


def made_by(model: Model) -> set[str]:
    """What a model makes, by its category, and whether it trains: values of `kind:`."""
    end = _spelt(model.category).rpartition("-to-")[2]
    return {_MAKES.get(end, end), model.kind or INFERENCE}


def used_at(mark: ModelMark) -> datetime | None:
    """When a model was last used; None if never."""
    return datetime.fromtimestamp(mark.used_ms / 1000, UTC) if mark.used_ms else None


def _in_category(value: str) -> Callable[[ModelList, Model], bool]:
    parts = choices(value)
    return lambda _, model: any(part in _spelt(model.category) for part in parts)


def _of_kind(value: str) -> Callable[[ModelList, Model], bool]:
    return lambda _, model: not made_by(model).isdisjoint(choices(value))


def _has_status(value: str) -> Callable[[ModelList, Model], bool]:
    return lambda _, model: (DEPRECATED if model.is_deprecated else ACTIVE) in choices(value)


def _is_starred(value: str) -> Callable[[ModelList, Model], bool]:
    return lambda models, model: models.mark(model.endpoint_id).starred == (value == YES)


def _costs(value: str) -> Callable[[ModelList, Model], bool]:
    bounds = usd_bounds(value)

    def check(models: ModelList, model: Model) -> bool:
        amount = models._amount(model)
        if amount is None:
            return False
        is_enough = bounds.least is None or amount > bounds.least or (bounds.with_least and amount == bounds.least)
        return is_enough and (
            bounds.most is None or amount < bounds.most or (bounds.with_most and amount == bounds.most)
        )

    return check


_CHECKS: Mapping[ModelKey, Callable[[str], Callable[[ModelList, Model], bool]]] = {
    ModelKey.CATEGORY: _in_category,
    ModelKey.KIND: _of_kind,
    ModelKey.STATUS: _has_status,
    ModelKey.PRICE: _costs,
    ModelKey.STAR: _is_starred,
}

_VALUES: Mapping[ModelOrder, tuple[Callable[[ModelList, Model], Any], bool]] = {
    ModelOrder.NEWEST: (lambda _, model: model.published_at or None, True),
    ModelOrder.NAME: (lambda _, model: model.endpoint_id.lower(), False),
    ModelOrder.PRICE: (lambda models, model: models._amount(model), False),
    ModelOrder.USED: (lambda models, model: models.mark(model.endpoint_id).used_ms, True),
}
"""What an order sorts by, and whether the largest comes first."""
