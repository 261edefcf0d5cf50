"""The screen of the QR code, and its keys below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from faldeck.tui.bindings import bindings
from faldeck.tui.panes.header_footer import KeyBar
from faldeck.tui.panes.qr import QrPane


class QrScreen(Screen[None]):
    """Covers the deck until it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("screen")

    def __init__(self, url: str, copy: Callable[[], None]) -> None:
        """`copy` copies the URL."""
        super().__init__()
        self._copy = copy
        self.pane = QrPane(url)

    def compose(self) -> ComposeResult:
        yield self.pane
        yield KeyBar(id="keys")

    @on(QrPane.UrlCopied)
    def copy(self) -> None:
        """Copies the URL; the code stays."""
        self._copy()

    @work
    async def action_commands(self) -> None:
        """Shows the keys, and runs the picked one."""
        from faldeck.tui import commands

        await commands.choose(self, commands.help_of(self, self.pane))
