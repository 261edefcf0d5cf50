"""Fields of numbers: exact at any length, within their limits."""

from typing import Any

import pytest
from schema_field import field, messages

from faldeck.schema.json_value import InvalidValue


@pytest.mark.parametrize("text", ["0", "-7", "9007199254740993", "16510644661374190001", "1" * 400, "2147483648"])
def test_whole_numbers_are_exact_at_any_length(text: str) -> None:
    made = field({"type": "integer"})
    assert made.parse(text) == int(text)
    assert made.show(made.parse(f" {text} ")) == text
    assert made.check(int(text)) == ()


@pytest.mark.parametrize("text", ["1e-06", "0.0002", "3.5", "1.0", "1", "-0.5", "1e+22", "12345678901234567890"])
def test_a_number_is_shown_as_it_was_typed(text: str) -> None:
    made = field({"type": "number"})
    assert made.show(made.parse(text)) == text


@pytest.mark.parametrize("text", ["", "abc", "1e400", "NaN", "inf", "0x10", "1_000", "1,5", "٣", "1" * 5_000])
def test_what_is_no_number_is_refused_with_a_reason(text: str) -> None:
    for schema in ({"type": "integer"}, {"type": "number"}):
        with pytest.raises(InvalidValue, match="number"):
            field(schema).parse(text)


def test_a_whole_number_takes_no_fraction() -> None:
    with pytest.raises(InvalidValue, match="whole number"):
        field({"type": "integer"}).parse("1.5")
    assert messages(field({"type": "integer"}), 1.5) == ["must be a whole number"]
    assert field({"type": "integer"}).check(2.0) == ()
    assert messages(field({"type": "integer"}), True) == ["must be a whole number"]


@pytest.mark.parametrize(
    ("schema", "limits", "good", "bad"),
    [
        ({"minimum": 1, "maximum": 4}, "1 to 4", [1, 4], [0, 5]),
        ({"minimum": 0.01}, "at least 0.01", [0.01], [0]),
        ({"maximum": 2147483647}, "at most 2,147,483,647", [2147483647], [2147483648]),
        ({"exclusiveMinimum": 0, "maximum": 1}, "above 0, at most 1", [0.5], [0, 1.1]),
        ({"minimum": 1, "exclusiveMaximum": 10}, "at least 1, below 10", [9.99], [10]),
        ({"minimum": 0, "exclusiveMinimum": True}, "above 0", [1], [0]),
        ({"minimum": 0, "exclusiveMinimum": False}, "at least 0", [0], [-1]),
        ({"minimum": 1e-06, "maximum": 1}, "1e-06 to 1", [1e-06], [1e-07]),
        ({"multipleOf": 0.1}, "in steps of 0.1", [0.3, 1], [0.35]),
        ({"minimum": 8, "maximum": 64, "multipleOf": 8}, "8 to 64, in steps of 8", [16], [12]),
        ({"maximum": 9223372036854776000}, "at most 9,223,372,036,854,776,000", [2**63], [10**20]),
        ({}, "", [10**400, -1.5], [float("inf"), float("nan"), "1", None, True]),
    ],
)
def test_a_number_keeps_within_its_limits(schema: Any, limits: str, good: list[Any], bad: list[Any]) -> None:
    made = field({"type": "number", **schema})
    assert made.limits == limits
    assert [value for value in good if made.check(value)] == []
    assert [value for value in bad if not made.check(value)] == []
