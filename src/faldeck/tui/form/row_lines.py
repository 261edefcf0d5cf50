"""Which line of a form's body belongs to which row: a long text takes the lines that the rows leave free. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate


class RowLines:
    """The lines of some rows. If there is no room for more, each row has one line, and the list scrolls."""

    def __init__(self, needs: Sequence[int], room: int, first: int | None = None) -> None:
        """`needs` are the lines that each row could fill, `room` those of the body. The row `first` is served first."""
        self.heights = [1] * len(needs)
        free = room - len(needs)
        order = [*([first] if first is not None and first < len(needs) else []), *range(len(needs))]
        for row in order:
            extra = max(0, min(needs[row] - self.heights[row], free))
            self.heights[row] += extra
            free -= extra
        self.is_even = free == room - len(needs)
        """Whether every row has one line."""
        self._starts = [0, *accumulate(self.heights)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RowLines) and self.heights == other.heights

    def __hash__(self) -> int:
        return hash(tuple(self.heights))

    def start(self, row: int) -> int:
        """The first line of a row, counted from that of the first row."""
        return self._starts[row]

    def at(self, line: int) -> tuple[int, int] | None:
        """The row that a line belongs to, and which of its lines it is; None below the rows."""
        row = bisect_right(self._starts, line) - 1
        return (row, line - self._starts[row]) if 0 <= row < len(self.heights) else None
