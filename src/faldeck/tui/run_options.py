"""How a request is to be run, as a form of its own: the fields, and the options of a job that come of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from faldeck.fal.lifecycle import DECISIONS, lifecycle
from faldeck.job import Mode
from faldeck.schema.document import Model, from_components
from faldeck.schema.jsonvalue import JsonValue

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


def model(modes: Sequence[str] = (Mode.QUEUE,)) -> Model:
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
