"""A dialog that shows a text to read, as long as it is. `/` searches in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from faldeck.tui.bindings import bindings
from faldeck.tui.panes.lines import Span, wrap
from faldeck.tui.panes.pane import PLAIN, ListPane

WIDTH = 79
"""Cells of the text; the frame takes two more, and a narrower screen is filled."""

FRAME = 2
"""Rows, and columns, of the frame."""


class ReadingPane(ListPane):
    """The lines of a text. The keys of a list scroll it; there is no cursor."""

    has_rule = False
    is_active = True
    cursor_style = ""

    def __init__(self, name: str, text: str) -> None:
        super().__init__()
        self._label = name
        self._text = text
        self._lines: Sequence[str] = ()

    def on_mount(self) -> None:
        self.screen.set_focus(self)

    def fit(self, width: int, height: int) -> None:
        """Takes as much of a screen of this size as the text needs."""
        width = min(WIDTH, width - FRAME)
        self._lines = wrap(self._text, width - 2)
        self.styles.width = width
        self.styles.height = min(len(self._lines) + 1, height - FRAME)

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        last = min(len(self._lines), self.scrolled + self.page_size)
        share = "" if len(self._lines) <= self.page_size else f"{last}/{len(self._lines)}  ↓ ↑  "
        return ((self._label, self.ink("strong")),), ((f"{share}Esc closes", PLAIN),)

    def row_count(self) -> int:
        return len(self._lines)

    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        line = self._lines[index]
        return ((f" {line}", self.ink("accent") if line.startswith("  faldeck ") else PLAIN),), ()

    def action_move(self, rows: int) -> None:
        """Scrolls, instead of moving a cursor through the page first."""
        self.move_to(self.scrolled + rows if rows < 0 else self.scrolled + self.page_size - 1 + rows)
        self.refresh_title()

    def action_page(self, pages: int) -> None:
        self.action_move(pages * self.page_size)


class ReadingDialog(ModalScreen[None]):
    """Covers a part of the deck until it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("reading")

    def __init__(self, name: str, text: str) -> None:
        super().__init__()
        self._pane = ReadingPane(name, text)

    def compose(self) -> ComposeResult:
        with Vertical(classes="popup tall"):
            yield self._pane

    def on_resize(self, event: events.Resize) -> None:
        self._pane.fit(event.size.width, event.size.height)
