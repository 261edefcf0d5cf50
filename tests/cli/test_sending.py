"""send, adopt -, export --format csv: jobs leave the machine as a line, or as a table."""

from __future__ import annotations

import csv
import io
import subprocess

import pytest
from support.emulator import Emulator
from support.shell import MISHAP, SKETCH, SMALL, Person, jobs

from faldeck.app.job_export import JOB_COLUMNS, cell
from faldeck.history import history_path
from faldeck.job import State


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def forget_history() -> None:
    for file in history_path().parent.glob("history.db*"):
        file.unlink()


def adopts(person: Person, text: str, *words: str) -> tuple[int, str]:
    with person.starts("adopt", "-", *words, stdin=subprocess.PIPE) as process:
        out, _ = process.communicate(text, timeout=60)
    return process.returncode, out


def test_a_job_is_opened_on_another_machine_by_its_line(person: Person, emulator: Emulator) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    (sent,) = jobs()
    line = person.types("send", sent.id).out
    assert line.count("\n") == 1
    forget_history()

    status, _ = adopts(person, f"> {line[:60]}\n> {line[60:]}")

    (job,) = jobs()
    assert (status, job.state, job.title) == (0, State.COMPLETED, "a lake")
    assert (job.request_id, job.id != sent.id) == (sent.request_id, True)
    assert job.outputs[0].path and len(emulator.posts()) == 1


def test_the_line_itself_may_be_the_argument(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    line = person.types("send", jobs()[0].id, "--json").document["line"]
    forget_history()

    assert person.types("adopt", line, "--json").document["state"] == "completed"


def test_the_input_of_a_job_that_was_not_sent_is_printed(person: Person, emulator: Emulator) -> None:
    emulator.faults("drop-before@submit=99x")
    person.types("run", SKETCH, "-p", "a lake", *SMALL, "--timeout", "0.2")
    line = person.types("send", jobs()[0].id).out

    said = person.types("adopt", line.strip())

    assert said.document["prompt"] == "a lake" and f"faldeck run {SKETCH} --input FILE" in said.err
    assert person.types("adopt", line.strip(), "--json").document["endpoint_id"] == SKETCH
    emulator.faults("")


def test_a_damaged_line_is_a_usage_error(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    line = person.types("send", jobs()[0].id).out.strip()

    said = person.types("adopt", f"{line[:40]}{line[45:]}")

    assert (
        said.status == 2 and said.err == "faldeck: The text is damaged: some of its characters are missing or wrong.\n"
    )
    assert adopts(person, "hello")[0] == 2


def test_a_table_has_a_line_for_each_job_and_stable_columns(person: Person) -> None:
    person.types("run", SKETCH, "-p", '=1+1\n"a, lake"', *SMALL)
    person.types("run", MISHAP, "--failure", "crash")

    said = person.types("export", "--format", "csv")

    assert said.out.count("\n") == 3
    header, failed, completed = csv.reader(io.StringIO(said.out))
    assert tuple(header) == JOB_COLUMNS
    row = dict(zip(header, completed, strict=True))
    assert row["title"] == '\'=1+1 "a, lake"' and row["state"] == "completed" and row["files"] == "1"
    assert row["first_file"] == jobs()[1].outputs[0].path and row["cost_usd"] == f"{jobs()[1].cost.total_usd:f}"  # type: ignore[union-attr]
    assert dict(zip(header, failed, strict=True))["error"]
    assert person.types("export", "--format", "csv", "--state", "failed").out.count("\n") == 2
    assert person.types("export", "--format", "csv", "--json").status == 2


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", " =1"])
def test_no_cell_is_calculated(text: str) -> None:
    assert cell(text).startswith("'")
