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
