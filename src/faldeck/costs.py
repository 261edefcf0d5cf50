"""Prices as money: what a request will cost, as far as its price and its arguments tell before it is sent."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from faldeck.job import Cost
from faldeck.schema.fields import Size

if TYPE_CHECKING:
    from faldeck.fal.listings import Price
    from faldeck.schema.document import Model
    from faldeck.schema.jsonvalue import JsonValue

CURRENCY = "USD"
"""What everything is counted in; a price in another currency is shown and not calculated with."""

PRESETS: Mapping[str, tuple[int, int]] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
"""Name of a size → its width and height in pixels."""


def written(amount: float) -> str:
    """An amount of money in digits alone: `12,345.68`, `0.009`, `0.00003`."""
    return f"{Decimal(f'{amount:.4g}' if amount < 1_000 else f'{amount:.2f}'):,f}"


def in_full(amount: float) -> str:
    """A price with all its digits: `0.0375`, `1.125`; but for the noise of binary fractions."""
    return f"{Decimal(f'{amount:.12g}'):,f}"


def times(units: float, unit_price: float) -> float:
    """So many units at a price, multiplied as decimal numbers: 3 × 0.0125 is 0.0375."""
    roughly = units * unit_price
    return float(Decimal(str(units)) * Decimal(str(unit_price))) if math.isfinite(roughly) else roughly


def total(amounts: Iterable[float]) -> float:
    """The sum of amounts, added as decimal numbers."""
    return float(sum((Decimal(str(amount)) for amount in amounts), Decimal(0)))


def rate(price: Price | None) -> Cost | None:
    """The cost of a request of which nothing but its price is known, as it is recorded with the request."""
    if price is None or price.currency != CURRENCY:
        return None
    return Cost(unit=price.unit, unit_price_usd=price.unit_price)


def estimate(price: Price | None, model: Model, arguments: Mapping[str, JsonValue]) -> float | None:
    """About what a request will cost, in USD; None where its price is not known, or what it is charged by.

    The price is by the unit (protocol §7); how many a request takes is read from its arguments and the schema's
    defaults.
    """
    if price is None or price.currency != CURRENCY:
        return None
    request = _Request(model, arguments)
    counted = next((count(request) for unit, count in _UNITS if re.fullmatch(unit, price.unit.strip().lower())), None)
    return None if counted is None else times(counted, price.unit_price)


@dataclass(frozen=True, slots=True)
class _Request:
    """A request before it is sent."""

    model: Model
    arguments: Mapping[str, JsonValue]

    def value(self, name: str) -> JsonValue:
        """What the request says at `name`, or what the model takes where it says nothing."""
        if name in self.arguments:
            return self.arguments[name]
        field = self.model.field(name)
        return field.default if field and field.has_default else None

    def number(self, *names: str) -> float | None:
        """The first of these values that is a number, written as one or as text (`8`, `"8s"`)."""
        for name in names:
            if found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*s?", str(self.value(name))):
                return float(found[1])
        return None


def _once(request: _Request) -> float | None:
    return 1.0


def _images(request: _Request) -> float | None:
    return request.number("num_images", "n") or 1.0


def _videos(request: _Request) -> float | None:
    return request.number("num_videos") or 1.0


def _seconds(request: _Request) -> float | None:
    seconds = request.number("duration", "duration_seconds", "seconds")
    return None if seconds is None else seconds * (_videos(request) or 1.0)


def _megapixels(request: _Request) -> float | None:
    """Every picture's size is rounded up to whole megapixels."""
    field = next((field for field in request.model.fields if isinstance(field.kind, Size)), None)
    size = request.value(field.name) if field else None
    if isinstance(size, dict):
        width, height = size.get("width"), size.get("height")
    else:
        width, height = PRESETS.get(str(size), (None, None))
    if not isinstance(width, int) or not isinstance(height, int):
        return None
    return math.ceil(width * height / 1e6) * (_images(request) or 1.0)


def _thousands_of_characters(request: _Request) -> float | None:
    spoken = request.value("text") or request.value("prompt") or request.value("input")
    return len(spoken) / 1000 if isinstance(spoken, str) else None


_UNITS: tuple[tuple[str, Callable[[_Request], float | None]], ...] = (
    (r"images?", _images),
    (r"megapixels?|processed megapixels?", _megapixels),
    (r"videos?", _videos),
    (r"seconds?|video seconds?", _seconds),
    (r"1000 characters|1k characters", _thousands_of_characters),
    (r"requests?|generations?|runs?|calls?", _once),
)
"""The words of a price → how many such units a request takes; the words are free text (protocol §7)."""
