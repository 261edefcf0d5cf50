"""A workflow: its requests live under three segments of its id (protocol §2.1)."""

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.art.painting import paint
from fal_emulator.art.sound import spoken
from fal_emulator.model import EmulatedModel, MadeFile, ModelRequest, ModelTiming, UnitPrice, said
from fal_emulator.models.images import PROMPT
from fal_emulator.models.pictures import picture


def _send(request: ModelRequest) -> JsonObject:
    prompt, greeting = request.arguments["prompt"], request.arguments["greeting"]
    return {
        "front": picture(paint(prompt, request.seed, 1024, 683)),
        "back": {"greeting": greeting, "voice": MadeFile(spoken(greeting, 220, 1), "audio/wav", "wav")},
    }


_BACK = {"greeting": {"type": "string"}, "voice": fields.ref("Audio")}

MODELS = (
    EmulatedModel(
        endpoint_id="workflows/demo/postcard",
        name="Postcard",
        category="workflow",
        description="Paints the front and speaks the back of a postcard: two models in one request.",
        inputs=(
            PROMPT,
            fields.text("greeting", "The text on the back.", required=True, example="Greetings from the lake"),
            fields.seed(),
        ),
        outputs=(
            fields.made("front", "Image", "The picture side."),
            fields.field("back", {"type": "object", "properties": _BACK}, "The side with the words."),
        ),
        render=_send,
        pace=ModelTiming(1, 5, ahead=1, script=said((0.1, "Step 1 of 2: front"), (0.6, "Step 2 of 2: back"))),
        price=UnitPrice(0.05, "requests"),
        tags=("workflow",),
        published="2026-05-20",
    ),
)
