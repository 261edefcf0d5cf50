"""Terminals with less: no colours (`NO_COLOR`), or no character outside ASCII (`FALDECK_ASCII`, a C locale)."""

from __future__ import annotations

import re

import pytest
from support.emulator import Emulator
from test_deck_in_a_terminal import deck, submit

from faldeck.tui.state_looks import LOOKS
from faldeck.tui.terminal.grid import Grid
from faldeck.tui.terminal.plain import ascii_cells, is_ascii_only

COLOUR = re.compile(rb"\x1b\[(?:[\d;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[\d;]*)?m")
"""A sequence that sets the colour of text, or the one behind it."""


def test_no_colour_is_sent_where_none_is_wanted(emulator: Emulator) -> None:
    with deck(emulator.url, NO_COLOR="1") as terminal:
        terminal.wait_for("demo/sketch/fast")
        submit(terminal, "demo/sketch/fast", "a fox in snow")
        terminal.wait_for("completed")
        terminal.press("escape", "3", "?")
        terminal.wait_for("The keys of Jobs")
        terminal.press("escape")
        terminal.settle()

        assert not COLOUR.search(terminal.output)
        assert b"\x1b[7m" in terminal.output or b";7m" in terminal.output, "the cursor's row is seen"


def test_colours_are_sent_where_nothing_is_said_against_them(emulator: Emulator) -> None:
    with deck(emulator.url) as terminal:
        terminal.wait_for("demo/sketch/fast")

        assert COLOUR.search(terminal.output)


@pytest.mark.parametrize(("ascii", "locale"), [("1", "en_US.UTF-8"), ("", "C")], ids=["wanted", "locale"])
def test_no_character_outside_ascii_is_sent(emulator: Emulator, ascii: str, locale: str) -> None:
    with deck(emulator.url, FALDECK_ASCII=ascii, LC_ALL=locale) as terminal:
        terminal.wait_for("demo/sketch/fast")
        submit(terminal, "demo/sketch/fast", "a fox")
        terminal.wait_for("+ completed")
        terminal.press("escape", "3", "?")
        terminal.wait_for("The keys of Jobs")

        assert terminal.output.isascii()


def test_every_state_keeps_a_sign_of_its_own_in_ascii() -> None:
    signs = ["".join(ascii_cells([look.glyph])) for look in LOOKS.values()]

    assert len(set(signs)) == len(signs) and all(sign.isascii() for sign in signs)


def test_a_wide_glyph_takes_two_cells_in_ascii_too() -> None:
    grid = Grid(12, 1, is_ascii_only=True)
    grid.paint("\x1b[1;1H夜 café ✓")

    assert "".join(grid.rows[0].glyphs) == "?? cafe +   "


@pytest.mark.parametrize(
    ("environment", "is_ascii"),
    [({}, False), ({"LANG": "en_US.UTF-8"}, False), ({"LANG": "C"}, True), ({"LC_ALL": "C.utf8", "LANG": "C"}, False)],
)
def test_a_named_locale_without_utf_8_means_ascii(environment: dict[str, str], is_ascii: bool) -> None:
    assert is_ascii_only(environment) is is_ascii
