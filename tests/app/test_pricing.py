"""What a request will cost, before it is sent."""

from decimal import Decimal

import pytest

from faldeck.app import pricing
from faldeck.fal.values import Price
from faldeck.job import Cost
from faldeck.schema.document import ModelSchema, read
from faldeck.schema.json_value import JsonValue


def model(**inputs: JsonValue) -> ModelSchema:
    """A model that takes these members."""
    schema: JsonValue = {"type": "object", "properties": inputs}
    body: JsonValue = {"content": {"application/json": {"schema": schema}}}
    return read({"paths": {"/a/b": {"post": {"requestBody": body}}}}, "a/b")


SIZE: JsonValue = {
    "anyOf": [
        {"type": "object", "properties": {"width": {"type": "integer"}, "height": {"type": "integer"}}},
        {"type": "string", "enum": ["square_hd", "square", "landscape_4_3"]},
    ],
    "default": "landscape_4_3",
}
PICTURE = model(image_size=SIZE, num_images={"type": "integer", "default": 2})
FILM = model(duration={"type": "string", "enum": ["5s", "8s"], "default": "5s"})
SPEECH = model(text={"type": "string"})


def price(amount: str, unit: str, currency: str = "USD") -> Price:
    return Price("a/b", Decimal(amount), unit, currency)


@pytest.mark.parametrize(
    ("unit", "taken", "arguments", "units"),
    [
        ("images", PICTURE, {}, 2),
        ("image", PICTURE, {"num_images": 3}, 3),
        ("megapixels", PICTURE, {}, 2),
        ("megapixels", PICTURE, {"image_size": {"width": 2000, "height": 1000}, "num_images": 1}, 2),
        ("megapixels", PICTURE, {"image_size": "square_hd", "num_images": 1}, 2),
        ("seconds", FILM, {}, 5),
        ("seconds", FILM, {"duration": "8s"}, 8),
        ("seconds", FILM, {"duration": 12}, 12),
        ("videos", FILM, {}, 1),
        ("1000 characters", SPEECH, {"text": "x" * 250}, 0.25),
        ("requests", SPEECH, {}, 1),
    ],
)
def test_the_units_of_a_request_are_read_from_its_arguments_and_the_defaults(
    unit: str, taken: ModelSchema, arguments: dict[str, JsonValue], units: float | str
) -> None:
    estimate = pricing.estimate(price("0.5", unit), taken, arguments)

    assert estimate == Decimal(units) / 2


@pytest.mark.parametrize(
    ("told", "arguments"),
    [
        (None, {}),
        (price("0.5", "compute seconds"), {}),
        (price("0.5", "images", "EUR"), {}),
        (price("0.5", "seconds"), {}),
        (price("0.5", "megapixels"), {"image_size": "as wide as it gets"}),
    ],
)
def test_what_cannot_be_known_is_not_guessed(told: Price | None, arguments: dict[str, JsonValue]) -> None:
    assert pricing.estimate(told, PICTURE, arguments) is None


def test_amounts_are_multiplied_as_they_are_written() -> None:
    assert pricing.estimate(price("0.0125", "images"), PICTURE, {"num_images": 3}) == Decimal("0.0375")
    assert pricing.estimate(price("1.1", "seconds"), FILM, {"duration": "1.1s"}) == Decimal("1.21")


def test_a_price_is_recorded_without_a_total() -> None:
    assert pricing.rate(price("0.025", "megapixels")) == Cost(unit="megapixels", unit_price_usd=Decimal("0.025"))
    assert pricing.rate(price("0.025", "megapixels", "EUR")) is None
    assert pricing.rate(None) is None
