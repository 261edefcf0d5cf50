"""Charts of a few cells: a bar in a row, and a row of columns. They are text, drawn by the lines of a pane."""

from __future__ import annotations

from collections.abc import Sequence

COLUMNS = "▁▂▃▄▅▆▇"
"""One to seven eighths of a cell, from below. A full cell would touch the chart above."""

WHOLE, HALF = "━", "╸"
"""A cell of a bar, and half of one."""

WIDEST_COLUMN = 8
"""Most cells that a column takes."""


def bar(value: float, most: float, width: int) -> str:
    """A bar for `value`; `most` is `width` cells long. Every value above 0 is visible."""
    if value <= 0 or most <= 0 or width < 1:
        return ""
    whole, rest = divmod(max(1, round(min(1.0, value / most) * width * 2)), 2)
    return WHOLE * whole + HALF * rest


def columns(values: Sequence[float], width: int) -> str:
    """A column for each value, in at most `width` cells. Every value above 0 is visible.

    If there is no room for all, neighbours are added up. If there is more room, each takes several cells.
    """
    if not values or width < 1:
        return ""
    together = -(-len(values) // width)
    sums = [sum(values[start : start + together]) for start in range(0, len(values), together)]
    most = max(sums)
    cells = min(WIDEST_COLUMN, width // len(sums))
    return "".join(_column(value, most) * cells for value in sums)


def _column(value: float, most: float) -> str:
    return COLUMNS[max(1, round(value / most * len(COLUMNS))) - 1] if value > 0 else " "
