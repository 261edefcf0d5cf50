"""Dialogs for texts: one of many lines, one of a single line, and an input for secrets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events, work
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from faldeck.app import paste
from faldeck.safety import sanitize
from faldeck.schema.json_value import InvalidValue
from faldeck.tui.bindings import bindings
from faldeck.tui.form import pasting
from faldeck.tui.form.inputs import SingleLineInput

ERROR_PLACE = re.compile(r"line (?P<line>\d+), column (?P<column>\d+)")
"""The place of an error in a message of `json_value.read`; both numbers count from 1."""


class SafeTextArea(TextArea):
    """A text area that draws control characters harmlessly."""

    handle_paste: Callable[[str], bool] = staticmethod(lambda text: False)
    """Gets each paste; returns True if it must not be inserted."""

    def get_line(self, line_index: int) -> Text:
        """A line as it is drawn. Input from other programs may hold control characters."""
        return Text(sanitize.visible(self.document.get_line(line_index)), end="", no_wrap=True)

    async def _on_paste(self, event: events.Paste) -> None:
        # Without prevent_default Textual calls the handler of TextArea too.
        if self.handle_paste(event.text):
            event.stop()
            event.prevent_default()

    def on_unmount(self) -> None:
        # Without this the screen's signal keeps every text area alive.
        self.screen.text_selection_started_signal.unsubscribe(self)


class TextDialog(ModalScreen["str | None"]):
    """Edits a text of many lines. Returns the text, or None if the person closed it without keeping the text."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("text")

    def __init__(
        self,
        name: str,
        text: str,
        *,
        kept: str | None = None,
        check: Callable[[str], str] = lambda text: "",
        rewrite: Callable[[str], str] | None = None,
        done: str = "keeps the text",
    ) -> None:
        """`kept` is the text that remains if the dialog is closed; `text` by default. `check` returns an error or "".

        `rewrite` turns a pasted request into text to insert, or raises InvalidValue. Without it requests are refused.
        `done` says what becomes of the text.
        """
        super().__init__()
        self._label = name
        self._text = text
        self._may_discard = {text if kept is None else kept}
        """Texts that close without a warning: the saved one, and those the person was warned of."""
        self._check = check
        self._rewrite = rewrite
        self._done = done

    def compose(self) -> ComposeResult:
        area = SafeTextArea(self._text, soft_wrap=True, show_line_numbers=False, compact=True)
        area.cursor_blink = False
        area.handle_paste = self._handle_paste
        with Vertical(classes="popup text"):
            yield Static(self._label, classes="heading", markup=False)
            yield area
            hint = f"^J {self._done} · ^G opens it in your editor · Esc closes"
            yield Static(hint, classes="hint", markup=False)

    @property
    def area(self) -> SafeTextArea:
        """The text area."""
        return self.query_one(SafeTextArea)

    def on_mount(self) -> None:
        self.area.move_cursor(self.area.document.end)
        self.area.focus()

    def action_done(self) -> None:
        if problem := self._check(self.area.text):
            self._show_error(problem)
        else:
            self.dismiss(self.area.text)

    def _handle_paste(self, text: str) -> bool:
        """Inserts the input of a pasted request instead of the request itself: a key in it is never shown."""
        if not paste.is_code(text):
            return False
        try:
            if self._rewrite is None:
                raise InvalidValue("is a request: Esc, and paste it into the form")
            self.area.text = self._rewrite(text)
            self.area.move_cursor(self.area.document.end)
        except InvalidValue as fault:
            self._show_error(pasting.error_message(fault))
        return True

    def action_leave(self) -> None:
        text = self.area.text
        if text in self._may_discard:
            self.dismiss(None)
        else:
            self._may_discard.add(text)
            self._show_error("The text is not kept yet: ^J keeps it, Esc again closes.")

    @work
    async def action_own_editor(self) -> None:
        from faldeck.tui.form import external_editor

        text = await external_editor.edit(self.app, self.area.text)
        if text is not None:
            self.area.text = text
            self.area.move_cursor(self.area.document.end)

    def _show_error(self, problem: str) -> None:
        """Shows an error, and moves the cursor to the place it names."""
        self.query_one(".hint", Static).update(f"✗ {problem}")
        if place := ERROR_PLACE.search(problem):
            self.area.move_cursor((int(place["line"]) - 1, int(place["column"]) - 1), center=True)


class SafeLineInput(SingleLineInput):
    """A single-line input that draws control characters harmlessly."""

    @property
    def _value(self) -> Text:
        return Text(sanitize.visible(self.value), no_wrap=True, overflow="ignore", end="")

    def on_unmount(self) -> None:
        # Without this the screen's signal keeps every input alive.
        self.screen.text_selection_started_signal.unsubscribe(self)


class InputDialog(ModalScreen["str | None"]):
    """Asks for one line of text. Returns it, or None if the person closed the dialog."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("line")

    def __init__(self, question: str, text: str = "") -> None:
        super().__init__()
        self._question = question
        self._text = text

    def compose(self) -> ComposeResult:
        words = SafeLineInput(self._text, compact=True, select_on_focus=False)
        words.cursor_blink = False
        with Vertical(classes="popup line"):
            yield Static(self._question, classes="heading", markup=False)
            yield words
            yield Static("Enter takes it · Esc leaves it", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(SafeLineInput).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)


class SecretInput(SingleLineInput):
    """An input for a secret: it shows dots and copies nothing."""

    def __init__(self, *, value: str = "", placeholder: str = "", id: str) -> None:
        super().__init__(value=value, placeholder=placeholder, password=True, id=id, compact=True)

    def action_copy(self) -> None:
        raise SkipAction()

    def action_cut(self) -> None:
        self.delete_selection()
