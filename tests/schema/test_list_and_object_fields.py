"""Fields with fields inside: lists, objects with named members, maps."""

from typing import Any

import pytest
from schema_field import POINT, field, messages

from faldeck.schema import arguments, document
from faldeck.schema.fields import Group
from faldeck.schema.json_value import InvalidValue


def test_a_list_is_typed_as_json_or_plainly() -> None:
    texts = field({"type": "array", "items": {"type": "string"}})
    assert texts.parse('["a, b", "c"]') == ["a, b", "c"]
    assert texts.parse("a, b\nc\n") == ["a, b", "c"]
    assert texts.parse("[laughs] hello") == ["[laughs] hello"]
    assert texts.parse("") == []
    numbers = field({"type": "array", "items": {"type": "integer"}})
    assert numbers.parse("1, 2,3") == [1, 2, 3]
    with pytest.raises(InvalidValue, match="whole number"):
        numbers.parse("1, x")
    points = field({"type": "array", "items": POINT})
    assert points.parse('{"x": 1, "y": 2}') == [{"x": 1, "y": 2}]


def test_a_list_is_checked_for_its_count_and_each_item_at_its_place() -> None:
    item = {"type": "integer", "minimum": 1}
    made = field({"type": "array", "items": item, "minItems": 2, "maxItems": 3, "uniqueItems": True}, "steps")
    assert made.limits == "2 to 3 items; each at least 1"
    assert messages(made, [1]) == ["must have at least 2 items"]
    assert messages(made, [1, 2, 3, 4]) == ["must have at most 3 items, has 4"]
    assert [(problem.loc, problem.message) for problem in made.check([1, 0, 1])] == [
        (("steps", 1), "must be at least 1"),
        (("steps", 2), "must not be there twice"),
    ]
    assert messages(made, "1, 2") == ["must be a list"]


def test_a_group_is_checked_down_to_its_members() -> None:
    made = field({"type": "array", "items": POINT}, "points")
    assert [(problem.loc, problem.message) for problem in made.check([{"x": 1}, {"y": "a"}])] == [
        (("points", 1, "x"), "is required"),
        (("points", 1, "y"), "must be a whole number"),
    ]
    item = made.children[0]
    assert isinstance(item.kind, Group)
    assert [(child.name, child.required) for child in item.children] == [("x", True), ("y", False)]
    assert item.children[0].kind.name == "integer"


def test_a_group_refuses_other_members_only_where_the_schema_does() -> None:
    assert field(POINT).check({"x": 1, "z": 2}) == ()
    closed = field({**POINT, "additionalProperties": False})
    assert [problem.loc for problem in closed.check({"x": 1, "z": 2})] == [("value", "z")]


def test_a_map_has_free_names_and_one_kind_of_value() -> None:
    made = field({"type": "object", "additionalProperties": {"type": "number"}})
    assert made.parse('{"a": 1}') == {"a": 1}
    assert made.check({"a": 1.5}) == ()
    assert [problem.loc for problem in made.check({"a": "b"})] == [("value", "a")]
    with pytest.raises(InvalidValue, match="JSON object"):
        made.parse("[1]")


def test_a_tuple_of_like_places_takes_no_more_items_than_places() -> None:
    made = field({"type": "array", "prefixItems": [{"type": "integer"}] * 3})
    assert made.check([1, 2, 3]) == ()
    assert messages(made, [1, 2, 3, 4]) == ["must have at most 3 items, has 4"]


def test_items_are_the_same_as_json_is_the_same() -> None:
    made = field({"type": "array", "uniqueItems": True}, "any")
    assert made.check([1, True, "1", [1], [True], {"a": 1}, {"a": True}, [], {}, None, 0, False]) == ()
    doubles: list[list[Any]] = [[1, 1.0], [{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], [[], []], [None, None]]
    for twice in doubles:
        assert [problem.loc for problem in made.check(twice)] == [("any", 1)]


def test_a_list_of_many_thousands_is_searched_for_doubles_at_once() -> None:
    many: list[Any] = [{"x": number} for number in range(30_000)]
    made = field({"type": "array", "items": POINT, "uniqueItems": True, "default": many}, "points")
    assert made.is_default_sound
    assert [problem.loc for problem in made.check([*many, {"x": 7}])] == [("points", 30_000)]


def test_an_object_of_many_thousand_members_is_read_at_once() -> None:
    names = [f"member_{number}_url" for number in range(30_000)]
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": names}
    model = document.from_components("a/b", "Root", {"Root": {"allOf": [schema, {"required": names}]}})
    assert all(member.required for member in model.fields)
    assert len(arguments.local_files(model, dict.fromkeys(names[:4_000], "./x.png"))) == 4_000
