"""Commands and flags of the older scripts, of genmedia and of habit are answered with ours, and ours parse."""

import shlex

import pytest
from support.emulator import Emulator
from support.shell import Person

from faldeck.cli import old_flags
from faldeck.cli.command_table import find_command


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("pricing demo/x", "faldeck price demo/x"),
        ("generate --prompt 'a fox' --model demo/x", "faldeck run --prompt 'a fox' --model demo/x"),
        ("submit demo/x -p fox", "faldeck run demo/x -p fox --async"),
        ("search fox", "faldeck models fox"),
        ("list", "faldeck jobs"),
        ("login sk-secret", "faldeck key add"),
        ("version", "faldeck --version"),
        ("demo", "faldeck"),
        ("status demo/x ID --result", "faldeck result ID --model demo/x"),
        ("status demo/x ID --cancel", "faldeck cancel ID --model demo/x"),
        ("status demo/x ID", "faldeck status ID --model demo/x"),
        ("status --request-id ID --model demo/x", "faldeck status ID --model demo/x"),
        ("models --query 'a fox' --limit 3", "faldeck models 'a fox' --limit 3"),
        ("schema --model=demo/x --input", "faldeck schema demo/x --input"),
        ("upload --file fox.png", "faldeck upload fox.png"),
    ],
)
def test_words_of_others_are_answered_with_ours(person: Person, emulator: Emulator, words: str, meant: str) -> None:
    said = person.types(*shlex.split(words))

    assert said.status == 2 and said.err.endswith(f"use: {meant}\n")
    assert "sk-secret" not in said.err
    assert emulator.requests() == []


def test_words_that_are_nobodys_keep_their_own_error(person: Person) -> None:
    assert "did you mean cancel?" in person.types("cancle", "ID").err
    assert "unrecognized arguments: --nothing" in person.types("status", "ID", "--nothing").err


def test_no_command_of_ours_is_in_the_table_and_each_answer_names_one() -> None:
    for name, (ours, _) in old_flags._OTHER_COMMANDS.items():
        assert find_command(name) is None, name
        first = ours.split()[0] if ours else "help"
        assert find_command(first) or first == "--version", ours
