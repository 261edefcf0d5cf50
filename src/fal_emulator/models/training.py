"""A job of minutes: training a style from an archive of pictures."""

import json
import random
import struct
from dataclasses import replace

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.model import EmulatedModel, MadeFile, ModelRequest, ModelTiming, UnitPrice, said, steps

_SECONDS = 240.0

_KEPT = ("trigger_word", "trigger_phrase", "steps", "number_of_steps", "rank")
"""The arguments that stand in the file with the settings."""

_SCRIPT = (
    *said((0.01, "Unpacking the archive"), (0.03, "Captioning 12 pictures"), (0.08, "Warming up")),
    *steps(1000, seconds=_SECONDS, every=25),
    *said((0.95, "Saving the weights")),
)


def _train(request: ModelRequest) -> JsonObject:
    arguments = request.arguments
    settings = json.dumps({name: arguments[name] for name in _KEPT if name in arguments}, indent=1)
    return {
        "diffusers_lora_file": MadeFile(_weights(request.seed), "application/octet-stream", "safetensors"),
        "config_file": MadeFile(settings.encode(), "application/json", "json"),
        "experimental_multi_checkpoints_count": 1,
    }


def _steps(request: ModelRequest, output: JsonObject) -> float:
    return float(request.arguments.get("steps") or request.arguments["number_of_steps"])


def _weights(seed: int) -> bytes:
    """One matrix of random numbers, in the safetensors format."""
    side = 128
    values = random.Random(seed).randbytes(2 * side * side)
    matrix = {"dtype": "F16", "shape": [side, side], "data_offsets": [0, len(values)]}
    header = json.dumps({"lora.weight": matrix}).encode()
    return struct.pack("<Q", len(header)) + header + values


_RATE = fields.number("learning_rate", "How fast to learn.", default=0.0001, minimum=1e-06, maximum=1, step=1e-06)
_EXAMPLE = fields.component(
    "Trial",
    {
        "prompt": {"type": "string", "title": "Prompt", "description": "What to show."},
        "image_url": {"type": "string", "title": "Image Url", "description": "The first frame."},
    },
    required=["prompt"],
)

_SKETCH = EmulatedModel(
    endpoint_id="demo/sketch/trainer",
    name="Sketch Trainer",
    category="training",
    description="Learns a style from your pictures. Takes four minutes: a good job to close the laptop on.",
    inputs=(
        fields.file("images_data_url", "An archive with four pictures or more.", _fal_ui_field="archive"),
        fields.text("trigger_word", "The word that will stand for the style.", required=True, example="MYSTYLE"),
        fields.integer("steps", "How long to train.", default=1000, minimum=100, maximum=4000, multipleOf=100),
        _RATE,
        fields.switch("is_style", "Learn a style rather than a subject.", default=True),
    ),
    outputs=(
        fields.made("diffusers_lora_file", "File", "The trained weights."),
        fields.made("config_file", "File", "The settings of the training."),
        fields.field("experimental_multi_checkpoints_count", {"type": "integer"}, "The number of checkpoints kept."),
    ),
    render=_train,
    pace=ModelTiming(12, _SECONDS, ahead=3, script=_SCRIPT),
    price=UnitPrice(0.002, "steps"),
    units=_steps,
    tags=("lora", "personalization"),
    group=("sketch", "Training"),
    published="2026-03-02",
    kind="training",
)

MODELS = (
    _SKETCH,
    replace(
        _SKETCH,
        endpoint_id="demo/reel/v3/trainer",
        name="Reel 3 Trainer",
        description="Learns a movement or a look from your videos in four minutes.",
        inputs=(
            fields.file("training_data_url", "An archive with the videos.", _fal_ui_field="archive"),
            fields.field("rank", {"type": "integer", "enum": [8, 16, 32, 64, 128], "default": 32}, "The LoRA rank."),
            fields.integer("number_of_steps", "How long to train.", default=2000, minimum=100, maximum=20000),
            _RATE,
            fields.integer("number_of_frames", "Frames of each video.", default=89, minimum=9, maximum=121),
            fields.integer("frame_rate", "Frames per second.", default=25, minimum=8, maximum=60),
            fields.choice("resolution", "The size of the frames.", ("low", "medium", "high"), default="medium"),
            fields.choice("aspect_ratio", "The shape of the frames.", ("16:9", "1:1", "9:16"), default="1:1"),
            fields.text("trigger_phrase", "The phrase that will stand for the look.", default=""),
            fields.switch("auto_scale_input", "Bring the videos to the right number of frames.", default=False),
            fields.switch("split_input_into_scenes", "Cut long videos where the scene changes.", default=True),
            fields.number("split_threshold", "Cut videos of more seconds.", default=30, minimum=1, maximum=60),
            fields.optional("with_audio", {"type": "boolean"}, "Learn the sound as well."),
            fields.field(
                "validation",
                {"type": "array", "items": fields.ref("Trial"), "maxItems": 2, "default": []},
                "Prompts to try during the training, to see how far it has come.",
            ),
            fields.text("validation_negative_prompt", "What the trials should not show.", default="blurry, jittery"),
        ),
        components={"Trial": _EXAMPLE},
        pace=ModelTiming(8, _SECONDS, ahead=2, script=_SCRIPT),
        price=UnitPrice(0.004, "steps"),
        tags=("lora", "video", "personalization"),
        group=("reel-3", "Training"),
        published="2026-06-01",
    ),
)
