"""The dialog of the submit options: how the form's request is run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeAlias

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from faldeck.app.options_form import options_model
from faldeck.schema.json_value import JsonValue
from faldeck.tui.bindings import bindings
from faldeck.tui.form.field_commands import FieldCommands
from faldeck.tui.form.rows_pane import RowsPane
from faldeck.tui.form.state import FormState
from faldeck.tui.panes.lines import Span
from faldeck.tui.panes.pane import PLAIN

Options: TypeAlias = dict[str, JsonValue]


class OptionsPane(RowsPane):
    """The options as the rows of a form."""

    has_rule = False
    is_active = True

    BINDINGS: ClassVar[list[BindingType]] = bindings("field")

    def __init__(self, values: Options, modes: Sequence[str]) -> None:
        super().__init__(id="options")
        self.commands = self.fields = FieldCommands(self)
        self.renderer.ending = lambda: (("^J", self.ink("accent")), (" keeps them ", self.ink("head")), (" ", PLAIN))
        model = options_model(modes)
        self.state = FormState(model, values)
        self.endpoint_id = model.endpoint_id

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        return ((self.endpoint_id, self.ink("strong")),), ()

    def on_mount(self) -> None:
        self.refresh_rows()
        self.screen.set_focus(self)


class OptionsDialog(ModalScreen["Options | None"]):
    """Edits the options. Returns them, or None if they were closed with an error in them."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("options")

    def __init__(self, values: Options, modes: Sequence[str]) -> None:
        """`modes` are the ways to send the request, the default first."""
        super().__init__()
        self._pane = OptionsPane(values, modes)

    def compose(self) -> ComposeResult:
        with Vertical(classes="popup"):
            yield self._pane

    def action_done(self) -> None:
        self._finish(discards_errors=False)

    def action_close(self) -> None:
        self._finish(discards_errors=True)

    def _finish(self, *, discards_errors: bool) -> None:
        state = self._pane.state
        assert state is not None
        state.end_typing()
        general = state.check()
        if not general and not state.problems:
            self.dismiss(state.arguments())
        elif discards_errors:
            self.dismiss(None)
        else:
            self._pane.fields.show_problems(general)
