"""Fields that are written as one word and sent as an object: sizes and colours."""

from typing import Any

import pytest
from schema_field import COLOUR_PART, IMAGE_SIZE, PRESETS, field, messages

from faldeck.schema.json_value import InvalidValue


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("landscape_4_3", "landscape_4_3"),
        ("square", "square"),
        ("portrait", "portrait_4_3"),
        ("landscape", "landscape_4_3"),
        ("1024x768", {"width": 1024, "height": 768}),
        (" 1024 × 768 ", {"width": 1024, "height": 768}),
        ('{"width": 64}', {"width": 64}),
    ],
)
def test_a_size_is_a_preset_a_short_form_or_two_sides(text: str, value: Any) -> None:
    made = field({"anyOf": [IMAGE_SIZE, {"type": "string", "enum": PRESETS}]})
    assert made.parse(text) == value
    assert made.parse(made.show(value)) == value
    assert made.check(value) == ()


def test_a_size_short_form_takes_what_the_model_really_has() -> None:
    made = field({"anyOf": [IMAGE_SIZE, {"type": "string", "enum": ["square_hd", "portrait_16_9", "auto"]}]})
    assert made.parse("square") == "square_hd"
    assert made.parse("portrait") == "portrait_16_9"
    with pytest.raises(InvalidValue, match="must be a size"):
        made.parse("landscape")


def test_a_size_by_its_whole_name_goes_before_a_short_form_and_a_usual_form_before_others() -> None:
    presets = ["portrait_16_9", "portrait_4_3", "wide_hd", "wide_16_9", "square_hd", "square", "Auto", "auto"]
    made = field({"anyOf": [IMAGE_SIZE, {"type": "string", "enum": presets}]})
    assert [made.parse(word) for word in ("portrait", "wide", "square")] == ["portrait_4_3", "wide_16_9", "square"]
    assert [made.parse(word) for word in ("Auto", "auto", " auto ")] == ["Auto", "auto", "auto"]


def test_a_side_that_is_required_is_missed() -> None:
    made = field({**IMAGE_SIZE, "required": ["width", "height"]}, "size")
    assert [problem.loc for problem in made.check({"width": 64})] == [("size", "height")]


def test_a_size_out_of_its_limits_is_told_at_the_side() -> None:
    made = field({"anyOf": [IMAGE_SIZE, {"type": "string", "enum": PRESETS}]}, "image_size")
    assert made.limits == "sides above 0, at most 14,142"
    (problem,) = made.check({"width": 0, "height": 64})
    assert problem.loc == ("image_size", "width")
    assert problem.message == "must be above 0"
    assert messages(made, "huge")[0].startswith("must be one of square_hd")
    assert made.check(7) != ()


@pytest.mark.parametrize("text", ["#ff8800", "FF8800", "255, 136, 0", "rgb(255 136 0)", '{"r":255,"g":136,"b":0}'])
def test_a_colour_is_written_in_hex_or_in_parts(text: str) -> None:
    made = field({"type": "object", "properties": dict.fromkeys("rgb", COLOUR_PART)})
    assert made.parse(text) == {"r": 255, "g": 136, "b": 0}
    assert made.show(made.parse(text)) == "#ff8800"


def test_a_colour_that_hex_cannot_show_is_shown_as_json() -> None:
    made = field({"type": "object", "properties": dict.fromkeys("rgb", COLOUR_PART)}, "tint")
    for value in ({"r": 1}, {"r": 300, "g": 0, "b": 0}):
        assert made.parse(made.show(value)) == value
    assert made.check({"r": 300})[0].loc == ("tint", "r")
    with pytest.raises(InvalidValue):
        made.parse("reddish")
