"""Which graphics protocol a terminal has: from the environment and one question, asked when the first picture is drawn.

The question about kitty's protocol is only sent if the environment names a terminal that has it: other terminals might
print it. Every terminal answers the last part (DA1), so the wait is short. Later answers are dropped.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from faldeck.tui.terminal.plain import has_no_colours, is_ascii_only
from faldeck.tui.terminal.tmux import TmuxClient

ANSWER_SECONDS = 0.5
"""How long to wait for the answers."""

KITTY_QUESTION = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
CELL_QUESTION = "\x1b[16t"
ATTRIBUTES_QUESTION = "\x1b[c"

_KITTY_ANSWER = re.compile(r"\x1b_Gi=31;OK\x1b\\")
_CELL_ANSWER = re.compile(r"\x1b\[6;(\d{1,4});(\d{1,4})t")
_ATTRIBUTES_ANSWER = re.compile(r"\x1b\[\?([\d;]*)c")
_SIXEL = "4"
"""The attribute of terminals that draw Sixel."""

_KITTY_TERMS = ("xterm-kitty", "xterm-ghostty")
_KITTY_PROGRAMS = ("ghostty", "kitty", "WezTerm", "rio")
_KITTY_VARIABLES = ("KITTY_WINDOW_ID", "GHOSTTY_RESOURCES_DIR", "WEZTERM_EXECUTABLE")
_KONSOLE_WITH_KITTY = 220400


NO_TMUX = TmuxClient()


class Protocol(StrEnum):
    """A way to send a picture to a terminal."""

    KITTY = "kitty"
    KITTY_IN_TMUX = "kitty in tmux"
    SIXEL = "sixel"


class CellSize(NamedTuple):
    """One cell of the terminal in pixels."""

    width: int
    height: int


class Answers:
    """The terminal's answers to the questions. The thread that reads the input calls `hear`."""

    def __init__(self) -> None:
        self.has_kitty = False
        self.has_sixel = False
        self.cell: CellSize | None = None
        self._loop = asyncio.get_running_loop()
        self._is_complete = asyncio.Event()

    def hear(self, text: str) -> None:
        """Takes an escape sequence from the terminal, and ignores it if it is not an answer."""
        if _KITTY_ANSWER.fullmatch(text):
            self.has_kitty = True
        elif cell := _CELL_ANSWER.fullmatch(text):
            self.cell = cell_size(int(cell[2]), int(cell[1]))
        elif attributes := _ATTRIBUTES_ANSWER.fullmatch(text):
            self.has_sixel = _SIXEL in attributes[1].split(";")[1:]
            self._loop.call_soon_threadsafe(self._is_complete.set)

    async def complete(self) -> None:
        """Waits for the last answer, `ANSWER_SECONDS` at most."""
        try:
            await asyncio.wait_for(self._is_complete.wait(), ANSWER_SECONDS)
        except TimeoutError:
            return  # No more answers: those received so far decide.


def cell_size(width: int, height: int) -> CellSize | None:
    """The size of a cell, or None if the numbers cannot be true."""
    return CellSize(width, height) if 2 <= width <= 200 and 4 <= height <= 400 else None


def is_multiplexed(environ: Mapping[str, str]) -> bool:
    """Whether the deck runs inside tmux or GNU screen."""
    return bool(environ.get("TMUX") or environ.get("STY")) or environ.get("TERM", "").startswith(("screen", "tmux"))


def usable(setting: str, environ: Mapping[str, str]) -> str:
    """The setting `pictures` as far as the terminal can follow it: half blocks are nothing without their colours."""
    is_plain = has_no_colours(environ) and setting in ("auto", "blocks")
    return "off" if is_plain or is_ascii_only(environ) else setting


def asks_tmux(setting: str, environ: Mapping[str, str]) -> bool:
    """Whether tmux is asked if it passes kitty's pictures on: that it does so can change something."""
    may_be_kitty = setting == Protocol.KITTY or (setting == "auto" and not _is_remote(environ))
    return may_be_kitty and bool(environ.get("TMUX")) and not environ.get("STY")


def question(setting: str, environ: Mapping[str, str]) -> str:
    """The question to send to the terminal; empty if the answer would change nothing."""
    if setting not in ("auto", Protocol.KITTY, Protocol.SIXEL) or (setting == "auto" and _is_remote(environ)):
        return ""
    if environ.get("STY"):
        return ""
    asks_kitty = not is_multiplexed(environ) and (setting == Protocol.KITTY or _may_have_kitty(environ))
    return (KITTY_QUESTION if asks_kitty else "") + CELL_QUESTION + ATTRIBUTES_QUESTION


def chosen(setting: str, environ: Mapping[str, str], answers: Answers, client: TmuxClient = NO_TMUX) -> Protocol | None:
    """The protocol to use; None for half blocks. Called after the questions were asked.

    Over SSH pictures are half blocks unless the setting names a protocol: the connection may be slow. In tmux, kitty's
    protocol is used if tmux passes it on to a terminal that draws placeholders, and Sixel if tmux itself draws it.
    """
    if is_multiplexed(environ):
        if client.passes and (client.draws_placeholders or setting == Protocol.KITTY):
            return Protocol.KITTY_IN_TMUX
        return Protocol.SIXEL if answers.has_sixel and setting != Protocol.KITTY else None
    if setting in (Protocol.KITTY, Protocol.SIXEL):
        return Protocol(setting)
    if answers.has_kitty:
        return Protocol.KITTY
    return Protocol.SIXEL if answers.has_sixel else None


def _is_remote(environ: Mapping[str, str]) -> bool:
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))


def _may_have_kitty(environ: Mapping[str, str]) -> bool:
    konsole = environ.get("KONSOLE_VERSION", "")
    return (
        environ.get("TERM") in _KITTY_TERMS
        or environ.get("TERM_PROGRAM") in _KITTY_PROGRAMS
        or any(environ.get(name) for name in _KITTY_VARIABLES)
        or (konsole.isdecimal() and int(konsole) >= _KONSOLE_WITH_KITTY)
    )
