"""Text and image to video. The videos are animated GIFs, moving pictures that need no codec."""

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.art.painting import film, gif
from fal_emulator.model import EmulatedModel, MadeFile, ModelRequest, ModelTiming, UnitPrice, said, steps
from fal_emulator.models.pictures import given

_FRAMES = {"16:9": (320, 180), "9:16": (180, 320), "1:1": (240, 240)}
_FPS = 8
_MOST_FRAMES = 40


def _video(frames: Sequence[Image.Image], seconds: float) -> MadeFile:
    width, height = frames[0].size
    facts = {"width": width, "height": height, "fps": len(frames) / seconds, "duration": seconds}
    return MadeFile(gif(frames, seconds), "image/gif", "gif", facts | {"num_frames": len(frames)})


def _count(seconds: float) -> int:
    return min(_MOST_FRAMES, round(seconds * _FPS))


def _from_text(request: ModelRequest) -> JsonObject:
    arguments = request.arguments
    seconds = float(arguments["duration"])
    frames = film(arguments["prompt"], request.seed, *_FRAMES[arguments["aspect_ratio"]], _count(seconds))
    return {"video": _video(frames, seconds), "seed": request.seed}


def _from_image(request: ModelRequest) -> JsonObject:
    """Moves into the picture."""
    arguments = request.arguments
    seconds = float(arguments["duration"])
    image = given(request, arguments.get("image_url") or arguments["start_image_url"])
    width = 320 if image.width >= image.height else 180
    size = width, max(2, round(width * image.height / image.width))
    frames = []
    for number in range(_count(seconds)):
        margin = 0.35 * number / _count(seconds) / 2
        left, top = image.width * margin, image.height * margin
        box = (left, top, image.width - left, image.height - top)
        frames.append(image.resize(size, Image.Resampling.BILINEAR, box, reducing_gap=2))
    return {"video": _video(frames, seconds)}


def _per_second(request: ModelRequest, output: JsonObject) -> float:
    return float(request.arguments["duration"])


_SIZES: JsonObject = {"min_width": 300, "min_height": 300, "min_aspect_ratio": 0.4, "max_aspect_ratio": 2.5}
_LIMITS: JsonObject = {
    "x-fal": {"max_file_size": 10485760, **_SIZES},
    "limit_description": "Max file size: 10.0MB, at least 300 by 300 pixels",
}
"""The limits of a picture that begins or ends a video."""

_IMAGES: JsonObject = {"type": "array", "items": {"type": "string"}, "maxItems": 3, "title": "Reference Image Urls"}
_COMPONENTS: dict[str, JsonObject] = {
    "Element": fields.component(
        "Element",
        {
            "frontal_image_url": {"type": "string", "title": "Frontal Image Url", "description": "The front view."},
            "reference_image_urls": _IMAGES | {"description": "Views from other sides."},
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

_DURATION = fields.choice("duration", "Seconds of video.", ("3", "5", "10"), default="5")
_VIDEO = fields.made("video", "Video", "The video, an animated GIF.")
_READING = (*said((0.03, "Reading the first frame")), *steps(30, seconds=20, every=2))

_FROM_IMAGE = EmulatedModel(
    endpoint_id="demo/reel/v2/image-to-video",
    name="Reel 2 from image",
    category="image-to-video",
    description="Moves slowly into a picture.",
    inputs=(
        fields.text("prompt", "How the camera moves.", required=True, example="The camera slowly moves in"),
        fields.file("image_url", "The first frame.", ui={"field": "image"}),
        _DURATION,
        fields.file("end_image_url", "The last frame.", required=False),
    ),
    outputs=(_VIDEO,),
    render=_from_image,
    pace=ModelTiming(6, 20, ahead=3, script=_READING),
    price=UnitPrice(0.07, "seconds"),
    units=_per_second,
    tags=("motion", "camera"),
    group=("reel-2", "Image to Video"),
    published="2026-05-06",
)

MODELS = (
    EmulatedModel(
        endpoint_id="demo/reel/v2/text-to-video",
        name="Reel 2",
        category="text-to-video",
        description="A slow drive past a painted scene. Takes most of a minute.",
        inputs=(
            fields.text("prompt", "What to show.", required=True, maxLength=2500, example="Ocean waves at sunset"),
            _DURATION,
            fields.choice("aspect_ratio", "The shape of the video.", tuple(_FRAMES), default="16:9"),
            fields.text("negative_prompt", "What the video should not show.", default=""),
            fields.number("cfg_scale", "How closely the prompt is followed.", default=0.5, minimum=0, maximum=1),
            fields.seed(),
        ),
        outputs=(_VIDEO, fields.SEED_USED),
        render=_from_text,
        pace=ModelTiming(
            10,
            30,
            ahead=4,
            script=(
                *said((0.01, "Loading weights"), (0.06, "Writing the storyboard")),
                *steps(40, seconds=30, every=2),
                *said((0.93, "Joining the frames"), (0.98, "Saving the video")),
            ),
        ),
        price=UnitPrice(0.07, "seconds"),
        units=_per_second,
        tags=("landscape", "motion"),
        group=("reel-2", "Text to Video"),
        published="2026-05-06",
    ),
    _FROM_IMAGE,
    replace(
        _FROM_IMAGE,
        endpoint_id="demo/reel/v3/pro/image-to-video",
        name="Reel 3 [pro]",
        description="Moves into a picture, with your own people and things, and in several shots if you like.",
        inputs=(
            fields.optional(
                "prompt", {"type": "string", "maxLength": 2500}, "How the camera moves. Give this or multi_prompt."
            ),
            fields.optional(
                "multi_prompt", {"type": "array", "items": fields.ref("Shot")}, "The shots, one after the other."
            ),
            fields.file("start_image_url", "The first frame.", ui={"field": "image"}, **_LIMITS),
            fields.choice("duration", "Seconds of video.", [str(seconds) for seconds in range(3, 16)], default="5"),
            fields.switch("generate_audio", "Make the sound as well.", default=True),
            fields.optional("end_image_url", {"type": "string", **_LIMITS}, "The last frame."),
            fields.optional(
                "elements",
                {"type": "array", "items": fields.ref("Element")},
                "People and things that the prompt calls @Element1, @Element2.",
            ),
            fields.choice(
                "shot_type", "Who decides where a shot ends.", ("customize", "intelligent"), default="customize"
            ),
            fields.text("negative_prompt", "What should not be seen.", default="blur, low quality", maxLength=2500),
            fields.number("cfg_scale", "How closely the prompt is followed.", default=0.5, minimum=0, maximum=1),
        ),
        components=_COMPONENTS,
        pace=ModelTiming(4, 20, ahead=2, script=_READING),
        price=UnitPrice(0.14, "seconds"),
        tags=("motion", "camera", "audio"),
        group=("reel-3", "Image to Video"),
        published="2026-06-01",
    ),
)
