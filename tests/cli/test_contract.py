"""What programs may rely on: the commands as JSON, the job's keys, errors as objects."""

import asyncio
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from support.emulator import Emulator
from support.shell import FILM, MISHAP, SKETCH, SMALL, Person, jobs

from faldeck.app.paste import job_line
from faldeck.cli import json_schemas
from faldeck.cli.command_table import COMMANDS
from faldeck.history import Store, history_path
from faldeck.job import Body, Job, State, now
from faldeck.job_ids import new_id


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
    assert surface["schemas"] == json_schemas.SCHEMAS
    assert {name for command in commands.values() for name in command["prints"]} == set(json_schemas.SCHEMAS) - {
        "error"
    }
    prints_json = {name for name, command in commands.items() if "--json" in str(command["arguments"])}
    prints = {name for name, command in commands.items() if command["prints"]}
    assert prints_json - {"commands"} == prints


def test_the_commands_are_listed_for_people_too(person: Person) -> None:
    assert person.types("commands").out.splitlines()[0].startswith("run ")


def test_every_job_that_is_printed_keeps_the_promise(person: Person) -> None:
    done = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--json").document
    failed = person.types("run", MISHAP, "--failure", "several_fields", "--json").document
    begun = person.types("run", FILM, "-p", "waves", "--async", "--json").document
    name = done["id"]

    for document in (done, failed, begun):
        assert valid(document, json_schemas.JOB)
        assert list(document) == list(json_schemas.JOB["properties"])  # type: ignore[call-overload]
    for words in (("status", name), ("result", name), ("show", name), ("adopt", SKETCH, done["request_id"])):
        assert valid(person.types(*words, "--json").document, json_schemas.JOB)
    for listed in (
        ["jobs", "--json"],
        ["export"],
        ["export", "--json"],
        ["watch", "--json"],
        ["wait", str(name), "--json"],
    ):
        lines = person.types(*listed).documents
        assert lines and all(valid(line, json_schemas.JOB) for line in lines)


def test_whatever_else_is_printed_keeps_its_promise(person: Person, emulator: Emulator, tmp_path: Path) -> None:
    each = tmp_path / "each.txt"
    each.write_text("a lake\na fox\n")
    made = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--json").document
    person.types("run", SKETCH, "--each", str(each), *SMALL)
    (batch,) = person.types("batch", "list", "--json").documents
    others = [job.id for job in jobs()[:2]]
    person.types("run", "demo/sketch/edit", "-p", "at night", "--image-url", f"job:{made['id']}", "--json")
    export = tmp_path / "export.jsonl"
    export.write_text(person.types("export").out)
    unsent = job_line.write(jobs()[0]._replace(request_id=None), Body({"prompt": "x"}))
    calls = {
        "request": ("run", SKETCH, "-p", "x", "--dry-run", "--json"),
        "job_with_kin": ("show", made["id"], "--json"),
        "batch": ("batch", "cancel", batch["id"], "--json"),
        "batch_job": ("batch", "status", batch["id"], "--json"),
        "log_line": ("logs", made["id"], "--json"),
        "model": ("models", "--json"),
        "model_card": ("model", SKETCH, "--json"),
        "field": ("schema", "demo/every/field", "--json"),
        "price": ("price", SKETCH, "--json"),
        "stats": ("stats", "--by", "day", "--json"),
        "upload": ("upload", made["outputs"][0]["path"], "--json"),
        "finding": ("doctor", "--offline", "--json"),
        "intake": ("import", str(export), "--json"),
        "explanation": ("why", made["id"], "--json"),
        "job_line": ("send", made["id"], "--json"),
        "sent_input": ("adopt", unsent, "--json"),
        "key": ("key", "show", "--json"),
        "key_action": ("keys", "--json"),
        "opened": ("open", made["id"], "--json"),
        "selected": ("result", made["id"], "--select", "images[0].url", "--select", "seed", "--json"),
        "comparison": ("diff", *others, "--json"),
        "past_request": ("sync", "--dry-run", "--json"),
        "settings": ("config", "--json"),
        "settings_file": ("config", "path", "--json"),
        "marked": ("tag", "poster", made["id"], "--json"),
        "starred": ("star", made["id"], SKETCH, "--json"),
        "history": ("history", "stats", "--json"),
        "prunable": ("history", "prune", "--keep", "0", "--json"),
        "vacuumed": ("history", "vacuum", "--json"),
        "backup": ("history", "backup", str(tmp_path / "copy.db"), "--json"),
        "deleted": ("delete", made["id"], "--files", "--yes", "--json"),
    }
    assert set(calls) == set(json_schemas.SCHEMAS) - {"job", "error"}
    assert valid(batch, json_schemas.SCHEMAS["batch"])

    request = {"Authorization": "Key 0f1e2d3c:good"}
    httpx.post(f"{emulator.url}/queue/{SKETCH}", json={"prompt": "elsewhere"}, headers=request, verify=False)

    for name, words in calls.items():
        out = person.types(*words).out
        printed = [json.loads(out)] if out.startswith("{\n") else [json.loads(line) for line in out.splitlines()]
        assert printed
        for document in printed:
            assert valid(document, json_schemas.SCHEMAS[name])
            assert list(document) == list(json_schemas.SCHEMAS[name]["properties"])  # type: ignore[call-overload]


def test_a_price_that_nobody_knows_is_an_error_after_those_that_are_known(person: Person) -> None:
    known, error = person.types("price", "demo/nobody/knows", SKETCH, "--json").documents

    assert known["endpoint_id"] == SKETCH
    assert valid(error, json_schemas.ERROR) and error["error"]["exit_status"] == 4


def test_an_interruption_is_an_object_too(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(work: Coroutine[object, object, object]) -> None:
        work.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(asyncio, "run", interrupted)

    said = person.types("models", "--json")

    assert valid(said.document, json_schemas.ERROR)
    assert said.status == said.document["error"]["exit_status"] == 130


def test_a_job_that_is_not_waited_for_any_longer_is_told_with_the_error_in_it(
    person: Person, emulator: Emulator
) -> None:
    emulator.hold_jobs()

    given_up = person.types("run", FILM, "-p", "waves", "--timeout", "0.5", "--json")
    (job,) = jobs()
    others = [
        person.types(*words, "--json")
        for words in (("status", job.id, "--follow", "--timeout", "0.2"), ("result", job.id))
    ]
    waited = person.types("wait", job.id, "--timeout", "0.2", "--json")

    for said in (given_up, *others, waited):
        told = said.document
        assert valid(told, json_schemas.JOB) and valid(told, json_schemas.ERROR)
        assert (said.status, told["id"], told["request_id"]) == (5, job.id, job.request_id)
        assert told["error"]["message"] in said.err and told["error"]["exit_status"] == 5


@pytest.mark.parametrize("state", [State.UNCONFIRMED, State.DISMISSED, State.CANCELLED])
def test_a_job_that_has_not_ended_well_has_an_error_whatever_it_came_to(person: Person, state: State) -> None:
    notice = "The answer was lost." if state is not State.CANCELLED else ""
    unwell = Job(
        id=new_id(), profile="lab", endpoint_id=SKETCH, state=state, created_at=now(), request_id="r-1", notice=notice
    )
    store = Store(history_path())
    store.add(unwell, {"prompt": "a lake"})
    store.close()

    told = person.types("status", unwell.id, "--json").document

    assert valid(told, json_schemas.JOB)
    assert (told["request_id"], told["error"]["type"]) == ("r-1", state.value)
    assert told["error"]["message"] == (notice or "The job was cancelled.")
    assert person.types("jobs", "--json").documents == [told]


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
    assert valid(line, json_schemas.ERROR)
    error = line["error"]
    assert (said.status, error["exit_status"], error["type"], error["hint"]) == (status, status, kind, hint)
    assert error["message"] in said.err


def test_an_error_without_a_key_says_how_to_give_one(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_KEY")

    said = person.types("run", SKETCH, "-p", "x", "--json")

    assert said.document["error"]["hint"] == "faldeck --profile lab key add"
    assert said.document["error"]["type"] == "no_key" and said.status == 3


def test_an_error_without_a_network(person: Person) -> None:
    person.set_up("http://127.0.0.1:1")

    said = person.types("models", "--json")

    assert said.status == said.document["error"]["exit_status"] == 5


def test_a_job_is_shown_in_one_form_or_the_other(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)

    said = person.types("show", jobs()[0].id, "--as", "curl", "--json")

    assert (said.status, said.document["error"]["type"]) == (2, "usage")


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
