"""The dialog of the options: how the form's request is to be run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from faldeck.fal.submit_options import DECISIONS, lifecycle
from faldeck.job import Mode
from faldeck.schema.document import ModelSchema, from_components
from faldeck.schema.json_value import JsonValue
from faldeck.tui.form.fields_pane import FieldsPane
from faldeck.tui.form.keys import FIELD_KEYS
from faldeck.tui.form.state import FormState
from faldeck.tui.panes.lines import Span
from faldeck.tui.panes.pane import PLAIN

_SPANS = ("immediate", "1h", "1d", "7d", "30d", "1y", "never")

_FIELDS: dict[str, JsonValue] = {
    "priority": {"enum": ["normal", "low"], "default": "normal", "description": "The place in the queue."},
    "start_timeout": {
        "type": "number",
        "exclusiveMinimum": 0.1,
        "description": "Give up where it has not started in so many seconds.",
    },
    "max_queue_length": {
        "type": "integer",
        "minimum": 0,
        "description": "Send nothing where more requests than that wait for the app.",
    },
    "no_retry": {"type": "boolean", "default": False, "description": "No second try by the service itself."},
    "runner_hint": {"type": "string", "description": "Prefer the runner that had this hint before."},
    "webhook": {
        "type": "string",
        "pattern": "^https://.",
        "description": "Let the service call this web address at the end.",
    },
    "lifecycle": {
        "anyOf": [
            {"type": "string", "enum": list(_SPANS)},
            {"type": "string", "pattern": "^[1-9][0-9]{0,9}$"},
        ],
        "description": "How long the service keeps its files, sent and made: seconds, or "
        "immediate, 1h, 1d, 7d, 30d, 1y, never. Without it the account's own setting holds.",
    },
    "access": {
        "enum": list(DECISIONS),
        "default": DECISIONS[0],
        "description": "What anybody who asks for its files gets, sent and made: the file, or that it is forbidden, "
        "or that there is none. Where it is not allowed, a model may be unable to read what it is sent.",
    },
}


def options_model(modes: Sequence[str] = (Mode.QUEUE,)) -> ModelSchema:
    """The options as a model, for a form; `modes` are the ways there are, the usual one first."""
    mode: JsonValue = {
        "enum": [str(mode) for mode in modes],
        "default": str(modes[0]),
        "description": "By which way it is sent. A direct call is lost with its connection; a stream tells as it goes.",
    }
    fields = {"mode": mode, **_FIELDS}
    components: JsonValue = {"type": "object", "properties": fields, "x-fal-order-properties": list(fields)}
    return from_components("How it is run", "Options", {"Options": components})


def options(filled: Mapping[str, JsonValue], usual: str = Mode.QUEUE) -> dict[str, object]:
    """The options of a job that a filled form asks for; what is as it always is, or the way `usual`, asks nothing."""
    always = {"mode": str(usual), **_ALWAYS}
    asked = {name: value for name, value in filled.items() if value != always.get(name)}
    if "lifecycle" in asked:
        seconds = lifecycle(str(asked.pop("lifecycle")))
        asked |= {} if seconds is None else {"lifecycle": seconds}
    return asked


def filled(options: Mapping[str, object]) -> dict[str, JsonValue]:
    """The form's values that a job's options came of; what the form has no field for stays out."""
    values = {name: value for name, value in options.items() if name in ("mode", *_FIELDS)}
    if "lifecycle" in values:
        values["lifecycle"] = str(values["lifecycle"])
    return values


_ALWAYS = {name: field["default"] for name, field in _FIELDS.items() if isinstance(field, dict) and "default" in field}


Options: TypeAlias = dict[str, JsonValue]


class OptionsPane(FieldsPane):
    """The options as a form."""

    has_rule = False
    is_active = True

    BINDINGS: ClassVar[list[BindingType]] = [*FIELD_KEYS]

    def __init__(self, values: Options, modes: Sequence[str]) -> None:
        super().__init__(id="options")
        model = options_model(modes)
        self.state = FormState(model, values)
        self.endpoint_id = model.endpoint_id

    def on_mount(self) -> None:
        self.build()
        self.screen.set_focus(self)

    def ending(self) -> Sequence[Span]:
        return (("^J", self.ink("accent")), (" keeps them ", self.ink("head")), (" ", PLAIN))


class OptionsDialog(ModalScreen["Options | None"]):
    """The options' values; None where they were left as they were."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j", "done", "Done", id="options.done", tooltip="Keep the options"),
        Binding(
            "escape,ctrl+c,q", "leave", "Close", id="options.close", tooltip="Keep the options where they are right"
        ),
    ]

    def __init__(self, values: Options, modes: Sequence[str]) -> None:
        """`modes` are the ways by which the request can be sent, the usual one first."""
        super().__init__()
        self._pane = OptionsPane(values, modes)

    def compose(self) -> ComposeResult:
        with Vertical(classes="popup"):
            yield self._pane

    def action_done(self) -> None:
        self._end(leaving=False)

    def action_leave(self) -> None:
        self._end(leaving=True)

    def _end(self, *, leaving: bool) -> None:
        state = self._pane.state
        assert state is not None
        state.pause()
        loose = state.check()
        if not loose and not state.problems:
            self.dismiss(state.arguments())
        elif leaving:
            self.dismiss(None)
        else:
            self._pane.show_problems(loose)
