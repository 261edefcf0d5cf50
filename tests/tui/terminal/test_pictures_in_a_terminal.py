"""Pictures in terminals of each kind: what is sent, and that nothing of it stays behind."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.kept_pictures import keep
from support.pty_terminal import Terminal
from test_deck_in_a_terminal import CONFIG, FALDECK

from faldeck.config.settings import config_path
from faldeck.history import Store, history_path
from faldeck.tui.terminal.graphics import ATTRIBUTES_QUESTION, KITTY_QUESTION
from faldeck.tui.terminal.grid import FIRST_PICTURE_GLYPH

KITTY = {KITTY_QUESTION.encode(): b"\x1b_Gi=31;OK\x1b\\", ATTRIBUTES_QUESTION.encode(): b"\x1b[?62c"}
SIXEL = {ATTRIBUTES_QUESTION.encode(): b"\x1b[?62;4;22c"}
PLAIN = {ATTRIBUTES_QUESTION.encode(): b"\x1b[?62;22c"}

SENT = re.compile(rb"\x1b_Ga=t,f=100,i=(\d+),")
PLACED = re.compile(rb"\x1b_Ga=p,i=(\d+),p=(\d+),x=(\d+),y=(\d+),w=(\d+),h=(\d+),c=(\d+),r=(\d+),C=1")
FREED = re.compile(rb"\x1b_Ga=d,d=I,i=(\d+)")
DRAWN = re.compile(rb'\x1b\[(\d+);(\d+)H\x1bP0;1;0q"1;1;(\d+);(\d+)')
HALF_BLOCK = "▀"


@pytest.fixture
def open_deck(emulator: Emulator, tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """A function that opens a deck on two kept pictures, the cursor on the newer one."""

    def start(answers: dict[bytes, bytes], setting: str = "auto", **environment: str) -> Terminal:
        config_path().parent.mkdir(parents=True, exist_ok=True)
        config_path().write_text(f'pictures = "{setting}"\n' + CONFIG.format(url=emulator.url))
        store = Store(history_path())
        for number in (1, 2):
            keep(store, tmp_path, number)
        store.close()
        variables = {"LOCAL_SECRET": "any"} | environment
        terminal = Terminal(*FALDECK, environment=variables, answers=answers, cell=(10, 20))
        terminal.__enter__()
        opened.append(terminal)
        terminal.wait_for("picture 2")
        terminal.wait_for("demo/sketch/fast")
        terminal.press("escape", "3")
        return terminal

    opened: list[Terminal] = []
    yield start
    for terminal in opened:
        terminal.__exit__(None, None, None)


def is_sent(pattern: re.Pattern[bytes], times: int = 1) -> Callable[[Terminal], bool]:
    return lambda terminal: len(pattern.findall(terminal.output)) >= times


def result(terminal: Terminal) -> str:
    """What is shown from the Result pane on: the empty form above it draws its name in half blocks too."""
    return terminal.text.rpartition("4 Result")[2]


def has_blocks(terminal: Terminal) -> bool:
    return HALF_BLOCK in result(terminal)


def leave(terminal: Terminal) -> bytes:
    """Quits; gives what the deck has sent."""
    terminal.press("q")
    assert terminal.wait() == 0
    terminal.settle()
    return terminal.output


def test_kitty_gets_the_picture_once_places_it_and_is_left_without_it(open_deck: Callable[..., Terminal]) -> None:
    deck = open_deck(KITTY, KITTY_WINDOW_ID="1")
    deck.wait_for(is_sent(PLACED))
    assert not has_blocks(deck)
    number = SENT.findall(deck.output)[-1]
    *_, columns, rows = map(int, PLACED.findall(deck.output)[-1])
    assert columns == 2 * rows <= 44

    deck.settle()
    sent = len(deck.output)
    deck.press("?")  # A dialog over the panes.
    deck.wait_for("The keys of Jobs")
    deck.settle()
    assert max(deck.text) < FIRST_PICTURE_GLYPH
    deck.press("escape")
    deck.wait_for(lambda shown: "The keys of Jobs" not in shown.text)
    deck.settle()
    assert len(SENT.findall(deck.output[sent:])) == deck.output[sent:].count(b"d=I,i=" + number)

    deck.press("down")
    deck.wait_for(lambda shown: number in FREED.findall(shown.output))
    deck.wait_for(lambda shown: SENT.findall(shown.output)[-1] != number)
    drawn, _, left = leave(deck).rpartition(b"\x1b[?1049l")
    assert set(SENT.findall(drawn)) == set(FREED.findall(drawn))
    assert drawn.rfind(b"_Ga=d,d=I") > drawn.rfind(b"_Ga=t")
    assert b"\x1b_G" not in left


def test_sixel_is_drawn_where_its_cells_are_and_written_over_in_the_end(open_deck: Callable[..., Terminal]) -> None:
    deck = open_deck(SIXEL)
    deck.wait_for(is_sent(DRAWN))
    row, column, width, height = map(int, DRAWN.findall(deck.output)[-1])
    assert (row > 20, column > 70, width <= 440, height % 6) == (True, True, True, 0)
    deck.settle()
    assert not has_blocks(deck)

    before = len(deck.output)
    deck.press("enter")  # At full height: the small one is written over, a larger one is drawn.
    deck.wait_for(is_sent(DRAWN, 2))
    deck.settle()
    *_, wider, _ = map(int, DRAWN.findall(deck.output[before:])[-1])
    assert wider >= width
    drawn, _, _ = leave_enlarged(deck).rpartition(b"\x1b[?1049l")
    assert drawn.count(b"\x1b[%dX" % (wider // 10)) >= height // 20


def leave_enlarged(deck: Terminal) -> bytes:
    deck.press("q")
    deck.wait_for("3 Jobs")
    deck.wait_for(is_sent(DRAWN, 3))
    return leave(deck)


@pytest.mark.parametrize(
    ("answers", "setting", "environment"),
    [
        (PLAIN, "auto", {}),
        (KITTY, "auto", {"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "tmux-256color", "KITTY_WINDOW_ID": "1"}),
        (KITTY, "kitty", {"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "tmux-256color"}),
        (SIXEL, "auto", {"STY": "1.pts-0", "TERM": "screen-256color"}),
        (SIXEL, "auto", {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}),
        (KITTY, "blocks", {"KITTY_WINDOW_ID": "1"}),
        ({}, "auto", {}),
    ],
    ids=["plain", "tmux", "kitty in tmux", "screen", "ssh", "blocks", "silent"],
)
def test_elsewhere_pictures_are_half_blocks(
    open_deck: Callable[..., Terminal], answers: dict[bytes, bytes], setting: str, environment: dict[str, str]
) -> None:
    deck = open_deck(answers, setting, **environment)
    deck.wait_for(has_blocks)
    output = leave(deck)
    assert b"\x1b_G" not in output.replace(KITTY_QUESTION.encode(), b"")
    assert b"\x1bP0;1;0q" not in output
    if "TMUX" in environment or "STY" in environment:
        assert b"\x1b_G" not in output


def test_sixel_in_tmux_is_used_where_tmux_draws_it(open_deck: Callable[..., Terminal]) -> None:
    deck = open_deck(SIXEL, TMUX="/tmp/tmux-0/default,1,0", TERM="tmux-256color")
    deck.wait_for(is_sent(DRAWN))


def test_answers_that_come_late_are_never_typed(open_deck: Callable[..., Terminal]) -> None:
    deck = open_deck({ATTRIBUTES_QUESTION.encode(): b""})
    deck.wait_for(has_blocks)
    deck.press("/")
    deck.send(b"\x1b[6;20;10t\x1b_Gi=31;OK\x1b\\\x1b[?62;4c")
    deck.press("fox")
    deck.wait_for("fox")
    deck.settle()
    assert "31;OK" not in deck.text and "20;10" not in deck.text
    assert re.search(r"/ +fox", deck.text)


def test_a_stopped_deck_leaves_no_picture_and_brings_it_back(open_deck: Callable[..., Terminal]) -> None:
    deck = open_deck(KITTY, KITTY_WINDOW_ID="1")
    deck.wait_for(is_sent(PLACED))
    deck.settle()
    number = SENT.findall(deck.output)[-1]
    deck.kill(signal.SIGTSTP)
    deck.wait_until_stopped()
    deck.settle()
    assert FREED.findall(deck.output)[-1] == number
    placed = len(PLACED.findall(deck.output))
    deck.kill(signal.SIGCONT)
    deck.wait_for(is_sent(PLACED, placed + 1))


def test_a_deck_that_the_system_ends_leaves_no_picture(open_deck: Callable[..., Terminal]) -> None:
    deck = open_deck(KITTY, KITTY_WINDOW_ID="1")
    deck.wait_for(is_sent(PLACED))
    deck.kill(signal.SIGTERM)
    assert deck.wait() > 0
    deck.settle()
    assert set(SENT.findall(deck.output)) == set(FREED.findall(deck.output))


def test_another_size_of_the_terminal_shows_the_picture_anew(open_deck: Callable[..., Terminal]) -> None:
    deck = open_deck(KITTY, KITTY_WINDOW_ID="1")
    deck.wait_for(is_sent(PLACED))
    deck.settle()
    before = len(deck.output)
    deck.resize(130, 44)
    deck.wait_for(lambda shown: bool(PLACED.search(shown.output[before:])))
    assert FREED.search(deck.output[before:])
