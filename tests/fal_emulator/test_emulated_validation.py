"""How the emulator names what is wrong with an input (protocol §4.1, shape A)."""

import json
from typing import Any

import pytest

from fal_emulator import fields
from fal_emulator.fields import SHARED_COMPONENTS, field
from fal_emulator.models.every import MODELS
from fal_emulator.validation import faults_of, prepared

EVERY = MODELS[0]
COMPONENTS = SHARED_COMPONENTS | dict(EVERY.components)


def faults(**arguments: Any) -> dict[tuple[str | int, ...], str]:
    """The places and kinds of what is wrong with an input of the model that has every field."""
    found = faults_of({"prompt": "a heron"} | arguments, EVERY.inputs, COMPONENTS)
    return {tuple(fault["loc"][1:]): fault["type"] for fault in found}


@pytest.mark.parametrize(
    "good",
    [
        {},
        {"note": None, "by_list": None, "by_keyword": None},
        {"limit": 3, "large_seed": 2**64 - 1, "whole_or_not": 2, "count": 4.0},
        {"image_size": "square", "frame_size": None},
        {"image_size": {"width": 640, "height": 480}},
        {"aspect_ratio": "21:9", "quality": None, "fps": 24},
        {"one_or_many": "one", "top_align": 4},
        {"one_or_many": ["one", "two"], "top_align": "bottom"},
        {"loras": [{"path": "a", "scale": 0.5}], "labels": {"a": "b"}, "settings": {"a": 1}},
        {"structured": {"short_description": "x", "objects": [{"description": "y", "colors": [{"r": 1}]}]}},
        {"content": {"type": "file", "url": "u"}, "tree": {"branches": [{"branches": []}]}},
        {"lost": "anything", "trajectories": [[{"x": 1}]], "anything": [1, "a", None]},
        {"nobody_knows_this_field": True},
        {"learning_rate": 1e-06, "even": 512},
    ],
)
def test_a_good_input_has_no_faults(good: dict[str, Any]) -> None:
    assert faults(**good) == {}


@pytest.mark.parametrize(
    ("bad", "place", "kind"),
    [
        ({"prompt": "ab"}, ("prompt",), "string_too_short"),
        ({"prompt": 2024}, ("prompt",), "string_type"),
        ({"code": "abc"}, ("code",), "string_pattern_mismatch"),
        ({"count": 0}, ("count",), "greater_than_equal"),
        ({"count": 17}, ("count",), "less_than_equal"),
        ({"count": 1.5}, ("count",), "int_type"),
        ({"count": True}, ("count",), "int_type"),
        ({"count": float("nan")}, ("count",), "int_type"),
        ({"limit": 0}, ("limit",), "greater_than_equal"),
        ({"ratio": 0}, ("ratio",), "greater_than"),
        ({"ratio": 1}, ("ratio",), "less_than"),
        ({"even": 513}, ("even",), "multiple_of"),
        ({"even": 10**400}, ("even",), "less_than_equal"),
        ({"even": 10**400 + 1}, ("even",), "multiple_of"),
        ({"is_loud": "yes"}, ("is_loud",), "bool_type"),
        ({"fps": "24"}, ("fps",), "int_type"),
        ({"fps": 26}, ("fps",), "literal_error"),
        ({"version": "v3"}, ("version",), "literal_error"),
        ({"image_size": "huge"}, ("image_size",), "literal_error"),
        ({"image_size": {"width": 0}}, ("image_size", "width"), "greater_than"),
        ({"image_urls": list("abcde")}, ("image_urls",), "sequence_too_long"),
        ({"background_color": [1, 2]}, ("background_color",), "sequence_too_short"),
        ({"background_color": [1, 2, "x"]}, ("background_color", 2), "int_type"),
        ({"maps": ["albedo", "taste"]}, ("maps", 1), "literal_error"),
        ({"loras": [{"path": "a"}, {}]}, ("loras", 1, "path"), "missing"),
        ({"loras": [{"path": 7}]}, ("loras", 0, "path"), "string_type"),
        ({"labels": {"a": 1}}, ("labels", "a"), "string_type"),
        ({"color": {"r": 256}}, ("color", "r"), "less_than_equal"),
        ({"palette": {"members": [{"rgb": {"g": -1}}]}}, ("palette", "members", 0, "rgb", "g"), "greater_than_equal"),
        ({"tree": {"branches": [{"name": 1}]}}, ("tree", "branches", 0, "name"), "string_type"),
    ],
)
def test_a_fault_is_named_where_it_is(bad: dict[str, Any], place: tuple[str | int, ...], kind: str) -> None:
    assert faults(**bad) == {place: kind}


def test_an_input_that_is_no_object_is_one_fault() -> None:
    [fault] = faults_of([], EVERY.inputs, COMPONENTS)

    assert (fault["loc"], fault["type"]) == (["body"], "dict_type")


def test_an_object_may_be_closed_to_other_keys() -> None:
    closed = field("box", {"type": "object", "properties": {"x": {}}, "additionalProperties": False})

    [fault] = faults_of({"box": {"y": 1}}, [closed], {})

    assert (fault["loc"], fault["type"]) == (["body", "box", "y"], "extra_forbidden")


def test_a_documented_kind_names_its_page_and_its_limit() -> None:
    [fault] = faults_of({"n": 9}, [fields.integer("n", "", maximum=4)], {})

    assert fault["ctx"] == {"le": 4}
    assert fault["url"] == "https://docs.fal.ai/errors#less_than_equal"
    assert fault["input"] == 9


def test_defaults_fill_what_is_not_given() -> None:
    filled = prepared({"prompt": "a heron", "count": 2}, EVERY.inputs, COMPONENTS)

    assert (filled["count"], filled["even"], filled["prompt"]) == (2, 512, "a heron")
    assert "note" not in filled


@pytest.mark.parametrize(
    ("written", "got"),
    [
        ({"count": 4.0}, "4"),
        ({"large_seed": 7.0}, "7"),
        ({"fps": 24.0}, "24"),
        ({"image_size": {"width": 64.0, "height": 48}}, '{"width": 64, "height": 48}'),
        ({"background_color": [1.0, 2, 3.0]}, "[1, 2, 3]"),
        ({"corner": {"x": 5.0}}, '{"x": 5}'),
        ({"palette": {"members": [{"rgb": {"r": 9.0}}]}}, '{"members": [{"rgb": {"r": 9}}]}'),
        ({"ratio": 0.5}, "0.5"),
        ({"misspelt": 4.0}, "4.0"),
        ({"whole_or_not": 2.0}, "2.0"),
        ({"weights": [1.0, 2.0]}, "[1.0, 2.0]"),
        ({"settings": {"a": 1.0}}, '{"a": 1.0}'),
        ({"nobody_knows_this_field": 1.0}, "1.0"),
    ],
)
def test_a_whole_number_is_whole_for_the_model_however_it_is_written(written: dict[str, Any], got: str) -> None:
    [name] = written

    assert json.dumps(prepared(written, EVERY.inputs, COMPONENTS)[name]) == got


def test_a_list_of_types_makes_numbers_whole_too() -> None:
    either = field("n", {"type": ["integer", "null"]})

    assert repr(prepared({"n": 3.0}, [either], {})["n"]) == "3"
