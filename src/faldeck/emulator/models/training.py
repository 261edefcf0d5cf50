"""A job of minutes: training a style from an archive of pictures."""

import json
import random
import struct

from faldeck.emulator import fields
from faldeck.emulator.answers import JsonObject
from faldeck.emulator.model import Media, Model, Order, Pace, Price
from faldeck.emulator.models.pacing import said, steps

_SECONDS = 240.0


def _train(order: Order) -> JsonObject:
    arguments = order.arguments
    settings = json.dumps({"trigger_word": arguments["trigger_word"], "steps": arguments["steps"]}, indent=1)
    return {
        "diffusers_lora_file": Media(_weights(order.seed), "application/octet-stream", "safetensors"),
        "config_file": Media(settings.encode(), "application/json", "json"),
        "experimental_multi_checkpoints_count": 1,
    }


def _weights(seed: int) -> bytes:
    """One matrix of random numbers, in the safetensors format."""
    side = 128
    values = random.Random(seed).randbytes(2 * side * side)
    matrix = {"dtype": "F16", "shape": [side, side], "data_offsets": [0, len(values)]}
    header = json.dumps({"lora.weight": matrix}).encode()
    return struct.pack("<Q", len(header)) + header + values


MODELS = (
    Model(
        endpoint_id="demo/sketch/trainer",
        name="Sketch Trainer",
        category="training",
        description="Learns a style from your pictures in four minutes. A good job to close the laptop on.",
        inputs=(
            fields.file(
                "images_data_url",
                "An archive with the pictures to learn from, at least four.",
                _fal_ui_field="archive",
            ),
            fields.text("trigger_word", "The word that will stand for the style.", required=True, example="MYSTYLE"),
            fields.integer("steps", "How long to train.", default=1000, minimum=100, maximum=4000, multipleOf=100),
            fields.number(
                "learning_rate", "How quickly to learn.", default=0.0001, minimum=1e-06, maximum=1, step=1e-06
            ),
            fields.switch("is_style", "Learn a style rather than a subject.", default=True),
        ),
        outputs=(
            fields.made("diffusers_lora_file", "File", "The trained weights."),
            fields.made("config_file", "File", "How they were trained."),
            fields.field("experimental_multi_checkpoints_count", {"type": "integer"}, "How many were kept."),
        ),
        render=_train,
        pace=Pace(
            12,
            _SECONDS,
            ahead=3,
            script=(
                *said((0.01, "Unpacking the archive"), (0.03, "Captioning 12 pictures"), (0.08, "Warming up")),
                *steps(1000, seconds=_SECONDS, every=25),
                *said((0.95, "Saving the weights")),
            ),
        ),
        price=Price(0.002, "steps"),
        units=lambda order, output: float(order.arguments["steps"]),
        tags=("lora", "personalization"),
        group=("sketch", "Training"),
        published="2026-03-02",
        kind="training",
    ),
)
