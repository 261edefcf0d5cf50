"""The screen of the sums: the Stats pane, and its keys below it."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from faldeck.history import History
from faldeck.tui.panes.header_footer import KeyBar
from faldeck.tui.panes.stats import StatsPane


class StatsScreen(Screen[None]):
    """Covers the deck until it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1,ctrl+p", "commands", "Help", id="stats.help", tooltip="The keys of this screen"),
        Binding("ctrl+l", "app.redraw", "Redraw", show=False, id="stats.redraw", tooltip="Draw the screen again"),
        Binding("escape", "dismiss(None)", "Close", id="stats.close", tooltip="Back to the deck"),
        Binding("q,ctrl+c", "dismiss(None)", show=False, id="stats.quit"),
    ]

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

        picked = await self.app.push_screen_wait(commands.picker(self, self.stats, []))
        if picked:
            node, action = picked.value
            await self.app.run_action(action, node)
