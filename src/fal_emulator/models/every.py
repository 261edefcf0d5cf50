"""A model whose input has a field of every kind that real schemas have, the odd ones included.

It gives its input back, as JSON and as a file, with a picture of the prompt.
"""

import json

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.art.painting import paint
from fal_emulator.fields import NULL, component, field, optional, or_null, ref
from fal_emulator.model import EmulatedModel, MadeFile, ModelField, ModelRequest, ModelTiming, UnitPrice, said
from fal_emulator.models.pictures import picture

_TEXT: JsonObject = {"type": "string"}
_INTEGER: JsonObject = {"type": "integer"}
_NUMBER: JsonObject = {"type": "number"}

_NAMES = (
    *("Ada", "Boris", "Clara", "Diego", "Elif", "Farid", "Greta", "Hiro", "Ines", "Jonas", "Kira", "Leon", "Mira"),
    *("Nils", "Olga", "Pablo", "Quinn", "Rosa", "Sven", "Tara", "Uma", "Viktor", "Wanda", "Xenia", "Yusuf", "Zoe"),
)
_MANNERS = ("calm", "bright", "deep", "soft", "quick", "warm", "hoarse")
_TONGUES = ("English", "German", "Polish", "Turkish", "Spanish", "Greek", "Hindi", "Korean")
_VOICES = [f"{name} ({manner}, {tongue})" for name in _NAMES for manner in _MANNERS for tongue in _TONGUES][:1287]
"""As many as the longest list of choices of a real model."""


_LIMITS: JsonObject = {
    "x-fal": {"max_file_size": 10485760, "min_width": 300, "min_height": 300, "max_aspect_ratio": 2.5},
    "limit_description": "Max file size: 10.0MB, Min width: 300px, Min height: 300px",
}

_TEXTS = (
    fields.text("prompt", "A text that must be given.", required=True, minLength=3, maxLength=500, example="A heron"),
    optional("note", _TEXT, "A text that may be null."),
    fields.text("long_text", "Line\n  breaks, **Markdown**, <b>HTML</b> and [brackets] in a description.", default=""),
    fields.text("code", "A text with a pattern.", pattern="^[A-Z]{2}[0-9]{4}$", example="AB2024"),
    fields.text("home_page", "A text with a format.", format="uri"),
    field("style_id", {"type": "string", "format": "uuid4"}),
    field("old_style", _TEXT | {"deprecated": True}, "Not used any more."),
    field("by_list", {"type": ["string", "null"]}, "Null by a list of types."),
    field("by_keyword", {"type": "string", "nullable": True, "default": None}, "Null by the keyword of OpenAPI 3.0."),
)

_NUMBERS = (
    fields.integer("count", "With both bounds.", default=4, minimum=1, maximum=16),
    fields.integer("even", "In steps of eight.", default=512, minimum=64, maximum=2048, multipleOf=8),
    optional("limit", {"type": "integer", "minimum": 1}, "Bounds inside a branch."),
    optional("large_seed", {"type": "integer", "minimum": 0, "maximum": 2**64 - 1}, "More than 53 bits."),
    field("rounded", {"type": "integer", "minimum": -9223372036854776000, "maximum": 9223372036854776000}),
    fields.number("learning_rate", "In very small steps.", default=0.0001, minimum=1e-06, maximum=1, step=1e-06),
    fields.number("ratio", "Bounds that are not reached.", exclusiveMinimum=0, exclusiveMaximum=1),
    fields.number("old_ratio", "The exclusive bound of OpenAPI 3.0.", minimum=0, exclusiveMinimum=True),
    fields.number("misspelt", "Bounds by other names.", ge=0, le=10, default=5),
    field("whole_or_not", {"anyOf": [_NUMBER, _INTEGER], "default": 1.5}),
)

_CHOICES = (
    fields.switch("is_loud", "Yes or no.", default=False),
    optional("is_known", {"type": "boolean"}, "Yes, no or not said."),
    fields.choice("format", "A few.", ("png", "jpeg", "webp"), default="png"),
    fields.choice("voice", "More than a thousand.", _VOICES, default=_VOICES[0]),
    field("fps", {"type": "integer", "enum": [24, 25, 48, 50], "default": 25}, "Of numbers."),
    fields.choice("duration", "Of numbers written as text.", ("5", "10"), default="5"),
    fields.choice("pose", "The empty text is a choice.", ("a-pose", "t-pose", ""), default=""),
    fields.choice("only", "Only one choice.", ("720p",), default="720p"),
    field("version", {"const": "v2", "default": "v2"}, "Fixed."),
    optional("fixed_or_null", {"const": "on"}),
    field(
        "aspect_ratio",
        {"anyOf": [{"type": "string", "enum": ["16:9", "4:3", "1:1"]}, _TEXT], "default": "16:9"},
        "Suggestions; any other text is accepted too.",
    ),
    optional("quality", {"type": "string", "enum": ["draft", "final"]}, "A choice that may be null."),
)

_FILES = (
    fields.file("image_url", "By its name.", required=False),
    fields.file("mask_url", "By its hint.", required=False, _fal_ui_field="image_mask"),
    fields.file("video_url", "By its extra.", required=False, ui={"field": "video", "important": True}),
    optional("audio_url", _TEXT | {"_fal_ui_field": "audio"}, "The hint is inside the branch."),
    fields.file("garment_image", "By its hint alone.", required=False, ui={"field": "image"}),
    fields.file("archive_data_url", "A zip file.", required=False, _fal_ui_field="archive"),
    fields.file("mesh_url", "A model in three dimensions.", required=False),
    fields.file("start_image_url", "With limits.", required=False, **_LIMITS),
    field("image_urls", {"type": "array", "items": _TEXT, "minItems": 0, "maxItems": 4}, "Several."),
    optional("reference_video_urls", {"type": "array", "items": _TEXT}, "Several or null."),
    field("sound", ref("FileInput"), "A file as an object."),
    fields.switch("return_urls", "The name ends like that of a file, but this is a switch.", default=False),
)

_LISTS = (
    field("tags", {"type": "array", "items": _TEXT, "uniqueItems": True, "default": []}, "Of texts."),
    field("weights", {"type": "array", "items": _NUMBER, "minItems": 2, "default": [0.5, 0.5]}, "Of numbers."),
    field(
        "maps",
        {"type": "array", "items": {"type": "string", "enum": ["albedo", "normal", "depth"]}, "default": ["albedo"]},
        "Of choices.",
    ),
    optional("target_pose", {"type": "array", "items": _NUMBER}, "Of numbers, or null."),
    field("anything", {"type": "array", "items": {}}, "Of values of any type."),
    optional("unnamed", {"type": "array"}, "Of an unnamed type."),
    field("one_or_many", {"anyOf": [{"type": "array", "items": _TEXT}, _TEXT]}, "One text or several."),
    field(
        "background_color",
        {"type": "array", "prefixItems": [_INTEGER, _INTEGER, _INTEGER], "minItems": 3, "maxItems": 3},
        "A tuple.",
    ),
    field("pin", {"type": "array", "prefixItems": [_NUMBER, _TEXT], "minItems": 2, "maxItems": 2}, "A tuple of two."),
    field(
        "trajectories",
        {"type": "array", "items": {"type": "array", "items": ref("NoSuchPoint")}},
        "Of objects that the document does not define.",
    ),
)

_OBJECTS = (
    fields.image_size(),
    field("frame_size", {"anyOf": [ref("ImageSize"), _TEXT | {"enum": ["auto", "square"]}, NULL]}, "Or null."),
    field("color", ref("RGBColor"), "One object."),
    optional("palette", ref("ColorPalette"), "Objects in an object, or null."),
    ModelField("corner", {"allOf": [ref("Box")], "title": "Corner", "description": "A decorated reference."}),
    field("loras", {"type": "array", "items": ref("LoraWeight"), "maxItems": 3, "default": []}, "A list of objects."),
    optional("elements", {"type": "array", "items": ref("Element")}, "A list of objects with files."),
    field("labels", {"type": "object", "additionalProperties": _TEXT}, "A map."),
    field("settings", {"type": "object", "additionalProperties": True}, "A map to anything."),
    field("structured", {"anyOf": [ref("Scene"), {"type": "object"}, _TEXT, NULL]}, "A union of many types."),
    field("content", {"oneOf": [ref("TextPart"), ref("FilePart")]}, "One of two objects."),
    field("top_align", {"anyOf": [_NUMBER, _TEXT], "default": "center"}, "A number or a text."),
    field("tree", ref("Tree"), "It contains itself."),
    field("lost", ref("NoSuchThing"), "A reference to nothing."),
)

_WRONG = (
    field("steps_text", {"type": "string", "enum": ["1", "2", "4"], "default": 4}, "The default is no choice."),
    field("frames", {"type": "integer", "minimum": 17, "default": 1.5}, "The default breaks the type."),
    field("sample", {"type": "string", "examples": [{"url": "https://example.org/a.png"}]}, "The example is no text."),
    field("untitled", {"type": "boolean", "title": "Something Else Entirely"}),
)

_BYTE: JsonObject = {"type": "integer", "minimum": 0, "maximum": 255, "default": 0}

_COMPONENTS: dict[str, JsonObject] = {
    schema["title"]: schema
    for schema in (
        component("RGBColor", {part: _BYTE | {"title": part.upper()} for part in "rgb"}),
        component(
            "ColorMember",
            {"rgb": ref("RGBColor"), "color_weight": or_null({"type": "number", "minimum": 0.05, "maximum": 1})},
            required=["rgb"],
        ),
        component(
            "ColorPalette",
            {
                "members": or_null({"type": "array", "items": ref("ColorMember")}),
                "name": or_null(_TEXT | {"enum": ["EMBER", "FRESH", "JUNGLE"]}),
            },
        ),
        component(
            "LoraWeight",
            {
                "path": _TEXT | {"title": "Path", "description": "A link to the weights or their name."},
                "scale": {"type": "number", "title": "Scale", "minimum": 0, "maximum": 4, "default": 1},
            },
            required=["path"],
        ),
        component(
            "Element",
            {
                "frontal_image_url": _TEXT | {"title": "Frontal Image Url"},
                "reference_image_urls": {"type": "array", "items": _TEXT, "title": "Reference Image Urls"},
            },
            required=["frontal_image_url"],
        ),
        component("Box", {side: _INTEGER | {"title": side.title()} for side in ("x", "y", "width", "height")}),
        component("FileInput", {"url": _TEXT | {"title": "Url"}}, required=["url"]),
        component("TextPart", {"type": {"const": "text"}, "text": _TEXT}, required=["type", "text"]),
        component("FilePart", {"type": {"const": "file"}, "url": _TEXT}, required=["type", "url"]),
        component(
            "Thing",
            {
                "description": _TEXT,
                "colors": or_null({"type": "array", "items": ref("RGBColor")}),
                "boxes": or_null({"type": "array", "items": ref("Box")}),
            },
            required=["description"],
        ),
        component(
            "Scene",
            {"short_description": _TEXT, "objects": or_null({"type": "array", "items": ref("Thing")})},
            required=["short_description"],
            additionalProperties=False,
        ),
        component("Tree", {"name": _TEXT, "branches": {"type": "array", "items": ref("Tree")}}),
    )
}


def _give_back(request: ModelRequest) -> JsonObject:
    card = json.dumps(request.arguments, indent=2, sort_keys=True)
    return {
        "received": request.arguments,
        "card": MadeFile(card.encode(), "application/json", "json"),
        "image": picture(paint(request.arguments["prompt"], request.seed, 512, 512)),
        "text": f"{len(request.arguments)} fields came through.",
    }


MODELS = (
    EmulatedModel(
        endpoint_id="demo/every/field",
        name="Every Field",
        category="json",
        description="A form with every kind of field. It gives its input back.",
        inputs=(*_TEXTS, *_NUMBERS, *_CHOICES, *_FILES, *_LISTS, *_OBJECTS, *_WRONG),
        outputs=(
            field("received", {"type": "object"}, "The input.", required=True),
            fields.made("card", "File", "The input as a file."),
            fields.made("image", "Image", "A picture of the prompt."),
            field("text", _TEXT, "How many fields came through.", required=True),
        ),
        render=_give_back,
        pace=ModelTiming(0.2, 1, script=said((0.3, "Reading the form"))),
        price=UnitPrice(0.001, "requests"),
        tags=("testing", "form"),
        published="2026-01-15",
        components=_COMPONENTS,
    ),
)
