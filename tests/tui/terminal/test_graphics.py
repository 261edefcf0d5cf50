"""Which protocol pictures are sent in: by the setting, the environment and what the terminal says."""

from __future__ import annotations

import pytest

from faldeck.tui.terminal import graphics
from faldeck.tui.terminal.graphics import Answers, CellSize, Protocol

KITTY, SIXEL = "\x1b_Gi=31;OK\x1b\\", "\x1b[?62;4;6c"
SSH = {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}
TMUX = {"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "tmux-256color"}


@pytest.mark.parametrize(
    ("setting", "environ", "heard", "wanted"),
    [
        ("auto", {"TERM": "xterm-kitty"}, [KITTY, "\x1b[?62c"], Protocol.KITTY),
        ("auto", {"TERM": "xterm-256color"}, [SIXEL], Protocol.SIXEL),
        ("auto", {"TERM": "xterm-256color"}, ["\x1b[?62;22c"], None),
        ("auto", {"TERM": "xterm-256color"}, ["\x1b[?4c"], None),
        ("auto", {"TERM": "xterm-256color"}, [], None),
        ("kitty", {}, [], Protocol.KITTY),
        ("sixel", {}, [], Protocol.SIXEL),
        ("auto", TMUX, [SIXEL], Protocol.SIXEL),
        ("auto", TMUX, [KITTY], None),
        ("kitty", TMUX, [SIXEL], None),
    ],
)
async def test_the_protocol_is_the_best_that_is_sure_to_work(
    setting: str, environ: dict[str, str], heard: list[str], wanted: Protocol | None
) -> None:
    answers = Answers()
    for answer in heard:
        answers.hear(answer)
    assert graphics.chosen(setting, environ, answers) is wanted


@pytest.mark.parametrize(
    ("setting", "environ", "asks_kitty", "asks"),
    [
        ("auto", {"TERM": "xterm-256color"}, False, True),
        ("auto", {"TERM": "xterm-256color", "KITTY_WINDOW_ID": "3"}, True, True),
        ("auto", {"TERM_PROGRAM": "ghostty"}, True, True),
        ("auto", {"KONSOLE_VERSION": "240502"}, True, True),
        ("auto", {"KONSOLE_VERSION": "200400"}, False, True),
        ("auto", {"KITTY_WINDOW_ID": "3", **TMUX}, False, True),
        ("auto", {"STY": "1.pts"}, False, False),
        ("sixel", {"STY": "1.pts"}, False, False),
        ("auto", SSH, False, False),
        ("kitty", SSH, True, True),
        ("blocks", {"KITTY_WINDOW_ID": "3"}, False, False),
        ("off", {"KITTY_WINDOW_ID": "3"}, False, False),
    ],
)
def test_a_terminal_is_asked_only_what_it_can_answer(
    setting: str, environ: dict[str, str], asks_kitty: bool, asks: bool
) -> None:
    question = graphics.question(setting, environ)
    assert (graphics.KITTY_QUESTION in question, bool(question)) == (asks_kitty, asks)


async def test_the_size_of_a_cell_is_believed_where_it_may_be_true() -> None:
    answers = Answers()
    answers.hear("\x1b[6;0;0t")
    assert answers.cell is None
    answers.hear("\x1b[6;20;10t")
    assert answers.cell == CellSize(10, 20)


@pytest.mark.parametrize(
    ("setting", "environ", "wanted"),
    [
        ("auto", {"LANG": "C.UTF-8"}, "auto"),
        ("auto", {"LANG": "C.UTF-8", "NO_COLOR": "1"}, "off"),
        ("kitty", {"LANG": "C.UTF-8", "NO_COLOR": "1"}, "kitty"),
        ("kitty", {"LANG": "C.UTF-8", "FALDECK_ASCII": "1"}, "off"),
    ],
)
def test_half_blocks_are_left_out_without_colours_and_all_pictures_where_only_ascii_is_shown(
    setting: str, environ: dict[str, str], wanted: str
) -> None:
    assert graphics.usable(setting, environ) == wanted
