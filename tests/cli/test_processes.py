"""Commands as real processes: interrupted, killed, piped, and the demo that keeps an emulator running."""

import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from support.emulator import Emulator
from support.shell import FILM, SKETCH, SMALL, Person, Process, jobs, output_of, png_size, read_to_the_end

from faldeck.history import history_path
from faldeck.job import Job, State

IN_THE_BACKGROUND = ("sh", "-c", 'trap "" HUP INT; exec "$@"', "sh")
"""Begins a command as `nohup` and `&` do."""


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def sent(process: Process) -> Job:
    """The job of a process, as soon as the service has it."""
    while process.poll() is None:
        if history_path().exists():
            found = jobs()
            if found and found[0].request_id:
                return found[0]
        time.sleep(0.02)
    raise AssertionError(process.communicate())


def test_data_and_words_go_to_their_own_streams(person: Person) -> None:
    done = person.runs("run", SKETCH, "-p", "a lake", *SMALL)
    failed = person.runs("run", "demo/nobody/knows", "-p", "a lake")

    assert (done.status, done.err) == (0, "")
    assert png_size(done.out.rstrip("\n")) == (64, 48)
    assert (failed.status, failed.out) == (4, "")
    assert "Traceback" not in failed.err


def seen_on_a_terminal(person: Person, *words: str) -> tuple[list[str], str]:
    """What stood on the changing line of a terminal, one after another, and what went to stdout."""
    ours, theirs = pty.openpty()
    with person.starts(*words, stderr=theirs) as process:
        os.close(theirs)
        seen = read_to_the_end(ours)
        out, _ = process.communicate(timeout=60)
    return re.split(r"\r\x1b\[K", seen), out


def test_on_a_terminal_the_person_sees_what_happens(person: Person) -> None:
    shown, out = seen_on_a_terminal(person, "run", FILM, "-p", "waves")

    assert any(line.startswith("queued, ") for line in shown)
    assert any(line.startswith("running ") for line in shown)
    assert shown[-1] == ""
    assert out.count("\n") == 1 and out.endswith(".gif\n")


def test_on_a_terminal_a_batch_tells_how_quickly_it_goes(person: Person) -> None:
    shown, out = seen_on_a_terminal(person, "run", SKETCH, "-p", "a lake", *SMALL, "--repeat", "3", "--parallel", "1")

    assert any(line == "0 of 3 ended, 1 under way" for line in shown)
    assert any(
        re.fullmatch(r"2 of 3 ended, 1 under way, [\d.]+ a (second|minute), (\d+\.\ds|\d+:\d\d) left", line)
        for line in shown
    )
    assert re.fullmatch(r"faldeck: Batch \w+: 3 completed\.( It cost \S+\.)?\r\n", shown[-1])
    assert len(out.splitlines()) == 3


def test_where_nobody_looks_a_batch_says_only_how_it_ended(person: Person) -> None:
    said = person.runs("run", SKETCH, "-p", "a lake", *SMALL, "--repeat", "2")

    assert said.status == 0 and said.err.count("\n") == 1
    assert re.match(r"faldeck: Batch \w+: 2 completed\.", said.err)


def test_a_second_ctrl_c_leaves_at_once(person: Person) -> None:
    script = (
        "import asyncio, sys\n"
        "from faldeck.engine.supervisor import Supervisor\n"
        "from faldeck.__main__ import main\n"
        "async def stuck(supervisor):\n"
        "    print('closing', flush=True)\n"
        "    await asyncio.sleep(3600)\n"
        "Supervisor.close = stuck\n"
        "sys.argv[0] = 'faldeck'\n"
        "sys.exit(main())\n"
    )
    words = [sys.executable, "-c", script, "run", FILM, "-p", "waves"]
    with Process(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        job = sent(process)
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "closing\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert err.count("faldeck: ") == 1 and f"status {job.id} --follow" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_being_told_to_end_leaves_the_job_running_and_says_how_to_get_it_back(
    person: Person, emulator: Emulator, number: signal.Signals
) -> None:
    emulator.hold_jobs()
    with person.starts("run", FILM, "-p", "waves") as process:
        job = sent(process)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert (out, err) == (
        "",
        f"faldeck: The job goes on; get it back with: faldeck status {job.id} --follow\n",
    )
    assert emulator.requests(method="PUT") == []
    assert jobs()[0].state is State.QUEUED
    assert held() == []


def held() -> list[str]:
    """Who says that he follows jobs."""
    with sqlite3.connect(history_path()) as database:
        return [owner for (owner,) in database.execute("SELECT owner FROM lease")]


def test_a_program_that_is_interrupted_learns_the_way_back(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    with person.starts("run", FILM, "-p", "waves", "--json") as process:
        job = sent(process)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)

    error = json.loads(out)["error"]
    assert (process.returncode, error["exit_status"]) == (130, 130)
    assert error["hint"] == f"faldeck status {job.id} --follow"
    assert held() == []


def test_what_was_ignored_from_the_start_goes_on_being_so(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    with person.starts("run", FILM, "-p", "waves", before=IN_THE_BACKGROUND) as process:
        sent(process)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        emulator.start_jobs()
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0 and out.endswith(".gif\n")

    emulator.hold_jobs()
    with person.starts("watch", "--forever", before=IN_THE_BACKGROUND) as process:
        begun = person.types("run", FILM, "-p", "rain", "--async").out.strip()
        assert process.stdout is not None and jobs()[0].request_id == begun
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_watch_tells_of_every_change(person: Person, start_emulator: Callable[..., Emulator]) -> None:
    emulator = start_emulator(speed=5)  # A film runs for seconds there, much longer than changes are told together.
    person.set_up(emulator.url)
    emulator.hold_jobs()
    person.types("run", FILM, "-p", "waves", "--async")
    (job,) = jobs()

    with person.starts("watch") as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        emulator.start_jobs()
        rest, _ = process.communicate(timeout=60)

    told = [line.removeprefix(f"{job.id}  ") for line in (first + rest).splitlines()]
    assert process.returncode == 0
    assert told[0].startswith("queued")
    assert "running" in told
    assert told[-1] == f"completed  {jobs()[0].outputs[0].path}"
    assert len(set(told)) == len(told)


def test_watch_without_an_end_waits_for_jobs_and_ends_when_it_is_told_to(person: Person, emulator: Emulator) -> None:
    with person.starts("watch", "--forever") as process:
        assert process.stdout is not None
        for prompt in ("waves", "rain"):
            emulator.hold_jobs()
            person.types("run", FILM, "-p", prompt, "--async")
            job_id = jobs()[0].id
            while not (line := process.stdout.readline()).startswith(f"{job_id}  queued"):
                assert line
            emulator.start_jobs()
            # Until its file is here, a completed job is told of without a path.
            while not (line := process.stdout.readline()).startswith(f"{job_id}  completed  "):
                assert line
            assert line == f"{job_id}  completed  {jobs()[0].outputs[0].path}\n"
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")
    assert held() == []


@pytest.mark.parametrize("again", ["watch", "status"])
def test_a_job_whose_command_was_killed_is_finished_by_another(person: Person, emulator: Emulator, again: str) -> None:
    emulator.hold_jobs()
    with person.starts("run", FILM, "-p", "waves") as process:
        job = sent(process)
        process.kill()
    assert jobs()[0].is_open
    emulator.start_jobs()
    with sqlite3.connect(history_path()) as database:
        # It would lapse by itself, in some seconds.
        database.execute("UPDATE lease SET until_ms = 0")

    said = person.runs(*(("watch",) if again == "watch" else ("status", job.id, "--follow")))

    (job,) = jobs()
    assert said.status == 0
    assert job.state is State.COMPLETED
    assert output_of(job).startswith(b"GIF")
    assert str(job.outputs[0].path) in said.out
    assert len(emulator.posts()) == 1


def test_a_reader_that_has_enough_is_no_error(person: Person) -> None:
    with person.starts("models", "--json") as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("status", "nope", "--json"), 4),
        (("jobs", "--nonsense", "--json"), 2),
        (("price", "demo/nobody/knows", SKETCH, "--json"), 4),
        (("run", "demo/mishap/any", "--failure", "crash", "--json"), 1),
        (("--help",), 0),
    ],
)
def test_an_end_keeps_its_status_though_the_reader_has_gone(
    person: Person, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], status: int
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    with person.starts(*words) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=60)

    assert process.returncode == status
    assert all(word not in err for word in ("Traceback", "Exception", "Broken"))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        (("status", "nope", "--json"), 4, "no job in the history whose id is nope"),
        (("commands", "--json"), 1, "No space left on device"),
    ],
)
def test_an_end_keeps_its_status_though_the_disk_is_full(
    person: Person, words: tuple[str, ...], status: int, reason: str
) -> None:
    with open("/dev/full", "w") as full:
        said = person.runs(*words, stdout=full)

    assert said.status == status
    assert said.err.count("\n") == 1 and reason in said.err


def test_nobody_reads_anything_any_more(person: Person) -> None:
    script = f"{sys.executable} -m faldeck status nope --json 2>&1 | true; exit ${{PIPESTATUS[0]}}"

    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (4, "")
