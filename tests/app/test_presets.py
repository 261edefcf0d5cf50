"""Presets on disk: one private file a model, which can be given to others."""

from __future__ import annotations

import json

import pytest

from faldeck.app import presets
from faldeck.app.presets import BrokenPresets

FLUX = "fal-ai/flux/dev"


def test_what_is_kept_is_read_again_and_stands_in_a_file_of_the_models_name() -> None:
    assert presets.read(FLUX) == {}
    presets.write(FLUX, {"night": {"prompt": "a fox", "seed": 2**70}, "day": {}})
    assert presets.read(FLUX) == {"day": {}, "night": {"prompt": "a fox", "seed": 2**70}}
    file = presets.path(FLUX)
    assert file.parts[-4:] == ("presets", "fal-ai", "flux", "dev.json")
    assert json.loads(file.read_text())["endpoint_id"] == FLUX
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == ["dev.json"]


def test_models_whose_names_differ_in_case_alone_have_files_of_their_own() -> None:
    one, other = presets.path("CassetteAI/music-generator"), presets.path("cassetteai/music-generator")
    assert str(one).lower() != str(other).lower()


@pytest.mark.parametrize("endpoint_id", ["../../etc/passwd", "/etc/passwd", "a/../../../b", "con/aux", "a//b"])
def test_a_file_never_leaves_the_folder(endpoint_id: str) -> None:
    folder = presets.path("x").parent
    assert presets.path(endpoint_id).resolve().is_relative_to(folder.resolve())


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"presets": []}', "\x00"])
def test_a_file_that_holds_no_presets_is_told_and_left_as_it_is(text: str) -> None:
    file = presets.path(FLUX)
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(BrokenPresets, match=r"dev\.json"):
        presets.read(FLUX)
    assert file.read_text() == text


def test_names_are_one_clean_line() -> None:
    assert presets.named(" my\n\x1b[31mnight ") == "my night"
