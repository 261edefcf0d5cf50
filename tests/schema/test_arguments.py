"""From a form's values to the arguments of a request, and from an error's places back to the fields."""

from typing import Any

import pytest

from faldeck.schema import arguments, document, json_value
from faldeck.schema.arguments import ArgumentValues
from faldeck.schema.document import ModelSchema
from faldeck.schema.json_value import InvalidValue, JsonPath

NULL = {"type": "null"}
SIDE = {"type": "integer", "exclusiveMinimum": 0, "maximum": 4096}
LORA = {
    "type": "object",
    "properties": {"scale": {"type": "number", "default": 1}, "path": {"type": "string"}},
    "x-fal-order-properties": ["path", "scale"],
    "required": ["path"],
}
ELEMENT = {
    "type": "object",
    "properties": {
        "frontal_image_url": {"type": "string"},
        "reference_image_urls": {"anyOf": [{"type": "array", "items": {"type": "string"}}, NULL]},
    },
}
ROOT = {
    "type": "object",
    "x-fal-order-properties": [
        "prompt",
        "image_url",
        "image_urls",
        "image_size",
        "loras",
        "elements",
        "mode",
        "engine",
        "seed",
        "clip_url",
    ],
    "required": ["prompt", "mode", "engine"],
    "properties": {
        "seed": {"anyOf": [{"type": "integer"}, NULL]},
        "prompt": {"type": "string", "maxLength": 20},
        "image_url": {"type": "string"},
        "image_urls": {"type": "array", "items": {"type": "string"}},
        "image_size": {
            "anyOf": [
                {"type": "object", "properties": {"width": SIDE, "height": SIDE}},
                {"type": "string", "enum": ["square_hd", "landscape_4_3"]},
            ]
        },
        "loras": {"type": "array", "items": {"$ref": "#/components/schemas/Lora"}},
        "elements": {"type": "array", "items": {"$ref": "#/components/schemas/Element"}},
        "mode": {"type": "string", "enum": ["fast", "good"], "default": "good"},
        "engine": {"type": "integer", "default": "new"},
        "clip_url": {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]},
        "either": {
            "anyOf": [
                {"type": "object", "properties": {"x": {"type": "integer"}}},
                {"type": "object", "properties": {"x": {"type": "string"}}},
            ]
        },
    },
}


@pytest.fixture(scope="module")
def model() -> ModelSchema:
    return document.from_components("a/b", "Root", {"Root": ROOT, "Lora": LORA, "Element": ELEMENT})


def test_only_what_was_set_or_is_required_with_a_sound_default_is_sent_in_order(model: ModelSchema) -> None:
    values = ArgumentValues().set(("seed",), None).set(("loras", 0, "scale"), 0.5).set(("prompt",), "a cat")
    values = values.set(("loras", 0, "path"), "x")
    sent = arguments.compose(model, values)
    assert sent == {"prompt": "a cat", "loras": [{"path": "x", "scale": 0.5}], "mode": "good", "seed": None}
    assert list(sent) == ["prompt", "loras", "mode", "seed"]
    assert isinstance(sent["loras"], list)
    assert list(sent["loras"][0]) == ["path", "scale"]


def test_what_is_required_and_can_be_but_one_thing_is_sent_though_nobody_set_it() -> None:
    version = {"type": "object", "properties": {"type": {"const": "v2"}}, "required": ["type"]}
    point = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
    root = {
        "type": "object",
        "properties": {"version": version, "kind": {"const": 7}, "point": point, "mode": {"const": "later"}},
        "required": ["version", "kind", "point"],
    }
    model = document.from_components("a/b", "Root", {"Root": root})
    sent = arguments.compose(model, ArgumentValues())
    assert sent == {"version": {"type": "v2"}, "kind": 7}
    assert [problem.loc for problem in arguments.problems(model, sent)] == [("point",)]


def test_a_shape_begun_is_sent_as_that_shape() -> None:
    def part(name: str) -> dict[str, Any]:
        members = {"type": {"const": name}, name: {"type": "string"}}
        return {"type": "object", "properties": members, "required": ["type", name]}

    root = {"type": "object", "properties": {"content": {"anyOf": [part("text"), part("url")]}}}
    model = document.from_components("a/b", "Root", {"Root": root})
    sent = arguments.compose(model, ArgumentValues({"content": {"url": "https://a.b/c.txt"}}))
    assert sent == {"content": {"type": "url", "url": "https://a.b/c.txt"}}
    assert arguments.problems(model, sent) == ()


def test_unset_null_and_empty_are_three_things(model: ModelSchema) -> None:
    unset, null, empty = ArgumentValues(), ArgumentValues().set(("seed",), None), ArgumentValues().set(("prompt",), "")
    assert ("seed",) not in unset
    assert ("seed",) in null
    assert arguments.compose(model, empty)["prompt"] == ""
    assert "seed" not in arguments.compose(model, null.unset(("seed",)))


def test_members_the_schema_does_not_know_are_kept_at_the_end(model: ModelSchema) -> None:
    values = ArgumentValues({"new_option": 1, "prompt": "a", "image_size": {"width": 8, "depth": 2}})
    sent = arguments.compose(model, values)
    assert list(sent)[-1] == "new_option"
    assert sent["image_size"] == {"width": 8, "depth": 2}


def test_values_are_never_changed_in_place() -> None:
    first = ArgumentValues({"loras": [{"path": "a"}]})
    second = first.set(("loras", 0, "path"), "b").set(("loras", 1), {"path": "c"})
    third = second.unset(("loras", 0)).unset(("loras", 0, "path"))
    assert first.tree == {"loras": [{"path": "a"}]}
    assert second.tree == {"loras": [{"path": "b"}, {"path": "c"}]}
    assert third.tree == {"loras": [{}]}
    assert second.unset(("nothing", 3, "here")).tree == second.tree
    assert second.unset(()).tree == {}


def test_a_preset_gives_way_to_a_side_and_a_far_index_is_refused() -> None:
    values = ArgumentValues({"image_size": "square_hd"}).set(("image_size", "width"), 64)
    assert values.tree == {"image_size": {"width": 64}}
    assert values.get(("image_size", "width")) == 64
    assert values.get(("image_size", "height"), "none") == "none"
    with pytest.raises(InvalidValue):
        values.set(("loras", 1, "path"), "x")


def test_problems_are_told_at_their_places(model: ModelSchema) -> None:
    found = arguments.problems(
        model, {"prompt": "a" * 21, "mode": "good", "image_size": {"width": 0}, "loras": [{"scale": "1"}]}
    )
    assert [(json_value.spell(problem.loc), problem.message) for problem in found] == [
        ("prompt", "must have at most 20 characters, has 21"),
        ("image_size.width", "must be above 0"),
        ("loras[0].path", "is required"),
        ("loras[0].scale", "must be a number"),
        ("engine", "is required"),
    ]
    assert arguments.problems(model, [])[0].loc == ()


@pytest.mark.parametrize(
    ("loc", "path"),
    [
        (["body"], ()),
        (["body", "prompt"], ("prompt",)),
        (["prompt"], ("prompt",)),
        (["body", "input.image_urls"], ("image_urls",)),
        (["body", "input", "image_urls", 1], ("image_urls", 1)),
        (["body", "loras", 0, "path"], ("loras", 0, "path")),
        (["body", "loras[2].path"], ("loras", 2, "path")),
        (["body", "image_size", "ImageSize", "width"], ("image_size", "width")),
        (["body", "image_size", "literal['square_hd']"], ("image_size",)),
        (["body", "elements", 1, "reference_image_urls", "list[str]", 0], ("elements", 1, "reference_image_urls", 0)),
        (["body", "loras", 0, "strength"], ("loras", 0)),
        (["body", "no_such_field"], ()),
        ([], ()),
        (None, ()),
        ([None, 1.5, {}], ()),
        (["body", "loras", "1" * 5_000, "path"], ("loras",)),
        (["body", f"loras[{'1' * 5_000}].path"], ("loras",)),
    ],
)
def test_a_server_names_a_field_in_many_ways(model: ModelSchema, loc: Any, path: JsonPath) -> None:
    assert arguments.locate(model, loc) == path


def test_the_problems_of_an_error_body_go_to_their_fields(model: ModelSchema) -> None:
    body = {
        "detail": [
            {"loc": ["body", "image_url"], "msg": "Image too small", "type": "image_too_small"},
            {"loc": ["body"], "msg": "No media was generated", "input": {"prompt": "x"}},
            {"loc": 7},
        ]
    }
    assert [tuple(problem) for problem in arguments.server_problems(model, body)] == [
        (("image_url",), "Image too small"),
        ((), "No media was generated"),
    ]


@pytest.mark.parametrize(
    "body", [{"detail": "Not today"}, {"error": {"message": "Not today"}}, {"error": "Not today"}, "Not today"]
)
def test_an_error_body_of_text_is_one_problem_of_the_whole(model: ModelSchema, body: Any) -> None:
    assert [tuple(problem) for problem in arguments.server_problems(model, body)] == [((), "Not today")]


@pytest.mark.parametrize("body", [None, {}, [], 7, {"detail": None}])
def test_an_error_body_that_says_nothing_gives_no_problems(model: ModelSchema, body: Any) -> None:
    assert arguments.server_problems(model, body) == ()


def test_paths_on_this_machine_are_found_wherever_a_file_may_stand(model: ModelSchema) -> None:
    found = arguments.local_files(
        model,
        {
            "prompt": "./not-a-file.png",
            "image_url": "HTTPS://example.org/a.png",
            "image_urls": ["~/a.png", "data:image/png;base64,AA", "http://x/b.png", "", "C:\\b.png"],
            "loras": [{"path": "weights.safetensors"}],
            "elements": [{"reference_image_urls": None}, {"frontal_image_url": "me.jpg"}, 7],
            "clip_url": {"url": "clip.mp4"},
            "unknown_url": "elsewhere.png",
        },
    )
    assert [json_value.spell(path) for path in found] == [
        "image_urls[0]",
        "image_urls[4]",
        "elements[1].frontal_image_url",
        "clip_url.url",
    ]
    assert arguments.local_files(model, None) == ()


def test_the_main_file_is_the_required_one_and_a_mask_comes_last() -> None:
    text = {"type": "string"}

    def main(required: list[str], *names: str) -> str | None:
        root = {"type": "object", "properties": dict.fromkeys(names, text), "required": required}
        field = arguments.main_file(document.from_components("a/b", "Root", {"Root": root}))
        return field.name if field else None

    assert main([], "mask_url", "prompt", "image_url") == "image_url"
    assert main(["video_url"], "image_url", "video_url") == "video_url"
    assert main(["mask_url"], "image_url", "mask_url") == "mask_url"
    assert main(["mask_url", "video_url"], "mask_url", "image_url", "video_url") == "video_url"
    assert main([], "prompt") is None


def test_the_field_at_a_place_is_found(model: ModelSchema) -> None:
    def kind(path: str, value: Any = None) -> str | None:
        field = arguments.find(model, json_value.parse(path), value)
        return field.kind.name if field else None

    assert kind("loras[3].path") == "text"
    assert kind("image_size.width") == "integer"
    assert kind("elements[0].reference_image_urls[1]") == "file"
    assert kind("loras.path") is None
    assert kind("prompt.x") is None
    assert kind("either.x", {"either": {"x": "one"}}) == "text"
    assert kind("either.x", {"either": {"x": 1}}) == kind("either.x") == "integer"
    assert kind("") == "group"


@pytest.mark.parametrize("path", [("a",), ("loras", 0, "path"), ("a.b", "c"), ('say "x"', 1), ("[0]",), (), ("", "x")])
def test_a_place_is_written_so_that_it_can_be_read_back(path: JsonPath) -> None:
    assert json_value.parse(json_value.spell(path)) == path


@pytest.mark.parametrize("text", ["a[", "a]b", "[x]", "a..b", "."])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        json_value.parse(text)
