"""Aliases of models: usable wherever a command takes a model, and told where they lead nowhere."""

from __future__ import annotations

import pytest
from support.emulator import Emulator
from support.shell import FILM, SKETCH, Person, jobs

from faldeck.config.settings import config_path


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    person = Person(emulator.url, capsys, monkeypatch)
    with config_path().open("a") as file:
        file.write(
            f'\n[aliases]\nsketch = "{SKETCH}"\nfilm = "https://fal.ai/models/{FILM}"\nlost = "demo/sketch/fasst"\n'
        )
    return person


def test_an_alias_stands_for_its_model_wherever_a_command_takes_one(person: Person) -> None:
    assert person.types("models").status == 0
    assert person.types("schema", "sketch").out == person.types("schema", SKETCH).out
    assert person.types("price", "film").out.startswith(f"{FILM}  ")
    assert person.types("run", "sketch", "-p", "a fox", "--image-size", "64x48").status == 0
    assert person.types("run", "--model", "film", "-p", "a fox", "--dry-run").document["endpoint_id"] == FILM
    assert [job.endpoint_id for job in jobs()] == [SKETCH]
    assert len(person.types("jobs", "--model", "sketch", "--json").documents) == 1
    assert person.types("star", "film").out == "1 model starred\n"
    assert person.types("models", "--endpoint-id", "film,sketch", "--starred", "--json").document["is_starred"]
    assert person.types("config", "show", "--json").document["aliases"]["sketch"] == SKETCH


def test_the_model_of_a_run_without_one_may_be_an_alias(person: Person) -> None:
    config_path().write_text('default_model = "sketch"\n' + config_path().read_text())

    assert person.types("run", "-p", "a fox", "--dry-run").document["endpoint_id"] == SKETCH


def test_an_alias_that_leads_nowhere_is_told_with_file_and_line_where_it_is_used(person: Person) -> None:
    assert person.types("models").status == 0
    line = 1 + config_path().read_text().splitlines().index('lost = "demo/sketch/fasst"')

    said = person.types("run", "lost", "-p", "a fox")

    assert said.status == 2 and jobs() == []
    assert f"{config_path()}, line {line}: [aliases] `lost` leads to demo/sketch/fasst" in said.err
    assert f"Did you mean {SKETCH}" in said.err
    assert "[aliases]" not in person.types("schema", "sketch").err
    assert f"line {line}: [aliases] `lost` leads to" in person.types("doctor", "--offline").out


def test_a_note_on_a_model_is_kept_and_replaced(person: Person) -> None:
    person.types("models")

    assert person.types("note", "sketch", "quick and cheap").out == "1 model got the note\n"
    assert person.types("note", SKETCH, "quick", "--json").document == {"jobs": 0, "models": 1, "changed": 1}
    assert person.types("note", SKETCH, "quick", "--json").document["changed"] == 0
    assert person.types("note", "demo/sketch/fasst", "x").status == 4
    assert person.types("note", SKETCH, "").out == "1 model lost the note\n"
