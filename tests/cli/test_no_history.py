"""`run --no-history` and `history = false`: what following needs is kept, and nothing once the job has ended."""

import sqlite3
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import FILM, MISHAP, SKETCH, SMALL, Person, jobs

from faldeck.config.settings import config_path
from faldeck.history import history_path
from faldeck.job import State

WORD = "walrusses"


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def on_disk() -> bytes:
    """Everything that the history and the batches have on disk: as tables, as words of the indexes, and as bytes."""
    with sqlite3.connect(history_path()) as database:
        query = "SELECT name, sql LIKE '%USING fts5%' FROM sqlite_schema WHERE type = 'table'"
        texts: list[str] = []
        for name, is_index in database.execute(query).fetchall():
            if is_index:  # Its own tables store a word that begins like the one before it in part.
                database.execute(f"CREATE VIRTUAL TABLE temp.words_of_{name} USING fts5vocab (main, {name}, row)")
                name = f"temp.words_of_{name}"
            texts += map(repr, database.execute(f"SELECT * FROM {name}"))
    database.close()
    folder = history_path().parent
    files = b"".join(path.read_bytes() for name in ("history.db*", "*.jsonl") for path in folder.rglob(name))
    return "\n".join(texts).encode() + files


def test_words_of_a_job_with_history_are_on_disk(person: Person) -> None:
    person.types("run", SKETCH, "-p", WORD, *SMALL)
    assert on_disk().count(WORD.encode()) > 1


def test_a_job_without_history_is_forgotten_once_its_result_is_printed(person: Person) -> None:
    said = person.types("run", SKETCH, "-p", WORD, *SMALL, "--no-history")

    assert said.status == 0 and Path(said.out.strip()).exists()
    assert jobs() == []
    assert WORD.encode() not in on_disk()


def test_the_row_is_there_before_the_request_is_sent_and_is_followed_without_its_input(
    person: Person, emulator: Emulator
) -> None:
    emulator.hold_jobs()
    person.types("run", FILM, "-p", WORD, "--no-history", "--async")

    (job,) = jobs()
    assert job.no_history and job.state is State.QUEUED and job.title == ""
    assert WORD.encode() not in on_disk()
    assert person.types("jobs", "--search", WORD).out == ""

    emulator.start_jobs()
    said = person.types("wait", job.id)
    assert said.status == 0
    assert jobs() == [] and len(emulator.posts()) == 1


def test_a_request_that_was_not_answered_keeps_its_input_until_it_is_found(person: Person, emulator: Emulator) -> None:
    emulator.faults("drop-after@submit")
    person.types("run", SKETCH, "-p", WORD, *SMALL, "--no-history", "--timeout", "3")
    emulator.faults("")

    for job in jobs():
        assert job.state is not State.COMPLETED
        said = person.types("result", job.id)
        assert said.status in (0, 5)
    assert len(emulator.posts()) == 1


def test_a_failure_is_told_and_then_forgotten(person: Person) -> None:
    said = person.types("run", MISHAP, "--failure", "crash", "--no-history", "--json")
    assert said.status == 1 and said.document["error"]
    assert jobs() == []


def test_a_file_that_could_not_be_saved_keeps_the_job(person: Person, emulator: Emulator) -> None:
    emulator.faults("expired@file")
    said = person.types("run", SKETCH, "-p", WORD, *SMALL, "--no-history")
    assert said.status == 1, said
    (job,) = jobs()
    emulator.faults("")
    person.types("result", job.id, "--download")
    assert jobs() == []


def test_a_profile_without_history_keeps_none_and_no_batch(person: Person, tmp_path: Path) -> None:
    with config_path().open("a") as file:
        file.write("\nhistory = false\n")
    each = tmp_path / "each.txt"
    each.write_text(f"{WORD} one\n{WORD} two\n")

    assert person.types("run", SKETCH, "-p", WORD, *SMALL).status == 0
    assert person.types("run", SKETCH, "--each", str(each), *SMALL).status == 0

    assert jobs() == []
    assert WORD.encode() not in on_disk()
    assert person.types("batch", "list").out == ""


def test_several_requests_without_history_are_refused(person: Person, emulator: Emulator) -> None:
    said = person.types("run", SKETCH, "-p", WORD, "--repeat", "2", "--no-history")
    assert said.status == 2 and emulator.posts() == []
