"""`faldeck help`: the manual, a topic, a command, and what was meant."""

import pytest
from support.emulator import Emulator
from support.shell import Person

from faldeck.app.help_topics import NAMES
from faldeck.cli.command_table import COMMANDS


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def test_the_manual_lists_every_command_every_topic_and_every_exit_status(person: Person) -> None:
    said = person.types("help")

    assert said.status == 0
    for name in (*NAMES, *(command.name for command in COMMANDS), "NO_COLOR", "history.db", "130"):
        assert f"  {name}" in said.out or f"/{name}" in said.out, name


def test_a_topic_and_a_command_are_explained_and_an_unknown_word_names_the_nearest(person: Person) -> None:
    assert person.types("help", "money").out.startswith("What a request costs\n")
    assert "faldeck history --help" in person.types("help", "history").out
    assert person.types("help", "cancel").out.startswith("usage: faldeck cancel")
    for word, meant in (("serch", "search"), ("cancle", "cancel"), ("filter", "")):
        said = person.types("help", word)
        assert (said.status, f"Did you mean {meant}?" in said.err) == ((2, True) if meant else (0, False))
