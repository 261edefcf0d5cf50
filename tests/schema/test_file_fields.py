"""Fields that take a file: how they are told, their limits, what is a path on this machine."""

from typing import Any

import pytest
from schema_field import NULL, field, messages

from faldeck.schema.fields import File, Group, Text


@pytest.mark.parametrize(
    ("name", "extra", "medium"),
    [
        ("image_url", {}, "image"),
        ("first_frame_url", {}, "image"),
        ("mask_image_url", {}, "mask"),
        ("training_data_url", {}, "archive"),
        ("audio_url_person1", {}, "audio"),
        ("voice_url", {}, "audio"),
        ("reference_video_url", {}, "video"),
        ("object_mesh_url", {}, "3d"),
        ("pdf_url", {}, "any"),
        ("source", {"_fal_ui_field": "video"}, "video"),
        ("source", {"ui": {"field": "image_mask"}}, "mask"),
        ("garment_image", {"description": "URL or base64 of the garment."}, "image"),
    ],
)
def test_a_text_that_takes_a_file_is_seen_with_its_medium(name: str, extra: Any, medium: str) -> None:
    kind = field({"anyOf": [{"type": "string", **extra}, NULL], **extra}, name).kind
    assert isinstance(kind, File)
    assert kind.medium == medium


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("webhook_url", {"type": "string"}),
        ("path", {"type": "string", "description": "URL or repository of the weights"}),
        ("curl", {"type": "string"}),
        ("style_image", {"type": "string", "description": "What the picture looks like."}),
    ],
)
def test_a_text_that_only_looks_like_a_file_stays_text(name: str, schema: Any) -> None:
    assert type(field(schema, name).kind) is Text


def test_the_limits_of_a_file_are_one_phrase() -> None:
    bounds = {"max_file_size": 10485760, "min_width": 300, "min_aspect_ratio": 0.4, "max_aspect_ratio": 2.5}
    made = field({"anyOf": [{"type": "string", "x-fal": {**bounds, "timeout": 20, "max_duration": 10.05}}, NULL]})
    assert made.limits == "at most 10 MB, at least 300 px wide, 0.4 to 2.5 width / height, at most 10.05 s long"
    assert isinstance(made.kind, File)
    assert made.kind.bounds["max_file_size"] == 10485760


def test_the_longest_link_says_nothing_about_data_and_paths() -> None:
    made = field({"type": "string", "maxLength": 30}, "image_url")
    assert made.check("data:image/png;base64," + "A" * 100) == ()
    assert made.check("./" + "a" * 100) == ()
    assert messages(made, "https://example.org/" + "a" * 30) == ["must be a link of at most 30 characters"]


def test_a_file_sent_as_an_object_is_typed_like_any_other() -> None:
    members = {"url": {"type": "string"}, "file_size": {"type": "integer"}}
    made = field({"type": "object", "properties": members, "required": ["url"]}, "video_url")
    assert isinstance(made.kind, File)
    assert made.parse("./clip.mp4") == {"url": "./clip.mp4"}
    assert made.show({"url": "./clip.mp4"}) == "./clip.mp4"
    whole = {"url": "https://example.org/a.mp4", "file_size": 7}
    assert made.parse(made.show(whole)) == whole
    assert made.check("./clip.mp4") != ()
    assert messages(made, {"file_size": 7}) == ["is required"]
    assert messages(made, {"url": "./clip.mp4", "file_size": "7"}) == ["must be a whole number"]


def test_a_word_that_the_schema_gives_for_a_file_is_no_path_on_this_machine() -> None:
    made = field({"type": "string", "examples": ["canny", "https://a.b/c.png"], "default": "depth"}, "method_url")
    assert isinstance(made.kind, File)
    assert made.kind.words == ("depth", "canny")
    assert made.check("canny") == ()
    assert made.kind.path("canny", ("method_url",)) is None
    assert made.kind.path("canny.png", ("method_url",)) == ("method_url",)


def test_words_beside_a_file_are_taken_as_they_are_and_anything_else_is_a_path() -> None:
    made = field({"anyOf": [{"type": "string", "enum": ["none", "auto"]}, {"type": "string"}, NULL]}, "audio_url")
    assert isinstance(made.kind, File)
    assert made.kind.words == ("none", "auto")
    assert made.kind.path("auto", ()) is None
    assert made.kind.path("song.mp3", ()) == ()


def test_a_word_in_the_place_of_a_files_link_is_no_path_either() -> None:
    url = {"type": "string", "examples": ["canny"]}
    schema = {"type": "object", "properties": {"url": url}, "required": ["url"], "default": {"url": "depth"}}
    kind = field(schema, "control_image").kind
    assert isinstance(kind, File)
    assert kind.path({"url": "canny"}, ()) is kind.path({"url": "depth"}, ()) is None
    assert kind.path({"url": "pose"}, ()) == ("url",)


def test_an_object_whose_link_may_be_null_is_no_file() -> None:
    members = {"url": {"anyOf": [{"type": "string"}, NULL]}}
    made = field({"type": "object", "properties": members, "required": ["url"]}, "video_url")
    assert isinstance(made.kind, Group)
    assert made.check({"url": None}) == ()


def test_a_file_that_must_not_be_empty_is_missed() -> None:
    made = field({"type": "string", "minLength": 1}, "image_url")
    assert messages(made, "") == ["must not be empty"]
    assert made.check("a") == ()
    assert field({"type": "string"}, "image_url").check("") == ()


def test_a_pattern_and_a_least_length_are_held_against_links_alone() -> None:
    made = field({"type": "string", "minLength": 12, "pattern": r"\.png$"}, "image_url")
    assert messages(made, "https://a.b/c.jpg") == [r"must match \.png$"]
    assert messages(made, "http://a.b") == ["must be a link of at least 12 characters"]
    for value in ("https://a.b/c.png", "./me.jpg", "data:image/jpeg;base64,AA"):
        assert made.check(value) == ()
