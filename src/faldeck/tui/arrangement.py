"""Where the four panes stand: a pure calculation from the size of the window, and the Textual layout that uses it.

From 110 columns on the panes stand side by side, in two rows. From 160 columns and 45 rows on the result has a column
of its own at full height. One pane alone, which is what a narrow screen shows, has all the room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.geometry import NULL_OFFSET, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

VERY_WIDE = Size(160, 45)
"""The least size at which the result has its own column."""

MIN_COLUMNS, MIN_ROWS = 26, 5
"""The least columns of a pane, and the least rows, whatever its share is."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of the window some panes take, from 0 to 1. The form and the other row take the rest."""

    models: float = 0.26
    """The width of the models."""
    result: float = 0.33
    """The width of the result."""
    jobs: float = 0.5
    """The height of the row with the jobs."""


def is_very_wide(size: Size) -> bool:
    """Whether the result has a column of its own."""
    return size.width >= VERY_WIDE.width and size.height >= VERY_WIDE.height


def arranged(size: Size, shares: Shares) -> Mapping[str, Region]:
    """The region of each pane, by its id, if all four are shown. Together they fill the window."""
    width, height = size
    own_column = is_very_wide(size)
    result = max(MIN_COLUMNS, min(round(width * shares.result), width // 2))
    left = width - result
    models = max(MIN_COLUMNS, min(round(width * shares.models), (left if own_column else width) - MIN_COLUMNS))
    lower = max(MIN_ROWS, min(round(height * shares.jobs), height - MIN_ROWS))
    upper = height - lower
    return {
        "models": Region(0, 0, models, upper),
        "form": Region(models, 0, (left if own_column else width) - models, upper),
        "jobs": Region(0, upper, left, lower),
        "result": Region(left, 0, result, height) if own_column else Region(left, upper, result, lower),
    }


class PanesLayout(Layout):
    """Places the panes that are displayed: all four, or one alone."""

    name = "panes"

    def __init__(self) -> None:
        self.shares = Shares()

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        parent.pre_layout(self)
        alone = {child.id: size.region for child in children} if len(children) == 1 else None
        regions = alone or arranged(size, self.shares)
        return [WidgetPlacement(regions[child.id or ""], NULL_OFFSET, Spacing(), child) for child in children]


class Panes(Widget):
    """What stands between the header and the key bar."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._arrangement = PanesLayout()

    @property
    def layout(self) -> Layout:
        return self._arrangement

    @property
    def shares(self) -> Shares:
        """How much of the window the panes take. Set it to move the borders."""
        return self._arrangement.shares

    @shares.setter
    def shares(self, shares: Shares) -> None:
        self._arrangement.shares = shares
        self.refresh(layout=True)
