"""Text to image."""

from typing import Any

from faldeck.emulator import fields
from faldeck.emulator.answers import JsonObject
from faldeck.emulator.art.raster import Raster
from faldeck.emulator.art.scene import paint
from faldeck.emulator.model import Media, Model, Order, Pace, Price
from faldeck.emulator.models.pacing import said, steps

LARGEST_SIDE = 2048
"""Pixels; what is asked for beyond is made smaller in proportion, so that every picture is made quickly."""


def picture(raster: Raster) -> Media:
    """A painting as a file."""
    return Media(raster.to_png(), "image/png", "png", {"width": raster.width, "height": raster.height})


def pixels(image_size: Any) -> tuple[int, int]:
    """Width and height of an image size, which is a preset's name or an object of the two."""
    if isinstance(image_size, str):
        return fields.SIZES[image_size]
    width, height = image_size.get("width", 512), image_size.get("height", 512)
    scale = min(1, LARGEST_SIDE / max(width, height))
    return max(8, round(width * scale)), max(8, round(height * scale))


def megapixels(order: Order, output: JsonObject) -> float:
    """Billed by area, each picture rounded up."""
    width, height = pixels(order.arguments["image_size"])
    count: int = order.arguments.get("num_images", 1)
    return float(-(-width * height // 1_000_000) * count)


def _render(order: Order) -> JsonObject:
    arguments = order.arguments
    width, height = pixels(arguments["image_size"])
    count: int = arguments.get("num_images", 1)
    images = [picture(paint(arguments["prompt"], order.seed + n, width, height)) for n in range(count)]
    return {
        "images": images,
        "timings": {"inference": round(order.seconds, 4)},
        "seed": order.seed,
        "has_nsfw_concepts": [False] * count,
        "prompt": arguments["prompt"],
    }


_PROMPT = fields.text(
    "prompt",
    "What the picture shows. Places, times of day, weather and colours are understood.",
    required=True,
    minLength=1,
    maxLength=2500,
    example="A serene mountain landscape at dawn",
)
_OUTPUTS = (
    fields.many_made("images", "Image", "The pictures."),
    fields.field("timings", {"type": "object", "additionalProperties": {"type": "number"}}, "Times used."),
    fields.field("seed", {"type": "integer"}, "The seed that was used.", required=True),
    fields.field(
        "has_nsfw_concepts",
        {"type": "array", "items": {"type": "boolean"}},
        "Whether the checker objects, for each picture.",
    ),
    fields.field("prompt", {"type": "string"}, "The prompt that was used.", required=True),
)

MODELS = (
    Model(
        endpoint_id="demo/sketch/fast",
        name="Sketch [fast]",
        category="text-to-image",
        description="Landscapes, seascapes, cities and skies in two seconds. The same seed paints the same picture.",
        inputs=(
            _PROMPT,
            fields.image_size(),
            fields.integer("num_images", "How many pictures to paint.", default=1, minimum=1, maximum=4),
            fields.seed(),
            fields.sync_mode(),
            fields.safety(),
        ),
        outputs=_OUTPUTS,
        render=_render,
        pace=Pace(0.4, 1.6, script=(*said((0.02, "Warm runner found")), *steps(8, seconds=1.6, every=2))),
        price=Price(0.003, "megapixels"),
        units=megapixels,
        tags=("stylized", "landscape", "fast"),
        group=("sketch", "Text to Image [fast]"),
    ),
)
