"""Where a list stands: the position in its title, and its scroll bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

REST_SECONDS = 1.0
"""How long after a move the title says the new position. Meanwhile a move sends nothing for it."""

BAR = "▐"


class ListWithTitle(Protocol):
    """The list whose position is shown."""

    cursor: int

    def refresh_title(self) -> None:
        """Draws the title again."""

    def set_timer(self, delay: float, callback: Callable[[], object]) -> object:
        """Calls back after `delay` seconds."""


class Position:
    """The position that a list's title says. It follows the cursor after a rest."""

    def __init__(self, pane: ListWithTitle) -> None:
        self.shown = 0
        """The row that the title says, from 0."""
        self._pane = pane
        self._is_behind = False

    def follow(self) -> None:
        """The cursor has moved: the title is drawn again soon."""
        if not self._is_behind:
            self._is_behind = True
            self._pane.set_timer(REST_SECONDS, self._rested)

    def _rested(self) -> None:
        self._is_behind = False
        if self.shown != self._pane.cursor:
            self.shown = self._pane.cursor
            self._pane.refresh_title()

    def words(self, total: int, page_size: int, count: str = "") -> str:
        """The position and the number of rows: `37/478`; the number alone if all rows are on the screen.

        `count` is the number as text, if it is not known exactly.
        """
        count = count or f"{total:,}"
        return f"{min(self.shown, total - 1) + 1:,}/{count}" if total > page_size else count

    def among(self, count: str, known: int, page_size: int, *, is_searched: bool) -> str:
        """The same for a list of which `known` rows are in memory, from the first on; `count` is the number of all.

        A list without a search that is seen as a whole says nothing.
        """
        if known > page_size and count:
            count = self.words(known, page_size, count)
        elif not is_searched:
            return ""
        return f"{count or '0'} found" if is_searched else count


def thumb(height: int, scrolled: int, total: int) -> range:
    """The lines of a scroll bar of `height` lines that are filled; none if all rows are on the screen."""
    if total <= height:
        return range(0)
    size = max(1, round(height * height / total))
    start = round((height - size) * scrolled / (total - height))
    return range(start, start + size)
