"""However the deck ends or stops, the terminal is as it was: modes off, cursor shown, title given back."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.pty_terminal import Terminal
from test_deck_in_a_terminal import deck
from test_terminal_input import MODEL

from faldeck.tui.terminal import title
from faldeck.tui.terminal.title import WindowTitle

SHOWN_BEFORE = {7: True, 25: True}
"""The modes that a terminal has on: lines wrap, the cursor is shown. All others are off."""

CRASH = """\
import threading
def break_the_deck():
    from faldeck.tui.panes.jobs import JobsPane
    def broken(self):
        raise RuntimeError("broken")
    JobsPane.action_sort = broken
import builtins
real = builtins.__import__
def importing(name, *rest, **more):
    module = real(name, *rest, **more)
    if name == "faldeck.tui.app":
        builtins.__import__ = real
        break_the_deck()
    return module
builtins.__import__ = importing
"""


def changed_modes(output: bytes) -> dict[int, bool]:
    """The modes that are not as they were before."""
    found = re.findall(rb"\x1b\[\?([\d;]+)([hl])", output)
    now = {int(number): word == b"h" for numbers, word in found for number in numbers.split(b";")}
    return {number: is_on for number, is_on in now.items() if is_on != SHOWN_BEFORE.get(number, False)}


def assert_given_back(terminal: Terminal) -> None:
    output = terminal.output
    assert changed_modes(output) == {}
    assert output.count(b"\x1b[>") == output.count(b"\x1b[<u"), "kitty's keys are on"
    assert output.count(b"\x1b[22;2t") == output.count(b"\x1b[23;2t") >= 1
    assert output.rfind(b"\x1b[m") > output.rfind(b"\x1b[38;")


@pytest.mark.parametrize("way", ["q", "SIGTERM", "SIGHUP", "crash"])
def test_the_deck_gives_the_terminal_back(emulator: Emulator, tmp_path: Path, way: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(CRASH if way == "crash" else "")
    with deck(emulator.url, PYTHONPATH=str(tmp_path)) as terminal:
        terminal.wait_for(MODEL)
        terminal.wait_for(lambda shown: b"\x1b]2;faldeck\x1b\\" in shown.output)
        assert changed_modes(terminal.output)
        if way.startswith("SIG"):
            terminal.kill(getattr(signal, way))
        else:
            terminal.press("q") if way == "q" else terminal.press("3", "a")
        assert terminal.wait() == {"q": 0, "crash": 1}.get(way, 130)
        terminal.settle()
        assert_given_back(terminal)
        assert way != "crash" or b"faldeck ended unexpectedly" in terminal.output


def test_ctrl_z_gives_the_terminal_back_and_the_deck_comes_back_whole(emulator: Emulator) -> None:
    with deck(emulator.url) as terminal:
        terminal.wait_for(MODEL)
        terminal.wait_for(lambda shown: b"\x1b]2;faldeck\x1b\\" in shown.output)
        terminal.settle()
        before = terminal.text
        terminal.press("ctrl+z")
        terminal.wait_until_stopped()
        terminal.settle()
        assert_given_back(terminal)
        stopped = len(terminal.output)
        terminal.kill(signal.SIGCONT)
        terminal.wait_for(lambda shown: b"\x1b[?1049h" in shown.output[stopped:])
        terminal.wait_for(lambda shown: b"\x1b]2;faldeck\x1b\\" in shown.output[stopped:])
        terminal.wait_for(lambda shown: shown.text == before)
        terminal.press("q")
        assert terminal.wait() == 0
        terminal.settle()
        assert_given_back(terminal)


def test_a_title_is_sent_once_and_given_back_once() -> None:
    window = WindowTitle({"TERM": "xterm-256color"})
    assert window.show("faldeck \x1b]0;x\x07") == "\x1b[22;2t\x1b]2;faldeck\x1b\\"
    assert window.show("faldeck") == ""
    assert window.show(title.of_jobs("2")) == "\x1b]2;faldeck · 2 running\x1b\\"
    assert window.give_back() == "\x1b]2;\x1b\\\x1b[23;2t"
    assert window.give_back() == ""
    assert window.again() == "\x1b[22;2t\x1b]2;faldeck · 2 running\x1b\\"
    assert WindowTitle({"TERM": "linux"}).show("faldeck") == ""
    assert title.of_jobs("12", is_ascii=True) == "faldeck - 12 running"
