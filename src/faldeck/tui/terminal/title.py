"""The title of the terminal's window: it is kept, replaced while the deck runs, and given back."""

from __future__ import annotations

import os
from collections.abc import Mapping

from faldeck.safety import sanitize

_KEEP, _GIVE_BACK = "\x1b[22;2t", "\x1b[23;2t"
"""XTWINOPS: the terminal keeps its title on a stack, and takes it from there."""

_UNTITLED = ("linux", "dumb", "vt100", "vt220")
"""Values of TERM of terminals without a title; some would print it."""

LONGEST = 100


class WindowTitle:
    """What to send for a title. It sends nothing by itself."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._is_known = environ.get("TERM", "") not in _UNTITLED
        self._text = ""
        self._is_kept = False

    def show(self, text: str) -> str:
        """The sequence that shows a title; empty if it is shown already."""
        text = sanitize.clean_line(text, limit=LONGEST)
        if text == self._text or not self._is_known:
            return ""
        self._text = text
        return self._shown()

    def again(self) -> str:
        """The sequence that shows the same title once more, after it was given back; empty without a title."""
        return self._shown() if self._text else ""

    def give_back(self) -> str:
        """The sequence that shows the title from before; a terminal that kept none has an empty one then."""
        if not self._is_kept:
            return ""
        self._is_kept = False
        return f"\x1b]2;\x1b\\{_GIVE_BACK}"

    def _shown(self) -> str:
        keep = "" if self._is_kept else _KEEP
        self._is_kept = True
        return f"{keep}\x1b]2;{self._text}\x1b\\"


def of_jobs(live: str, *, is_ascii: bool = False) -> str:
    """The title while this number of jobs is live; an empty text is none."""
    return f"faldeck {'-' if is_ascii else '·'} {live} running" if live else "faldeck"
