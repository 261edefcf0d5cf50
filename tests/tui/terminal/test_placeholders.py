"""Pictures in tmux: which tmux passes them on, the marks of each cell, and what a diff sends of them."""

from __future__ import annotations

import unicodedata

import pytest

from faldeck.tui.terminal import graphics, placeholders, tmux
from faldeck.tui.terminal.bitmaps import KittyBitmap
from faldeck.tui.terminal.diff import ScreenDiff
from faldeck.tui.terminal.graphics import Answers, CellSize, Protocol
from faldeck.tui.terminal.grid import Grid
from faldeck.tui.terminal.placements import Shelf
from faldeck.tui.terminal.tmux import TmuxClient

IN_TMUX = {"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "tmux-256color"}
KITTY = TmuxClient(passes=True, version="kitty(0.35.2)")


@pytest.mark.parametrize(
    ("answer", "passes", "draws"),
    [
        ("1\txterm-kitty\tkitty(0.35.2)\t10\t20\n", True, True),
        ("all\txterm-ghostty\tghostty 1.1.0\t\t\n", True, True),
        ("0\txterm-kitty\tkitty(0.35.2)\t10\t20\n", False, True),
        ("on\txterm-kitty\tkitty(0.26.5)\t10\t20\n", True, False),
        ("on\txterm-256color\tWezTerm 20240203\t10\t20\n", True, False),
        ("on\txterm-256color\t\t\t\n", True, False),
        ("\n", False, False),
        ("", False, False),
    ],
)
def test_tmux_says_whether_it_passes_pictures_on_and_to_whom(answer: str, passes: bool, draws: bool) -> None:
    client = tmux.client(answer)
    assert (client.passes, client.draws_placeholders) == (passes, draws)


@pytest.mark.parametrize(
    ("setting", "client", "wanted"),
    [
        ("auto", KITTY, Protocol.KITTY_IN_TMUX),
        ("kitty", KITTY, Protocol.KITTY_IN_TMUX),
        ("kitty", TmuxClient(passes=True), Protocol.KITTY_IN_TMUX),
        ("auto", TmuxClient(passes=True), None),
        ("kitty", TmuxClient(passes=False, version="kitty(0.35.2)"), None),
        ("sixel", TmuxClient(), None),
    ],
)
async def test_nothing_is_passed_on_that_tmux_or_the_terminal_does_not_take(
    setting: str, client: TmuxClient, wanted: Protocol | None
) -> None:
    assert graphics.chosen(setting, IN_TMUX, Answers(), client) is wanted


def test_tmux_is_asked_only_where_its_answer_can_change_something() -> None:
    assert graphics.asks_tmux("auto", IN_TMUX) and graphics.asks_tmux("kitty", {**IN_TMUX, "SSH_TTY": "/dev/pts/1"})
    assert not graphics.asks_tmux("auto", {**IN_TMUX, "SSH_TTY": "/dev/pts/1"})
    assert not graphics.asks_tmux("kitty", {"TERM": "xterm-kitty"})
    assert not graphics.asks_tmux("kitty", {**IN_TMUX, "STY": "1.pts"})
    assert not any(graphics.asks_tmux(setting, IN_TMUX) for setting in ("sixel", "blocks", "off"))


def test_a_tmux_that_is_not_there_passes_nothing_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert tmux.ask(IN_TMUX) == TmuxClient()


def test_each_cell_names_its_picture_row_and_column() -> None:
    marks = [placeholders.cells(1 << 24 | 20, 0, column, 1)[0][2] for column in range(placeholders.MOST_CELLS_A_SIDE)]
    assert len(set(marks)) == 297 and marks[:4] == ["\u0305", "\u030d", "\u030e", "\u0310"]
    assert marks[-1] == "\U0001d244"
    assert all(unicodedata.combining(mark) == 230 for mark in marks)
    numbers = [placeholders.number(count) for count in range(1000)]
    assert len(set(numbers)) == 1000
    for number in numbers:
        assert 16 <= number & 0xFF <= 255 and 1 <= number >> 24 <= 255 and not number & 0xFFFF00
        assert placeholders.cells(number, 2, 1, 1) == [f"\U0010eeee{marks[2]}{marks[1]}{marks[number >> 24]}"]


def test_a_picture_moves_and_is_covered_as_text_and_is_freed_once_when_it_is_gone() -> None:
    shelf = Shelf()
    bitmap = KittyBitmap(placeholders.number(300), CellSize(10, 20), 3, 2, b"png", in_tmux=True)
    rows = [row[0][0] for row in shelf.add(bitmap)]
    diff, grid = ScreenDiff(shelf=shelf), Grid(8, 3)

    def sent(*lines: str) -> str:
        grid.paint("".join(f"\x1b[{y + 1};1H{line.ljust(8)}" for y, line in enumerate(lines)))
        return diff.follow(grid)

    cells = [placeholders.cells(bitmap.number, row, 0, 3) for row in range(2)]
    first = sent(f"ab{rows[0]}", f"  {rows[1]}", "")
    assert all("".join(row) in first for row in cells)
    assert first.count(bitmap.sent()) == 1 and f"\x1b[{placeholders.colour(bitmap.number)}m" in first
    assert "\x1b_G" not in first.replace("\x1b\x1b_G", "")

    covered = sent(f"ab{rows[0][0]}##", f"  {rows[1]}", "")
    assert "##" in covered and "\x1bPtmux" not in covered and "".join(cells[1]) not in covered
    moved = sent("", f"{rows[0]}", f"{rows[1]}")
    assert all("".join(row) in moved for row in cells) and "\x1bPtmux" not in moved
    assert sent("", "", "").count(bitmap.removed()) == 1
    assert diff.cleared() == ""
