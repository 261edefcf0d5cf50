"""Models that answer in text: a language model, also streamed, and one that looks at pictures."""

import random
import re
from collections.abc import Iterator

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.model import EmulatedModel, ModelRequest, ModelTiming, UnitPrice, said
from fal_emulator.models.pictures import described, given

_OPENINGS = ("Let us think about {topic}.", "A short answer about {topic}:", "Imagine {topic} on a quiet morning.")
_MIDDLES = (
    "The light comes from one side, and everything else follows from that.",
    "Three things matter: where it begins, how long it lasts, and who is watching.",
    "Most people look at the middle; the edges tell the story.",
    "What seems simple is the result of many small decisions.",
    "Begin with the largest shape and leave the details for the end.",
)
_ENDINGS = ("This is enough to begin.", "Try it once, change one thing, and try again.", "The rest takes patience.")
_IDLE_WORDS = re.compile(r"(a|an|and|are|at|by|for|from|in|is|it|of|on|or|tell|that|the|this|to|what|with|write)")


def _answer(request: ModelRequest) -> str:
    """A few set sentences; the last words of the prompt stand in the first of them."""
    prompt = request.arguments["prompt"]
    dice = random.Random(f"{prompt}/{request.seed}")
    words = [word for word in re.findall(r"\w+", prompt.lower()) if not _IDLE_WORDS.fullmatch(word)]
    topic = " ".join(words[-2:]) or "this"
    middles = dice.sample(_MIDDLES, k=3)
    return " ".join((dice.choice(_OPENINGS).format(topic=topic), *middles, dice.choice(_ENDINGS)))


def _write(request: ModelRequest) -> JsonObject:
    text = _answer(request)
    return {
        "output": text,
        "reasoning": None,
        "partial": False,
        "error": None,
        "usage": {"prompt_tokens": _tokens(request.arguments["prompt"]), "completion_tokens": _tokens(text)},
    }


def _narrate(request: ModelRequest) -> Iterator[JsonObject]:
    words = _answer(request).split(" ")
    for count in range(1, len(words)):
        yield {"output": " ".join(words[:count]), "partial": True}


def _describe(request: ModelRequest) -> JsonObject:
    image = given(request, request.arguments["image_url"])
    return {"output": f"{described(image)} It measures {image.width} by {image.height} pixels."}


def _tokens(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


def _thousand_tokens(request: ModelRequest, output: JsonObject) -> float:
    usage = output["usage"]
    return float(usage["prompt_tokens"] + usage["completion_tokens"]) / 1000


_OUTPUT = fields.field("output", {"type": "string"}, "The answer.", required=True)

MODELS = (
    EmulatedModel(
        endpoint_id="demo/scribe/chat",
        name="Scribe",
        category="llm",
        description="Writes a paragraph about anything. Can be streamed word by word.",
        inputs=(
            fields.text("prompt", "What to write about.", required=True, example="Write about the sea at night"),
            fields.text("system_prompt", "How to write.", default=""),
            fields.number("temperature", "How freely.", default=0.7, minimum=0, maximum=2),
            fields.optional("max_tokens", {"type": "integer", "minimum": 1}, "The longest answer allowed."),
            fields.seed(),
        ),
        outputs=(
            _OUTPUT,
            fields.optional("reasoning", {"type": "string"}, "How the answer was found."),
            fields.switch("partial", "Whether more is coming.", default=False),
            fields.optional("error", {"type": "string"}, "What went wrong."),
            fields.field("usage", {"type": "object", "additionalProperties": {"type": "integer"}}, "Tokens used."),
        ),
        render=_write,
        narrate=_narrate,
        pace=ModelTiming(0.2, 3, script=said((0.05, "Reading the prompt"), (0.3, "Writing"))),
        price=UnitPrice(0.0008, "1000 tokens"),
        units=_thousand_tokens,
        tags=("chat", "streaming"),
        published="2026-04-03",
    ),
    EmulatedModel(
        endpoint_id="demo/seer/describe",
        name="Seer",
        category="vision",
        description="Describes a picture: its shape, its colours and its size.",
        inputs=(
            fields.file("image_url", "The picture to look at."),
            fields.text("prompt", "What to say about it.", default="Describe this picture."),
        ),
        outputs=(_OUTPUT,),
        render=_describe,
        pace=ModelTiming(0.3, 2.2, script=said((0.1, "Looking"), (0.7, "Putting it into words"))),
        price=UnitPrice(0.002, "requests"),
        tags=("captioning", "vision"),
        published="2026-02-18",
    ),
)
