"""`faldeck keys`: the list of the keys, as text, as TOML, as JSON, and in the README."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from faldeck.app import key_list
from faldeck.cli.main import main
from faldeck.config import settings
from faldeck.config.settings import config_path
from faldeck.keys.keymap import Keymap
from faldeck.keys.table import ACTIONS

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(autouse=True)
def own_keys() -> None:
    config_path().parent.mkdir(parents=True, exist_ok=True)
    config_path().write_text('[keys]\njob.cancel = ["C", "^/"]\n"move.up" = []\n[keys.jobs]\nsearch = "f6"\n')


def test_the_readme_has_the_table_of_keys() -> None:
    assert key_list.markdown() in README.read_text("utf-8")


def test_the_list_names_every_action_with_its_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines.keys() == ACTIONS.keys()
    assert lines["job.cancel"].split()[1:3] == ["C", "^/"]
    assert lines["move.up"].split()[1] == "-"
    assert lines["move.down"].endswith("Down one row")


def test_json_has_the_keys_as_the_config_takes_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "--json"]) == 0
    listed = {one["id"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert listed["job.cancel"]["keys"] == ["C", "ctrl+/"]
    assert listed["job.cancel"]["default_keys"] == ["c"]
    assert listed["job.cancel"]["pane"] == "Jobs and Result"


def test_the_toml_can_be_pasted_and_means_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    before = Keymap(settings.load().keys)
    assert main(["keys", "--toml"]) == 0
    pasted = capsys.readouterr().out
    assert tomllib.loads(pasted)["keys"]["job"]["cancel"] == ["C", "ctrl+/"]
    config_path().write_text(pasted)
    config = settings.load()
    assert config.problems == ()
    assert {one: tuple(Keymap(config.keys).keys(one)) for one in ACTIONS} == {
        one: tuple(before.keys(one)) for one in ACTIONS
    }
