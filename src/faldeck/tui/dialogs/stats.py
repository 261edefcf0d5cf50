"""The screen of the sums: the Stats pane, and its keys below it."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from faldeck.history import History
from faldeck.tui.bindings import bindings
from faldeck.tui.panes.header_footer import KeyBar
from faldeck.tui.panes.stats import StatsPane


class StatsScreen(Screen[None]):
    """Covers the deck until it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("screen")

    def __init__(self, history: History) -> None:
        super().__init__()
        self.stats = StatsPane(history)

    def compose(self) -> ComposeResult:
        yield self.stats
        yield KeyBar(id="keys")

    @work
    async def action_commands(self) -> None:
        """Shows the keys, and runs the picked one."""
        from faldeck.tui import commands

        await commands.choose(self, commands.help_of(self, self.stats))
