"""The deck in a terminal, on a service and an export whose every word is a trick: nothing of it is obeyed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.hostile_service import EXPORTED, FAILING, GOOD, REFUSED, Wicked, exported, obeyed
from support.pty_terminal import Terminal

from faldeck.cli.main import main
from faldeck.config.settings import config_path

FIELDS = 4
JOBS = 2
MARK = "[red]not red[/]"


@pytest.fixture
def wicked(isolation: Path, tmp_path: Path) -> Iterator[Wicked]:
    """The service, a config that names it, and a history with what was exported elsewhere."""
    config_path().parent.mkdir(parents=True)
    with Wicked().listening() as service:
        config_path().write_text(service.config())
        assert main(["import", str(exported(tmp_path, service.url))]) == 0
        yield service


def deck(driver: str) -> Terminal:
    """The deck, drawn by our driver or by Textual's own."""
    environment = {"WICKED_KEY": "any", "FALDECK_DRIVER": driver}
    return Terminal(sys.executable, "-m", "faldeck", environment=environment)


def press(terminal: Terminal, *keys: str) -> None:
    """Types keys one by one, each seen by the deck before the next: Escape and a letter would be one key."""
    for key in keys:
        terminal.press(key)
        terminal.settle(0.3 if key == "escape" else 0.04)


def open_form(terminal: Terminal, model: str) -> None:
    """Searches a model and opens its form."""
    press(terminal, "escape", "1", "/", "end", "ctrl+u")
    terminal.press(model)
    press(terminal, "enter")
    terminal.wait_for(f"2 Form  {model}")
    terminal.wait_for("prompt")


def look_at_results(terminal: Terminal) -> None:
    """Every page of the newest jobs; copied and opened where that is possible."""
    press(terminal, "escape", "3", "home")
    for _ in range(JOBS):
        press(terminal, "enter", "right", "right", "right", "right", "y", "o", "escape", "3", "down")


def test_no_word_of_a_service_is_obeyed_by_the_terminal(wicked: Wicked) -> None:
    with deck("") as terminal:
        terminal.wait_for(REFUSED)
        for number, model in enumerate((GOOD, FAILING, REFUSED), start=len(EXPORTED) + 1):
            open_form(terminal, model)
            press(terminal, "escape", "end", "enter", "home", *["down", "enter", "escape"] * FIELDS, "ctrl+j")
            terminal.wait_for(f"all {number}")
        look_at_results(terminal)
        assert MARK in terminal.text
        press(terminal, "e", "escape", "2", "J", "escape", "ctrl+p", "escape", "?", "escape")

        assert obeyed(terminal.output) == set()


def test_neither_is_it_where_textuals_own_driver_draws(wicked: Wicked) -> None:
    with deck("stock") as terminal:
        terminal.wait_for(REFUSED)
        open_form(terminal, GOOD)
        press(terminal, "escape", "down", "down")
        look_at_results(terminal)

        assert MARK in terminal.text
        assert obeyed(terminal.output) == set()
