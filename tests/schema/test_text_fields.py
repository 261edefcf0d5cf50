"""Fields of free text: what stays as typed, limits, patterns, suggestions."""

from typing import Any

import pytest
from schema_field import NULL, field, messages

from faldeck.schema.fields import Text


@pytest.mark.parametrize("text", ["2024", "null", "true", "1e5", "", "  spaced ", "[A0]\nline two", "漢字 🦊"])
def test_text_stays_the_text_that_was_typed(text: str) -> None:
    made = field({"anyOf": [{"type": "string"}, NULL]})
    assert made.parse(text) == text
    assert made.show(text) == text


def test_text_is_checked_for_length_and_pattern() -> None:
    made = field({"type": "string", "minLength": 2, "maxLength": 2_000, "pattern": "^a"})
    assert made.limits == "2 to 2,000 characters"
    assert made.check("ab") == ()
    assert messages(made, "a") == ["must have at least 2 characters"]
    assert messages(made, "a" * 2_001) == ["must have at most 2,000 characters, has 2,001"]
    assert messages(made, "ba") == ["must match ^a"]
    assert messages(made, 7) == ["must be text"]


def test_a_pattern_in_another_dialect_refuses_nothing() -> None:
    assert field({"type": "string", "pattern": r"^\p{L}+$"}).check("abc") == ()


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "^(a|a)*$",
        "(a*)*b",
        "^" + "a?" * 30 + "a" * 30 + "$",
        "a*" * 9 + "b",
        "(a{1,30}){1,30}b",
        "a?" * 10**6,
        "^" + "(a|aa)" * 30 + "$",
        "^((((a?){1000}){1000}){1000})x$",
        "(){1000000000}x",
        "(){1000000000,}x",
        "(){0000000001000000000}x",
    ],
)
def test_a_pattern_that_could_take_for_ever_is_left_to_the_service(pattern: str) -> None:
    assert field({"type": "string", "pattern": pattern}).check("a" * 40 + "!") == ()


def test_groups_repeated_in_groups_are_left_to_the_service_even_for_a_text_of_one_character() -> None:
    assert field({"type": "string", "pattern": "((((){1000}){1000}){1000}){1000}x"}).check("a") == ()


@pytest.mark.parametrize("pattern", ["a{99999999999}", "(" * 5_000 + "a" + ")" * 5_000])
def test_a_pattern_that_cannot_be_compiled_refuses_nothing(pattern: str) -> None:
    assert field({"type": "string", "pattern": pattern}).check("b") == ()


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("^#([0-9A-Fa-f]{3}){1,2}$", "#ff8800", "#ff88"),
        (r"^\w+$", "Speaker_1", "a b"),
        ("^(png|jpe?g|webp)$", "jpg", "gif"),
        ("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", "0" * 8 + "-0000" * 3 + "-" + "f" * 12, "0"),
    ],
)
def test_the_patterns_of_real_models_are_held_against_what_is_typed(pattern: str, good: str, bad: str) -> None:
    made = field({"type": "string", "pattern": pattern})
    assert made.check(good) == ()
    assert messages(made, bad) == [f"must match {pattern}"]


def test_a_long_text_gets_several_lines() -> None:
    def is_long(schema: Any, name: str) -> bool:
        kind = field(schema, name).kind
        return isinstance(kind, Text) and kind.is_long

    assert is_long({"type": "string"}, "negative_prompt")
    assert is_long({"type": "string", "examples": ["first\nsecond"]}, "story")
    assert not is_long({"type": "string", "maxLength": 20}, "prompt")
    assert not is_long({"type": "string"}, "voice")


def test_suggestions_are_offered_and_any_other_text_is_taken() -> None:
    made = field({"anyOf": [{"type": "string", "enum": ["16:9", "1:1"]}, {"type": "string", "maxLength": 3}]})
    assert isinstance(made.kind, Text)
    assert made.kind.suggestions == ("16:9", "1:1")
    assert made.check("5:4") == ()
    assert made.check("16:9") == ()
    assert made.check("long one") != ()
