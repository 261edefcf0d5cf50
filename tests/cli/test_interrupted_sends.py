"""Ctrl-C before a request was sent: it is not sent later by another process, and the person learns that."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import SKETCH, SMALL, Person, Process, jobs

from faldeck.history import history_path
from faldeck.job import Job, State


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def until(process: Process, wanted: Callable[[list[Job]], bool]) -> None:
    """Waits until the jobs on disk are as wanted."""
    while not (history_path().exists() and wanted(jobs())):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def is_refused(job: Job) -> bool:
    """Whether the service does not take the request now."""
    return job.state is State.SUBMITTING and job.waiting is not None


@pytest.mark.parametrize("words", [(), ("--async",), ("--json",)], ids=["run", "async", "json"])
def test_a_request_that_is_not_accepted_yet_is_withdrawn(
    person: Person, emulator: Emulator, words: tuple[str, ...]
) -> None:
    emulator.faults("429@submit")
    with person.starts("run", SKETCH, "-p", "a lake", *SMALL, *words) as process:
        until(process, lambda found: any(map(is_refused, found)))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    (job,) = jobs()
    assert process.returncode == 130
    assert (job.state, job.was_never_sent) == (State.FAILED, True)
    assert "It was not sent, so nothing was paid." in err and "goes on" not in err
    if "--json" in words:
        assert json.loads(out)["error"]["exit_status"] == 130
    emulator.faults("")
    assert person.types("watch").status == 0
    assert [post for post in emulator.posts() if post["status"] == 200] == []


def test_rows_of_a_batch_that_were_not_sent_stay_to_be_sent(person: Person, emulator: Emulator, tmp_path: Path) -> None:
    rows = tmp_path / "prompts.txt"
    rows.write_text("a lake\na fox\na hill\n")
    emulator.faults("429@submit")
    with person.starts("run", SKETCH, *SMALL, "--each", str(rows), "--parallel", "2") as process:
        until(process, lambda found: len(list(filter(is_refused, found))) == 2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    emulator.faults("")
    assert process.returncode == 130
    assert "batch resume" in err
    assert [job.was_never_sent for job in jobs()] == [True, True]
    (batch,) = person.types("batch", "list", "--json").documents
    listed = person.types("batch", "status", batch["id"], "--json").documents
    assert [row["state"] for row in listed] == ["unsent"] * 3

    assert person.types("batch", "resume", batch["id"]).status == 0
    assert len([post for post in emulator.posts() if post["status"] == 200]) == 3
