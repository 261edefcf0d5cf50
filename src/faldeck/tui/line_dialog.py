"""A dialog over the deck that asks for a few words."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from faldeck import hostile
from faldeck.tui.one_line import OneLine


class Words(OneLine):
    """The line, drawn harmlessly whatever it holds."""

    @property
    def _value(self) -> Text:
        return Text(hostile.visible(self.value), no_wrap=True, overflow="ignore", end="")

    def on_unmount(self) -> None:
        # Without this the screen's signal keeps every line that ever was.
        self.screen.text_selection_started_signal.unsubscribe(self)


class LineDialog(ModalScreen["str | None"]):
    """A line of text; None where it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="line.close", tooltip="Leave it"),
    ]

    def __init__(self, question: str, text: str = "") -> None:
        super().__init__()
        self._question = question
        self._text = text

    def compose(self) -> ComposeResult:
        words = Words(self._text, compact=True, select_on_focus=False)
        words.cursor_blink = False
        with Vertical(classes="popup line"):
            yield Static(f" {self._question}", classes="heading", markup=False)
            yield words
            yield Static(" Enter takes it · Esc leaves it", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(Words).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)
