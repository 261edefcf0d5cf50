"""Image to image: edit, upscale and cut out, made from the very picture that is given."""

from collections.abc import Callable
from functools import partial

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.art.palette import SKY, mixed
from fal_emulator.art.raster import Colour
from fal_emulator.model import EmulatedModel, ModelRequest, ModelTiming, UnitPrice, said, steps
from fal_emulator.models.pictures import described, given, megapixels, picture

_MOST_SIDE = 4096
"""Pixels an upscaled picture may have at most on one side."""


def _grey(colour: Colour) -> Colour:
    value = round(0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2])
    return value, value, value


def _tinted(tint: Colour) -> Callable[[Colour], Colour]:
    """Keeps the light of each colour and takes the tint."""

    def change(colour: Colour) -> Colour:
        light = _grey(colour)[0] / 255
        return mixed((8, 8, 14), tint, light * 2) if light < 0.5 else mixed(tint, (255, 255, 255), light * 2 - 1)

    return change


_GRADES: dict[str, Callable[[Colour], Colour]] = {
    "grey gray monochrome black white noir": _grey,
    "sepia vintage old": _tinted((150, 110, 70)),
    "night dark midnight moonlight": lambda colour: mixed((4, 8, 30), _tinted((60, 90, 150))(colour), 0.6),
    "warm golden sunset autumn orange": _tinted((205, 120, 60)),
    "cold winter snow ice blue": _tinted((95, 140, 190)),
    "green forest emerald spring": _tinted((80, 150, 95)),
    "pink purple violet neon": _tinted((190, 70, 170)),
    "red fire lava": _tinted((190, 55, 45)),
    "invert inverted negative": lambda colour: (255 - colour[0], 255 - colour[1], 255 - colour[2]),
}


def _graded(grade: Callable[[Colour], Colour], strength: float, colour: Colour) -> Colour:
    return mixed(colour, grade(colour), strength)


def _edit(order: ModelRequest) -> JsonObject:
    arguments = order.arguments
    words = set(arguments["prompt"].lower().replace(",", " ").split())
    raster = given(order, arguments["image_url"])
    grades = [grade for names, grade in _GRADES.items() if words & set(names.split())]
    strength = arguments["strength"]
    for grade in grades or [list(_GRADES.values())[order.seed % len(_GRADES)]]:
        raster = raster.recoloured(partial(_graded, grade, strength))
    if words & {"mirror", "mirrored", "flip", "flipped"}:
        raster = raster.mirrored()
    return {"images": [picture(raster)], "seed": order.seed, "prompt": arguments["prompt"]}


def _upscale(order: ModelRequest) -> JsonObject:
    arguments = order.arguments
    raster = given(order, arguments["image_url"])
    factor = min(arguments["upscale_factor"], _MOST_SIDE / max(raster.width, raster.height))
    larger = raster.resized(round(raster.width * factor), round(raster.height * factor))
    return {
        "image": picture(larger),
        "seed": order.seed,
        "timings": {"inference": round(order.seconds, 4)},
        "caption": described(raster),
    }


def _cut_out(order: ModelRequest) -> JsonObject:
    return {"image": picture(given(order, order.arguments["image_url"]), clear=SKY[1])}


_LIMITS: JsonObject = {
    "x-fal": {"max_file_size": 52428800, "min_width": 8, "min_height": 8},
    "limit_description": "Max file size: 50.0MB, at least 8 by 8 pixels",
}
_IMAGE_URL = fields.file("image_url", "The picture to work on: a link, or the picture itself as a data URI.", **_LIMITS)
_SEED = fields.field("seed", {"type": "integer"}, "The seed that was used.", required=True)

MODELS = (
    EmulatedModel(
        endpoint_id="demo/sketch/edit",
        name="Sketch Edit",
        category="image-to-image",
        description=(
            "Changes the light and colour of a picture as told: night, warm, sepia, black and white, mirrored."
        ),
        inputs=(
            fields.text("prompt", "What to change.", required=True, example="Make it night and mirror it"),
            _IMAGE_URL,
            fields.number("strength", "How much of the change is seen.", default=0.85, minimum=0.01, maximum=1),
            fields.seed(),
            fields.sync_mode(),
        ),
        outputs=(
            fields.many_made("images", "Image", "The changed picture."),
            _SEED,
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
        description="Enlarges a picture up to four times and tells what it saw.",
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
            _SEED,
            fields.field("timings", {"type": "object", "additionalProperties": {"type": "number"}}, "Seconds used."),
            fields.field("caption", {"type": "string"}, "What the upscaler saw.", required=True),
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
        description="Takes the sky out of a picture and leaves the rest on clear ground.",
        inputs=(_IMAGE_URL,),
        outputs=(fields.made("image", "Image", "The picture with a clear background."),),
        render=_cut_out,
        pace=ModelTiming(0.3, 1.5, script=said((0.2, "Finding the subject"), (0.8, "Cutting"))),
        price=UnitPrice(0.005, "images"),
        tags=("background removal", "utility"),
        published="2026-04-17",
    ),
)
