"""A model's fields as the flags of a command line."""

import pytest

from faldeck.schema import document, flags
from faldeck.schema.arguments import ArgumentValues
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import Field
from faldeck.schema.flags import UnknownFlag
from faldeck.schema.json_value import InvalidValue

SIDE = {"type": "integer"}


@pytest.fixture(scope="module")
def model() -> ModelSchema:
    properties = {
        "prompt": {"type": "string"},
        "num_images": {"type": "integer"},
        "enable_safety_checker": {"type": "boolean"},
        "duration": {"type": "string", "enum": ["5", "10"]},
        "image_urls": {"type": "array", "items": {"type": "string"}},
        "offset": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "image_size": {
            "anyOf": [
                {"type": "object", "properties": {"width": SIDE, "height": SIDE}},
                {"type": "string", "enum": ["square_hd", "portrait_4_3"]},
            ]
        },
        "loras": {"type": "array", "items": {"type": "object", "properties": {"path": {"type": "string"}}}},
    }
    return document.from_components("a/b", "Root", {"Root": {"type": "object", "properties": properties}})


def read(model: ModelSchema, *words: str) -> object:
    return flags.read(model, words).tree


def test_every_field_has_a_flag_and_a_switch_has_two(model: ModelSchema) -> None:
    assert list(flags.flags(model))[:4] == [
        "--prompt",
        "--num-images",
        "--enable-safety-checker",
        "--no-enable-safety-checker",
    ]
    assert len(flags.flags(model)) == len(model.fields) + 1


def test_values_are_read_by_the_type_of_their_field(model: ModelSchema) -> None:
    assert read(model, "-p", "2024", "--num-images", "2", "--duration=5", "--offset", "-0.5") == {
        "prompt": "2024",
        "num_images": 2,
        "duration": "5",
        "offset": -0.5,
    }
    assert read(model, "--num_images=2", "--offset", "null", "--prompt=") == {
        "num_images": 2,
        "offset": None,
        "prompt": "",
    }


def test_switches_are_turned_on_and_off(model: ModelSchema) -> None:
    assert read(model, "--enable-safety-checker") == {"enable_safety_checker": True}
    assert read(model, "--no-enable-safety-checker", "-p", "x") == {"enable_safety_checker": False, "prompt": "x"}
    assert read(model, "--enable-safety-checker", "false") == {"enable_safety_checker": False}
    assert read(model, "--enable-safety-checker=no") == {"enable_safety_checker": False}


def test_a_list_grows_with_each_flag_but_begins_anew_over_earlier_values(model: ModelSchema) -> None:
    earlier = ArgumentValues({"image_urls": ["old.png"], "prompt": "kept"})
    values = flags.read(model, ["--image-urls", "a.png", "--file", "b.png"], earlier)
    assert values.tree == {"image_urls": ["a.png", "b.png"], "prompt": "kept"}


def of_files(*names: str, required: str = "") -> ModelSchema:
    """A model with these fields for files."""
    properties = {
        name: {"type": "array", "items": {"type": "string"}} if name.endswith("s") else {"type": "string"}
        for name in names
    }
    root = {"type": "object", "properties": properties, "required": required.split()}
    return document.from_components("a/b", "Root", {"Root": root})


@pytest.mark.parametrize(
    ("flag", "model", "meant"),
    [
        ("--image-url", of_files("image_url", "image_urls"), "image_url"),
        ("--image-url", of_files("video_url", "image_urls"), "image_urls"),
        ("--image_url", of_files("start_image_url", "end_image_url"), "start_image_url"),
        ("--image-url", of_files("end_image_url", "first_frame_url"), "first_frame_url"),
        ("--image-url", of_files("last_frame_url", "tail_image_url", "mask_url", "input_image_url"), "input_image_url"),
        ("--image-url", of_files("reference_image_url", "source_image_url"), "source_image_url"),
        ("--image-url", of_files("a_image_url", "b_image_url", required="b_image_url"), "b_image_url"),
        ("--image-url", of_files("media_url"), "media_url"),
        ("--video-url", of_files("image_url", "source_video_url"), "source_video_url"),
        ("--audio-url", of_files("image_url", "audio_urls"), "audio_urls"),
        ("--file", of_files("end_image_url", "start_image_url"), "start_image_url"),
        ("--image", of_files("end_image_url", "start_image_url"), "start_image_url"),
    ],
)
def test_a_link_to_a_picture_means_the_main_picture_of_the_model(flag: str, model: ModelSchema, meant: str) -> None:
    assert flags.find(model, flag).path == (meant,)


@pytest.mark.parametrize(
    ("flag", "model"),
    [
        ("--image-url", of_files("end_image_url")),
        ("--image-url", of_files("video_url")),
        ("--image-url", of_files("mask_url")),
        ("--video-url", of_files("lora_url")),
        ("--audio-url", of_files("model_url", "callback_url")),
        ("--file", of_files("last_image_url")),
    ],
)
def test_a_file_is_never_put_into_a_field_of_another_kind(flag: str, model: ModelSchema) -> None:
    with pytest.raises(UnknownFlag):
        flags.find(model, flag)


def test_size_takes_short_forms_and_sides(model: ModelSchema) -> None:
    assert read(model, "--size", "square") == {"image_size": "square_hd"}
    assert read(model, "--size", "640x480") == {"image_size": {"width": 640, "height": 480}}
    assert read(model, "--image-size.width", "64") == {"image_size": {"width": 64}}


def test_places_inside_a_field_have_flags_too(model: ModelSchema) -> None:
    assert read(model, "--loras[0].path", "x", "--loras[1].path=y") == {"loras": [{"path": "x"}, {"path": "y"}]}


def test_an_unknown_flag_suggests_the_nearest(model: ModelSchema) -> None:
    with pytest.raises(UnknownFlag, match=r"--num-image; did you mean --num-images\?"):
        read(model, "--num-image", "2")
    with pytest.raises(UnknownFlag, match=r"no field for --xyzzy$"):
        read(model, "--xyzzy", "2")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--num-images", "two"], "--num-images: must be a whole number"),
        (["--prompt"], "--prompt: a value is missing"),
        (["cat"], "cat: a value without a flag"),
        (["--loras[3].path", "x"], "--loras\\[3\\].path: item 3 of a list of 0"),
        (["--"], "no field for --"),
    ],
)
def test_what_cannot_be_read_names_its_flag(model: ModelSchema, words: list[str], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        flags.read(model, words)


def test_what_is_meant_by_a_text_can_be_said_by_whoever_reads_the_flags(model: ModelSchema) -> None:
    seen = []

    def expand(field: Field, text: str) -> str:
        seen.append((field.name, text))
        return text.upper()

    values = flags.read(model, ["--prompt", "a fox"], expand=expand)

    assert (values.get(("prompt",)), seen) == ("A FOX", [("prompt", "a fox")])


def test_inside_a_field_a_dash_is_itself_unless_no_member_has_the_name() -> None:
    text = {"type": "string"}
    properties = {
        "my_labels": {"type": "object", "additionalProperties": text},
        "o": {"type": "object", "properties": {"x-y": text, "x_y": {"type": "integer"}, "a_b": text}},
    }
    model = document.from_components("a/b", "Root", {"Root": {"type": "object", "properties": properties}})
    assert read(model, "--my-labels.my-key", "v", "--my-labels.my_key", "w") == {
        "my_labels": {"my-key": "v", "my_key": "w"}
    }
    assert read(model, "--o.x-y", "v", "--o.x_y", "3", "--o.a-b", "w") == {"o": {"x-y": "v", "x_y": 3, "a_b": "w"}}
