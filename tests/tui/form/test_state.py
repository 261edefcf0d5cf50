"""A form being filled in: what is set is sent, what is wrong is told at its place, and changes can be taken back."""

from __future__ import annotations

import pytest

from faldeck.schema.document import from_components
from faldeck.schema.json_value import InvalidValue
from faldeck.tui.form import row_values
from faldeck.tui.form.rows import ALWAYS_SHOWN, EditMode, FormRow
from faldeck.tui.form.state import FormState

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
def state() -> FormState:
    return FormState(from_components("acme/paint", "Input", COMPONENTS), {})


def row(state: FormState, *path: str | int) -> FormRow:
    return next(row for row in state.rows() if row.path == path)


def test_only_what_was_set_is_sent(state: FormState) -> None:
    state.set_text(row(state, "prompt"), "2024")
    assert state.arguments() == {"prompt": "2024"}
    state.set_text(row(state, "steps"), "30")
    assert state.arguments() == {"prompt": "2024", "steps": 30}
    state.set_text(row(state, "steps"), "")
    assert state.arguments() == {"prompt": "2024"}


def test_a_default_is_shown_and_not_set(state: FormState) -> None:
    shown = row_values.displayed(state, row(state, "steps"))
    assert (shown.text, shown.is_set) == ("28", False)


def test_what_is_wrong_is_told_at_its_field_and_goes_when_it_is_mended(state: FormState) -> None:
    state.set_text(row(state, "steps"), "many")
    assert list(state.problems) == [("steps",)]
    state.set_text(row(state, "steps"), "51")
    assert "50" in state.problems["steps",]
    state.set_text(row(state, "steps"), "50")
    assert state.problems == {}


def test_values_that_come_from_elsewhere_are_checked_at_once(state: FormState) -> None:
    pasted = FormState(state.model, {"steps": 51, "loras": [{"path": "a", "scale": 5}]})
    assert pasted.problems.keys() == {("steps",), ("loras", 0, "scale")}
    assert row(pasted, "loras", 0, "scale")


def test_a_required_field_left_empty_is_found_before_anything_is_sent(state: FormState) -> None:
    assert state.check() == []
    assert list(state.problems) == [("prompt",)]


def test_a_lists_items_are_added_filled_moved_copied_and_removed(state: FormState) -> None:
    loras = row(state, "loras")
    assert loras.mode is EditMode.NESTED and not loras.is_open
    state.toggle_open(loras)
    new = row(state, "loras", 1)
    assert new.is_new
    state.toggle_open(new)
    state.set_text(row(state, "loras", 1, "path"), "https://x.y/ink")
    base, ink = {"path": "https://x.y/base", "scale": 0.5}, {"path": "https://x.y/ink"}
    assert state.arguments()["loras"] == [base, ink]
    assert state.move(("loras", 1), -1) == ("loras", 0)
    assert state.arguments()["loras"] == [ink, base]
    state.duplicate(("loras", 0))
    assert state.arguments()["loras"] == [ink, ink, base]
    assert all(not row.is_new for row in state.rows() if row.path[:1] == ("loras",) and len(row.path) == 2)
    state.unset(("loras", 1))
    assert state.arguments()["loras"] == [ink, base]
    assert state.move(("loras", 1), 1) == ("loras", 1), "there is nothing behind the last"
    state.unset(("loras", 1))
    assert state.arguments()["loras"] == [ink]


def test_what_is_open_stays_open_when_items_move(state: FormState) -> None:
    state.set(("loras",), [{"path": "a"}, {"path": "b"}])
    state.tree.open(("loras",))
    state.tree.open(("loras", 1))
    state.move(("loras", 1), -1)
    assert row(state, "loras", 0, "path") and ("loras", 1, "path") not in [row.path for row in state.rows()]
    state.duplicate(("loras", 0))
    assert row(state, "loras", 1, "path")
    state.unset(("loras", 0))
    assert row(state, "loras", 0, "path") and ("loras", 1, "path") not in [row.path for row in state.rows()]


def test_a_default_that_is_changed_inside_is_sent_whole_and_the_schema_keeps_its_own(state: FormState) -> None:
    state.toggle_open(row(state, "loras"))
    state.toggle_open(row(state, "loras", 0))
    state.set_text(row(state, "loras", 0, "scale"), "2")
    assert state.arguments()["loras"] == [{"path": "https://x.y/base", "scale": 2}]
    again = FormState(state.model, {})
    assert again.value(("loras", 0, "scale")) == 0.5


def test_a_problem_inside_a_list_is_told_there_and_opens_what_hides_it(state: FormState) -> None:
    body = {"detail": [{"loc": ["body", "loras", 0, "scale"], "msg": "too strong", "type": "less_than_equal"}]}
    assert state.add_service_problems(body) == []
    assert state.problems == {("loras", 0, "scale"): "too strong"}
    assert row(state, "loras", 0, "scale")


def test_a_problem_of_no_field_is_given_back(state: FormState) -> None:
    assert state.add_service_problems({"detail": "The model is tired."}) == ["The model is tired."]
    assert state.problems == {}


def test_what_a_service_rejected_is_told_where_nothing_has_changed_since_it_was_sent(state: FormState) -> None:
    state.set(("prompt",), "a fox")
    state.set(("steps",), 30)
    sent = state.arguments()
    state.set(("steps",), 20)
    body = {
        "detail": [
            {"loc": ["body", "prompt"], "msg": "is flagged"},
            {"loc": ["body", "steps"], "msg": "must be even"},
            {"loc": ["body", "style"], "msg": "is needed"},
            {"loc": ["body"], "msg": "come back later"},
        ]
    }

    general = state.add_rejected(sent, body)

    assert dict(state.problems) == {("prompt",): "is flagged", ("style",): "is needed"}
    assert general == ["come back later"]


def test_an_object_that_is_emptied_again_is_not_sent(state: FormState) -> None:
    state.toggle_open(row(state, "point"))
    state.set_text(row(state, "point", "x"), "3")
    assert state.arguments()["point"] == {"x": 3}
    state.unset(("point",))
    assert "point" not in state.arguments()


def test_a_size_is_a_preset_or_typed(state: FormState) -> None:
    size = row(state, "size")
    names = [name for name, _ in row_values.picker_options(size)]
    assert names[:2] == ["square", "landscape_4_3"]
    custom = row_values.picker_options(size)[-1][1]
    assert state.choose(size, custom)
    state.set_text(size, "640x480")
    assert state.arguments()["size"] == {"width": 640, "height": 480}
    assert not state.choose(size, "landscape_4_3")
    assert state.arguments()["size"] == "landscape_4_3"


def test_a_union_is_given_a_shape_and_then_its_fields(state: FormState) -> None:
    mode = row(state, "mode")
    named, plain = (shape for _, shape in row_values.picker_options(mode))
    assert not state.choose(mode, named)
    state.set_text(row(state, "mode", "name"), "fog")
    assert state.arguments()["mode"] == {"name": "fog"}
    assert state.choose(mode, plain)
    state.set_text(mode, "fog")
    assert state.arguments()["mode"] == "fog"


def test_every_change_can_be_taken_back(state: FormState) -> None:
    state.set_text(row(state, "prompt"), "a fox")
    state.set_text(row(state, "style"), "ink")
    state.set((), {})
    assert state.arguments() == {}
    assert state.undo() and state.arguments() == {"prompt": "a fox", "style": "ink"}
    assert state.undo() and state.arguments() == {"prompt": "a fox"}
    assert state.undo() and not state.undo()


def test_a_shape_that_is_chosen_again_keeps_its_value(state: FormState) -> None:
    mode = row(state, "mode")
    state.set(("mode",), {"name": "fog"})
    (_, named), (_, plain) = row_values.picker_options(mode)
    assert row_values.current_option(state, mode) == "Named"
    state.choose(mode, named)
    assert row(state, "mode", "name")
    assert state.arguments()["mode"] == {"name": "fog"}
    assert state.choose(mode, plain)


def test_what_was_typed_in_one_go_is_taken_back_in_one_go(state: FormState) -> None:
    prompt = row(state, "prompt")
    for text in ("a", "a ", "a f", "a fo", "a fox"):
        state.set_text(prompt, text)
    state.end_typing()
    state.set_text(prompt, "a fox!")
    assert state.undo() and state.arguments() == {"prompt": "a fox"}
    assert state.undo() and state.arguments() == {}


def test_a_text_that_is_no_value_stays_to_be_mended(state: FormState) -> None:
    steps = row(state, "steps")
    state.set_text(steps, "30")
    state.set_text(steps, "3o")
    assert row_values.edit_text(state, steps) == "3o"
    assert row_values.displayed(state, steps).text == "3o"
    assert "whole number" in state.problems["steps",]
    state.set_text(steps, "31")
    assert state.arguments()["steps"] == 31 and not state.problems


def test_an_item_that_is_emptied_while_it_is_typed_keeps_its_place_until_it_is_left() -> None:
    schema: dict[str, object] = {
        "Input": {"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "string"}}}}
    }
    state = FormState(from_components("acme/tags", "Input", schema), {"tags": ["sea", "sky"]})
    state.toggle_open(row(state, "tags"))
    first = row(state, "tags", 0)
    state.set_text(first, "")
    state.set_text(first, "fog")
    assert state.arguments() == {"tags": ["fog", "sky"]}
    state.set_text(first, "")
    state.end_typing()
    assert state.arguments() == {"tags": ["sky"]}


def test_a_number_is_moved_by_steps_within_its_limits(state: FormState) -> None:
    steps = row(state, "steps")
    state.step(steps, 1)
    assert state.arguments()["steps"] == 29
    state.step(steps, 100)
    assert state.arguments()["steps"] == 50


def test_a_seed_is_pinned_within_its_limits_and_let_go_again() -> None:
    schema: dict[str, object] = {
        "Input": {"type": "object", "properties": {"seed": {"type": "integer", "minimum": 3, "maximum": 5}}}
    }
    state = FormState(from_components("acme/dice", "Input", schema), {})
    assert row_values.displayed(state, row(state, "seed")).text == "random"
    assert {state.set_seed(None) and state.arguments()["seed"] for _ in range(200)} == {3, 4, 5}
    state.unset(("seed",))
    assert state.arguments() == {}


def test_files_go_into_a_list_one_behind_the_other() -> None:
    schema: dict[str, object] = {
        "Input": {"type": "object", "properties": {"image_urls": {"type": "array", "items": {"type": "string"}}}}
    }
    state = FormState(from_components("acme/merge", "Input", schema), {"image_urls": ["https://x.y/a.png"]})
    state.add_files(row(state, "image_urls"), ["/tmp/b.png", "/tmp/c.png"])
    state.add_files(row(state, "image_urls", 1), ["/tmp/d.png"])
    assert state.arguments() == {"image_urls": ["https://x.y/a.png", "/tmp/d.png", "/tmp/c.png"]}


def test_raw_json_keeps_what_the_fields_cannot_show_and_a_broken_one_changes_nothing(state: FormState) -> None:
    state.set((), state.parse_input('{"prompt": "a fox", "secret_option": [1, {"x": null}]}'))
    assert state.arguments() == {"prompt": "a fox", "secret_option": [1, {"x": None}]}
    with pytest.raises(InvalidValue, match="JSON"):
        state.parse_input('{"prompt": ')
    assert state.arguments()["prompt"] == "a fox"


def test_another_models_values_are_kept_as_far_as_they_fit(state: FormState) -> None:
    state.set_text(row(state, "prompt"), "a fox")
    state.set_text(row(state, "style"), "ink")
    state.set_text(row(state, "steps"), "40")
    other: dict[str, object] = {
        "Input": {"type": "object", "properties": {"prompt": {"type": "string"}, "style": {"type": "integer"}}}
    }
    next_one = FormState(from_components("acme/draw", "Input", other), {})
    next_one.carry_over_from(state)
    assert next_one.arguments() == {"prompt": "a fox"}


def test_a_picture_goes_where_the_model_wants_one(state: FormState) -> None:
    place = state.main_file_path()
    assert place == ("image_url",)
    state.set(place, "/tmp/fox.png")
    assert [(upload.loc, upload.path) for upload in state.request().uploads()] == [(("image_url",), "/tmp/fox.png")]


def test_a_long_form_folds_what_is_rarely_used_until_it_is_set() -> None:
    names = [f"field_{number}" for number in range(ALWAYS_SHOWN + 8)]
    properties = {name: {"type": "string"} for name in names}
    schema: dict[str, object] = {"Input": {"type": "object", "properties": properties, "x-fal-order-properties": names}}
    state = FormState(from_components("acme/long", "Input", schema), {})
    shown = len(state.rows())
    assert state.tree.hidden == len(names) - shown + 1
    state.set((names[0],), "x")
    assert len(state.rows()) == shown, "what is filled in folds nothing out"
    state.set((names[-1],), "x")
    assert (names[-1],) in [row.path for row in state.rows()]
    state.tree.toggle_hidden()
    assert len(state.rows()) == len(names) + 1


PART: dict[str, object] = {
    "type": "object",
    "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
    "required": ["type", "text"],
}


def test_what_is_sent_though_nobody_sets_it_is_not_missed_while_typing() -> None:
    schema: dict[str, object] = {
        "Input": {"type": "object", "properties": {"content": PART, "parts": {"type": "array", "items": PART}}}
    }
    state = FormState(from_components("acme/write", "Input", schema), {"parts": [{"text": "a fox"}]})
    state.toggle_open(row(state, "content"))
    state.set_text(row(state, "content", "text"), "a hen")
    assert state.problems == {}
    assert state.arguments()["content"] == {"type": "text", "text": "a hen"}


def test_a_value_is_kept_for_another_model_where_all_it_lacks_is_sent_anyway() -> None:
    schema: dict[str, object] = {"Input": {"type": "object", "properties": {"content": PART}}}
    state = FormState(from_components("acme/write", "Input", schema), {"content": {"text": "a hen"}})
    next_one = FormState(from_components("acme/tell", "Input", schema), {})
    next_one.carry_over_from(state)
    assert next_one.arguments() == state.arguments()


def test_a_whole_number_that_was_sent_with_a_point_can_be_edited(state: FormState) -> None:
    state.set(("steps",), 2.0)
    steps = row(state, "steps")
    state.set_text(steps, row_values.edit_text(state, steps))
    assert state.problems == {}
    assert state.arguments() == {"steps": 2}


def test_a_shape_that_is_chosen_stays_the_one_that_is_chosen() -> None:
    members = {"type": {"const": "file"}, "url": {"type": "string"}}
    file = {"title": "File", "type": "object", "properties": members, "required": ["type", "url"]}
    schema: dict[str, object] = {"Input": {"type": "object", "properties": {"content": {"anyOf": [PART, file]}}}}
    state = FormState(from_components("acme/write", "Input", schema), {})
    content = row(state, "content")
    state.choose(content, dict(row_values.picker_options(content))["File"])
    assert row_values.current_option(state, content) == "File"
    assert list(state.problems) == [("content", "url")]
    state.set_text(row(state, "content", "url"), "https://x.y/a.txt")
    assert state.check() == [] and not state.problems
    assert state.arguments() == {"content": {"type": "file", "url": "https://x.y/a.txt"}}
