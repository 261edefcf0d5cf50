"""Text and image to video. The films are animated GIFs, the moving pictures that need no codec."""

from collections.abc import Sequence

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.art.raster import IndexedImage, animated
from fal_emulator.art.scene import film
from fal_emulator.model import EmulatedModel, MadeFile, ModelRequest, ModelTiming, UnitPrice, said, steps
from fal_emulator.models.pictures import given

_FRAMES = {"16:9": (320, 180), "9:16": (180, 320), "1:1": (240, 240)}
_FPS = 8
_MOST_FRAMES = 40


def _video(frames: Sequence[IndexedImage], seconds: float) -> MadeFile:
    fps = len(frames) / seconds
    facts = {
        "width": frames[0].width,
        "height": frames[0].height,
        "fps": fps,
        "duration": seconds,
        "num_frames": len(frames),
    }
    return MadeFile(animated(frames, fps), "image/gif", "gif", facts)


def _count(seconds: float) -> int:
    return min(_MOST_FRAMES, round(seconds * _FPS))


def _from_text(order: ModelRequest) -> JsonObject:
    arguments = order.arguments
    seconds = float(arguments["duration"])
    size = _FRAMES[arguments["aspect_ratio"]]
    frames = film(arguments["prompt"], order.seed, *size, _count(seconds))
    return {"video": _video(frames, seconds), "seed": order.seed}


def _from_image(order: ModelRequest) -> JsonObject:
    arguments = order.arguments
    seconds = float(arguments["duration"])
    raster = given(order, arguments.get("image_url") or arguments["start_image_url"])
    width = 320 if raster.width >= raster.height else 180
    height = max(2, round(width * raster.height / raster.width))
    frames = []
    for number in range(_count(seconds)):
        share = 1 - 0.35 * number / _count(seconds)
        wide, high = raster.width * share, raster.height * share
        left, top = (raster.width - wide) / 2, (raster.height - high) / 2
        frames.append(raster.cropped(left, top, wide, high, width, height))
    return {"video": _video(frames, seconds)}


_LIMITS: JsonObject = {
    "x-fal": {
        "max_file_size": 10485760,
        "min_width": 300,
        "min_height": 300,
        "min_aspect_ratio": 0.4,
        "max_aspect_ratio": 2.5,
    },
    "limit_description": "Max file size: 10.0MB, at least 300 by 300 pixels",
}
"""What a picture must be like to begin or end a film."""

_SHOTS: dict[str, JsonObject] = {
    "Element": fields.component(
        "Element",
        {
            "frontal_image_url": {"type": "string", "title": "Frontal Image Url", "description": "It from the front."},
            "reference_image_urls": {
                "type": "array",
                "items": {"type": "string"},
                "maxItems": 3,
                "title": "Reference Image Urls",
                "description": "It from other sides.",
            },
        },
        required=["frontal_image_url"],
    ),
    "Shot": fields.component(
        "Shot",
        {
            "prompt": {"type": "string", "title": "Prompt", "description": "What happens in it.", "maxLength": 512},
            "duration": {"type": "string", "title": "Duration", "enum": ["1", "2", "3", "5"], "default": "3"},
        },
        required=["prompt"],
    ),
}


def _per_second(order: ModelRequest, output: JsonObject) -> float:
    return float(order.arguments["duration"])


_DURATION = fields.choice("duration", "Seconds of film.", ("3", "5", "10"), default="5")
_VIDEO = fields.made("video", "Video", "The film, an animated GIF.")

_TEXT_SECONDS = 30.0
_IMAGE_SECONDS = 20.0

MODELS = (
    EmulatedModel(
        endpoint_id="demo/reel/v2/text-to-video",
        name="Reel 2",
        category="text-to-video",
        description="A slow drive past a painted scene. Takes most of a minute, as good films do.",
        inputs=(
            fields.text(
                "prompt",
                "What passes by.",
                required=True,
                maxLength=2500,
                example="Ocean waves under a golden sunset",
            ),
            _DURATION,
            fields.choice("aspect_ratio", "The shape of the film.", tuple(_FRAMES), default="16:9"),
            fields.text("negative_prompt", "What should not pass by.", default=""),
            fields.number("cfg_scale", "How closely the prompt is followed.", default=0.5, minimum=0, maximum=1),
            fields.seed(),
        ),
        outputs=(_VIDEO, fields.field("seed", {"type": "integer"}, "The seed that was used.")),
        render=_from_text,
        pace=ModelTiming(
            10,
            _TEXT_SECONDS,
            ahead=4,
            script=(
                *said((0.01, "Loading weights"), (0.06, "Writing the storyboard")),
                *steps(40, seconds=_TEXT_SECONDS, every=2),
                *said((0.93, "Joining the frames"), (0.98, "Saving the film")),
            ),
        ),
        price=UnitPrice(0.07, "seconds"),
        units=_per_second,
        tags=("landscape", "motion"),
        group=("reel-2", "Text to Video"),
        published="2026-05-06",
    ),
    EmulatedModel(
        endpoint_id="demo/reel/v2/image-to-video",
        name="Reel 2 from image",
        category="image-to-video",
        description="Moves slowly into a picture.",
        inputs=(
            fields.text("prompt", "How the camera moves.", required=True, example="The camera slowly moves in"),
            fields.file("image_url", "The picture to begin with.", ui={"field": "image"}),
            _DURATION,
            fields.file("end_image_url", "The picture to end with.", required=False),
        ),
        outputs=(_VIDEO,),
        render=_from_image,
        pace=ModelTiming(
            6,
            _IMAGE_SECONDS,
            ahead=3,
            script=(*said((0.03, "Reading the first frame")), *steps(30, seconds=_IMAGE_SECONDS, every=2)),
        ),
        price=UnitPrice(0.07, "seconds"),
        units=_per_second,
        tags=("motion", "camera"),
        group=("reel-2", "Image to Video"),
        published="2026-05-06",
    ),
    EmulatedModel(
        endpoint_id="demo/reel/v3/pro/image-to-video",
        name="Reel 3 [pro]",
        category="image-to-video",
        description="Moves into a picture, with people and things of your own, and in several shots if you like.",
        inputs=(
            fields.field(
                "prompt",
                {"anyOf": [{"type": "string", "maxLength": 2500}, fields.NULL]},
                "How the camera moves. Either this or multi_prompt is needed.",
            ),
            fields.field(
                "multi_prompt",
                {"anyOf": [{"type": "array", "items": fields.ref("Shot")}, fields.NULL]},
                "The shots, one after the other.",
            ),
            fields.file("start_image_url", "The picture to begin with.", ui={"field": "image"}, **_LIMITS),
            fields.choice("duration", "Seconds of film.", [str(seconds) for seconds in range(3, 16)], default="5"),
            fields.switch("generate_audio", "Make the sound as well.", default=True),
            fields.field(
                "end_image_url", {"anyOf": [{"type": "string", **_LIMITS}, fields.NULL]}, "The picture to end with."
            ),
            fields.field(
                "elements",
                {"anyOf": [{"type": "array", "items": fields.ref("Element")}, fields.NULL]},
                "People and things that the prompt calls @Element1, @Element2.",
            ),
            fields.choice(
                "shot_type", "Who decides where a shot ends.", ("customize", "intelligent"), default="customize"
            ),
            fields.text("negative_prompt", "What should not be seen.", default="blur, low quality", maxLength=2500),
            fields.number("cfg_scale", "How closely the prompt is followed.", default=0.5, minimum=0, maximum=1),
        ),
        outputs=(_VIDEO,),
        components=_SHOTS,
        render=_from_image,
        pace=ModelTiming(
            4,
            _IMAGE_SECONDS,
            ahead=2,
            script=(*said((0.03, "Reading the first frame")), *steps(30, seconds=_IMAGE_SECONDS, every=2)),
        ),
        price=UnitPrice(0.14, "seconds"),
        units=_per_second,
        tags=("motion", "camera", "audio"),
        group=("reel-3", "Image to Video"),
        published="2026-06-01",
    ),
)
