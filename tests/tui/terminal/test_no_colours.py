"""A terminal whose person wants no colours (`NO_COLOR`): bold, dim and reverse tell everything."""

from __future__ import annotations

import re

from support.emulator import Emulator
from test_deck_in_a_terminal import deck, submit

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
