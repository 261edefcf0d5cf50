"""Jobs as commands name and find them: ids, their beginnings, several candidates, and none."""

from __future__ import annotations

import json

import pytest
from support.emulator import Emulator
from support.shell import SKETCH, SMALL, Person, jobs

from faldeck.history import Store, history_path
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


@pytest.fixture
def pair(person: Person) -> tuple[Job, Job]:
    """Two jobs that have ended, whose request ids begin alike."""
    store = Store(history_path())
    made = []
    for request_id, title in (("6b1f6a52-1d0e", "a fox"), ("6b1f9c00-77aa", "an owl\x1b[31m")):
        job = Job(
            id=new_id(),
            profile="lab",
            endpoint_id=SKETCH,
            state=State.COMPLETED,
            created_at=now(),
            title=title,
            request_id=request_id,
        )
        store.add(job, {"prompt": title})
        made.append(job)
    store.close()
    return made[0], made[1]


@pytest.mark.parametrize("command", ["status", "result", "logs", "show", "wait"])
def test_every_command_takes_the_beginning_of_an_id(person: Person, pair: tuple[Job, Job], command: str) -> None:
    said = person.types(command, "6b1f6", "--json")

    assert said.status == 0, said.err
    if command != "logs":
        assert said.document["id"] == pair[0].id


@pytest.mark.parametrize("command", ["status", "result", "logs", "show", "wait", "cancel", "open"])
def test_several_candidates_are_listed_and_none_is_chosen(person: Person, pair: tuple[Job, Job], command: str) -> None:
    said = person.types(command, "6b1f")

    assert said.status == 2
    assert "matches 2 jobs" in said.err
    assert all(job.id in said.err and str(job.request_id) in said.err for job in pair)
    assert "an owl" in said.err and "\x1b" not in said.err


@pytest.mark.parametrize("command", ["status", "result", "logs", "show", "wait", "cancel", "open"])
def test_an_id_that_nobody_has_is_told_with_what_to_do(person: Person, pair: tuple[Job, Job], command: str) -> None:
    said = person.types(command, "6b1f7777", "--json")

    assert said.status == 4
    assert json.loads(said.out)["error"]["type"] == "not_found"
    assert "There is no job in the history whose id is 6b1f7777" in said.err
    assert "at least 4 characters" in person.types(command, "6b1").err


def test_a_model_tells_candidates_apart(person: Person, pair: tuple[Job, Job]) -> None:
    store = Store(history_path())
    other = Job(
        id=new_id(),
        profile="lab",
        endpoint_id="demo/other",
        state=State.COMPLETED,
        created_at=now(),
        request_id="6b1fffff",
    )
    store.add(other, {})
    store.close()

    assert person.types("status", "6b1f", "--model", "demo/other", "--json").document["id"] == other.id


def test_a_listing_finds_ids_and_their_beginnings(person: Person, pair: tuple[Job, Job]) -> None:
    first, second = pair

    def found(text: str) -> list[str]:
        return [document["id"] for document in person.types("jobs", "--search", text, "--json").documents]

    assert found("6b1f6a52-1d0e") == found("6b1f6") == found(first.id) == [first.id]
    assert found("6b1f") == [second.id, first.id]


def test_a_listing_that_finds_nothing_says_what_hides_the_jobs(person: Person, pair: tuple[Job, Job]) -> None:
    said = person.types("jobs", "--search", "red fox", "--state", "completed")

    assert (said.status, said.out) == (0, "")
    assert "No job matches red fox state:completed. Jobs without red: 1." in said.err
    assert "Jobs without state:failed: 1." in person.types("jobs", "--search", "fox", "--state", "failed").err
    assert "Jobs in all: 2." in person.types("jobs", "--search", "bear", "--state", "failed").err


def test_an_empty_history_says_how_jobs_are_made(person: Person) -> None:
    assert "There are no jobs yet." in person.types("jobs", "--search", "fox").err


def test_an_output_is_named_by_the_beginning_of_its_jobs_id(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    job = jobs()[0]
    words = ("run", "demo/cutout/remove-background", "--dry-run", "--file")

    said = person.types(*words, f"job:{str(job.request_id)[:8]}")

    assert said.document["arguments"]["image_url"] == job.outputs[0].url


def test_an_unknown_id_names_the_jobs_whose_ids_are_nearest(person: Person, pair: tuple[Job, Job]) -> None:
    first, second = pair

    near = person.types("status", f"{first.request_id}"[:10] + "zzz")
    both = person.types("result", "6b1fzz")
    none = person.types("status", "00000000")

    assert near.status == both.status == none.status == 4
    assert first.id in near.err and second.id not in near.err
    assert first.id in both.err and second.id in both.err
    assert "Did you mean" in both.err and "Did you mean" not in none.err
    assert both.err.splitlines()[0].endswith("For a request made elsewhere, give its model: --model ENDPOINT.")
    assert all(line.startswith("  ") for line in both.err.splitlines()[2:])
