"""export, import, sync: the history out, in, and completed from the account."""

import json
import os
import pty
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from support.emulator import Emulator
from support.shell import FILM, MISHAP, SKETCH, SMALL, Person, jobs, read_to_the_end

from faldeck.history import history_path
from faldeck.job import State


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def forget_history() -> None:
    """As on another machine."""
    for file in history_path().parent.glob("history.db*"):
        file.unlink()


def test_a_history_goes_to_another_machine_and_back(person: Person, tmp_path: Path) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    person.types("run", MISHAP, "--failure", "several_fields")
    before, export = jobs(), tmp_path / "history.jsonl"
    export.write_text(person.types("export").out)
    forget_history()

    said = person.types("import", str(export))

    assert (said.status, said.out) == (0, "2 new, 0 known\n")
    assert [(job.id, job.title, job.error, [output.path for output in job.outputs]) for job in jobs()] == [
        (job.id, job.title, job.error, [output.path for output in job.outputs]) for job in before
    ]
    assert person.types("logs", before[1].id).out.startswith("Warm runner found\n")
    counts = {"new": 0, "updated": 0, "known": 2, "problems": 0}
    assert person.types("import", str(export), "--json").document == counts
    assert person.types("export").out == export.read_text()


def test_an_export_can_be_narrowed(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    person.types("run", MISHAP, "--failure", "crash")

    exported = person.types("export", "--state", "failed").documents

    assert [line["endpoint_id"] for line in exported] == [MISHAP]


def test_an_imported_job_that_is_unfinished_is_followed_and_not_sent_again(
    person: Person, emulator: Emulator, tmp_path: Path
) -> None:
    person.types("run", FILM, "-p", "waves", "--async")
    export = tmp_path / "history.jsonl"
    export.write_text(person.types("export").out)
    forget_history()

    person.types("import", str(export))
    said = person.types("watch")

    assert said.status == 0
    assert jobs()[0].state is State.COMPLETED
    assert len(emulator.posts()) == 1


def test_a_line_that_is_no_job_is_told_and_the_others_are_added(person: Person, tmp_path: Path) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    line = person.types("export").out
    export = tmp_path / "history.jsonl"
    export.write_text(f'{{"id": 7}}\nno JSON at all\n\n{line}')
    forget_history()

    said = person.types("import", str(export))

    assert (said.status, said.out) == (1, "1 new, 0 known\n")
    assert said.err.splitlines()[0] == "faldeck: Line 1 is not a job: its id is missing or of the wrong kind."
    assert said.err.splitlines()[1].startswith("faldeck: Line 2 is not a job: not valid JSON")
    assert [job.title for job in jobs()] == ["a lake"]


def test_what_is_no_job_in_a_folder_is_told_with_the_name_of_its_file(person: Person, tmp_path: Path) -> None:
    folder = tmp_path / "outputs"
    folder.mkdir()
    (folder / "waves.MP4.json").write_text('{"format": "faldeck-sidecar-1", "id": "7"}')

    said = person.types("import", str(folder))

    assert said.status == 1
    assert "faldeck: waves.MP4.json is not a job" in said.err


def test_an_import_learns_what_another_machine_knows_better(person: Person, emulator: Emulator, tmp_path: Path) -> None:
    emulator.hold_jobs()
    person.types("run", FILM, "-p", "waves", "--async")
    early = person.types("export").out
    emulator.start_jobs()
    person.types("watch")
    late = tmp_path / "late.jsonl"
    late.write_text(person.types("export").out)
    forget_history()
    (tmp_path / "early.jsonl").write_text(early)
    person.types("import", str(tmp_path / "early.jsonl"))
    person.types("star", jobs()[0].id)

    assert person.types("import", str(late)).out == "0 new, 1 updated, 0 known\n"
    assert person.types("import", str(tmp_path / "early.jsonl")).out == "0 new, 0 updated, 1 known\n".replace(
        "0 updated, ", ""
    )

    (job,) = jobs()
    assert job.state is State.COMPLETED and job.starred and job.outputs[0].path


def test_an_import_reads_stdin(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    export = person.types("export").out
    forget_history()

    with person.starts("import", "-", stdin=subprocess.PIPE) as process:
        out, _ = process.communicate(export, timeout=60)

    assert out == "1 new, 0 known\n"


def made_elsewhere(emulator: Emulator, prompt: str) -> str:
    """The id of a request that was made with another program."""
    body = {"prompt": prompt, "image_size": {"width": 64, "height": 48}}
    headers = {"Authorization": "Key 0f1e2d3c:good"}
    answer = httpx.post(f"{emulator.url}/queue/{SKETCH}", json=body, headers=headers, verify=False).json()
    while httpx.get(answer["status_url"], headers=headers, verify=False).status_code == 202:
        pass
    return str(answer["request_id"])


def test_sync_brings_in_what_was_made_elsewhere(person: Person, emulator: Emulator) -> None:
    person.types("run", SKETCH, "-p", "made here", *SMALL)
    request_id = made_elsewhere(emulator, "made elsewhere")

    said = person.types("sync", "--since", "1h", "--json")

    brought = {line["request_id"]: line for line in said.documents}
    assert said.status == 0
    assert brought[request_id]["arguments"]["prompt"] == "made elsewhere"
    assert Path(brought[request_id]["outputs"][0]["path"]).is_file()
    assert person.types("sync", "--since", "1h", "--json").out == ""
    assert len(emulator.posts(SKETCH)) == 2


def test_sync_looks_back_for_a_day_and_asks_about_the_models_that_are_named(person: Person, emulator: Emulator) -> None:
    request_id = made_elsewhere(emulator, "a model that was never used here")
    assert person.types("sync", "--dry-run").out == ""

    listed = person.types("sync", "--dry-run", "--model", SKETCH, "--model", "demo/nobody/knows")
    assert listed.status == 0
    (line,) = (line for line in listed.out.splitlines() if request_id in line)
    assert SKETCH in line and line.endswith("a model that was never used here")
    assert jobs() == []

    person.types("sync", "--model", SKETCH)
    assert request_id in {job.request_id for job in jobs()}
    asked = [request["query"] for request in emulator.requests(path="by-endpoint") if SKETCH in request["query"]]
    starts = [datetime.fromisoformat(parse_qs(query)["start"][0]) for query in asked]
    assert all(timedelta(hours=23) < datetime.now(UTC) - start < timedelta(hours=25) for start in starts)


@pytest.mark.parametrize(("answer", "brought"), [(b"\n", 1), (b"n\n", 0)])
def test_sync_shows_what_it_found_and_asks_on_a_terminal(
    person: Person, start_emulator: Callable[..., Emulator], answer: bytes, brought: int
) -> None:
    emulator = start_emulator()
    person.set_up(emulator.url)
    request_id = made_elsewhere(emulator, "made elsewhere")
    ours, theirs = pty.openpty()
    with person.starts("sync", "--model", SKETCH, stdin=theirs, stdout=theirs) as process:
        os.close(theirs)
        os.write(ours, answer)
        _, asked = process.communicate(timeout=60)
    seen = read_to_the_end(ours)

    assert request_id in seen and "made" in seen
    assert asked == "Add these requests to the history? [Y/n] "
    assert process.returncode == 0
    assert len(jobs()) == brought


def test_sync_leaves_the_request_of_an_unconfirmed_job_to_that_job(person: Person, emulator: Emulator) -> None:
    person.types("schema", SKETCH)
    emulator.faults("drop-after@submit=1x,locked@catalogue")
    assert person.types("run", SKETCH, "-p", "a lost answer", *SMALL).status == 5
    emulator.faults("")

    person.types("sync")
    assert [job.title for job in jobs() if job.title == "a lost answer"] == ["a lost answer"]
    person.types("watch")

    (job,) = (job for job in jobs() if job.title == "a lost answer")
    assert job.state is State.COMPLETED and job.request_id
    assert len(emulator.posts()) == 1


def test_sync_without_a_list_says_so(person: Person, emulator: Emulator) -> None:
    person.types("run", SKETCH, "-p", "made here", *SMALL)
    person.set_up(emulator.url, without="api_url")

    said = person.types("sync")

    assert said.status == 3
    assert "The service gives no list of requests" in said.err


def test_wait_prints_each_job_that_ends(person: Person, emulator: Emulator) -> None:
    ids = [person.types("run", FILM, "-p", prompt, "--async").out.strip() for prompt in ("waves", "rain")]

    said = person.types("wait", *ids, "--json")

    assert said.status == 0
    assert {line["request_id"] for line in said.documents} == set(ids)
    assert len(emulator.posts()) == 2
    assert person.types("wait", *ids).status == 0


def test_wait_any_ends_with_the_first(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    late = person.types("run", FILM, "-p", "waves", "--async").out.strip()
    emulator.faults("")
    soon = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--async").out.strip()

    said = person.types("wait", late, soon, "--any", "--json")

    assert [line["request_id"] for line in said.documents] == [soon]


def test_wait_has_an_end_and_says_how_to_go_on(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    name = person.types("run", FILM, "-p", "waves", "--async").out.strip()

    said = person.types("wait", name, "--timeout", "0.3")

    assert said.status == 5
    assert f"faldeck wait {jobs()[0].id}" in said.err


def test_json_is_ascii_and_one_line_each(person: Person) -> None:
    person.types("run", SKETCH, "-p", "日本\n湖", *SMALL)

    out = person.types("export").out

    assert out.isascii() and out.count("\n") == 1
    assert json.loads(out)["arguments"]["prompt"] == "日本\n湖"


def test_the_words_of_a_large_import_are_indexed_later_or_on_request(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldeck.app.importing.LARGE_BYTES", 1)
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    export = tmp_path / "history.jsonl"
    export.write_text(person.types("export").out)
    for words, are_told in (((), True), (("--index",), False)):
        forget_history()

        said = person.types("import", str(export), *words)

        assert (said.status, said.out) == (0, "1 new, 0 known\n")
        assert ("The words of 1 job are not indexed yet, and are not found." in said.err) is are_told
        assert [job["id"] for job in person.types("jobs", "--model", SKETCH, "--json").documents] == [jobs()[0].id]
        assert [job["id"] for job in person.types("jobs", "--search", "lake", "--json").documents] == [jobs()[0].id]
