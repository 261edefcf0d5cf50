"""Image to image: edit, upscale and remove the background of the picture that is given."""

from collections.abc import Callable
from functools import partial

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.model import EmulatedModel, ModelRequest, ModelTiming, UnitPrice, said, steps
from fal_emulator.models.pictures import described, given, megapixels, picture

_MOST_SIDE = 4096
"""The most pixels on one side of an upscaled picture."""


def _tinted(tint: str, picture: Image.Image) -> Image.Image:
    return ImageOps.colorize(ImageOps.grayscale(picture), "#08080e", "#ffffff", tint)


GRADES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "grey gray monochrome black white noir": lambda picture: ImageOps.grayscale(picture).convert("RGB"),
    "sepia vintage old": partial(_tinted, "#966e46"),
    "night dark midnight moonlight": lambda picture: _tinted("#3c5a96", picture).point(lambda value: value * 6 // 10),
    "warm golden sunset autumn orange": partial(_tinted, "#cd783c"),
    "cold winter snow ice blue": partial(_tinted, "#5f91be"),
    "green forest emerald spring": partial(_tinted, "#50965f"),
    "pink purple violet neon": partial(_tinted, "#be46aa"),
    "red fire lava": partial(_tinted, "#be372d"),
    "invert inverted negative": ImageOps.invert,
}
"""The words of a prompt, and the change of colours that they ask for."""


def _edit(request: ModelRequest) -> JsonObject:
    arguments = request.arguments
    words = set(arguments["prompt"].lower().replace(",", " ").split())
    image = given(request, arguments["image_url"])
    grades = [grade for names, grade in GRADES.items() if words & set(names.split())]
    for grade in grades or [list(GRADES.values())[request.seed % len(GRADES)]]:
        image = Image.blend(image, grade(image), arguments["strength"])
    if words & {"mirror", "mirrored", "flip", "flipped"}:
        image = ImageOps.mirror(image)
    return {"images": [picture(image)], "seed": request.seed, "prompt": arguments["prompt"]}


def _upscale(request: ModelRequest) -> JsonObject:
    image = given(request, request.arguments["image_url"])
    factor = min(request.arguments["upscale_factor"], _MOST_SIDE / max(image.size))
    larger = image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.LANCZOS)
    return {
        "image": picture(larger),
        "seed": request.seed,
        "timings": {"inference": round(request.seconds, 4)},
        "caption": described(image),
    }


def without_background(image: Image.Image) -> Image.Image:
    """Makes transparent what can be reached from the upper edge without crossing a line of the picture."""
    small = ImageOps.autocontrast(ImageOps.contain(image, (min(320, image.width), min(320, image.height))))
    lines = small.filter(ImageFilter.FIND_EDGES).convert("L").point(lambda value: 255 if value > 14 else 0)
    # The filter leaves the outermost pixels as they are. The lines are made thicker, to close their gaps.
    inner = lines.crop((1, 1, small.width - 1, small.height - 1))
    lines = inner.resize(small.size, Image.Resampling.NEAREST).filter(ImageFilter.MaxFilter(3))
    lines.paste(0, (0, 0, lines.width, 1))
    ImageDraw.floodfill(lines, (lines.width // 2, 0), 128)
    kept = lines.point(lambda value: 0 if value == 128 else 255)
    kept = kept.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.MedianFilter(5))
    cut = image.copy()
    cut.putalpha(kept.resize(image.size, Image.Resampling.BICUBIC))
    return cut


def _remove_background(request: ModelRequest) -> JsonObject:
    return {"image": picture(without_background(given(request, request.arguments["image_url"])))}


_LIMITS: JsonObject = {
    "x-fal": {"max_file_size": 52428800, "min_width": 8, "min_height": 8},
    "limit_description": "Max file size: 50.0MB, at least 8 by 8 pixels",
}
_IMAGE_URL = fields.file("image_url", "The picture to work on: a link, or the picture itself as a data URI.", **_LIMITS)

MODELS = (
    EmulatedModel(
        endpoint_id="demo/sketch/edit",
        name="Sketch Edit",
        category="image-to-image",
        description="Changes the light and colour of a picture: night, warm, sepia, black and white, mirrored.",
        inputs=(
            fields.text("prompt", "What to change.", required=True, example="Make it night and mirror it"),
            _IMAGE_URL,
            fields.number("strength", "How much to change.", default=0.85, minimum=0.01, maximum=1),
            fields.seed(),
            fields.sync_mode(),
        ),
        outputs=(
            fields.many_made("images", "Image", "The changed picture."),
            fields.SEED_USED,
            fields.field("prompt", {"type": "string"}, "The prompt that was used."),
        ),
        render=_edit,
        pace=ModelTiming(1, 4, ahead=1, script=(*said((0.05, "Reading the picture")), *steps(20, seconds=4, every=5))),
        price=UnitPrice(0.03, "images"),
        tags=("editing", "colour"),
        group=("sketch", "Image Edit"),
        published="2026-02-02",
    ),
    EmulatedModel(
        endpoint_id="demo/clarity/upscale",
        name="Clarity Upscaler",
        category="image-to-image",
        description="Enlarges a picture up to four times and describes it.",
        inputs=(
            _IMAGE_URL,
            fields.number("upscale_factor", "How many times larger.", default=2, minimum=1, maximum=4),
            fields.seed(),
            fields.number("creativity", "How freely details are invented.", default=0.3, minimum=0, maximum=1),
            fields.number("guidance", "How closely the caption is followed.", default=1, minimum=0, maximum=20),
            fields.integer("steps", "How many steps to take.", default=20, minimum=4, maximum=50),
            fields.safety(),
        ),
        outputs=(
            fields.made("image", "Image", "The enlarged picture."),
            fields.SEED_USED,
            fields.TIMINGS,
            fields.field("caption", {"type": "string"}, "What the picture shows.", required=True),
        ),
        render=_upscale,
        pace=ModelTiming(2, 8, ahead=1, script=(*said((0.04, "Captioning")), *steps(20, seconds=8, every=4))),
        price=UnitPrice(0.02, "megapixels"),
        units=megapixels,
        tags=("upscaling", "high-res"),
        published="2026-01-20",
    ),
    EmulatedModel(
        endpoint_id="demo/cutout/remove-background",
        name="Cutout",
        category="image-to-image",
        description="Removes the sky or the backdrop of a picture and leaves the rest on a transparent ground.",
        inputs=(_IMAGE_URL,),
        outputs=(fields.made("image", "Image", "The picture with a transparent background."),),
        render=_remove_background,
        pace=ModelTiming(0.3, 1.5, script=said((0.2, "Finding the subject"), (0.8, "Cutting"))),
        price=UnitPrice(0.005, "images"),
        tags=("background removal", "utility"),
        published="2026-04-17",
    ),
)
