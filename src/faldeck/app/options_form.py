"""The submit options as a form: makes it from their table, and converts its values to a job's options and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from faldeck.fal.submit_options import OPTIONS, lifecycle
from faldeck.job import Mode
from faldeck.schema.document import ModelSchema, from_components
from faldeck.schema.json_value import JsonValue

_MODE_HELP = (
    "How the request is sent. A direct call is lost if its connection is lost. A stream shows the answer early."
)


def options_model(modes: Sequence[str] = (Mode.QUEUE,)) -> ModelSchema:
    """The options as the input of a model, for a form. `modes` are those that can be chosen, the usual one first."""
    fields: dict[str, JsonValue] = {
        "mode": {"enum": [str(mode) for mode in modes], "default": str(modes[0]), "description": _MODE_HELP}
    }
    fields |= {option.name: {**option.schema, "description": option.help} for option in OPTIONS if option.schema}
    components: JsonValue = {"type": "object", "properties": fields, "x-fal-order-properties": list(fields)}
    return from_components("How it is run", "Options", {"Options": components})


def from_form(values: Mapping[str, JsonValue], usual_mode: str = Mode.QUEUE) -> dict[str, object]:
    """The options of a job from the values of the form. Defaults are left out."""
    defaults = {"mode": str(usual_mode), **_DEFAULTS}
    options: dict[str, object] = {name: value for name, value in values.items() if value != defaults.get(name)}
    if "lifecycle" in options:
        seconds = lifecycle(str(options.pop("lifecycle")))
        options |= {} if seconds is None else {"lifecycle": seconds}
    return options


def to_form(options: Mapping[str, object]) -> dict[str, JsonValue]:
    """The form's values for the options of a job. Options that the form has no field for are left out."""
    return {
        name: str(value) if name == "lifecycle" else value
        for name, value in options.items()
        if name == "mode" or name in _FIELDS
    }


_FIELDS = {option.name: option.schema for option in OPTIONS if option.schema}
_DEFAULTS = {name: schema["default"] for name, schema in _FIELDS.items() if "default" in schema}
