"""One small schema as the only field of a model, and schemas that many tests share."""

from typing import Any

from faldeck.schema import document
from faldeck.schema.fields import Field

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
    """What the field has against a value."""
    return [problem.message for problem in made.check(value)]
