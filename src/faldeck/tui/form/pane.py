"""The Form pane: the input of one model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType

from faldeck.tui.bindings import bindings
from faldeck.tui.form.opening import FormOpening
from faldeck.tui.form.request_commands import RequestCommands
from faldeck.tui.form.rows_pane import RowsPane
from faldeck.tui.form.type_ahead import TypeAhead

if TYPE_CHECKING:
    from faldeck.config.settings import Profile


class FormPane(RowsPane):
    """Draws a form and maps its keys: `opening` shows forms, `fields` changes rows, `request` the whole input."""

    HELP = "One row for each field. A dim value is the model's default and is not sent."
    NUMBER, NAME = "2", "Form"

    BINDINGS: ClassVar[list[BindingType]] = bindings("form", "field")

    def __init__(self, profiles: Callable[[], Iterable[Profile]] = tuple) -> None:
        """`profiles` returns the person's profiles: a pasted request may have a URL of one."""
        super().__init__(id="form")
        type_ahead = TypeAhead()
        self.request = RequestCommands(self, profiles, type_ahead)
        self.commands = self.fields = self.request.fields
        self.opening = FormOpening(self, self.request, type_ahead)

    def on_key(self, event: events.Key) -> None:
        self.opening.handle_key(event)

    def action_request(self, name: str) -> None:
        self.request.run(name)
