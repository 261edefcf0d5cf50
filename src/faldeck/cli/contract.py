"""What `--json` prints, as JSON Schemas: a job, and an error. Their keys are a promise (design §9)."""

from __future__ import annotations

from faldeck.cli.exits import Exit
from faldeck.job import Keeping, State

_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_NUMBER_OR_NULL = {"type": ["number", "null"]}
_COUNT_OR_NULL = {"type": ["integer", "null"], "minimum": 0}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
_MOMENT_OR_NULL = {"anyOf": [_MOMENT, {"type": "null"}]}


def _object(members: dict[str, object], *, or_null: bool = False) -> dict[str, object]:
    """An object that has all of these members."""
    kind: object = ["object", "null"] if or_null else "object"
    return {"type": kind, "properties": members, "required": list(members)}


_OUTPUT = _object(
    {
        "url": _TEXT_OR_NULL,
        "path": {**_TEXT_OR_NULL, "description": "The file on this machine, once it is whole."},
        "content_type": _TEXT_OR_NULL,
        "file_name": _TEXT_OR_NULL,
        "size_bytes": _COUNT_OR_NULL,
        "width": _COUNT_OR_NULL,
        "height": _COUNT_OR_NULL,
        "state": {"enum": [state.value for state in Keeping]},
    }
)

_FIELD_PROBLEM = _object({"loc": {"type": "array", "items": {"type": ["string", "integer"]}}, "message": _TEXT})

JOB = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A job: one request and what became of it",
    **_object(
        {
            "id": {"type": "string", "pattern": "^[0-9a-v]{13}$", "description": "Ours; it sorts by time."},
            "request_id": {**_TEXT_OR_NULL, "description": "The service's."},
            "profile": _TEXT,
            "endpoint_id": _TEXT,
            "state": {"enum": [state.value for state in State]},
            "created_at": _MOMENT,
            "submitted_at": _MOMENT_OR_NULL,
            "started_at": _MOMENT_OR_NULL,
            "completed_at": _MOMENT_OR_NULL,
            "queue_position": _COUNT_OR_NULL,
            "arguments": {"type": "object"},
            "options": {"type": "object"},
            "error": _object(
                {"type": _TEXT_OR_NULL, "message": _TEXT, "fields": {"type": "array", "items": _FIELD_PROBLEM}},
                or_null=True,
            ),
            "result": {"description": "Whatever the model answered."},
            "outputs": {"type": "array", "items": _OUTPUT},
            "cost": _object(
                {
                    "units": _TEXT_OR_NULL,
                    "unit": _TEXT_OR_NULL,
                    "unit_price_usd": _NUMBER_OR_NULL,
                    "total_usd": _NUMBER_OR_NULL,
                    "is_estimate": {"type": "boolean"},
                },
                or_null=True,
            ),
            "starred": {"type": "boolean"},
            "tags": {"type": "array", "items": _TEXT},
            "note": _TEXT,
        }
    ),
}
"""One job, as every command prints it."""

ERROR = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Why a command ended",
    **_object(
        {
            "error": _object(
                {
                    "type": {**_TEXT, "pattern": "^[a-z_]+$"},
                    "message": _TEXT,
                    "hint": {**_TEXT_OR_NULL, "description": "A command that helps."},
                    "exit_status": {"enum": [status.value for status in Exit if status]},
                }
            )
        }
    ),
}
"""The one line that a command prints instead of data, or after it, where it did not end well."""
