"""What a request will cost, before it is sent."""

import pytest

from faldeck import job
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
    unit: str, taken: ModelSchema, arguments: dict[str, JsonValue], units: float
) -> None:
    estimate = pricing.estimate(Price("a/b", 0.5, unit, "USD"), taken, arguments)

    assert estimate == pytest.approx(units * 0.5)


@pytest.mark.parametrize(
    ("price", "arguments"),
    [
        (None, {}),
        (Price("a/b", 0.5, "compute seconds", "USD"), {}),
        (Price("a/b", 0.5, "images", "EUR"), {}),
        (Price("a/b", 0.5, "seconds", "USD"), {}),
        (Price("a/b", 0.5, "megapixels", "USD"), {"image_size": "as wide as it gets"}),
    ],
)
def test_what_cannot_be_known_is_not_guessed(price: Price | None, arguments: dict[str, JsonValue]) -> None:
    assert pricing.estimate(price, PICTURE, arguments) is None


def test_amounts_are_multiplied_and_added_as_they_are_written() -> None:
    assert pricing.estimate(Price("a/b", 0.0125, "images", "USD"), PICTURE, {"num_images": 3}) == 0.0375
    assert (
        job.multiply_usd(3, 0.1) == 0.3
        and job.multiply_usd(1.1, 1.1) == 1.21
        and job.multiply_usd(0.25, 0.03) == 0.0075
    )
    assert job.add_usd([0.1] * 3) == 0.3 and job.add_usd([]) == 0
    assert job.multiply_usd(0, float("inf")) != 0


def test_a_price_is_shown_with_all_its_digits() -> None:
    told = [job.price_text(price) for price in (0.0375, 1.125, 0.00003, 0.037500000000000006, 12345.5)]
    assert told == ["0.0375", "1.125", "0.00003", "0.0375", "12,345.5"]


def test_a_price_is_recorded_without_a_total() -> None:
    assert pricing.rate(Price("a/b", 0.025, "megapixels", "USD")) == Cost(unit="megapixels", unit_price_usd=0.025)
    assert pricing.rate(Price("a/b", 0.025, "megapixels", "EUR")) is None
    assert pricing.rate(None) is None


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (0.00003, "0.00003"),
        (0.0000000123456, "0.00000001235"),
        (0.009, "0.009"),
        (1.5, "1.5"),
        (999.96, "1,000"),
        (12345.678, "12,345.68"),
        (2e9, "2,000,000,000.00"),
    ],
)
def test_amounts_are_written_without_exponents(amount: float, text: str) -> None:
    assert job.usd_text(amount) == text
