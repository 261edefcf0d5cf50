"""A dialog over the deck in which a text of many lines is edited."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events, work
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from faldeck.safety import sanitize
from faldeck.schema.json_value import InvalidValue
from faldeck.tui.form import dropped
from faldeck.tui.form.one_line import SingleLineInput

PLACE = re.compile(r"line (?P<line>\d+), column (?P<column>\d+)")
"""Where something is wrong, as `jsonvalue.read` says it: both count from 1."""


class SafeTextArea(TextArea):
    """A text area that is let go of when its dialog closes."""

    takes_pasted: Callable[[str], bool] = staticmethod(lambda text: False)
    """Says of a pasted text whether it was taken, and is not to be put in."""

    def get_line(self, line_index: int) -> Text:
        """What is drawn of a line: an adopted job's input may hold anything."""
        return Text(sanitize.visible(self.document.get_line(line_index)), end="", no_wrap=True)

    async def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the handler of TextArea as well, unless it is prevented.
        if self.takes_pasted(event.text):
            event.stop()
            event.prevent_default()

    def on_unmount(self) -> None:
        # Without this the screen's signal keeps every text area that ever was.
        self.screen.text_selection_started_signal.unsubscribe(self)


class TextDialog(ModalScreen["str | None"]):
    """A text of many lines; None where it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j", "done", "Done", id="text.done", tooltip="Keep the text"),
        Binding("ctrl+g", "own_editor", "Editor", id="text.editor", tooltip="Go on in your own editor ($EDITOR)"),
        Binding("escape", "leave", "Close", id="text.leave", tooltip="Leave it as it was"),
    ]

    def __init__(
        self,
        name: str,
        text: str,
        *,
        held: str | None = None,
        check: Callable[[str], str] = lambda text: "",
        rewrite: Callable[[str], str] | None = None,
    ) -> None:
        """`held` is the text that stays where the dialog is left, if not `text`; `check` tells what is wrong.

        `rewrite` gives the text that a pasted request stands for, or raises InvalidValue; without it none is taken.
        """
        super().__init__()
        self._label = name
        self._text = text
        self._lost_silently = {text if held is None else held}
        """What may be left without a word: what stays anyway, and what the person was told of."""
        self._check = check
        self._rewrite = rewrite

    def compose(self) -> ComposeResult:
        area = SafeTextArea(self._text, soft_wrap=True, show_line_numbers=False, compact=True)
        area.cursor_blink = False
        area.takes_pasted = self._takes_pasted
        with Vertical(classes="popup text"):
            yield Static(f" {self._label}", classes="heading", markup=False)
            yield area
            yield Static(" ^J keeps the text · ^G opens it in your editor · Esc closes", classes="hint", markup=False)

    @property
    def area(self) -> SafeTextArea:
        """Where the text is edited."""
        return self.query_one(SafeTextArea)

    def on_mount(self) -> None:
        self.area.move_cursor(self.area.document.end)
        self.area.focus()

    def action_done(self) -> None:
        if problem := self._check(self.area.text):
            self._say(problem)
        else:
            self.dismiss(self.area.text)

    def _takes_pasted(self, text: str) -> bool:
        """A pasted request stands there as what it asks for: a key in it is never shown."""
        if not dropped.is_code(text):
            return False
        try:
            if self._rewrite is None:
                raise InvalidValue("is a request: Esc, and paste it into the form")
            self.area.text = self._rewrite(text)
            self.area.move_cursor(self.area.document.end)
        except InvalidValue as fault:
            self._say(dropped.said(fault))
        return True

    def action_leave(self) -> None:
        text = self.area.text
        if text in self._lost_silently:
            self.dismiss(None)
        else:
            self._lost_silently.add(text)
            self._say("The text is not kept so: ^J keeps it, Esc once more closes.")

    @work
    async def action_own_editor(self) -> None:
        from faldeck.tui.form import editor

        text = await editor.edited(self.app, self.area.text)
        if text is not None:
            self.area.text = text
            self.area.move_cursor(self.area.document.end)

    def _say(self, problem: str) -> None:
        """Says what is wrong, and goes to the place that is named."""
        self.query_one(".hint", Static).update(f" ✗ {problem}")
        if place := PLACE.search(problem):
            self.area.move_cursor((int(place["line"]) - 1, int(place["column"]) - 1), center=True)


class SafeLineInput(SingleLineInput):
    """The line, drawn harmlessly whatever it holds."""

    @property
    def _value(self) -> Text:
        return Text(sanitize.visible(self.value), no_wrap=True, overflow="ignore", end="")

    def on_unmount(self) -> None:
        # Without this the screen's signal keeps every line that ever was.
        self.screen.text_selection_started_signal.unsubscribe(self)


class InputDialog(ModalScreen["str | None"]):
    """A line of text; None where it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="line.close", tooltip="Leave it"),
    ]

    def __init__(self, question: str, text: str = "") -> None:
        super().__init__()
        self._question = question
        self._text = text

    def compose(self) -> ComposeResult:
        words = SafeLineInput(self._text, compact=True, select_on_focus=False)
        words.cursor_blink = False
        with Vertical(classes="popup line"):
            yield Static(f" {self._question}", classes="heading", markup=False)
            yield words
            yield Static(" Enter takes it · Esc leaves it", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(SafeLineInput).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)


class SecretInput(SingleLineInput):
    """A line that shows dots."""

    def __init__(self, *, value: str = "", placeholder: str = "", id: str) -> None:
        super().__init__(value=value, placeholder=placeholder, password=True, id=id, compact=True)

    def action_copy(self) -> None:
        raise SkipAction()

    def action_cut(self) -> None:
        self.delete_selection()
