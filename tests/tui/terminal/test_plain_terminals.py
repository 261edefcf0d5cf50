"""Terminals with less: no colours (`NO_COLOR`), or no character outside ASCII (`FALDECK_ASCII`, a C locale)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from support.emulator import Emulator
from test_deck_in_a_terminal import deck, submit

import faldeck.tui
from faldeck.tui.panes.position import BAR
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


def test_without_colours_the_place_where_letters_go_is_seen_and_so_is_the_choice_of_a_dialog(
    emulator: Emulator,
) -> None:
    with deck(emulator.url, NO_COLOR="1") as terminal:
        terminal.wait_for("demo/sketch/fast")
        terminal.press("escape", "1", "/", "clar")
        terminal.wait_for("/ clar")
        terminal.settle()
        row = next(row for row in terminal.cells if "/ clar" in "".join(cell.glyph for cell in row))
        place = "".join(cell.glyph for cell in row).index("clar") + 4
        assert "reverse" in row[place].attributes and "reverse" not in row[place - 1].attributes

        terminal.press("escape")
        terminal.settle()
        terminal.press("P")
        terminal.wait_for("Profiles")
        terminal.settle()
        title = next(row for row in terminal.cells if " Profiles" in "".join(cell.glyph for cell in row))
        assert not any("reverse" in cell.attributes for cell in title), "the title is no second choice"


def test_without_colours_nothing_but_the_place_where_letters_go_is_reversed_in_a_row_of_the_form(
    emulator: Emulator,
) -> None:
    with deck(emulator.url, NO_COLOR="1") as terminal:
        terminal.wait_for("demo/sketch/fast")
        terminal.press("escape", "1", "/", "sketch/fast", "enter")
        terminal.wait_for("typing · Esc ends")
        terminal.settle()
        row = next(row for row in terminal.cells if " prompt" in "".join(cell.glyph for cell in row))

        assert ["reverse" in cell.attributes for cell in row].count(True) == 1


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


def test_every_sign_that_the_deck_draws_has_one_in_ascii() -> None:
    package = Path(faldeck.tui.__file__).parent
    files = [*package.glob("*.py"), *(package / "panes").glob("*.py"), *(package / "form").glob("*.py")]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in docstrings]
    signs = {sign for text in texts if isinstance(text, str) for sign in text if not sign.isascii()}
    assert BAR in signs
    assert not [sign for sign in signs if ascii_cells([sign]) == ["?"]]


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
