"""The deck as a process in a real terminal: killed and opened again, copying, and leaving no trace of hostile text."""

from __future__ import annotations

import base64
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.pty_terminal import Terminal
from test_deck_trouble import HOSTILE_MODEL, turn_hostile

from faldeck.config.settings import config_path
from faldeck.history import Query, Store, history_path
from faldeck.job import Job, State

FALDECK = (sys.executable, "-m", "faldeck")

CONFIG = """\
profile = "local"
[profiles.local]
queue_url = "{url}/queue"
run_url = "{url}/run"
rest_url = "{url}/rest"
api_url = "{url}/api/v1"
schema_url = "{url}/site/api/openapi/queue/openapi.json"
key_env = "LOCAL_SECRET"
"""


def deck(url: str, *, columns: int = 120, rows: int = 40, **environment: str) -> Terminal:
    """The deck on the service at `url`, on a terminal of its own."""
    config_path().parent.mkdir(parents=True, exist_ok=True)
    config_path().write_text(CONFIG.format(url=url))
    return Terminal(*FALDECK, columns=columns, rows=rows, environment={"LOCAL_SECRET": "any"} | environment)


def submit(terminal: Terminal, endpoint_id: str, prompt: str) -> None:
    """Sends a request."""
    terminal.press("escape")
    terminal.settle()
    terminal.press("1", "/", "end", "ctrl+u", endpoint_id, "enter")
    terminal.wait_for(f"2 Form  {endpoint_id}")
    terminal.wait_for("^J Submit")
    terminal.settle(0.1)
    terminal.press("end", "ctrl+u", prompt)
    terminal.wait_for(prompt)
    terminal.press("ctrl+j")


def jobs() -> list[Job]:
    """Every job on disk, newest first."""
    store = Store(history_path())
    try:
        return store.page(Query(), limit=100)
    finally:
        store.close()


def let_leases_lapse() -> None:
    """Makes it later, as far as those who follow jobs are concerned."""
    with sqlite3.connect(history_path()) as db:
        db.execute("UPDATE lease SET until_ms = 0")
    db.close()


def test_jobs_of_a_deck_that_was_killed_are_followed_to_the_end_by_the_next(
    start_emulator: Callable[..., Emulator],
) -> None:
    emulator = start_emulator(speed=8)
    with deck(emulator.url) as terminal:
        terminal.wait_for("demo/sketch/fast")
        for prompt in ("ocean waves", "a quiet harbour"):
            submit(terminal, "demo/reel/v2/text-to-video", prompt)
            terminal.wait_for(lambda shown, prompt=prompt: sum(prompt in line for line in shown.text.splitlines()) > 1)  # type: ignore[misc]
        terminal.wait_for(lambda _: all(job.request_id for job in jobs()) and len(jobs()) == 2)
        terminal.kill(signal.SIGKILL)
        terminal.wait()
    assert all(job.state.is_followed for job in jobs())
    let_leases_lapse()
    with deck(emulator.url) as terminal:
        terminal.wait_for("all 2")
        terminal.wait_for("all 2   live   failed")
        # The jobs are counted after their rows are read: a job that ends in between is drawn with the next reading.
        terminal.wait_for(lambda shown: shown.text.count("✓ completed") >= 2)
        terminal.press("q")
        assert terminal.wait() == 0
    for job in jobs():
        assert job.state is State.COMPLETED
        assert Path(job.outputs[0].path or "").read_bytes().startswith(b"GIF89a")
    assert len(emulator.posts()) == 2


def test_y_sends_the_url_to_the_terminals_clipboard(emulator: Emulator) -> None:
    with deck(emulator.url) as terminal:
        terminal.wait_for("demo/sketch/fast")
        submit(terminal, "demo/sketch/fast", "a fox")
        terminal.wait_for("✓ completed")
        terminal.wait_for(lambda _: not jobs()[0].is_open)
        terminal.press("escape")
        terminal.settle()
        terminal.press("3", "y")
        url = str(jobs()[0].outputs[0].url)
        wanted = b"\x1b]52;c;" + base64.b64encode(url.encode())
        terminal.wait_for(lambda shown: wanted in shown.output)


def test_alt_and_a_number_go_to_a_pane_while_a_prompt_is_typed(emulator: Emulator) -> None:
    with deck(emulator.url, columns=80, rows=24) as terminal:
        terminal.wait_for("demo/sketch/fast")
        terminal.press("/", "demo/sketch/fast", "enter")
        terminal.wait_for("typing · Esc ends")
        terminal.press("a fox")
        terminal.wait_for("a fox")
        terminal.press("\x1b3")
        terminal.wait_for("3 Jobs   all")
        terminal.press("\x1b2")
        terminal.wait_for("prompt*                a fox  ")
        assert "typing" not in terminal.text
        terminal.press("q")
        assert terminal.wait() == 0


def test_the_terminal_is_told_once_when_a_job_ends_and_its_title_says_what_runs(
    start_emulator: Callable[..., Emulator],
) -> None:
    emulator = start_emulator(speed=8)
    with deck(emulator.url, TERM_PROGRAM="WezTerm") as terminal:
        terminal.wait_for("demo/sketch/fast")
        submit(terminal, "demo/reel/v2/text-to-video", "a fox; at dawn")
        terminal.wait_for(lambda shown: "\x1b]2;faldeck · 1 running\x1b\\".encode() in shown.output)
        terminal.wait_for(lambda shown: b"\x1b]9;completed: a fox, at dawn\x1b\\" in shown.output)
        assert b"\x1b]777;" not in terminal.output and b"\a" not in terminal.output
        terminal.wait_for(lambda shown: shown.output.rfind(b"\x1b]2;faldeck\x1b\\") > shown.output.rfind(b"running"))


def test_no_escape_sequence_of_a_service_reaches_the_terminal(start_emulator: Callable[..., Emulator]) -> None:
    emulator = start_emulator(speed=100)
    turn_hostile(emulator)
    with deck(emulator.url) as terminal:
        terminal.wait_for("demo/sketch/fast")
        submit(terminal, HOSTILE_MODEL, "a fox")
        terminal.wait_for("✓ completed")
        terminal.press("escape")
        terminal.settle()
        terminal.press("3", "enter")
        for _ in range(4):
            terminal.wait_for("[red]not red[/]")
            terminal.settle()
            terminal.press("right")
        for sequence in (b"\x1b[2J", b"\x1b]0;", b"\xc2\x9b", "\u202e".encode()):
            assert sequence not in terminal.output


def test_the_deck_leaves_with_q_and_gives_the_terminal_back(emulator: Emulator) -> None:
    with deck(emulator.url, columns=80, rows=24) as terminal:
        terminal.wait_for("demo/sketch/fast")
        terminal.press("q")
        assert terminal.wait() == 0
        assert b"\x1b[?1049l" in terminal.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_the_deck_ends_when_it_is_told_to_and_gives_back_what_it_held(
    emulator: Emulator, number: signal.Signals
) -> None:
    emulator.faults("slow-queue@submit=300")
    with deck(emulator.url) as terminal:
        terminal.wait_for("demo/sketch/fast")
        submit(terminal, "demo/reel/v2/text-to-video", "ocean waves")
        terminal.wait_for(lambda _: bool(jobs()) and jobs()[0].request_id is not None)
        terminal.kill(number)
        assert terminal.wait() == 130
        assert b"\x1b[?1049l" in terminal.output
    with sqlite3.connect(history_path()) as db:
        assert db.execute("SELECT * FROM lease").fetchall() == []
    db.close()
    assert jobs()[0].state is State.QUEUED
    assert emulator.requests(method="PUT") == []


def test_a_field_is_edited_in_the_persons_own_editor_and_the_deck_comes_back(
    emulator: Emulator, tmp_path: Path
) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "this is the editor"\nprintf "a fox\\nin the snow\\n" > "$1"\n')
    editor.chmod(0o755)
    with deck(emulator.url, EDITOR=str(editor)) as terminal:
        terminal.wait_for("demo/sketch/fast")
        terminal.press("/", "demo/sketch/fast", "enter")
        terminal.wait_for("^J Submit")
        terminal.press("a hare")
        terminal.wait_for("a hare")
        terminal.press("ctrl+g")
        terminal.wait_for("a fox in the snow")
        terminal.press("ctrl+j")
        terminal.wait_for(lambda _: bool(jobs()))
    store = Store(history_path())
    assert store.body(jobs()[0].id).arguments == {"prompt": "a fox\nin the snow"}
    store.close()
