"""The sizes of the panes: moved by key or by mouse, remembered from one start to the next."""

from __future__ import annotations

from faldeck.config.deck_state import DeckMemory
from faldeck.tui.arrangement import Panes, Shares, moved

STEPS = {"left": (-2, 0), "right": (2, 0), "up": (0, -1), "down": (0, 1)}
"""Columns and rows that a key moves a border."""

WHOLE = 1000
"""The remembered size of the whole window."""


class PaneSizes:
    """Moves the borders between the panes."""

    def __init__(self, memory: DeckMemory, *, is_restored: bool) -> None:
        """With `is_restored` the sizes are those of the last deck."""
        self._memory = memory
        self._start = memory.state.sizes if is_restored else {}

    def restore(self, panes: Panes) -> None:
        """Gives the panes their remembered sizes."""
        usual = Shares()._asdict()
        known = {name: size / WHOLE for name, size in self._start.items() if name in usual and 0 < size < WHOLE}
        panes.shares = panes.shares._replace(**known)

    def move(self, panes: Panes, pane: str, way: str) -> None:
        """Moves the border next to a pane, in a direction of `STEPS`; `reset` gives all panes their usual sizes."""
        panes.shares = Shares() if way == "reset" else moved(panes.size, panes.shares, pane, *STEPS[way])
        self.remember(panes.shares)

    def remember(self, shares: Shares) -> None:
        """Keeps the sizes that differ from the usual ones."""
        usual = Shares()._asdict()
        sizes = {name: round(share * WHOLE) for name, share in shares._asdict().items() if share != usual[name]}
        self._memory.change(sizes=sizes)
