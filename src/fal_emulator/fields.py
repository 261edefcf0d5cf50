"""The usual fields of an input or output, as functions that write their JSON Schema."""

from collections.abc import Sequence
from typing import Any

from fal_emulator.answers import JsonObject
from fal_emulator.model import EmulatedModel, ModelField

SIZES: dict[str, tuple[int, int]] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
"""The preset names of an image size in pixels (protocol §6.5)."""

NULL: JsonObject = {"type": "null"}


def field(name: str, schema: JsonObject, description: str = "", *, required: bool = False) -> ModelField:
    """A field with any schema; its title is its name in words unless the schema has one."""
    words: JsonObject = {"title": name.replace("_", " ").title()} | schema
    return ModelField(name, words | ({"description": description} if description else {}), required)


def text(
    name: str, description: str, *, required: bool = False, example: str | None = None, **limits: Any
) -> ModelField:
    """A text field; `limits` are JSON Schema keywords such as `maxLength` or `default`."""
    examples = {} if example is None else {"examples": [example]}
    return field(name, {"type": "string", **limits, **examples}, description, required=required)


def or_null(schema: JsonObject) -> JsonObject:
    """The schema of a value that may also be null."""
    return {"anyOf": [schema, NULL]}


def optional(name: str, schema: JsonObject, description: str = "") -> ModelField:
    """A field that may be null."""
    return field(name, or_null(schema), description)


def integer(name: str, description: str, *, default: int | None = None, **limits: Any) -> ModelField:
    """An optional whole number."""
    start = {} if default is None else {"default": default}
    return field(name, {"type": "integer", **limits, **start}, description)


def number(name: str, description: str, *, default: float | None = None, **limits: Any) -> ModelField:
    """An optional number."""
    start = {} if default is None else {"default": default}
    return field(name, {"type": "number", **limits, **start}, description)


def switch(name: str, description: str, *, default: bool) -> ModelField:
    """A boolean."""
    return field(name, {"type": "boolean", "default": default}, description)


def choice(name: str, description: str, values: Sequence[str], *, default: str | None = None) -> ModelField:
    """One of several texts."""
    start = {} if default is None else {"default": default}
    return field(name, {"type": "string", "enum": list(values), **start}, description)


def file(name: str, description: str, *, required: bool = True, **hints: Any) -> ModelField:
    """The URL of a media file, as a link or a data URI; `hints` are further keywords of its schema."""
    return field(name, {"type": "string", **hints}, description, required=required)


def seed() -> ModelField:
    """The seed of a generator."""
    limits = {"type": "integer", "minimum": 0, "maximum": 4294967295}
    return optional("seed", limits, "The same seed and input make the same picture, byte for byte.")


def image_size(default: str = "landscape_4_3") -> ModelField:
    """A preset name, or width and height."""
    shapes = [ref("ImageSize"), {"type": "string", "enum": list(SIZES)}]
    return field("image_size", {"anyOf": shapes, "default": default}, "The size of the picture.")


def sync_mode() -> ModelField:
    """Whether the output carries data URIs instead of links."""
    return switch("sync_mode", "Return the files as data URIs inside the result.", default=False)


def safety() -> ModelField:
    """The switch of the content checker."""
    return switch("enable_safety_checker", "Check the output before it is returned.", default=True)


def ref(component: str) -> JsonObject:
    """A reference to a component of the document."""
    return {"$ref": f"#/components/schemas/{component}"}


def made(name: str, component: str, description: str) -> ModelField:
    """An output field that is one object."""
    return ModelField(name, ref(component) | {"description": description}, True)


def many_made(name: str, component: str, description: str) -> ModelField:
    """An output field that is a list of objects."""
    return field(name, {"type": "array", "items": ref(component)}, description, required=True)


def _file_component(title: str, *facts: tuple[str, str, str]) -> JsonObject:
    properties: JsonObject = {
        "url": {"type": "string", "title": "Url", "description": "Where the file can be downloaded."},
        "content_type": _nullable("string", "Content Type", "The media type of the file."),
        "file_name": _nullable("string", "File Name", "The name of the file."),
        "file_size": _nullable("integer", "File Size", "The size of the file in bytes."),
    }
    for name, kind, description in facts:
        properties[name] = _nullable(kind, name.replace("_", " ").title(), description)
    return component(title, properties, required=["url"])


def _nullable(kind: str, title: str, description: str) -> JsonObject:
    return {"anyOf": [{"type": kind}, NULL], "title": title, "description": description}


def component(title: str, properties: JsonObject, *, required: Sequence[str] = (), **extra: Any) -> JsonObject:
    """An object schema as the service writes it: with type, title and display order."""
    schema: JsonObject = {
        "x-fal-order-properties": list(properties),
        "type": "object",
        "properties": properties,
        "title": title,
        **extra,
    }
    return schema | ({"required": list(required)} if required else {})


SEED_USED = field("seed", {"type": "integer"}, "The seed that was used.", required=True)
TIMINGS = field("timings", {"type": "object", "additionalProperties": {"type": "number"}}, "Seconds used.")

_WIDTH = ("width", "integer", "The width in pixels.")
_HEIGHT = ("height", "integer", "The height in pixels.")
_DURATION = ("duration", "number", "The length in seconds.")

SHARED_COMPONENTS: dict[str, JsonObject] = {
    "File": _file_component("File"),
    "Image": _file_component("Image", _WIDTH, _HEIGHT),
    "Audio": _file_component("Audio", _DURATION, ("sample_rate", "integer", "Samples per second.")),
    "Video": _file_component(
        "Video",
        _WIDTH,
        _HEIGHT,
        _DURATION,
        ("fps", "number", "Frames per second."),
        ("num_frames", "integer", "The number of frames."),
    ),
    "ImageSize": component(
        "ImageSize",
        {
            side: {
                "type": "integer",
                "title": side.title(),
                "description": f"The {side} of the picture in pixels.",
                "exclusiveMinimum": 0,
                "maximum": 14142,
                "default": 512,
            }
            for side in ("width", "height")
        },
    ),
}


def components_of(model: EmulatedModel) -> dict[str, JsonObject]:
    """The components to which the fields of a model may refer, by name: the shared ones and its own."""
    return SHARED_COMPONENTS | dict(model.components)
