"""The search over models: what is typed finds what is meant, best first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faldeck.app.model_search import Finder, closest, nearest
from faldeck.fal.values import Model
from faldeck.history import ModelMark

SHARED = Path(__file__).parents[3] / "shared"
SEARCHES = SHARED / "field" / "searches.txt"
CATALOGUES = [SHARED / "catalog" / name for name in ("models-2026-06.json", "models-page-1.json")]

MORE_SEARCHES = {
    "flux krea": "flux-1/krea flux-krea-lora",
    "dev flux": "flux/dev",
    "fluxdev": "flux/dev",
    "flx schnel": "flux/schnell flux-1/schnell",
    "image to image flux dev": "flux/dev/image-to-image",
    "ultra flux pro": "flux-pro/v1.1-ultra",
    "kontext text to image": "flux-pro/kontext/max/text-to-image flux-kontext-lora/text-to-image",
    "nanobanana": "nano-banana nano-banana-2",
    "nanobannana pro": "nano-banana-pro",
    "bananna": "nano-banana nano-banana-2",
    "google video": "veo3 veo3.1 veo3.1/lite veo2/image-to-video",
    "openai video": "sora-2/text-to-video sora-2/image-to-video",
    "openai image": "gpt-image-1.5 gpt-image-1.5/edit",
    "gpt image": "gpt-image-1.5",
    "elon musk grok image": "xai/grok-imagine-image",
    "grok video": "xai/grok-imagine-video/text-to-video xai/grok-imagine-video/image-to-video",
    "sedream 4.5": "bytedance/seedream/v4.5/text-to-image bytedance/seedream/v4.5/edit",
    "see dance 1.5 pro": "bytedance/seedance/v1.5/pro/image-to-video",
    "seadance reference": "bytedance/seedance-2.0/reference-to-video bytedance/seedance-2.0/fast/reference-to-video",
    "klng 2.1 master": "kling-video/v2.1/master/image-to-video",
    "minimax voice": "minimax/voice-clone",
    "mini max music": "minimax-music/v2 minimax-music/v2.5",
    "dream machine": "luma-dream-machine/ray-2 luma-dream-machine/ray-2-flash/image-to-video",
    "qwen max": "qwen-image-max/text-to-image",
    "quen image max": "qwen-image-max/text-to-image",
    "zimage turbo": "z-image/turbo",
    "i2v wan 2.6": "wan/v2.6/image-to-video",
    "wan2.5 text to video": "wan-25-preview/text-to-video",
    "ideogramm v3": "ideogram/v3",
    "ideagram": "ideogram/v3 ideogram/v2/turbo",
    "recraft vector": "recraft/v4/text-to-vector recraft/v4/pro/text-to-vector recraft/v4.1/pro/text-to-vector",
    "re craft v3": "recraft/v3/text-to-image",
    "imagen 4": "imagen4/preview",
    "stable diffusion 3": "stable-diffusion-v3-medium",
    "stabel audio": "stable-audio",
    "japanese tts": "kokoro/japanese",
    "french voice": "kokoro/french",
    "kokoro chinese": "kokoro/mandarin-chinese",
    "english british": "kokoro/british-english",
    "multilingual text to speech": "chatterbox/text-to-speech/multilingual",
    "speech to text turbo": "speech-to-text/turbo",
    "transcribe": "whisper speech-to-text wizper elevenlabs/speech-to-text/scribe-v2",
    "wisper": "whisper wizper",
    "11 labs voice changer": "elevenlabs/voice-changer",
    "elevenlab tts": "elevenlabs/tts/eleven-v3",
    "lipsync pixverse": "pixverse/lipsync",
    "pix verse v6": "pixverse/v6/image-to-video pixverse/v6/text-to-video pixverse/v6/extend",
    "removebackground": "bria/background/remove imageutils/rembg birefnet",
    "bg remover": "imageutils/rembg bria/background/remove birefnet",
    "upscale video": "topaz/upscale/video flashvsr/upscale/video bytedance-upscaler/upscale/video",
    "upscaler topas": "topaz/upscale/image topaz/upscale/video",
    "seedvr image": "seedvr/upscale/image",
    "subtitles": "veed/subtitles auto-caption",
    "mesh remesh": "meshy/v5/remesh",
    "sam 3 video": "sam-3/video",
    "segment anything": "sam-3/image sam-3/video sam-3/image/embed",
    "ocr": "florence-2-large/ocr got-ocr/v2",
    "music google": "lyria3 lyria3/pro",
    "video merge": "ffmpeg-api/merge-videos",
    "trim video": "workflow-utilities/trim-video",
    "vidu q3": "vidu/q3/image-to-video vidu/q3/text-to-video vidu/q3/reference-to-video/mix",
    "ltx 2.3 extend": "ltx-2.3-22b/extend-video",
    "first last frame": "veo3.1/first-last-frame-to-video veo3.1/fast/first-last-frame-to-video wan-flf2v",
    "veo3.1 fast first last": "veo3.1/fast/first-last-frame-to-video",
    "veo lite": "veo3.1/lite veo3.1/lite/image-to-video",
    "sora2 pro image to video": "sora-2/image-to-video/pro",
    "gemini tts": "gemini-tts",
    "gemeni 3 pro": "gemini-3-pro-image-preview",
    "flux2 klein 4b": "flux-2/klein/4b/base",
    "flux 2 max": "flux-2-max",
}
"""What is typed → ids, without the owner fal-ai, of which one is meant: typing errors, swapped and joined words,
families, makers, languages, what comes from what."""

MODELS = [
    Model("fal-ai/kling-video/v3/pro/image-to-video", "Kling Video", "image-to-video", "Films from a picture"),
    Model("fal-ai/flux/schnell", "FLUX.1 [schnell]", "text-to-image", "Fast pictures", tags=("turbo",)),
    Model("fal-ai/flux/dev", "FLUX.1 [dev]", "text-to-image", "Twelve billion parameters"),
    Model("fal-ai/old/flux", "Old Flux", "text-to-image", is_deprecated=True),
    Model("acme/upscale", "Upscaler", "image-to-image", "Makes FLUX pictures larger"),
]


def found(text: str, **marks: tuple[bool, int | None]) -> list[str]:
    named = {name.replace("__", "/").replace("_", "-"): ModelMark(*mark) for name, mark in marks.items()}
    return [model.endpoint_id for model in Finder(MODELS).find(text, marks=named)]


def test_every_word_must_occur_somewhere() -> None:
    assert found("kling pro") == ["fal-ai/kling-video/v3/pro/image-to-video"]
    assert found("flux turbo") == ["fal-ai/flux/schnell"]
    assert found("flux kling") == []


def test_an_id_comes_before_a_description_and_a_deprecated_model_last() -> None:
    assert found("flux") == ["fal-ai/flux/schnell", "fal-ai/flux/dev", "acme/upscale", "fal-ai/old/flux"]


def test_what_a_person_starred_or_used_comes_first() -> None:
    assert found("flux", fal_ai__flux__dev=(True, None))[0] == "fal-ai/flux/dev"
    assert found("", acme__upscale=(False, 9))[0] == "acme/upscale"


def test_one_slip_of_the_finger_is_forgiven() -> None:
    for typed in ("klign", "king-video", "klinng", "kloing"):
        assert found(typed) == ["fal-ai/kling-video/v3/pro/image-to-video"], typed
    assert found("upscael") == ["acme/upscale"]


def test_a_word_that_sounds_alike_or_begins_with_a_number_is_understood() -> None:
    models = [*MODELS, Model("fal-ai/elevenlabs/sound-effects/v2", "Sound Effects"), Model("fal-ai/kontext", "Kontext")]

    def first(text: str) -> str:
        return Finder(models).find(text)[0].endpoint_id

    assert first("fluks dev") == "fal-ai/flux/dev"
    assert first("kontekst") == "fal-ai/kontext"
    assert first("11labs sound") == "fal-ai/elevenlabs/sound-effects/v2"
    assert first("klingon") == "fal-ai/kling-video/v3/pro/image-to-video"
    assert first("soundeffects") == "fal-ai/elevenlabs/sound-effects/v2"


def test_half_of_many_words_is_enough_where_nothing_has_them_all() -> None:
    assert found("a larger upscaler please")[0] == "acme/upscale"


def test_the_plain_model_comes_before_its_variants() -> None:
    variants = [Model(f"fal-ai/veo3{end}", "Veo") for end in ("/fast/image-to-video", "/fast", "")]

    assert Finder(variants).find("veo")[0].endpoint_id == "fal-ai/veo3"


def test_a_misspelt_word_in_a_description_does_not_hide_what_was_meant() -> None:
    models = [Model("acme/maya", "Maya", "text", "The best speach"), Model("acme/tts", "Text to Speech", "audio")]

    assert [one.endpoint_id for one in Finder(models).find("speach")] == ["acme/tts", "acme/maya"]


def recorded_models() -> list[Model]:
    """The models of the recorded catalogues beside the project."""
    models = {}
    for path in CATALOGUES:
        document = json.loads(path.read_text("utf-8"))
        for entry in document["models"] if isinstance(document, dict) else document:
            about = entry["metadata"]
            models[entry["endpoint_id"]] = Model(
                entry["endpoint_id"],
                about["display_name"],
                about["category"],
                about["description"],
                tags=tuple(about["tags"]),
                is_deprecated=about["status"] == "deprecated",
            )
    return list(models.values())


@pytest.mark.skipif(not SEARCHES.exists(), reason="the recorded searches are not beside the project")
def test_further_searches_of_the_same_kinds_find_what_is_meant_among_the_first_three() -> None:
    finder = Finder(recorded_models())
    missed = [
        typed
        for typed, meant in MORE_SEARCHES.items()
        if not set(meant.split()) & {one.endpoint_id.removeprefix("fal-ai/") for one in finder.find(typed)[:3]}
    ]

    assert len(missed) <= len(MORE_SEARCHES) * 0.05, missed


@pytest.mark.skipif(not SEARCHES.exists(), reason="the recorded searches are not beside the project")
def test_what_people_typed_finds_what_they_meant_among_the_first_three() -> None:
    finder = Finder(recorded_models())
    searches = [
        line.split("\t") for line in SEARCHES.read_text("utf-8").splitlines() if "\t" in line and line[0] != "#"
    ]
    missed = [
        typed
        for typed, meant in searches
        if not set(meant.split("|")) & {one.endpoint_id for one in finder.find(typed)[:3]}
    ]

    assert len(searches) >= 40
    assert len(missed) <= len(searches) * 0.05, missed


def test_another_word_for_the_same_and_its_maker_find_a_model() -> None:
    assert found("i2v")[0] == found("bild zu film")[0] == "fal-ai/kling-video/v3/pro/image-to-video"
    assert found("kuaishou") == ["fal-ai/kling-video/v3/pro/image-to-video"]
    assert found("upscalers") == ["acme/upscale"]
    assert found("fluxdev") == ["fal-ai/flux/dev"]


def test_accents_and_signs_do_not_count() -> None:
    assert found("Vidéo, kling!") == ["fal-ai/kling-video/v3/pro/image-to-video"]
    assert found("flux / dev") == ["fal-ai/flux/dev"]


def test_what_is_not_there_is_not_found() -> None:
    assert found("zzzzzz") == []
    assert found("abc") == []


def test_nothing_typed_shows_all() -> None:
    assert len(found("")) == len(MODELS)
    assert found("  ") == found("")


LISTED = [
    "fal-ai/flux/dev",
    "fal-ai/flux/schnell",
    "fal-ai/flux-pro/v1.1-ultra",
    "fal-ai/kling-video/v3/pro/image-to-video",
    "fal-ai/lcm",
    "CassetteAI/music-generator",
]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("fal-ai/flux/dve", "fal-ai/flux/dev"),
        ("fal-ai/flx/dv", "fal-ai/flux/dev"),
        ("fal-ai/flux-dev", "fal-ai/flux/dev"),
        ("falai/flux/dev", "fal-ai/flux/dev"),
        ("fal/flux/dev", "fal-ai/flux/dev"),
        ("flux/dev", "fal-ai/flux/dev"),
        ("fal-ai/Flux/Dev", "fal-ai/flux/dev"),
        ("fal-ai/flux/schnel", "fal-ai/flux/schnell"),
        ("fal-ai/flux_pro/v1-1-ultra", "fal-ai/flux-pro/v1.1-ultra"),
        ("fal-ai/kling-video/v3/pro/image-to-vidoe", "fal-ai/kling-video/v3/pro/image-to-video"),
        ("fal-ai/lcn", "fal-ai/lcm"),
        ("cassetteai/music-generator", "CassetteAI/music-generator"),
    ],
)
def test_a_misspelt_id_is_near_the_one_that_is_meant(typed: str, meant: str) -> None:
    assert nearest(typed, LISTED)[:1] == [meant]


@pytest.mark.parametrize(
    "typed",
    [
        "fal-ai/flux/dev",
        "me/flux-portraits",
        "fal-ai/flux/pro/new",
        "fal-ai/uno",
        "workflows/fal-ai/flux/dev",
        "comfy/fal-ai/flux/dev",
        "",
    ],
)
def test_an_id_that_is_listed_or_far_from_all_others_is_no_misspelling(typed: str) -> None:
    assert nearest(typed, LISTED) == []


def test_the_closest_id_to_one_that_does_not_exist_is_of_the_same_app_where_there_is_one() -> None:
    ids = [
        "fal-ai/wan-25/text-to-video",
        "fal-ai/wan-25/image-to-video",
        "fal-ai/wan-26/text-to-film",
        "fal-ai/flux/dev",
    ]

    assert closest("fal-ai/wan-25/text-to-videos/fast", ids) == "fal-ai/wan-25/text-to-video"
    assert closest("fal-ai/flux/ultra", ids) == "fal-ai/flux/dev"
    assert closest("fal-ai/wan-27/text-to-film", ids) == "fal-ai/wan-26/text-to-film"
    assert closest("acme/zebra", ids) is None
    assert closest("fal-ai/flux/dev", ids) is None
