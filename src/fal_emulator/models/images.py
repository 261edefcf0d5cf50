"""Text to image, and text to vector drawing."""

from dataclasses import replace

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.art.painting import paint, svg
from fal_emulator.model import EmulatedModel, MadeFile, ModelRequest, ModelTiming, UnitPrice, said, steps
from fal_emulator.models.pictures import megapixels, picture, pixels

PROMPT = fields.text(
    "prompt",
    "What the picture shows. Places, times of day, weather and colours are understood.",
    required=True,
    minLength=1,
    maxLength=2500,
    example="A serene mountain landscape at dawn",
)
_COUNT = fields.integer("num_images", "How many pictures to paint.", default=1, minimum=1, maximum=4)
_CHECKS = fields.field("has_nsfw_concepts", {"type": "array", "items": {"type": "boolean"}}, "One for each picture.")


def _paint(request: ModelRequest) -> JsonObject:
    arguments = request.arguments
    width, height = pixels(arguments["image_size"])
    count: int = arguments["num_images"]
    return {
        "images": [picture(paint(arguments["prompt"], request.seed + n, width, height)) for n in range(count)],
        "timings": {"inference": round(request.seconds, 4)},
        "seed": request.seed,
        "has_nsfw_concepts": [False] * count,
        "prompt": arguments["prompt"],
    }


def _draw(request: ModelRequest) -> JsonObject:
    width, height = pixels(request.arguments["image_size"])
    drawing = svg(request.arguments["prompt"], request.seed, width, height).encode()
    facts = {"width": width, "height": height}
    return {"image": MadeFile(drawing, "image/svg+xml", "svg", facts), "seed": request.seed}


_FAST = EmulatedModel(
    endpoint_id="demo/sketch/fast",
    name="Sketch [fast]",
    category="text-to-image",
    description="Landscapes, seascapes, cities and skies in two seconds. The same seed paints the same picture.",
    inputs=(PROMPT, fields.image_size(), _COUNT, fields.seed(), fields.sync_mode(), fields.safety()),
    outputs=(
        fields.many_made("images", "Image", "The pictures."),
        fields.TIMINGS,
        fields.SEED_USED,
        _CHECKS,
        fields.field("prompt", {"type": "string"}, "The prompt that was used.", required=True),
    ),
    render=_paint,
    pace=ModelTiming(0.4, 1.6, script=(*said((0.02, "Warm runner found")), *steps(8, seconds=1.6, every=2))),
    price=UnitPrice(0.003, "megapixels"),
    units=megapixels,
    tags=("landscape", "stylized", "fast"),
    group=("sketch", "Text to Image [fast]"),
)

MODELS = (
    _FAST,
    replace(
        _FAST,
        endpoint_id="demo/sketch/pro",
        name="Sketch [pro]",
        description="Takes more time and more steps, and has a negative prompt and guidance.",
        inputs=(
            PROMPT,
            fields.text("negative_prompt", "What the picture should not show.", default=""),
            fields.image_size("landscape_16_9"),
            fields.integer("num_inference_steps", "How many steps to take.", default=28, minimum=1, maximum=50),
            fields.number("guidance_scale", "How closely the prompt is followed.", default=3.5, minimum=0, maximum=20),
            _COUNT,
            fields.seed(),
            fields.choice("acceleration", "Speed against care.", ("none", "regular", "high"), default="regular"),
            fields.sync_mode(),
            fields.safety(),
        ),
        pace=ModelTiming(3, 6, ahead=2, script=(*said((0.02, "Loading weights")), *steps(28, seconds=6, every=4))),
        price=UnitPrice(0.025, "megapixels"),
        tags=("landscape", "detailed"),
        group=("sketch", "Text to Image [pro]"),
        published="2026-03-02",
    ),
    replace(
        _FAST,
        endpoint_id="demo/sketch",
        name="Sketch v1",
        description="The first version, kept for old projects. Use Sketch [fast] instead.",
        pace=ModelTiming(1, 4, script=steps(20, seconds=4, every=5)),
        price=UnitPrice(0.01, "megapixels"),
        tags=("landscape",),
        group=("sketch", "Text to Image [v1]"),
        published="2024-11-08",
        is_deprecated=True,
    ),
    EmulatedModel(
        endpoint_id="demo/poster/vector",
        name="Poster Vector",
        category="text-to-image",
        description="Flat scenes as SVG: a few hundred points, sharp at any size.",
        inputs=(PROMPT, fields.image_size("portrait_4_3"), fields.seed()),
        outputs=(fields.made("image", "Image", "The drawing, an SVG document."), fields.SEED_USED),
        render=_draw,
        pace=ModelTiming(0.5, 2.5, script=said((0.1, "Composing"), (0.6, "Tracing outlines"), (0.95, "Writing SVG"))),
        price=UnitPrice(0.04, "images"),
        tags=("vector", "typography"),
        published="2026-02-11",
    ),
)
