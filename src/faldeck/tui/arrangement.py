"""Where the four panes stand: a pure calculation from the size of the window, and the Textual layout that uses it.

From 110 columns on the panes stand side by side, in two rows. From 160 columns and 45 rows on the result has a column
of its own at full height. One pane alone, which is what a narrow screen shows, has all the room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from textual import events
from textual.geometry import NULL_OFFSET, Offset, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from faldeck.tui.panes.kept_lines import KeptLines
from faldeck.tui.panes.pane import PaneMessage

VERY_WIDE = Size(160, 43)
"""The least room at which the result has its own column: a window of 45 rows without its header and key bar."""

MIN_COLUMNS, MIN_ROWS = 26, 5
"""The least columns of a pane, and the least rows, whatever its share is."""


class Shares(NamedTuple):
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


def moved(size: Size, shares: Shares, pane: str, columns: int, rows: int) -> Shares:
    """The shares after the borders of a pane were moved, as far as the other panes leave room.

    The models and the form share one border, so do the jobs and the result.
    """
    if not size:
        return shares
    now = arranged(size, shares)
    if columns and pane in ("models", "form"):
        shares = shares._replace(models=(now["models"].width + columns) / size.width)
    elif columns:
        shares = shares._replace(result=(now["result"].width - columns) / size.width)
    if rows:
        shares = shares._replace(jobs=(now["jobs"].height - rows) / size.height)
    # A border stops where the next pane has its least size, and comes back at once.
    then = arranged(size, shares)
    return Shares(
        then["models"].width / size.width if columns and pane in ("models", "form") else shares.models,
        then["result"].width / size.width if columns and pane not in ("models", "form") else shares.result,
        then["jobs"].height / size.height if rows else shares.jobs,
    )


def border_at(size: Size, shares: Shares, place: Offset) -> str:
    """The pane whose left border is at a place, or `lower` for the title line of the lower row; empty elsewhere."""
    regions = arranged(size, shares)
    for name in ("form", "result"):
        if regions[name].contains_point(place) and place.x == regions[name].x:
            return name
    return "lower" if place.y == regions["jobs"].y and place.x < regions["jobs"].right else ""


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


class Panes(KeptLines):
    """What stands between the header and the key bar."""

    @dataclass
    class BorderMoved(PaneMessage):
        """The person has dragged a border with the mouse."""

        shares: Shares

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._arrangement = PanesLayout()
        self._dragged = ""
        """The border that the mouse holds, as `border_at` names it."""
        self._held_at = NULL_OFFSET

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
        for child in self.children:  # Textual forgets the old places if a child asks, not if this widget does.
            child.refresh(layout=True)

    # A border is dragged by the mouse. The events come up from the pane under it.

    @property
    def _are_side_by_side(self) -> bool:
        return sum(child.display for child in self.children) > 1

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._held_at = event.screen_offset - self.region.offset
        self._dragged = border_at(self.size, self.shares, self._held_at) if self._are_side_by_side else ""

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if not self._dragged or not event.button:
            self._dragged = ""
            return
        place = event.screen_offset - self.region.offset
        step = place - self._held_at
        is_lower = self._dragged == "lower"
        shares = moved(self.size, self.shares, self._dragged, 0 if is_lower else step.x, step.y if is_lower else 0)
        self._held_at = place
        if shares != self.shares:
            self.shares = shares

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._dragged:
            self._dragged = ""
            self.post_message(self.BorderMoved(self.shares))
