"""One small schema for each kind of field: how it is told, typed, shown, limited and checked."""

from typing import Any

import pytest

from faldeck.schema import document
from faldeck.schema.fields import (
    KINDS,
    Choice,
    Colour,
    Const,
    Field,
    File,
    Group,
    Integer,
    Items,
    Map,
    Number,
    Raw,
    Size,
    Switch,
    Text,
    Union,
)
from faldeck.schema.jsonvalue import Invalid

NULL = {"type": "null"}
POINT = {
    "type": "object",
    "properties": {"x": {"type": "integer"}, "y": {"type": "integer", "default": 0}},
    "required": ["x"],
}
IMAGE_SIZE = {
    "type": "object",
    "properties": {
        "height": {"type": "integer", "exclusiveMinimum": 0, "maximum": 14142},
        "width": {"type": "integer", "exclusiveMinimum": 0, "maximum": 14142},
    },
}
PRESETS = ["square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
COLOUR_PART = {"type": "integer", "minimum": 0, "maximum": 255, "default": 0}


def field(schema: Any, name: str = "value", **components: Any) -> Field:
    """The field of that name in a model whose only input it is."""
    root = {"type": "object", "properties": {name: schema}}
    made = document.from_components("a/b", "Root", {"Root": root, **components}).field(name)
    assert made is not None
    return made


def messages(made: Field, value: Any) -> list[str]:
    return [problem.message for problem in made.check(value)]


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (Text, {"type": "string"}),
        (Text, {"anyOf": [{"type": "string", "maxLength": 9}, NULL]}),
        (Text, {"type": ["string", "null"]}),
        (Text, {"anyOf": [{"type": "string", "enum": ["16:9"]}, {"type": "string"}]}),
        (Integer, {"type": "integer"}),
        (Integer, {"anyOf": [{"type": "integer", "minimum": 1}, NULL]}),
        (Number, {"type": "number"}),
        (Number, {"minimum": 0}),
        (Number, {"anyOf": [{"type": "number"}, {"type": "integer"}]}),
        (Switch, {"type": "boolean"}),
        (Choice, {"type": "string", "enum": ["a", "b"]}),
        (Choice, {"type": "integer", "enum": [5, 10]}),
        (Choice, {"enum": ["a", "b", None]}),
        (Choice, {"oneOf": [{"const": "a"}, {"const": "b"}]}),
        (Const, {"const": "129"}),
        (Const, {"type": "string", "enum": ["only"]}),
        (Size, {"anyOf": [IMAGE_SIZE, {"type": "string", "enum": PRESETS}]}),
        (Size, {"anyOf": [{"type": "string", "enum": PRESETS}, IMAGE_SIZE, NULL]}),
        (Size, IMAGE_SIZE),
        (Colour, {"type": "object", "properties": dict.fromkeys("rgb", COLOUR_PART)}),
        (File, {"type": "string", "format": "uri", "x-fal": {"max_file_size": 1}}),
        (Items, {"type": "array", "items": {"type": "string"}}),
        (Items, {"type": "array"}),
        (Items, {"type": "array", "prefixItems": [{"type": "integer"}] * 3, "minItems": 3, "maxItems": 3}),
        (Items, {"type": "array", "items": {"0": {"type": "number"}, "1": {"type": "number"}}}),
        (Group, POINT),
        (Group, {"allOf": [POINT], "title": "Point"}),
        (Map, {"type": "object", "additionalProperties": {"type": "number"}}),
        (Map, {"type": "object"}),
        (Union, {"anyOf": [{"type": "number"}, {"type": "string"}]}),
        (Union, {"type": ["boolean", "string"]}),
        (Raw, {}),
        (Raw, True),
        (Raw, {"$ref": "#/components/schemas/Nothing"}),
        (Raw, {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]}),
        (Raw, {"type": "tensor"}),
        (Raw, "nonsense"),
    ],
)
def test_a_kind_is_told_by_the_structure_of_its_schema(kind: type, schema: Any) -> None:
    assert type(field(schema).kind) is kind


def test_the_same_name_is_another_kind_where_the_structure_is_another() -> None:
    assert type(field({"type": "string", "enum": ["5", "8s"]}, "duration").kind) is Choice
    assert type(field({"type": "number"}, "duration").kind) is Number
    assert type(field({"type": "boolean"}, "return_urls").kind) is Switch
    assert type(field({"type": "string", "enum": ["a", "b"]}, "image_url").kind) is Choice


def test_every_kind_in_the_table_has_a_name_of_its_own() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)


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
    ],
)
def test_a_pattern_that_could_take_for_ever_is_left_to_the_service(pattern: str) -> None:
    assert field({"type": "string", "pattern": pattern}).check("a" * 40 + "!") == ()


@pytest.mark.parametrize("pattern", ["a{99999999999}", "(" * 5_000 + "a" + ")" * 5_000])
def test_a_pattern_that_cannot_be_compiled_refuses_nothing(pattern: str) -> None:
    assert field({"type": "string", "pattern": pattern}).check("b") == ()


@pytest.mark.parametrize(
    ("pattern", "good", "bad"), [("^#([0-9A-Fa-f]{3}){1,2}$", "#ff8800", "#ff88"), (r"^\w+$", "Speaker_1", "a b")]
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
        with pytest.raises(Invalid, match="number"):
            field(schema).parse(text)


def test_a_whole_number_takes_no_fraction() -> None:
    with pytest.raises(Invalid, match="whole number"):
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


def test_a_switch_reads_the_usual_words() -> None:
    made = field({"type": "boolean"})
    assert [made.parse(word) for word in ("true", "Yes", "on", "1")] == [True] * 4
    assert [made.parse(word) for word in ("false", "No", "off", "0")] == [False] * 4
    assert made.show(False) == "false"
    with pytest.raises(Invalid):
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
    with pytest.raises(Invalid, match="did you mean jpeg"):
        made.parse("jepg")
    with pytest.raises(Invalid, match="PNG, jpeg, webp"):
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
    with pytest.raises(Invalid):
        made.parse("130")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("landscape_4_3", "landscape_4_3"),
        ("square", "square"),
        ("portrait", "portrait_4_3"),
        ("landscape", "landscape_4_3"),
        ("1024x768", {"width": 1024, "height": 768}),
        (" 1024 × 768 ", {"width": 1024, "height": 768}),
        ('{"width": 64}', {"width": 64}),
    ],
)
def test_a_size_is_a_preset_a_short_form_or_two_sides(text: str, value: Any) -> None:
    made = field({"anyOf": [IMAGE_SIZE, {"type": "string", "enum": PRESETS}]})
    assert made.parse(text) == value
    assert made.parse(made.show(value)) == value
    assert made.check(value) == ()


def test_a_size_short_form_takes_what_the_model_really_has() -> None:
    made = field({"anyOf": [IMAGE_SIZE, {"type": "string", "enum": ["square_hd", "portrait_16_9", "auto"]}]})
    assert made.parse("square") == "square_hd"
    assert made.parse("portrait") == "portrait_16_9"
    with pytest.raises(Invalid, match="must be a size"):
        made.parse("landscape")


def test_a_side_that_is_required_is_missed() -> None:
    made = field({**IMAGE_SIZE, "required": ["width", "height"]}, "size")
    assert [problem.loc for problem in made.check({"width": 64})] == [("size", "height")]


def test_a_size_out_of_its_limits_is_told_at_the_side() -> None:
    made = field({"anyOf": [IMAGE_SIZE, {"type": "string", "enum": PRESETS}]}, "image_size")
    assert made.limits == "sides above 0, at most 14,142"
    (problem,) = made.check({"width": 0, "height": 64})
    assert problem.loc == ("image_size", "width")
    assert problem.message == "must be above 0"
    assert messages(made, "huge")[0].startswith("must be one of square_hd")
    assert made.check(7) != ()


@pytest.mark.parametrize("text", ["#ff8800", "FF8800", "255, 136, 0", "rgb(255 136 0)", '{"r":255,"g":136,"b":0}'])
def test_a_colour_is_written_in_hex_or_in_parts(text: str) -> None:
    made = field({"type": "object", "properties": dict.fromkeys("rgb", COLOUR_PART)})
    assert made.parse(text) == {"r": 255, "g": 136, "b": 0}
    assert made.show(made.parse(text)) == "#ff8800"


def test_a_colour_that_hex_cannot_show_is_shown_as_json() -> None:
    made = field({"type": "object", "properties": dict.fromkeys("rgb", COLOUR_PART)}, "tint")
    for value in ({"r": 1}, {"r": 300, "g": 0, "b": 0}):
        assert made.parse(made.show(value)) == value
    assert made.check({"r": 300})[0].loc == ("tint", "r")
    with pytest.raises(Invalid):
        made.parse("reddish")


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


def test_a_list_is_typed_as_json_or_plainly() -> None:
    texts = field({"type": "array", "items": {"type": "string"}})
    assert texts.parse('["a, b", "c"]') == ["a, b", "c"]
    assert texts.parse("a, b\nc\n") == ["a, b", "c"]
    assert texts.parse("[laughs] hello") == ["[laughs] hello"]
    assert texts.parse("") == []
    numbers = field({"type": "array", "items": {"type": "integer"}})
    assert numbers.parse("1, 2,3") == [1, 2, 3]
    with pytest.raises(Invalid, match="whole number"):
        numbers.parse("1, x")
    assert field({"type": "array", "items": POINT}).parse('{"x": 1}') == [{"x": 1}]


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
    with pytest.raises(Invalid, match="JSON object"):
        made.parse("[1]")


@pytest.mark.parametrize(
    ("text", "value"), [("0.5", 0.5), ("center", "center"), ('"0.5"', "0.5"), ("", ""), ('say "hi"', 'say "hi"')]
)
def test_a_union_of_number_and_text_reads_the_stricter_first(text: str, value: Any) -> None:
    made = field({"anyOf": [{"type": "string"}, {"type": "number"}]})
    assert made.parse(text) == value
    assert made.show(value) == text


def test_a_union_knows_which_branch_a_value_has() -> None:
    made = field({"anyOf": [{"type": "string"}, {"type": "array", "items": POINT}, {"type": "integer"}]})
    assert isinstance(made.kind, Union)
    assert [branch.kind.name for branch in made.children] == ["text", "list", "integer"]
    branch = made.kind.branch([{"x": "wrong"}])
    assert branch is made.children[1]
    assert [problem.loc for problem in made.check([{"x": "wrong"}])] == [("value", 0, "x")]
    assert [branch.label for branch in made.children] == ["text", "list", "integer"]
    assert messages(made, 1.5) == ["must be a whole number"]
    assert messages(made, True) == ["must be text or list or integer"]


def test_a_union_of_one_text_or_many_keeps_one_text() -> None:
    made = field({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
    for value in ("one", ["one", "two"], "[1]", ["[1]"]):
        assert made.parse(made.show(value)) == value


def test_whole_number_or_word_is_told_apart() -> None:
    made = field({"anyOf": [{"type": "integer"}, {"type": "string", "const": "auto"}, NULL], "default": "auto"})
    assert made.parse("120") == 120
    assert made.parse("auto") == "auto"
    assert made.parse("null") is None
    assert made.is_default_sound
    with pytest.raises(Invalid, match="whole number, or can only be auto"):
        made.parse("fast")


def test_texts_with_limits_of_their_own_are_several_shapes() -> None:
    code = {"type": "string", "pattern": "^[A-Z]{3}$"}
    made = field({"anyOf": [code, {"type": "string", "minLength": 8}]})
    assert made.check("ABC") == made.check("long enough") == ()
    assert made.check("abc") != ()


def test_a_union_in_a_union_is_one_choice_of_shapes() -> None:
    made = field({"anyOf": [{"type": "string", "format": "uuid4"}, {"anyOf": [{"type": "integer"}, POINT, NULL]}]})
    assert [shape.label for shape in made.children] == ["text", "integer", "group"]
    assert made.parse("0") == 0
    assert made.nullable
    assert made.check(None) == ()


def test_null_that_one_branch_allows_is_allowed_to_all() -> None:
    made = field({"anyOf": [{"type": "string"}, {"type": "string", "nullable": True}]})
    assert isinstance(made.kind, Text)
    assert made.nullable


def test_null_is_a_value_of_its_own_where_it_may_stand() -> None:
    made = field({"anyOf": [{"type": "integer"}, NULL], "default": None})
    assert made.nullable
    assert made.has_default
    assert made.parse("null") is None
    assert made.show(None) == "null"
    assert made.check(None) == ()
    plain = field({"type": "integer"})
    assert plain.check(None) != ()
    with pytest.raises(Invalid):
        plain.parse("null")


def test_raw_json_says_where_it_is_wrong_and_why_it_is_raw() -> None:
    made = field({"$ref": "#/components/schemas/Nothing", "title": "Thing"})
    assert isinstance(made.kind, Raw)
    assert made.kind.reason == "refers to Nothing, which is missing"
    assert made.label == "Thing"
    assert made.parse('{"a": [1, 1.0, 1e-06, null]}') == {"a": [1, 1.0, 1e-06, None]}
    with pytest.raises(Invalid, match="line 2, column 1"):
        made.parse('{"a": 1,\n}')


def test_a_value_of_a_wrong_type_is_still_shown_and_not_lost() -> None:
    assert field({"type": "integer"}).show("many") == '"many"'
    assert field({"type": "boolean"}).show({"a": 1}) == '{"a": 1}'
    assert field({"type": "string"}).show([1]) == "[1]"


def test_a_default_that_breaks_its_schema_is_marked_and_bad_examples_are_left_out() -> None:
    schema = {"type": "string", "enum": ["1", "2", "4"], "default": 4, "examples": [{"a": 1}, "2", "9"]}
    made = field(schema)
    assert (made.has_default, made.default, made.is_default_sound) == (True, 4, False)
    assert made.examples == ("2",)
    assert field({"type": "integer", "example": 3}).examples == (3,)
    assert field({"type": "integer", "examples": "wrong"}).examples == ()


def test_notes_beside_a_reference_win_over_those_of_its_target() -> None:
    made = field(
        {"$ref": "#/components/schemas/Point", "title": "Start", "description": "**From** here"},
        Point={**POINT, "title": "Point", "description": "A point"},
    )
    assert (made.label, made.help, made.description) == ("Start", "From here", "**From** here")
    assert made.raw["properties"] == POINT["properties"]


def test_a_field_without_a_title_is_named_in_words() -> None:
    assert field({"type": "integer"}, "num_images").label == "Num Images"


def test_marks_of_deprecation_are_kept() -> None:
    assert field({"type": "string", "deprecated": True}).deprecated


def test_a_schema_that_holds_itself_ends_in_raw_json() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    made = field({"$ref": "#/components/schemas/Node"}, Node=node)
    inner = made.children[0]
    assert isinstance(inner.kind, Raw)
    assert inner.kind.reason == "refers to itself"


def test_all_of_several_parts_is_one_group() -> None:
    made = field(
        {
            "allOf": [
                {"$ref": "#/components/schemas/Point"},
                {"properties": {"z": {"type": "integer"}}, "required": ["z"]},
            ]
        },
        Point=POINT,
    )
    assert [(child.name, child.required) for child in made.children] == [("x", True), ("y", False), ("z", True)]
