"""Fields of few values: switches, choices, constants."""

from typing import Any

import pytest
from schema_field import field, messages
from schema_typist import exactly

from faldeck.schema.json_value import InvalidValue


def test_a_switch_reads_the_usual_words() -> None:
    made = field({"type": "boolean"})
    assert [made.parse(word) for word in ("true", "Yes", "on", "1")] == [True] * 4
    assert [made.parse(word) for word in ("false", "No", "off", "0")] == [False] * 4
    assert made.show(False) == "false"
    with pytest.raises(InvalidValue):
        made.parse("maybe")
    assert messages(made, 1) == ["must be true or false"]


def test_a_choice_sends_the_value_with_its_own_type() -> None:
    numbers = field({"type": "integer", "enum": [512, 1024]})
    assert numbers.parse("1024") == 1024
    assert numbers.check("1024")[0].message == 'must be 1024, not "1024"'
    texts = field({"type": "string", "enum": ["5", "10", ""]})
    assert texts.parse("5") == "5"
    assert texts.parse("") == ""
    assert texts.check("") == ()
    assert texts.check(5)[0].message == 'must be "5", not 5'


def test_a_choice_is_found_in_any_case_and_a_slip_names_the_nearest() -> None:
    made = field({"type": "string", "enum": ["PNG", "jpeg", "webp"]})
    assert made.parse("png") == "PNG"
    with pytest.raises(InvalidValue, match="did you mean jpeg"):
        made.parse("jepg")
    with pytest.raises(InvalidValue, match="PNG, jpeg, webp"):
        made.parse("???")


def test_a_choice_of_hundreds_names_only_some_in_its_message() -> None:
    made = field({"enum": [f"voice {number}" for number in range(1_287)]})
    assert made.parse("voice 1286") == "voice 1286"
    assert messages(made, "xyz")[0].endswith("voice 5 and 1,281 more")


def test_a_constant_is_itself_whatever_is_typed() -> None:
    made = field({"type": "string", "const": "129", "default": 129})
    assert made.parse("129") == made.parse("") == "129"
    assert not made.is_default_sound
    assert messages(made, 129) == ['must be "129", not 129']
    with pytest.raises(InvalidValue):
        made.parse("130")


def test_a_choice_in_several_cases_is_asked_for_exactly() -> None:
    made = field({"type": "string", "enum": ["Auto", "auto", "None"]})
    assert (made.parse("auto"), made.parse("Auto"), made.parse("none")) == ("auto", "Auto", "None")
    with pytest.raises(InvalidValue):
        made.parse("AUTO")


@pytest.mark.parametrize(
    "choices", [["5", 5], [5, "5", '"5"', "auto"], ["true", True, 1, "1"], ["null", "a"], ["[1]", [1]], [0.5, 1, 2.0]]
)
def test_choices_that_look_alike_are_told_apart(choices: list[Any]) -> None:
    made = field({"enum": choices})
    for choice in choices:
        assert exactly(made.parse(made.show(choice))) == exactly(choice)


def test_a_text_among_choices_is_quoted_only_where_it_looks_like_another() -> None:
    made = field({"enum": ["5", 5, "auto"]})
    assert [made.show(choice) for choice in ("5", 5, "auto")] == ['"5"', "5", "auto"]
    assert messages(made, "7") == ['must be one of "5", 5, auto']


@pytest.mark.parametrize("schema", [{"enum": [1, 2]}, {"const": 2}, {"type": "integer"}, {"enum": [0.5, 2]}])
def test_a_whole_number_written_with_a_point_is_shown_as_what_can_be_entered_again(schema: Any) -> None:
    made = field(schema)
    assert made.check(2.0) == ()
    assert made.show(2.0) == "2"
    assert made.parse("2") == 2


def test_a_choice_of_numbers_with_a_point_shows_a_whole_number_as_its_own() -> None:
    made = field({"enum": [1.0, 2.0]})
    assert made.check(2) == ()
    assert made.parse(made.show(2)) == 2
