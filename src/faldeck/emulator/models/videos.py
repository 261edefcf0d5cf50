"""Text and image to video. The films are animated GIFs, the moving pictures that need no codec."""

from collections.abc import Sequence

from faldeck.emulator import fields
from faldeck.emulator.answers import JsonObject
from faldeck.emulator.art.gif import animated
from faldeck.emulator.art.raster import Raster
from faldeck.emulator.art.scene import film
from faldeck.emulator.model import Media, Model, Order, Pace, Price
from faldeck.emulator.models.pacing import said, steps
from faldeck.emulator.models.pictures import given

_FRAMES = {"16:9": (320, 180), "9:16": (180, 320), "1:1": (240, 240)}
_FPS = 8
_MOST_FRAMES = 40


def _video(frames: Sequence[Raster], seconds: float) -> Media:
    fps = len(frames) / seconds
    facts = {
        "width": frames[0].width,
        "height": frames[0].height,
        "fps": fps,
        "duration": seconds,
        "num_frames": len(frames),
    }
    return Media(animated(frames, fps), "image/gif", "gif", facts)


def _count(seconds: float) -> int:
    return min(_MOST_FRAMES, round(seconds * _FPS))


def _from_text(order: Order) -> JsonObject:
    arguments = order.arguments
    seconds = float(arguments["duration"])
    size = _FRAMES[arguments["aspect_ratio"]]
    frames = film(arguments["prompt"], order.seed, *size, _count(seconds))
    return {"video": _video(frames, seconds), "seed": order.seed}


def _from_image(order: Order) -> JsonObject:
    arguments = order.arguments
    seconds = float(arguments["duration"])
    raster = given(order, arguments["image_url"])
    width = 320 if raster.width >= raster.height else 180
    height = max(2, round(width * raster.height / raster.width))
    frames = []
    for number in range(_count(seconds)):
        share = 1 - 0.35 * number / _count(seconds)
        wide, high = raster.width * share, raster.height * share
        left, top = (raster.width - wide) / 2, (raster.height - high) / 2
        frames.append(raster.cropped(left, top, wide, high, width, height))
    return {"video": _video(frames, seconds)}


def _per_second(order: Order, output: JsonObject) -> float:
    return float(order.arguments["duration"])


_DURATION = fields.choice("duration", "Seconds of film.", ("3", "5", "10"), default="5")
_VIDEO = fields.made("video", "Video", "The film, an animated GIF.")

_TEXT_SECONDS = 30.0
_IMAGE_SECONDS = 20.0

MODELS = (
    Model(
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
        pace=Pace(
            10,
            _TEXT_SECONDS,
            ahead=4,
            script=(
                *said((0.01, "Loading weights"), (0.06, "Writing the storyboard")),
                *steps(40, seconds=_TEXT_SECONDS, every=2),
                *said((0.93, "Joining the frames"), (0.98, "Saving the film")),
            ),
        ),
        price=Price(0.07, "seconds"),
        units=_per_second,
        tags=("landscape", "motion"),
        group=("reel-2", "Text to Video"),
        published="2026-05-06",
    ),
    Model(
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
        pace=Pace(
            6,
            _IMAGE_SECONDS,
            ahead=3,
            script=(*said((0.03, "Reading the first frame")), *steps(30, seconds=_IMAGE_SECONDS, every=2)),
        ),
        price=Price(0.07, "seconds"),
        units=_per_second,
        tags=("motion", "camera"),
        group=("reel-2", "Image to Video"),
        published="2026-05-06",
    ),
)
