"""A form being filled in: what is set is sent, what is wrong is told at its place, and changes can be taken back."""

from __future__ import annotations

import pytest

from faldeck.schema.document import from_components
from faldeck.tui.form import row_values
from faldeck.tui.form.rows import ALWAYS_SHOWN, How, Row
from faldeck.tui.form.state import Filling

COMPONENTS: dict[str, object] = {
    "Input": {
        "type": "object",
        "required": ["prompt"],
        "x-fal-order-properties": ["prompt", "steps", "size", "loras", "point", "mode", "image_url", "style", "note"],
        "properties": {
            "prompt": {"type": "string", "minLength": 2},
            "steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 28},
            "size": {
                "anyOf": [
                    {"$ref": "#/components/schemas/ImageSize"},
                    {"type": "string", "enum": ["square", "landscape_4_3"]},
                ],
                "default": "square",
            },
            "loras": {
                "type": "array",
                "maxItems": 3,
                "items": {"$ref": "#/components/schemas/Lora"},
                "default": [{"path": "https://x.y/base", "scale": 0.5}],
            },
            "point": {
                "type": "object",
                "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
            },
            "mode": {
                "anyOf": [
                    {
                        "title": "Named",
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": {"type": "string"}},
                    },
                    {"title": "Plain", "type": "string"},
                ]
            },
            "image_url": {"type": "string"},
            "style": {"type": "string", "enum": ["oil", "ink"]},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
    },
    "ImageSize": {
        "type": "object",
        "properties": {"width": {"type": "integer"}, "height": {"type": "integer"}},
    },
    "Lora": {
        "type": "object",
        "required": ["path"],
        "properties": {"path": {"type": "string"}, "scale": {"type": "number", "maximum": 4, "default": 1}},
    },
}


@pytest.fixture
def filling() -> Filling:
    return Filling(from_components("acme/paint", "Input", COMPONENTS), {})


def row(filling: Filling, *path: str | int) -> Row:
    return next(row for row in filling.rows() if row.path == path)


def test_only_what_was_set_is_sent(filling: Filling) -> None:
    filling.enter(row(filling, "prompt"), "2024")
    assert filling.arguments() == {"prompt": "2024"}
    filling.enter(row(filling, "steps"), "30")
    assert filling.arguments() == {"prompt": "2024", "steps": 30}
    filling.enter(row(filling, "steps"), "")
    assert filling.arguments() == {"prompt": "2024"}


def test_a_default_is_shown_and_not_set(filling: Filling) -> None:
    shown = row_values.shown(filling, row(filling, "steps"))
    assert (shown.text, shown.is_set) == ("28", False)


def test_what_is_wrong_is_told_at_its_field_and_goes_when_it_is_mended(filling: Filling) -> None:
    filling.enter(row(filling, "steps"), "many")
    assert list(filling.problems) == [("steps",)]
    filling.enter(row(filling, "steps"), "51")
    assert "50" in filling.problems["steps",]
    filling.enter(row(filling, "steps"), "50")
    assert filling.problems == {}


def test_values_that_come_from_elsewhere_are_checked_at_once(filling: Filling) -> None:
    pasted = Filling(filling.model, {"steps": 51, "loras": [{"path": "a", "scale": 5}]})
    assert pasted.problems.keys() == {("steps",), ("loras", 0, "scale")}
    assert row(pasted, "loras", 0, "scale")


def test_a_required_field_left_empty_is_found_before_anything_is_sent(filling: Filling) -> None:
    assert filling.check() == []
    assert list(filling.problems) == [("prompt",)]


def test_a_lists_items_are_added_filled_moved_copied_and_removed(filling: Filling) -> None:
    loras = row(filling, "loras")
    assert loras.how is How.OPENED and not loras.is_open
    filling.open(loras)
    new = row(filling, "loras", 1)
    assert new.is_new
    filling.open(new)
    filling.enter(row(filling, "loras", 1, "path"), "https://x.y/ink")
    base, ink = {"path": "https://x.y/base", "scale": 0.5}, {"path": "https://x.y/ink"}
    assert filling.arguments()["loras"] == [base, ink]
    assert filling.move(("loras", 1), -1) == ("loras", 0)
    assert filling.arguments()["loras"] == [ink, base]
    filling.duplicate(("loras", 0))
    assert filling.arguments()["loras"] == [ink, ink, base]
    assert all(not row.is_new for row in filling.rows() if row.path[:1] == ("loras",) and len(row.path) == 2)
    filling.unset(("loras", 1))
    assert filling.arguments()["loras"] == [ink, base]
    assert filling.move(("loras", 1), 1) == ("loras", 1), "there is nothing behind the last"
    filling.unset(("loras", 1))
    assert filling.arguments()["loras"] == [ink]


def test_what_is_open_stays_open_when_items_move(filling: Filling) -> None:
    filling.set(("loras",), [{"path": "a"}, {"path": "b"}])
    filling.outline.open(("loras",))
    filling.outline.open(("loras", 1))
    filling.move(("loras", 1), -1)
    assert row(filling, "loras", 0, "path") and ("loras", 1, "path") not in [row.path for row in filling.rows()]
    filling.duplicate(("loras", 0))
    assert row(filling, "loras", 1, "path")
    filling.unset(("loras", 0))
    assert row(filling, "loras", 0, "path") and ("loras", 1, "path") not in [row.path for row in filling.rows()]


def test_a_default_that_is_changed_inside_is_sent_whole_and_the_schema_keeps_its_own(filling: Filling) -> None:
    filling.open(row(filling, "loras"))
    filling.open(row(filling, "loras", 0))
    filling.enter(row(filling, "loras", 0, "scale"), "2")
    assert filling.arguments()["loras"] == [{"path": "https://x.y/base", "scale": 2}]
    again = Filling(filling.model, {})
    assert again.value(("loras", 0, "scale")) == 0.5


def test_a_problem_inside_a_list_is_told_there_and_opens_what_hides_it(filling: Filling) -> None:
    body = {"detail": [{"loc": ["body", "loras", 0, "scale"], "msg": "too strong", "type": "less_than_equal"}]}
    assert filling.take_answer(body) == []
    assert filling.problems == {("loras", 0, "scale"): "too strong"}
    assert row(filling, "loras", 0, "scale")


def test_a_problem_of_no_field_is_given_back(filling: Filling) -> None:
    assert filling.take_answer({"detail": "The model is tired."}) == ["The model is tired."]
    assert filling.problems == {}


def test_an_object_that_is_emptied_again_is_not_sent(filling: Filling) -> None:
    filling.open(row(filling, "point"))
    filling.enter(row(filling, "point", "x"), "3")
    assert filling.arguments()["point"] == {"x": 3}
    filling.unset(("point",))
    assert "point" not in filling.arguments()


def test_a_size_is_a_preset_or_typed(filling: Filling) -> None:
    size = row(filling, "size")
    names = [name for name, _ in row_values.offers(size)]
    assert names[:2] == ["square", "landscape_4_3"]
    custom = row_values.offers(size)[-1][1]
    assert filling.choose(size, custom)
    filling.enter(size, "640x480")
    assert filling.arguments()["size"] == {"width": 640, "height": 480}
    assert not filling.choose(size, "landscape_4_3")
    assert filling.arguments()["size"] == "landscape_4_3"


def test_a_union_is_given_a_shape_and_then_its_fields(filling: Filling) -> None:
    mode = row(filling, "mode")
    named, plain = (shape for _, shape in row_values.offers(mode))
    assert not filling.choose(mode, named)
    filling.enter(row(filling, "mode", "name"), "fog")
    assert filling.arguments()["mode"] == {"name": "fog"}
    assert filling.choose(mode, plain)
    filling.enter(mode, "fog")
    assert filling.arguments()["mode"] == "fog"


def test_every_change_can_be_taken_back(filling: Filling) -> None:
    filling.enter(row(filling, "prompt"), "a fox")
    filling.enter(row(filling, "style"), "ink")
    assert filling.enter_all("") == ""
    assert filling.arguments() == {}
    assert filling.undo() and filling.arguments() == {"prompt": "a fox", "style": "ink"}
    assert filling.undo() and filling.arguments() == {"prompt": "a fox"}
    assert filling.undo() and not filling.undo()


def test_a_shape_that_is_chosen_again_keeps_its_value(filling: Filling) -> None:
    mode = row(filling, "mode")
    filling.set(("mode",), {"name": "fog"})
    (_, named), (_, plain) = row_values.offers(mode)
    assert row_values.current(filling, mode) == "Named"
    filling.choose(mode, named)
    assert row(filling, "mode", "name")
    assert filling.arguments()["mode"] == {"name": "fog"}
    assert filling.choose(mode, plain)


def test_what_was_typed_in_one_go_is_taken_back_in_one_go(filling: Filling) -> None:
    prompt = row(filling, "prompt")
    for text in ("a", "a ", "a f", "a fo", "a fox"):
        filling.enter(prompt, text)
    filling.pause()
    filling.enter(prompt, "a fox!")
    assert filling.undo() and filling.arguments() == {"prompt": "a fox"}
    assert filling.undo() and filling.arguments() == {}


def test_a_text_that_is_no_value_stays_to_be_mended(filling: Filling) -> None:
    steps = row(filling, "steps")
    filling.enter(steps, "30")
    filling.enter(steps, "3o")
    assert row_values.typed(filling, steps) == "3o"
    assert row_values.shown(filling, steps).text == "3o"
    assert "whole number" in filling.problems["steps",]
    filling.enter(steps, "31")
    assert filling.arguments()["steps"] == 31 and not filling.problems


def test_an_item_that_is_emptied_while_it_is_typed_keeps_its_place_until_it_is_left() -> None:
    schema: dict[str, object] = {
        "Input": {"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "string"}}}}
    }
    filling = Filling(from_components("acme/tags", "Input", schema), {"tags": ["sea", "sky"]})
    filling.open(row(filling, "tags"))
    first = row(filling, "tags", 0)
    filling.enter(first, "")
    filling.enter(first, "fog")
    assert filling.arguments() == {"tags": ["fog", "sky"]}
    filling.enter(first, "")
    filling.pause()
    assert filling.arguments() == {"tags": ["sky"]}


def test_a_number_is_moved_by_steps_within_its_limits(filling: Filling) -> None:
    steps = row(filling, "steps")
    filling.step(steps, 1)
    assert filling.arguments()["steps"] == 29
    filling.step(steps, 100)
    assert filling.arguments()["steps"] == 50


def test_a_seed_is_pinned_within_its_limits_and_let_go_again() -> None:
    schema: dict[str, object] = {
        "Input": {"type": "object", "properties": {"seed": {"type": "integer", "minimum": 3, "maximum": 5}}}
    }
    filling = Filling(from_components("acme/dice", "Input", schema), {})
    assert row_values.shown(filling, row(filling, "seed")).text == "random"
    assert {filling.pin_seed(None) and filling.arguments()["seed"] for _ in range(200)} == {3, 4, 5}
    filling.unset(("seed",))
    assert filling.arguments() == {}


def test_files_go_into_a_list_one_behind_the_other() -> None:
    schema: dict[str, object] = {
        "Input": {"type": "object", "properties": {"image_urls": {"type": "array", "items": {"type": "string"}}}}
    }
    filling = Filling(from_components("acme/merge", "Input", schema), {"image_urls": ["https://x.y/a.png"]})
    filling.add_files(row(filling, "image_urls"), ["/tmp/b.png", "/tmp/c.png"])
    filling.add_files(row(filling, "image_urls", 1), ["/tmp/d.png"])
    assert filling.arguments() == {"image_urls": ["https://x.y/a.png", "/tmp/d.png", "/tmp/c.png"]}


def test_raw_json_keeps_what_the_fields_cannot_show_and_a_broken_one_changes_nothing(filling: Filling) -> None:
    assert filling.enter_all('{"prompt": "a fox", "secret_option": [1, {"x": null}]}') == ""
    assert filling.arguments() == {"prompt": "a fox", "secret_option": [1, {"x": None}]}
    assert "JSON" in filling.enter_all('{"prompt": ')
    assert filling.arguments()["prompt"] == "a fox"


def test_another_models_values_are_kept_as_far_as_they_fit(filling: Filling) -> None:
    filling.enter(row(filling, "prompt"), "a fox")
    filling.enter(row(filling, "style"), "ink")
    filling.enter(row(filling, "steps"), "40")
    other: dict[str, object] = {
        "Input": {"type": "object", "properties": {"prompt": {"type": "string"}, "style": {"type": "integer"}}}
    }
    next_one = Filling(from_components("acme/draw", "Input", other), {})
    next_one.keep(filling)
    assert next_one.arguments() == {"prompt": "a fox"}


def test_a_picture_goes_where_the_model_wants_one(filling: Filling) -> None:
    place = filling.file_place()
    assert place == ("image_url",)
    filling.set(place, "/tmp/fox.png")
    assert [(upload.loc, upload.path) for upload in filling.request().uploads()] == [(("image_url",), "/tmp/fox.png")]


def test_a_long_form_folds_what_is_rarely_used_until_it_is_set() -> None:
    names = [f"field_{number}" for number in range(ALWAYS_SHOWN + 8)]
    properties = {name: {"type": "string"} for name in names}
    schema: dict[str, object] = {"Input": {"type": "object", "properties": properties, "x-fal-order-properties": names}}
    filling = Filling(from_components("acme/long", "Input", schema), {})
    shown = len(filling.rows())
    assert filling.outline.hidden == len(names) - shown + 1
    filling.set((names[0],), "x")
    assert len(filling.rows()) == shown, "what is filled in folds nothing out"
    filling.set((names[-1],), "x")
    assert (names[-1],) in [row.path for row in filling.rows()]
    filling.outline.unfold()
    assert len(filling.rows()) == len(names) + 1


PART: dict[str, object] = {
    "type": "object",
    "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
    "required": ["type", "text"],
}


def test_what_is_sent_though_nobody_sets_it_is_not_missed_while_typing() -> None:
    schema: dict[str, object] = {
        "Input": {"type": "object", "properties": {"content": PART, "parts": {"type": "array", "items": PART}}}
    }
    filling = Filling(from_components("acme/write", "Input", schema), {"parts": [{"text": "a fox"}]})
    filling.open(row(filling, "content"))
    filling.enter(row(filling, "content", "text"), "a hen")
    assert filling.problems == {}
    assert filling.arguments()["content"] == {"type": "text", "text": "a hen"}


def test_a_value_is_kept_for_another_model_where_all_it_lacks_is_sent_anyway() -> None:
    schema: dict[str, object] = {"Input": {"type": "object", "properties": {"content": PART}}}
    filling = Filling(from_components("acme/write", "Input", schema), {"content": {"text": "a hen"}})
    next_one = Filling(from_components("acme/tell", "Input", schema), {})
    next_one.keep(filling)
    assert next_one.arguments() == filling.arguments()


def test_a_whole_number_that_was_sent_with_a_point_can_be_edited(filling: Filling) -> None:
    filling.set(("steps",), 2.0)
    steps = row(filling, "steps")
    filling.enter(steps, row_values.typed(filling, steps))
    assert filling.problems == {}
    assert filling.arguments() == {"steps": 2}


def test_a_shape_that_is_chosen_stays_the_one_that_is_chosen() -> None:
    members = {"type": {"const": "file"}, "url": {"type": "string"}}
    file = {"title": "File", "type": "object", "properties": members, "required": ["type", "url"]}
    schema: dict[str, object] = {"Input": {"type": "object", "properties": {"content": {"anyOf": [PART, file]}}}}
    filling = Filling(from_components("acme/write", "Input", schema), {})
    content = row(filling, "content")
    filling.choose(content, dict(row_values.offers(content))["File"])
    assert row_values.current(filling, content) == "File"
    assert list(filling.problems) == [("content", "url")]
    filling.enter(row(filling, "content", "url"), "https://x.y/a.txt")
    assert filling.check() == [] and not filling.problems
    assert filling.arguments() == {"content": {"type": "file", "url": "https://x.y/a.txt"}}
