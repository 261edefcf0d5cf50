"""A command whose history's disk is full says what it has learned and could not write."""

import sqlite3
from typing import Any

import pytest
from support.emulator import Emulator
from support.shell import SKETCH, SMALL, Person, jobs

from faldeck.history import Store
from faldeck.job import Job


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


@pytest.mark.parametrize("many", [(), ("--repeat", "2")], ids=["one", "many"])
def test_request_ids_that_could_not_be_written_are_printed_at_the_end(
    person: Person, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, many: tuple[str, ...]
) -> None:
    save = Store.save

    def refuse(self: Store, job: Job, **more: Any) -> None:
        if job.request_id:
            raise sqlite3.OperationalError("database or disk is full")
        save(self, job, **more)

    monkeypatch.setattr(Store, "save", refuse)
    said = person.types("run", SKETCH, "-p", "a full lake", *SMALL, "--timeout", "1", *many)

    assert said.status == 5
    sent = emulator.posts(SKETCH)
    assert len(sent) == len(jobs()) == (2 if many else 1)
    assert said.err.count("is only in memory") == len(sent)
    told = [line for line in said.err.splitlines() if f"faldeck --profile lab adopt {SKETCH} " in line]
    assert len(told) == len(sent)
    monkeypatch.setattr(Store, "save", save)
    words = told[0].partition("faldeck --profile lab ")[2].split()
    assert person.types(*words).status == 0
