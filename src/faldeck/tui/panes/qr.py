"""The QR pane: an output's URL as a QR code, black on white whatever the theme, as large as the pane allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.strip import Strip

from faldeck.app import sharing
from faldeck.tui.bindings import bindings
from faldeck.tui.panes.lines import Span, cut, wrap
from faldeck.tui.panes.pane import PLAIN, Pane, PaneMessage

INK = Style(color="#000000", bgcolor="#ffffff")


class QrPane(Pane):
    """One URL as a QR code, in the middle; or the reason why it cannot be shown."""

    NAME = "QR code"
    HELP = "Point the camera of a phone at the code: it opens the output's URL there."

    has_rule = False
    is_active = True

    BINDINGS: ClassVar[list[BindingType]] = bindings("qr")

    class UrlCopied(PaneMessage):
        """The person pressed the key that copies the URL."""

    def __init__(self, url: str) -> None:
        super().__init__(id="qr")
        self.url = url
        self._lines: Sequence[str] = ()
        self._problem = ""

    def on_mount(self) -> None:
        self.screen.set_focus(self)

    def on_resize(self, event: events.Resize) -> None:
        try:
            self._lines, self._problem = sharing.qr_lines(self.url, self.line_width, self.body_height), ""
        except sharing.CannotDrawQr as error:
            self._lines, self._problem = (), str(error)
        self.refresh()

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        return ((cut(f" {self.url}", self.line_width - len(self.NAME) - 4), PLAIN),), ()

    def body_line(self, y: int) -> Strip:
        if self._problem:
            words = ["", *wrap(f"{self._problem} y copies the URL.", self.line_width - 2)]
            return self.drawn(((f" {words[y]}", PLAIN),) if y < len(words) else ())
        y -= (self.body_height - len(self._lines)) // 2
        if not 0 <= y < len(self._lines):
            return self.drawn(())
        left = (self.line_width - len(self._lines[y])) // 2
        return self.drawn(((" " * left, PLAIN), (self._lines[y], INK)))

    def action_copy(self) -> None:
        self.post_message(self.UrlCopied())
