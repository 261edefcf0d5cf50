"""Pictures in a real tmux: passed on to a terminal that draws them if tmux allows it; elsewhere nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.kept_pictures import keep
from support.multiplexer import Multiplexer, needs_tmux
from support.pty_terminal import Terminal
from test_deck_in_a_terminal import CONFIG, FALDECK

from faldeck.config.settings import config_path
from faldeck.history import Store, history_path
from faldeck.tui.terminal.placeholders import PLACEHOLDER

SENT = re.compile(rb"\x1b_Ga=t,f=100,i=(\d+),")
FREED = re.compile(rb"\x1b_Ga=d,d=I,i=(\d+)")
VIRTUAL = re.compile(rb"\x1b_Ga=p,U=1,i=(\d+),c=(\d+),r=(\d+)")
PATIENCE = 60.0
"""Seconds: each key goes through a second program."""
IS_KITTY = {b"\x1b[>q": b"\x1bP>|kitty(0.35.2)\x1b\\"}

pytestmark = needs_tmux


@pytest.fixture
def kept(emulator: Emulator, tmp_path: Path) -> None:
    """Two kept pictures."""
    config_path().parent.mkdir(parents=True, exist_ok=True)
    config_path().write_text(CONFIG.format(url=emulator.url))
    store = Store(history_path())
    for number in (1, 2):
        keep(store, tmp_path, number)
    store.close()


def shows(count: int, tmux: Multiplexer) -> Callable[[Terminal], bool]:
    """Whether the pane shows at least so many cells of a picture."""
    return lambda _: tmux.text.count(PLACEHOLDER) >= count


def opened(terminal: Terminal) -> None:
    """Waits for the list of jobs, and goes there."""
    terminal.wait_for("picture 2", PATIENCE)
    terminal.press("escape", "3")


@pytest.mark.usefixtures("kept")
def test_a_picture_is_text_to_tmux_and_drawn_by_the_terminal_outside(tmp_path: Path) -> None:
    tmux = Multiplexer(tmp_path / "socket")
    words = ("sh", "-c", f"tmux set -g allow-passthrough on; {' '.join(FALDECK)}; tmux wait-for -S left; sleep 60")
    with tmux.running(
        *words, columns=120, rows=40, environment={"LOCAL_SECRET": "any"}, answers=IS_KITTY, cell=(10, 20)
    ) as terminal:
        opened(terminal)
        terminal.wait_for(shows(100, tmux), PATIENCE)
        terminal.wait_for(lambda shown: bool(VIRTUAL.search(shown.output)))
        number, columns, rows = map(int, VIRTUAL.findall(terminal.output)[-1])
        assert tmux.text.count(PLACEHOLDER) == columns * rows
        terminal.settle()
        assert PLACEHOLDER.encode() in terminal.output
        assert f"38;5;{number & 0xFF}".encode() in terminal.output

        sent = len(SENT.findall(terminal.output))
        terminal.press("?")  # A dialog over the panes.
        terminal.wait_for("The keys of Jobs")
        terminal.press("escape")
        terminal.wait_for(lambda _: "The keys of Jobs" not in tmux.text)
        terminal.wait_for(shows(columns * rows, tmux))
        assert len(SENT.findall(terminal.output)) <= sent + 1

        terminal.press("down")
        terminal.wait_for(lambda shown: str(number).encode() in FREED.findall(shown.output))
        terminal.wait_for(shows(100, tmux), PATIENCE)
        terminal.press("q")
        tmux.ask("wait-for", "left")
        terminal.wait_for(lambda shown: set(SENT.findall(shown.output)) == set(FREED.findall(shown.output)))
        assert PLACEHOLDER not in tmux.text


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("passes", "answers"), [("off", IS_KITTY), ("on", {})], ids=["not allowed", "another terminal"]
)
def test_elsewhere_nothing_is_passed_on(tmp_path: Path, passes: str, answers: dict[bytes, bytes]) -> None:
    tmux = Multiplexer(tmp_path / "socket")
    words = ("sh", "-c", f"tmux set -g allow-passthrough {passes}; {' '.join(FALDECK)}")
    with tmux.running(
        *words, columns=120, rows=40, environment={"LOCAL_SECRET": "any"}, answers=answers, cell=(10, 20)
    ) as terminal:
        opened(terminal)
        terminal.wait_for("▀", PATIENCE)
        assert b"\x1b_G" not in terminal.output and PLACEHOLDER not in tmux.text
