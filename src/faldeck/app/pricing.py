"""Estimates what a request will cost, from its price and its arguments, before it is sent."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faldeck import job
from faldeck.job import Cost
from faldeck.schema.fields import Size

if TYPE_CHECKING:
    from faldeck.fal.values import Price
    from faldeck.schema.document import ModelSchema
    from faldeck.schema.json_value import JsonValue

CURRENCY = "USD"
"""The currency of all sums. A price in another one is shown, but not calculated with."""

PRESETS: Mapping[str, tuple[int, int]] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
"""Name of a size → its width and height in pixels."""


def rate(price: Price | None) -> Cost | None:
    """The cost to record with a request when only its price is known; None if the price is unknown."""
    if price is None or price.currency != CURRENCY:
        return None
    return Cost(unit=price.unit, unit_price_usd=price.unit_price)


def estimate(price: Price | None, model: ModelSchema, arguments: Mapping[str, JsonValue]) -> float | None:
    """About what a request will cost, in USD; None if its price or its number of units is unknown.

    The price is by the unit (protocol §7); how many a request takes is read from its arguments and the schema's
    defaults.
    """
    if price is None or price.currency != CURRENCY:
        return None
    request = _Request(model, arguments)
    counted = next((count(request) for unit, count in _UNITS if re.fullmatch(unit, price.unit.strip().lower())), None)
    return None if counted is None else job.multiply_usd(counted, price.unit_price)


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
