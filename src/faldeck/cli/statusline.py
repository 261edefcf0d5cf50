"""One line on stderr that changes in place on a terminal; where nobody looks, nothing."""

from __future__ import annotations

import shutil
import sys
from types import TracebackType
from typing import Self

from faldeck import hostile
from faldeck.cli import output

_CLEAR = "\r\x1b[K"


class StatusLine:
    """Shows the newest words until it is left; whatever else is printed meanwhile is printed after `clear`."""

    def __init__(self, *, is_wanted: bool = True) -> None:
        self._is_seen = is_wanted and sys.stderr.isatty()
        self._shown = ""

    def show(self, words: str) -> None:
        """Puts the words, as far as the terminal is wide, in the place of those before."""
        if self._is_seen and words != self._shown:
            self._shown = words
            cut = output.cut(hostile.clean_line(words), shutil.get_terminal_size().columns - 1)
            print(f"{_CLEAR}{cut}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Takes the words away."""
        if self._shown:
            self._shown = ""
            print(_CLEAR, end="", file=sys.stderr, flush=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.clear()
