"""Terminals and programs around the deck that misbehave: nobody reads, nothing can be drawn, an editor fails."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.pty_terminal import Terminal
from test_deck_in_a_terminal import CONFIG, FALDECK, deck, jobs
from test_terminal_input import MODEL, open_form, prompt_sent, type_after

from faldeck.config.settings import config_path
from faldeck.history import history_path

ENDS_SECONDS = 2.0


def test_a_terminal_that_nobody_reads_does_not_keep_the_deck_from_ending(emulator: Emulator) -> None:
    with deck(emulator.url) as terminal:
        terminal.wait_for(MODEL)
        terminal.settle()
        with terminal.unread():
            for _ in range(80):
                terminal.press("ctrl+l")
                time.sleep(0.02)
            began = time.monotonic()
            terminal.kill(signal.SIGTERM)
            assert terminal.wait() == 130
            assert time.monotonic() - began < ENDS_SECONDS


def test_the_deck_is_drawn_on_the_terminal_it_has_where_stderr_is_a_file(emulator: Emulator, tmp_path: Path) -> None:
    config_path().parent.mkdir(parents=True)
    config_path().write_text(CONFIG.format(url=emulator.url))
    said = tmp_path / "said"
    words = ("/bin/sh", "-c", f'exec "{sys.executable}" -m faldeck 2>"{said}"')
    with Terminal(*words, environment={"LOCAL_SECRET": "any"}) as terminal:
        terminal.wait_for(MODEL)
        terminal.settle()
        terminal.press("q")
        assert terminal.wait() == 0
    assert said.read_text() == ""


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"FALDECK_DRIVER": "stock"}], ids=["dumb", "stock"])
def test_where_the_deck_cannot_be_drawn_it_says_so(environment: dict[str, str], tmp_path: Path) -> None:
    said = tmp_path / "said"
    words = ("/bin/sh", "-c", f'exec "{sys.executable}" -m faldeck 2>"{said}"')
    with Terminal(*words, environment=environment) as terminal:
        assert terminal.wait() == 2
    assert said.read_text().count("\n") == 1
    assert next(iter(environment)) in said.read_text()


def test_a_history_that_another_program_has_locked_costs_no_second_request(emulator: Emulator) -> None:
    with deck(emulator.url) as terminal:
        terminal.wait_for(MODEL)
        open_form(terminal)
        type_after(terminal, "a fox")
        terminal.settle(1.0)  # What is typed is kept on disk before.
        with sqlite3.connect(history_path(), isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            terminal.press("ctrl+j")
            terminal.wait_for("Sending…")
            terminal.wait_for("locked")
            for _ in range(2):
                terminal.press("ctrl+j")
                time.sleep(1.2)
            other.execute("COMMIT")
        other.close()
        terminal.wait_for("✓ completed")
        assert len(jobs()) == 1
    assert len(emulator.posts()) == 1


EDITORS = {
    "that removes the file": ("rm -f", "removed the file"),
    "that returns at once": ("true", "changed nothing"),
    "that fails": ("false", "status 1"),
    "that is not there": ("/no/such/editor", "No such file"),
}


@pytest.mark.parametrize(("editor", "word"), EDITORS.values(), ids=EDITORS)
def test_an_editor_that_misbehaves_leaves_the_text_as_it_was(emulator: Emulator, editor: str, word: str) -> None:
    with deck(emulator.url, EDITOR=editor) as terminal:
        terminal.wait_for(MODEL)
        open_form(terminal)
        type_after(terminal, "a fox")
        terminal.press("ctrl+g")
        terminal.wait_for(word)
        terminal.settle()
        assert prompt_sent(terminal) == "a fox"


def test_no_room_for_the_editors_file_leaves_the_text_as_it_was(emulator: Emulator, tmp_path: Path) -> None:
    # Python falls back to the current folder, /tmp and others: refusing them all stands for a full disk.
    (tmp_path / "sitecustomize.py").write_text(
        "import tempfile\n"
        "def refuse(*_, **__):\n"
        "    raise OSError(28, 'No space left on device')\n"
        "tempfile.mkdtemp = refuse\n"
    )
    with deck(emulator.url, EDITOR="true", PYTHONPATH=str(tmp_path)) as terminal:
        terminal.wait_for(MODEL)
        open_form(terminal)
        type_after(terminal, "a fox")
        terminal.press("ctrl+g")
        terminal.wait_for("Not edited")
        terminal.settle()
        assert prompt_sent(terminal) == "a fox"


WITHOUT_THE_EXTRA = """\
import importlib.machinery, sys
class Without(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        is_missing = name.partition(".")[0] in ("starlette", "uvicorn", "PIL")
        return None if is_missing else super().find_spec(name, path, target)
sys.meta_path[:] = [Without if one is importlib.machinery.PathFinder else one for one in sys.meta_path]
"""


def test_the_demo_without_its_extra_says_what_is_missing_and_asks_again(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_THE_EXTRA)
    with Terminal(*FALDECK, environment={"PYTHONPATH": str(tmp_path)}, columns=100, rows=30) as terminal:
        terminal.wait_for("Try the demo")
        terminal.settle()
        for _ in range(2):
            terminal.press("end", "up", "enter")
            terminal.wait_for("pip install 'faldeck[demo]'")
            terminal.wait_for("Try the demo")
            terminal.settle()
        terminal.press("escape")
        assert terminal.wait() == 0
    with Terminal(*FALDECK, "--demo", environment={"PYTHONPATH": str(tmp_path)}) as terminal:
        assert terminal.wait() == 2
        assert "pip install 'faldeck[demo]'" in terminal.text


WITHOUT_LOCKS = """\
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
static int call(const char *name, int file, int command, void *argument) {
    if (command == F_SETLK || command == F_SETLKW) { errno = ENOLCK; return -1; }
    int (*real)(int, int, ...) = dlsym(RTLD_NEXT, name);
    return real(file, command, argument);
}
#define SHIM(name) int name(int file, int command, ...) { \\
    va_list rest; va_start(rest, command); void *argument = va_arg(rest, void *); va_end(rest); \\
    return call(#name, file, command, argument); }
SHIM(fcntl)
SHIM(fcntl64)
"""


@pytest.mark.skipif(not shutil.which("gcc") or sys.platform != "linux", reason="no gcc for a file system without locks")
def test_a_file_system_without_locks_is_told_and_the_deck_can_be_left(emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "shim.c").write_text(WITHOUT_LOCKS)
    shim = tmp_path / "shim.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", shim, tmp_path / "shim.c", "-ldl"], check=True)
    with deck(emulator.url, LD_PRELOAD=str(shim)) as terminal:
        terminal.wait_for("locks")  # One word: where the notice's lines break is up to the length of a path in it.
        terminal.press("q")
        assert terminal.wait() == 0
    with Terminal(*FALDECK, "--demo", environment={"LD_PRELOAD": str(shim)}) as terminal:
        terminal.wait_for("The demo cannot start")
        assert "locks" in terminal.text
        terminal.press("q")
        assert terminal.wait() == 0


def test_a_history_whose_folder_cannot_be_made_is_told_and_the_deck_goes_on(emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "file").touch()  # No one, not even root, makes a folder in a file.
    with deck(emulator.url, XDG_DATA_HOME=str(tmp_path / "file")) as terminal:
        terminal.wait_for("cannot be used")
        terminal.wait_for(MODEL)
        terminal.press("q")
        assert terminal.wait() == 0
