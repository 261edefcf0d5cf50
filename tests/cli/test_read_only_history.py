"""A history that may be read and not be written: commands and deck show it, and say that nothing is recorded."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.pty_terminal import Terminal
from support.shell import FILM, SKETCH, SMALL, Person, jobs

from faldeck.history import history_path

POWERS = "-dac_override,-dac_read_search"
SETPRIV = shutil.which("setpriv") or ""
AS_NOBODY_SPECIAL = (SETPRIV, f"--bounding-set={POWERS}", f"--inh-caps={POWERS}") if os.getuid() == 0 else ()
"""Root may write everything, until it gives that up."""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or (os.getuid() == 0 and not SETPRIV),
    reason="root cannot give up writing everything here",
)


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


@pytest.fixture(params=["folder", "file"])
def read_only(person: Person, emulator: Emulator, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A history with one job that has ended and one that waits in the queue; its file, or its folder, is read-only."""
    person.types("run", SKETCH, "-p", "a fox", *SMALL)
    emulator.hold_jobs()
    person.types("run", FILM, "-p", "waves", "--async")
    path = history_path()
    locked = path.parent if request.param == "folder" else path
    mode = locked.stat().st_mode
    locked.chmod(mode & ~0o222)
    yield path
    locked.chmod(mode)


def test_a_history_that_cannot_be_written_is_read_by_commands(person: Person, read_only: Path) -> None:
    listed = person.runs("jobs", before=AS_NOBODY_SPECIAL)
    assert listed.status == 0 and "a fox" in listed.out and "waves" in listed.out

    waiting, ended = (line.split()[0] for line in listed.out.splitlines())
    for job_id, state in ((ended, "completed"), (waiting, "queued")):
        said = person.runs("status", job_id, before=AS_NOBODY_SPECIAL)
        assert said.status == 0 and state in said.out
        assert said.err.count("nothing can be recorded") == 1 and "unexpected error" not in said.err
    for words in (("result", ended), ("show", ended)):
        assert person.runs(*words, before=AS_NOBODY_SPECIAL).status == 0


def test_nothing_is_sent_where_it_cannot_be_recorded(person: Person, emulator: Emulator, read_only: Path) -> None:
    emulator.forget()
    said = person.runs("run", SKETCH, "-p", "an owl", *SMALL, before=AS_NOBODY_SPECIAL)
    assert said.status == 1 and "nothing can be recorded" in said.err
    assert emulator.posts() == []


def test_the_deck_lists_a_history_that_cannot_be_written_and_says_so(emulator: Emulator, read_only: Path) -> None:
    with Terminal(*AS_NOBODY_SPECIAL, sys.executable, "-m", "faldeck", columns=120, rows=40) as terminal:
        # One word of the notice: where its lines break is up to the length of the path in it.
        terminal.wait_for("recorded")
        assert terminal.text.count("recorded") == 1
        terminal.wait_for("a fox")
        terminal.wait_for("waves")
        terminal.press("q")
        assert terminal.wait() == 0


def test_a_history_that_can_be_written_again_is_written_without_a_new_start(
    emulator: Emulator, read_only: Path
) -> None:
    with Terminal(*AS_NOBODY_SPECIAL, sys.executable, "-m", "faldeck", columns=120, rows=40) as terminal:
        terminal.wait_for("waves")
        for path in (read_only.parent, read_only):
            path.chmod(0o700 if path.is_dir() else 0o600)
        emulator.start_jobs()
        terminal.wait_for("all 2   live   failed", timeout=60)
        terminal.press("q")
        assert terminal.wait() == 0
    assert all(not job.is_open for job in jobs())
