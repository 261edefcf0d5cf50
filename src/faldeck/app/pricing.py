"""Estimates what a request will cost, from its price and its arguments, before it is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from faldeck.job import Cost
from faldeck.money import shortest
from faldeck.schema.fields import PRESETS, Size

if TYPE_CHECKING:
    from faldeck.fal.values import Price
    from faldeck.schema.document import ModelSchema
    from faldeck.schema.json_value import JsonValue

CURRENCY = "USD"
"""The currency of all sums. A price in another one is shown, but not calculated with."""


def rate(price: Price | None) -> Cost | None:
    """The cost to record with a request when only its price is known; None if the price is unknown."""
    if price is None or price.currency != CURRENCY:
        return None
    return Cost(unit=price.unit, unit_price_usd=price.unit_price)


def estimate(price: Price | None, model: ModelSchema, arguments: Mapping[str, JsonValue]) -> Decimal | None:
    """About what a request will cost, in USD; None if its price or its number of units is unknown.

    The price is by the unit (protocol §7); how many a request takes is read from its arguments and the schema's
    defaults.
    """
    if price is None or price.currency != CURRENCY:
        return None
    request = _Request(model, arguments)
    counted = next((count(request) for unit, count in _UNITS if re.fullmatch(unit, price.unit.strip().lower())), None)
    return None if counted is None else shortest(counted * price.unit_price)


@dataclass(frozen=True, slots=True)
class _Request:
    """A request before it is sent."""

    model: ModelSchema
    arguments: Mapping[str, JsonValue]

    def value(self, name: str) -> JsonValue:
        """The argument `name`, or the model's default if the request has none."""
        if name in self.arguments:
            return self.arguments[name]
        field = self.model.field(name)
        return field.default if field and field.has_default else None

    def number(self, *names: str) -> Decimal | None:
        """The first of these values that is a number, written as one or as text (`8`, `"8s"`)."""
        for name in names:
            if found := re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,12})?)\s*s?", str(self.value(name))):
                return Decimal(found[1])
        return None


_ONE = Decimal(1)


def _once(request: _Request) -> Decimal:
    return _ONE


def _images(request: _Request) -> Decimal:
    return request.number("num_images", "n") or _ONE


def _videos(request: _Request) -> Decimal:
    return request.number("num_videos") or _ONE


def _seconds(request: _Request) -> Decimal | None:
    seconds = request.number("duration", "duration_seconds", "seconds")
    return None if seconds is None else seconds * _videos(request)


def _megapixels(request: _Request) -> Decimal | None:
    """Every picture's size is rounded up to whole megapixels."""
    field = next((field for field in request.model.fields if isinstance(field.kind, Size)), None)
    size = request.value(field.name) if field else None
    if isinstance(size, dict):
        width, height = size.get("width"), size.get("height")
    else:
        width, height = PRESETS.get(str(size), (None, None))
    if not isinstance(width, int) or not isinstance(height, int):
        return None
    return -(width * height // -1_000_000) * _images(request)


def _thousands_of_characters(request: _Request) -> Decimal | None:
    spoken = request.value("text") or request.value("prompt") or request.value("input")
    return Decimal(len(spoken)) / 1000 if isinstance(spoken, str) else None


_UNITS: tuple[tuple[str, Callable[[_Request], Decimal | None]], ...] = (
    (r"images?", _images),
    (r"megapixels?|processed megapixels?", _megapixels),
    (r"videos?", _videos),
    (r"seconds?|video seconds?", _seconds),
    (r"1000 characters|1k characters", _thousands_of_characters),
    (r"requests?|generations?|runs?|calls?", _once),
)
"""The words of a price → how many such units a request takes; the words are free text (protocol §7)."""
