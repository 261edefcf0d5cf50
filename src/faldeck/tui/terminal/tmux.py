"""What tmux says about itself: whether programs may send sequences to the terminal outside, and which one that is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

SECONDS = 5.0
"""How long to wait for tmux."""

_FIELDS = ("allow-passthrough", "client_termname", "client_termtype", "client_cell_width", "client_cell_height")
_KITTY = re.compile(r"kitty\((\d+)\.(\d+)")
_KITTY_WITH_PLACEHOLDERS = (0, 28)


class TmuxClient(NamedTuple):
    """The tmux around the deck, and its terminal."""

    passes: bool = False
    """Whether sequences for the outer terminal are passed on."""
    name: str = ""
    """The outer terminal's TERM."""
    version: str = ""
    """Its name and version in its own words; empty if it did not say."""
    cell: tuple[int, int] = (0, 0)
    """One of its cells in pixels: width and height; 0 for unknown."""

    @property
    def draws_placeholders(self) -> bool:
        """Whether the outer terminal is one that draws pictures where their placeholders are."""
        if found := _KITTY.match(self.version):
            return (int(found[1]), int(found[2])) >= _KITTY_WITH_PLACEHOLDERS
        return self.version.startswith("ghostty") or self.name == "xterm-ghostty"


def ask(environ: Mapping[str, str]) -> TmuxClient:
    """Asks the tmux that the deck runs in. Blocks for a bounded time; if tmux does not answer, nothing is passed on."""
    import subprocess  # Only where a picture is drawn in tmux.

    pane = ("-t", environ["TMUX_PANE"]) if environ.get("TMUX_PANE") else ()
    words = ("tmux", "display-message", "-p", *pane, "\t".join(f"#{{{field}}}" for field in _FIELDS))
    try:
        done = subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return TmuxClient()
    return client(done.stdout.decode("utf-8", "replace"))


def client(answer: str) -> TmuxClient:
    """What tmux's answer says; a tmux that knows no passing on leaves that field empty."""
    passes, name, version, width, height, *_ = (*answer.rstrip("\n").split("\t"), *[""] * len(_FIELDS))
    sides = (int(width), int(height)) if width.isdecimal() and height.isdecimal() else (0, 0)
    return TmuxClient(passes in ("on", "all", "1", "2"), name, version, sides)
