"""tmux with settings of the test, on a socket of its own; skips the test if there is no tmux."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.pty_terminal import Terminal

TMUX = shutil.which("tmux") or ""

needs_tmux = pytest.mark.skipif(not TMUX, reason="tmux is not installed")


class Multiplexer:
    """A tmux server, and a pretend terminal that is attached to it."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def ask(self, *words: str, stdin: bytes = b"") -> str:
        """Runs one tmux command; gives what it prints."""
        done = subprocess.run([TMUX, "-S", str(self._socket), *words], input=stdin, capture_output=True, timeout=20)
        return done.stdout.decode()

    @property
    def text(self) -> str:
        """What the pane shows."""
        return self.ask("capture-pane", "-p")

    def paste(self, text: bytes) -> None:
        """Pastes as tmux does: in brackets, and with every byte as it is."""
        self.ask("load-buffer", "-b", "test", "-", stdin=text)
        self.ask("paste-buffer", "-p", "-b", "test")

    @contextmanager
    def running(
        self, *command: str, columns: int, rows: int, environment: Mapping[str, str], **terminal_options: Any
    ) -> Iterator[Terminal]:
        """A program in tmux, and the terminal that shows it, made with further options; ends the server."""
        words = (TMUX, "-u", "-S", str(self._socket), "-f", "/dev/null", "new-session", *command)
        with Terminal(*words, columns=columns, rows=rows, environment=environment, **terminal_options) as terminal:
            try:
                yield terminal
            finally:
                self.ask("kill-server")
