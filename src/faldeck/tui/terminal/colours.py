"""What the environment and the terminal say about colours: how many there are, and whether the background is light."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from time import monotonic

ANSWER_SECONDS = 3.0
"""How long an answer about the background is waited for. A later one changes nothing."""

BACKGROUND_QUESTION = "\x1b]11;?\x1b\\"

_BACKGROUND_ANSWER = re.compile(r"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})")
_FULL_TERMS = ("kitty", "ghostty", "alacritty", "foot", "wezterm", "contour", "-direct", "rio")
_SILENT_TERMS = ("linux", "dumb", "vt", "ansi", "cons", "sun", "cygwin", "eterm")
"""Terminals that do not know the question; some would print it."""


def color_system(environ: Mapping[str, str]) -> str:
    """How many colours the terminal has, in Rich's words: `truecolor`, `256`, or `standard` for 16.

    GNU screen 4 shows no 24-bit colours, whatever it inherits.
    """
    term = environ.get("TERM", "").lower()
    if not environ.get("STY"):
        if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or environ.get("WT_SESSION"):
            return "truecolor"
        if any(name in term for name in _FULL_TERMS):
            return "truecolor"
    return "256" if "256" in term or _terminfo_colours(term) >= 256 else "standard"


def _terminfo_colours(term: str) -> int:
    """The number of colours that the system's description of the terminal has; 0 if there is none."""
    if term in ("", "linux", "xterm", "screen", "tmux", "ansi", "vt100", "vt220"):
        return 0  # Known without reading it.
    try:
        import curses

        curses.setupterm(term, 1)
        return curses.tigetnum("colors")
    except Exception:  # noqa: BLE001 (Windows has no curses; curses raises an error of its own for unknown terminals)
        return 0


def is_light(environ: Mapping[str, str]) -> bool | None:
    """Whether COLORFGBG names a light background; None if it names none."""
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return int(background) in (7, *range(9, 16)) if background.isdecimal() else None


def can_be_asked(environ: Mapping[str, str]) -> bool:
    """Whether the terminal can be asked for its background: GNU screen and old terminals do not answer."""
    term = environ.get("TERM", "")
    return bool(term) and not environ.get("STY") and not term.startswith(_SILENT_TERMS)


class BackgroundQuestion:
    """A question for the background that was sent. The thread that reads the input calls `hear`."""

    def __init__(self, on_answer: Callable[[bool], object]) -> None:
        """`on_answer` is called once, with whether the background is light, in the thread that reads the input."""
        self._on_answer = on_answer
        self._until = monotonic() + ANSWER_SECONDS
        self._is_answered = False

    def hear(self, text: str) -> None:
        """Takes an escape sequence from the terminal, and ignores it if it is not the answer or comes too late."""
        answer = _BACKGROUND_ANSWER.match(text)
        if answer is None or self._is_answered or monotonic() > self._until:
            return
        self._is_answered = True
        red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in answer.groups())
        self._on_answer(0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5)
