"""Commands in a terminal, on a service and an export whose every word is a trick: nothing of it is obeyed."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.hostile_service import EXPORTED, FAILING, GOOD, REFUSED, WICKED, Wicked, exported, obeyed
from support.pty_terminal import Terminal

from faldeck.config.settings import config_path

SHELL = """
import ast, sys
from faldeck.cli.main import main

for words in ast.literal_eval(sys.argv[1]):
    try:
        print("ended with", main(words), flush=True)
    except SystemExit as end:
        print("ended with", end.code or 0, flush=True)
"""
"""Runs many commands, one after the other, in one terminal."""

TYPED = WICKED.replace("\0", "").replace("\ud800", "")


def said(commands: list[tuple[str, ...]]) -> Terminal:
    """What the commands print on a terminal, all of them at their end."""
    with Terminal(sys.executable, "-c", SHELL, repr(commands), environment={"WICKED_KEY": "any"}) as terminal:
        assert terminal.wait(60) == 0
        terminal.wait_for(lambda shown: shown.output.count(b"ended with") == len(commands))
        return terminal


@pytest.fixture(autouse=True)
def wicked(isolation: Path) -> Iterator[Wicked]:
    """The service, and a config that names it."""
    config_path().parent.mkdir(parents=True)
    with Wicked().listening() as service:
        config_path().write_text(service.config())
        yield service


def test_what_a_service_says_is_harmless_on_a_terminal(wicked: Wicked) -> None:
    terminal = said(
        [
            ("models",),
            ("models", "--json"),
            *(("schema", GOOD, *more) for more in ((), ("--input",), ("--openapi",), ("--json",))),
            ("run", GOOD, "--help"),
            ("price", GOOD),
            ("run", GOOD, "-p", "x", "--logs"),
            ("run", GOOD, "-p", "x", "--json"),
            ("run", GOOD, "-p", "x", "--sync"),
            ("run", GOOD, "-p", TYPED, "--dry-run"),
            ("run", FAILING, "-p", TYPED),
            ("run", REFUSED, "-p", "x"),
            *((name, "r-good") for name in ("status", "logs", "result", "open", "cancel")),
            ("result", "r-good", "--download"),
            ("jobs",),
            ("jobs", "--json"),
            ("sync",),
            ("export",),
            ("doctor",),
            ("completion", "zsh", "--", "run", ""),
            ("completion", "fish", "--", "run", GOOD, "--"),
        ]
    )

    assert obeyed(terminal.output) == set()
    assert b"An unexpected error" not in terminal.output
    assert terminal.output.count(b"[red]not red[/]") > 20


def test_what_an_export_says_is_harmless_on_a_terminal(wicked: Wicked, tmp_path: Path) -> None:
    forms = [("show", job, "--as", form) for job in EXPORTED for form in ("curl", "python", "js", "json")]
    told = [(name, job) for job in EXPORTED for name in ("status", "logs", "result", "show", "open", "cancel")]
    terminal = said([("import", str(exported(tmp_path, wicked.url))), ("jobs",), ("jobs", "--json"), *told, *forms])

    assert b"4 new, 0 known" in terminal.output
    assert obeyed(terminal.output) == set()
    assert b"An unexpected error" not in terminal.output
