"""Copying and opening out of the deck: the text arrives, and what is said of it is true."""

from __future__ import annotations

import base64
from pathlib import Path

from support.emulator import Emulator
from support.multiplexer import Multiplexer, needs_tmux
from support.pty_terminal import Terminal
from test_deck_in_a_terminal import CONFIG, FALDECK, deck, jobs, submit

from faldeck.config.settings import config_path
from faldeck.safety import sanitize

MODEL = "demo/sketch/fast"


def finish_job(terminal: Terminal) -> str:
    """Makes a job and goes to its row; gives its output's URL."""
    terminal.wait_for(MODEL)
    submit(terminal, MODEL, "a fox")
    terminal.wait_for("✓ completed")
    terminal.wait_for(lambda _: not jobs()[0].is_open)
    terminal.press("escape")
    terminal.settle(0.7)
    terminal.press("3")
    terminal.settle()
    return str(jobs()[0].outputs[0].url)


@needs_tmux
def test_a_copy_in_tmux_reaches_its_buffer_and_the_terminal_under_its_own_settings(
    emulator: Emulator, tmp_path: Path
) -> None:
    config_path().parent.mkdir(parents=True, exist_ok=True)
    config_path().write_text(CONFIG.format(url=emulator.url))
    tmux = Multiplexer(tmp_path / "tmux")
    with tmux.running(*FALDECK, columns=120, rows=40, environment={"LOCAL_SECRET": "any"}) as terminal:
        url = finish_job(terminal)
        assert tmux.ask("show-options", "-sv", "set-clipboard").strip() == "external"
        terminal.press("y")
        terminal.wait_for("Copied to tmux's buffer")
        assert tmux.ask("show-buffer") == url
        wanted = base64.b64encode(url.encode())
        terminal.wait_for(lambda shown: wanted in shown.output)


def test_a_copy_that_may_not_arrive_is_not_said_to_have_arrived(emulator: Emulator) -> None:
    with deck(emulator.url) as terminal:
        finish_job(terminal)
        terminal.press("y")
        terminal.wait_for("allows it")


def test_opening_over_ssh_says_why_nothing_opened_and_copies(emulator: Emulator) -> None:
    with deck(emulator.url, SSH_CONNECTION="10.0.0.1 5 10.0.0.2 22") as terminal:
        url = finish_job(terminal)
        terminal.press("o")
        terminal.wait_for("Over SSH")
        wanted = b"\x1b]52;c;" + base64.b64encode(url.encode())
        terminal.wait_for(lambda shown: wanted in shown.output)


def test_a_text_browser_gets_the_terminal_and_the_deck_comes_back(emulator: Emulator, tmp_path: Path) -> None:
    browser = tmp_path / "w3m"
    browser.write_text('#!/bin/sh\necho "reading $1"\nread key\n')
    browser.chmod(0o755)
    with deck(emulator.url, BROWSER=f"/no/such/browser:{browser} %s") as terminal:
        url = finish_job(terminal)
        terminal.press("o")
        terminal.wait_for(lambda shown: f"reading {url}".encode() in shown.output)
        before = len(terminal.output)
        terminal.send(b"\n")
        terminal.wait_for(lambda shown: b"Models" in shown.output[before:])


def test_a_text_for_the_clipboard_has_no_escape_sequences_and_loses_nothing_else() -> None:
    assert sanitize.plain("a\x1b[31m fox\x1b[0m\x07\tsits\r\nin\u2028snow\x9b\u202e") == "a fox\tsits\nin\nsnow"
    assert sanitize.plain("\x1b]52;c;eA==\x07a\x1b]0;b") == "a]0;b"
