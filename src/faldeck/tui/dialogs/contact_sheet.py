"""The screen of the contact sheet, and its keys below it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from faldeck.history import History
from faldeck.job import Job
from faldeck.tui.bindings import bindings
from faldeck.tui.panes.contact_sheet import SheetPane
from faldeck.tui.panes.header_footer import KeyBar
from faldeck.tui.pictures.gallery import Gallery


class ContactSheet(Screen[None]):
    """Covers the deck until it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("screen")

    def __init__(self, history: History, read: Callable[[], Awaitable[Sequence[Job]]], gallery: Gallery) -> None:
        super().__init__()
        self.sheet = SheetPane(history, read, gallery)

    def compose(self) -> ComposeResult:
        yield self.sheet
        yield KeyBar(id="keys")

    @on(SheetPane.SheetLeft)
    def close(self) -> None:
        self.dismiss(None)

    @work
    async def action_commands(self) -> None:
        """Shows the keys, and runs the picked one."""
        from faldeck.tui import commands

        await commands.choose(self, commands.help_of(self, self.sheet))
