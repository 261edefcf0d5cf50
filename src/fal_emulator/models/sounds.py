"""Text to speech and music, and back to text. All audio is WAV."""

import math

from fal_emulator import fields
from fal_emulator.answers import JsonObject, Refusal, model_error
from fal_emulator.art import sound
from fal_emulator.model import EmulatedModel, MadeFile, ModelRequest, ModelTiming, UnitPrice, said, steps

_VOICES = {"alto": 220, "tenor": 150, "bass": 95, "child": 310, "robot": 120}
"""Pitch of each voice in hertz."""


def _audio(data: bytes) -> MadeFile:
    facts = {"duration": round(sound.duration(data) or 0, 3), "sample_rate": sound.SAMPLE_RATE}
    return MadeFile(data, "audio/wav", "wav", facts)


def _speak(request: ModelRequest) -> JsonObject:
    arguments = request.arguments
    return {"audio": _audio(sound.spoken(arguments["text"], _VOICES[arguments["voice"]], arguments["speed"]))}


def _play(request: ModelRequest) -> JsonObject:
    return {"audio": _audio(sound.tune(request.seed, request.arguments["seconds_total"])), "seed": request.seed}


def _listen(request: ModelRequest) -> JsonObject:
    url = request.arguments["audio_url"]
    data = request.fetch(url) or b""
    seconds = sound.duration(data)
    if seconds is None:
        raise Refusal(model_error("unsupported_audio_format", ("body", "audio_url"), url[:80]))
    text = sound.remark(data) or f"({seconds:.1f} seconds of sound without words)"
    return {"text": text, "chunks": [{"timestamp": [0, round(seconds, 2)], "text": text}]}


def _thousand_characters(request: ModelRequest, output: JsonObject) -> float:
    return math.ceil(len(request.arguments["text"]) / 100) / 10


_AUDIO = fields.made("audio", "Audio", "The sound, a WAV file.")
_TIMESTAMP: JsonObject = {"type": "array", "items": {"type": "number"}}
_CHUNK: JsonObject = {"type": "object", "properties": {"timestamp": _TIMESTAMP, "text": {"type": "string"}}}

MODELS = (
    EmulatedModel(
        endpoint_id="demo/voice/text-to-speech",
        name="Voice",
        category="text-to-speech",
        description="Hums a text letter by letter.",
        inputs=(
            fields.text("text", "What to say.", required=True, maxLength=2000, example="Good morning from the deck."),
            fields.choice("voice", "Who speaks.", tuple(_VOICES), default="alto"),
            fields.number("speed", "How fast; 1 is the usual speed.", default=1, minimum=0.5, maximum=2),
        ),
        outputs=(_AUDIO,),
        render=_speak,
        pace=ModelTiming(0.3, 2, script=said((0.1, "Reading the text"), (0.5, "Speaking"), (0.95, "Saving"))),
        price=UnitPrice(0.05, "1000 characters"),
        units=_thousand_characters,
        tags=("speech", "narration"),
        published="2026-01-30",
    ),
    EmulatedModel(
        endpoint_id="demo/tune/text-to-music",
        name="Tune",
        category="text-to-audio",
        description="Chords and a melody. Another seed makes another tune.",
        inputs=(
            fields.text("prompt", "The mood of the music.", required=True, example="Slow and thoughtful"),
            fields.number("seconds_total", "Length in seconds.", default=8, minimum=1, maximum=20),
            fields.seed(),
        ),
        outputs=(_AUDIO, fields.SEED_USED),
        render=_play,
        pace=ModelTiming(2, 7, ahead=1, script=steps(50, seconds=7, every=5)),
        price=UnitPrice(0.02, "generations"),
        tags=("music",),
        published="2026-03-21",
    ),
    EmulatedModel(
        endpoint_id="demo/ear/speech-to-text",
        name="Ear",
        category="speech-to-text",
        description="Writes down the text of a recording that Voice made, and how long any other recording is.",
        inputs=(
            fields.file("audio_url", "The recording, a WAV file.", _fal_ui_field="audio"),
            fields.choice("task", "What to do.", ("transcribe", "translate"), default="transcribe"),
        ),
        outputs=(
            fields.field("text", {"type": "string"}, "Everything that was said.", required=True),
            fields.field("chunks", {"type": "array", "items": _CHUNK}, "What was said when."),
        ),
        render=_listen,
        pace=ModelTiming(0.5, 3, script=said((0.1, "Listening"), (0.6, "Writing"))),
        price=UnitPrice(0.0005, "compute seconds"),
        units=lambda request, output: round(request.seconds, 1),
        tags=("transcription",),
        published="2026-02-25",
    ),
)
