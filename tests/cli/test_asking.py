"""Commands about jobs that exist: status, result, cancel, logs, jobs, watch, adopt, open."""

import sqlite3
import sys
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from support.emulator import Emulator
from support.shell import FILM, MISHAP, SKETCH, SMALL, Person, jobs, output_of

from faldeck import __version__
from faldeck.config.settings import config_path
from faldeck.history import Store, history_path
from faldeck.history.migrations import MIGRATIONS
from faldeck.job import Job, State, now
from faldeck.job_ids import id_number, id_text, new_id


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def begun(person: Person, endpoint_id: str = FILM) -> Job:
    """A job that was sent and left alone."""
    person.types("run", endpoint_id, "-p", "waves", "--async")
    return jobs()[0]


def made_elsewhere(emulator: Emulator, endpoint_id: str = SKETCH) -> str:
    """The id of a request that somebody else has sent."""
    url = f"{emulator.url}/queue/{endpoint_id}"
    body = {"prompt": "made elsewhere", "image_size": {"width": 64, "height": 48}}
    answer = httpx.post(url, json=body, headers={"Authorization": "Key any"}, verify=False)
    return str(answer.json()["request_id"])


def ended(person: Person, name: str, *more: str) -> None:
    """Waits until the service has ended a request, as a script without --follow does."""
    while person.types("status", name, *more, "--json").document["state"] in ("queued", "running"):
        time.sleep(0.01)


def test_status_asks_the_service_once(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    job = begun(person)
    emulator.forget()

    said = person.types("status", job.id)

    assert said.status == 0
    assert said.out.startswith(f"{job.id}  {FILM}  queued")
    assert [line["path"].rpartition("/")[2] for line in emulator.requests()] == ["status"]


def test_status_knows_a_job_by_both_its_ids(person: Person) -> None:
    job = begun(person)

    one, other = (person.types("status", name, "--json") for name in (job.id, str(job.request_id)))

    assert one.document["id"] == other.document["id"] == job.id


def test_status_follow_waits_for_the_files(person: Person, emulator: Emulator) -> None:
    job = begun(person)

    said = person.types("status", job.id, "--follow", "--logs")

    (job,) = jobs()
    assert said.status == 0
    assert said.out == f"{job.outputs[0].path}\n"
    assert "Loading weights" in said.err
    assert output_of(job).startswith(b"GIF")
    assert len(emulator.posts()) == 1


def test_status_prints_the_logs_without_waiting(person: Person) -> None:
    job = begun(person)
    person.types("wait", job.id)

    said = person.types("status", job.id, "--logs", "--json")

    assert said.status == 0
    assert said.document["state"] == "completed"
    assert said.err.splitlines() == person.types("logs", job.id).out.splitlines() != []


def test_an_unknown_id_needs_its_model(person: Person) -> None:
    said = person.types("status", "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11")

    assert said.status == 4
    assert said.err.count("\n") == 1 and "--model ENDPOINT" in said.err


def test_a_request_made_elsewhere_is_known_by_its_model(person: Person, emulator: Emulator) -> None:
    request_id = made_elsewhere(emulator)

    ended(person, request_id, "--model", SKETCH)
    said = person.types("result", request_id)

    assert said.status == 0
    assert Path(said.out.rstrip("\n")).read_bytes().startswith(b"\x89PNG")
    assert [job.request_id for job in jobs()] == [request_id]


def test_what_the_service_does_not_know_is_not_recorded(person: Person) -> None:
    said = person.types("adopt", SKETCH, "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11")

    assert said.status == 4
    assert said.err.count("\n") == 1
    assert jobs() == []


def test_adopt_brings_in_what_was_made(person: Person, emulator: Emulator) -> None:
    request_id = made_elsewhere(emulator)
    headers = {"Authorization": "Key any"}
    while httpx.get(f"{emulator.url}/queue/{SKETCH}/requests/{request_id}/status", headers=headers).status_code == 202:
        time.sleep(0.01)

    said = person.types("adopt", SKETCH, request_id, "--json")

    assert said.status == 0
    assert said.document["state"] == "completed"
    assert said.document["result"]["prompt"] == "made elsewhere"
    assert output_of(jobs()[0]).startswith(b"\x89PNG")
    assert person.types("adopt", SKETCH, request_id).status == 0
    assert len(jobs()) == 1


def test_result_of_a_job_that_runs_is_no_answer_yet(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    job = begun(person)

    said = person.types("result", job.id)

    assert said.status == 5
    assert said.out == "" and f"faldeck status {job.id} --follow" in said.err


def test_a_file_that_is_gone_is_not_told_as_there(person: Person) -> None:
    made = Path(person.types("run", SKETCH, "-p", "a lake", *SMALL).out.rstrip("\n"))
    made.unlink()

    said = person.types("result", jobs()[0].id)

    assert (said.status, said.out) == (0, f"{jobs()[0].outputs[0].url}\n")


def test_cancel_is_believed_from_the_status(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    job = begun(person)

    said = person.types("cancel", job.id)

    assert said.status == 0
    assert "cancelled" in said.out
    assert jobs()[0].state is State.CANCELLED
    assert person.types("cancel", job.id).status == 1
    assert person.types("status", job.id, "--follow").status == 1


def test_logs_are_those_of_the_service(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    job = jobs()[0]

    said = person.types("logs", job.id)
    lines = person.types("logs", job.id, "--json").documents

    assert said.out.splitlines() == [line["message"] for line in lines]
    assert said.out.startswith("Warm runner found\n")
    assert set(lines[0]) == {"job_id", "timestamp", "level", "message"}


def test_watch_follows_everything_that_is_unfinished(person: Person, emulator: Emulator) -> None:
    left = {begun(person).id, begun(person).id}
    person.types("run", MISHAP, "--failure", "crash", "--async")

    said = person.types("watch", "--json")

    last = {job["id"]: job for job in said.documents}
    assert said.status == 1
    assert {(job["endpoint_id"], job["state"]) for job in last.values()} == {(FILM, "completed"), (MISHAP, "failed")}
    assert left < last.keys()
    assert all(Path(last[job_id]["outputs"][0]["path"]).is_file() for job_id in left)
    assert len(emulator.posts()) == 3
    assert person.types("watch").out == ""


def test_watch_ends_in_time(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    begun(person)

    said = person.types("watch", "--timeout", "0.2")

    assert said.status == 5
    assert "faldeck watch" in said.err


def test_watch_does_not_wait_for_a_key_that_is_not_there(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(person)
    monkeypatch.delenv("LAB_KEY")

    said = person.types("watch")

    assert said.status == 3
    assert "key of lab" in said.err


@pytest.fixture
def years(person: Person) -> list[Job]:
    """Five jobs of the last days, oldest first."""
    store = Store(history_path())
    made = []
    for number, (state, endpoint_id) in enumerate(
        [
            (State.COMPLETED, "fal-ai/flux/dev"),
            (State.FAILED, "fal-ai/flux/dev"),
            (State.COMPLETED, "fal-ai/veo3"),
            (State.COMPLETED, "fal-ai/flux/dev"),
            (State.CANCELLED, "fal-ai/veo3"),
        ]
    ):
        at = now() - timedelta(days=10 - 2 * number)
        shift = round(at.timestamp() * 1000) - (id_number(new_id()) >> 22)
        identity = id_number(new_id()) + (shift << 22)
        job = Job(id=id_text(identity), profile="lab", endpoint_id=endpoint_id, state=state, created_at=at)
        job = job._replace(title=f"fox \x1b[31m{number}")
        store.add(job, {"prompt": f"a fox number{number}"})
        made.append(job)
    store.close()
    return made


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ((), [4, 3, 2, 1, 0]),
        (("--limit", "2"), [4, 3]),
        (("--limit", "0"), [4, 3, 2, 1, 0]),
        (("--state", "completed"), [3, 2, 0]),
        (("--model", "fal-ai/veo3"), [4, 2]),
        (("--since", "5d"), [4, 3]),
        (("--since", "100h"), [4, 3]),
        (("--search", "number3"), [3]),
        (("--search", "fox", "--state", "failed"), [1]),
        (("--search", "nothing"), []),
    ],
)
def test_jobs_lists_what_is_asked_for(
    person: Person, years: list[Job], words: tuple[str, ...], numbers: list[int]
) -> None:
    said = person.types("jobs", *words, "--json")

    assert said.status == 0
    assert [document["id"] for document in said.documents] == [years[number].id for number in numbers]


def test_jobs_prints_a_row_each_and_nothing_that_a_terminal_obeys(person: Person, years: list[Job]) -> None:
    said = person.types("jobs")

    rows = said.out.splitlines()
    assert [row.split()[0] for row in rows] == [job.id for job in reversed(years)]
    assert len({row.index("fal-ai/") for row in rows}) == 1
    assert "\x1b" not in said.out
    assert "\x1b" not in person.types("jobs", "--json").out


def test_many_jobs_are_listed_page_by_page(person: Person) -> None:
    store = Store(history_path())
    for _ in range(450):
        store.add(Job(id=new_id(), profile="lab", endpoint_id="a/b", state=State.FAILED, created_at=now()), {})
    store.close()

    listed = [document["id"] for document in person.types("jobs", "--limit", "0", "--json").documents]

    assert len(listed) == 450 == len(set(listed))
    assert listed == sorted(listed, reverse=True)


def test_an_empty_history_lists_nothing(person: Person) -> None:
    assert person.types("jobs") == person.types("jobs", "--json")
    assert person.types("jobs").status == 0


def test_open_hands_the_file_to_the_command_that_was_set(person: Person, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    opener = tmp_path / "opener"
    opener.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {opened}.new\nmv {opened}.new {opened}\n')
    opener.chmod(0o755)
    config_path().write_text(f'open_command = "{opener}"\n' + config_path().read_text())
    path = person.types("run", SKETCH, "-p", "a lake", *SMALL).out.rstrip("\n")

    assert person.types("open", jobs()[0].id).status == 0
    while not opened.exists():
        time.sleep(0.01)

    assert opened.read_text() == path


def test_what_was_opened_and_what_was_not_is_told_to_programs(person: Person) -> None:
    path = person.types("run", SKETCH, "-p", "a lake", *SMALL).out.rstrip("\n")

    assert person.types("open", jobs()[0].id, "--json").documents == [
        {"place": path, "is_opened": False, "is_copied": False}
    ]


def test_a_finished_job_is_listed_without_its_last_progress(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    (job,) = jobs()
    assert "%|" in job.progress

    for words in (("status", job.id), ("show", job.id)):
        assert "%|" not in person.types(*words).out


def test_open_prints_what_it_cannot_open(person: Person) -> None:
    path = person.types("run", SKETCH, "-p", "a lake", *SMALL).out

    said = person.types("open", jobs()[0].id)

    assert (said.status, said.out) == (0, path)
    assert person.types("open", "nobody").status == 4


def test_a_history_of_a_newer_faldeck_is_left_alone(person: Person) -> None:
    Store(history_path()).close()
    with sqlite3.connect(history_path()) as database:
        database.execute("PRAGMA user_version = 999")

    said = person.types("jobs")

    assert said.status == 1
    assert said.err == (
        f"faldeck: The history cannot be used: {history_path()} was written by a newer faldeck (format 999), and"
        f" this faldeck {__version__} reads formats up to {len(MIGRATIONS)}. Nothing was changed; update faldeck to"
        " open it.\n"
    )


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("fox",), [4, 3, 2, 1, 0]),
        (("fox", "-state:failed"), [4, 3, 2, 0]),
        (("--search", "-model:flux"), [4, 2]),
        (("model:VEO", "--sort=-time"), [2, 4]),
        (("state:live,failed",), [1]),
        (("--until", "2027", "--state", "failed"), [1]),
        (("--profile", "nobody"), []),
        (("--starred",), []),
    ],
)
def test_jobs_takes_the_words_of_a_filter(
    person: Person, years: list[Job], words: tuple[str, ...], numbers: list[int]
) -> None:
    said = person.types("jobs", "--ids", *words)

    assert said.status == 0
    assert said.out.split() == [years[number].id for number in numbers]


def test_an_unknown_key_or_column_is_a_usage_error_with_the_nearest(person: Person, years: list[Job]) -> None:
    unknown = person.types("jobs", "fox", "stat:failed")
    column = person.types("jobs", "--columns", "id,prise")

    assert unknown.status == column.status == 2
    assert "There is no filter “stat:”. Did you mean state:?" in unknown.err
    assert "there is no column 'prise'" in column.err


def test_the_columns_of_the_table_are_chosen(person: Person, years: list[Job]) -> None:
    rows = person.types("jobs", "--columns", "state,id", "--limit", "2").out.splitlines()

    assert [row.split() for row in rows] == [[job.state.value, job.id] for job in (years[4], years[3])]


def test_on_a_narrow_terminal_the_table_of_jobs_still_shows_what_was_asked_for(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.types("run", FILM, "-p", "waves at the shore, slow", "--async")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    (row,) = person.types("jobs").out.splitlines()

    assert row.startswith(jobs()[0].id)
    assert "waves at the shore" in row and len(row) <= 80
