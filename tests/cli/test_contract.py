"""What programs may rely on: the commands as JSON, the job's keys, errors as objects."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import Emulator
from shell import FILM, MISHAP, SKETCH, SMALL, Person, jobs

from faldeck.cli import contract
from faldeck.cli.table import COMMANDS


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def valid(document: object, schema: dict[str, object]) -> bool:
    """Raises where the document breaks the schema."""
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)
    return True


def test_every_command_is_described(person: Person) -> None:
    surface = person.types("commands", "--json").document

    commands: dict[str, Any] = {command["name"]: command for command in surface["commands"]}
    assert list(commands) == [command.name for command in COMMANDS]
    flags = {flag: argument for argument in commands["run"]["arguments"] for flag in argument["flags"]}
    assert commands["run"]["takes_fields"] is True
    assert flags["--priority"]["choices"] == ["normal", "low"]
    assert (flags["--json"]["takes_value"], flags["--timeout"]["takes_value"]) == (False, True)
    assert flags["--header"]["repeats"] is True
    (name,) = [argument for argument in commands["open"]["arguments"] if not argument["flags"]]
    assert (name["name"], name["is_required"]) == ("ID", True)
    assert {"--demo", "--profile"} < {flag for option in surface["options"] for flag in option["flags"]}
    assert surface["exit_statuses"]["no_answer"] == 5
    assert surface["schemas"] == {"job": contract.JOB, "error": contract.ERROR}


def test_the_commands_are_listed_for_people_too(person: Person) -> None:
    assert person.types("commands").out.splitlines()[0].startswith("run ")


def test_every_job_that_is_printed_keeps_the_promise(person: Person) -> None:
    done = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--json").document
    failed = person.types("run", MISHAP, "--failure", "several_fields", "--json").document
    begun = person.types("run", FILM, "-p", "waves", "--async", "--json").document
    name = done["id"]

    for document in (done, failed, begun):
        assert valid(document, contract.JOB)
        assert list(document) == list(contract.JOB["properties"])  # type: ignore[call-overload]
    for words in (("status", name), ("result", name), ("show", name), ("adopt", SKETCH, done["request_id"])):
        assert valid(person.types(*words, "--json").document, contract.JOB)
    for listed in (["jobs", "--json"], ["export"], ["watch", "--json"], ["wait", str(name), "--json"]):
        lines = person.types(*listed).documents
        assert lines and all(valid(line, contract.JOB) for line in lines)


@pytest.mark.parametrize(
    ("words", "status", "kind", "hint"),
    [
        (("status", "nobody", "--json"), 4, "not_found", None),
        (("jobs", "--limit", "many", "--json"), 2, "usage", "faldeck jobs --help"),
        (("run", "--json"), 2, "usage", "faldeck run --help"),
        (("run", SKETCH, "--num-images", "9", "--json"), 2, "usage", None),
        (("run", "no-slash", "--json"), 2, "unsendable", None),
        (("schema", "demo/nobody/knows", "--json"), 4, "not_found", "faldeck models"),
        (("nonsense", "--json"), 2, "usage", "faldeck --help"),
        (("--profile", "moon", "models", "--json"), 2, "config", "faldeck config path"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_error_is_an_object_for_whoever_reads_json(
    person: Person, words: tuple[str, ...], status: int, kind: str, hint: str | None
) -> None:
    said = person.types(*words)

    (line,) = said.documents
    assert valid(line, contract.ERROR)
    error = line["error"]
    assert (said.status, error["exit_status"], error["type"], error["hint"]) == (status, status, kind, hint)
    assert error["message"] in said.err


def test_an_error_without_a_key_says_how_to_give_one(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_KEY")

    said = person.types("run", SKETCH, "-p", "x", "--json")

    assert said.document["error"]["hint"] == "faldeck key add"
    assert said.document["error"]["type"] == "no_key" and said.status == 3


def test_an_error_without_a_network(person: Person) -> None:
    person.set_up("http://127.0.0.1:1")

    said = person.types("models", "--json")

    assert said.status == said.document["error"]["exit_status"] == 5


def test_a_field_that_is_called_json_asks_for_no_objects(person: Person) -> None:
    assert person.types("run", MISHAP, "--", "--json").out == ""


def test_a_job_that_failed_is_its_own_error(person: Person) -> None:
    said = person.types("run", MISHAP, "--failure", "crash", "--json")

    assert said.status == 1
    assert said.document["error"]["message"] == "Internal Server Error"


def test_what_is_printed_as_json_is_ascii(person: Person, tmp_path: Path) -> None:
    said = person.types("run", SKETCH, "-p", "日本\x1b[31m", *SMALL, "--json")

    assert said.out.isascii() and "\x1b" not in said.out
    assert jobs()[0].title.startswith("日本")
