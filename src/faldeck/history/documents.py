"""A job's row as the one JSON object that commands print; its keys are a promise (design §9).

It is made without a `Job`, so that a listing of the history costs little more than asking it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite

from faldeck.ids import id_text
from faldeck.states import Keeping, State

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` itself is left out for its cost.
    from typing import Any

_OUTPUT = ("url", "path", "content_type", "file_name", "size_bytes", "declared_bytes", "width", "height", "state")
_COST = ("unit", "unit_price_usd", "total_usd", "is_estimate")
_ERROR = ("type", "message", "fields")

_UNWELL: Mapping[str, str] = {
    State.CANCELLED: "The job was cancelled.",
    State.UNCONFIRMED: "The answer to the request was lost: the service may have it.",
    State.DISMISSED: "The answer to the request was lost, and it was put aside.",
}
"""The ends without an error of the service, and what is said of them where the job says nothing."""


def document(row: Mapping[str, Any], arguments: object, result: object) -> dict[str, Any]:
    """The job with its documents. Times are ISO 8601 in UTC, sizes bytes, money USD; what is unknown is null.

    `row` holds the columns of the table `job`.
    """
    return {
        "id": id_text(row["id"]),
        "request_id": row["request_id"],
        "profile": row["profile"],
        "endpoint_id": row["endpoint_id"],
        "state": row["state"],
        "created_at": _moment(row["created_ms"]),
        "submitted_at": _moment(row["submitted_ms"]),
        "started_at": _moment(row["started_ms"]),
        "completed_at": _moment(row["completed_ms"]),
        "queue_position": row["queue_position"],
        "arguments": arguments,
        "options": read(row["options_json"]) or {},
        "error": _part(read(row["error_json"]), _ERROR) or _unwell(row),
        "result": result,
        "outputs": [_output(output) for output in read(row["outputs_json"]) or ()],
        "cost": _cost(read(row["cost_json"])),
        "starred": bool(row["starred"]),
        "tags": read(row["tags_json"]) or [],
        "note": row["note"],
    }


def read(text: str | None) -> Any:
    """The JSON document that a column holds; None where it holds none."""
    return None if text is None else json.loads(text)


def moment(at: datetime | None) -> str | None:
    """An instant as documents hold it: `2026-03-01T08:30:00.125Z`."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(ms: int | None) -> str | None:
    return None if ms is None else moment(datetime.fromtimestamp(ms / 1000, UTC))


def _part(table: Mapping[str, object] | None, names: tuple[str, ...]) -> dict[str, object] | None:
    return None if table is None else {name: table[name] for name in names}


def _unwell(row: Mapping[str, Any]) -> dict[str, object] | None:
    """The error of a job that the service has not failed, and that has not ended well; None for any other."""
    if (words := _UNWELL.get(row["state"])) is None:
        return None
    said = words if row["state"] == State.CANCELLED else row["notice"] or words
    return {"type": str(row["state"]), "message": said, "fields": []}


def _cost(table: Mapping[str, Any] | None) -> dict[str, object] | None:
    """The cost with its amounts as numbers, without the noise of binary fractions that an older faldeck recorded."""
    if table is None:
        return None
    told = {name: table[name] for name in _COST}
    amounts = {name: float(f"{value:.12g}") if isinstance(value, float) else value for name, value in told.items()}
    return {"units": _units(table["units"]), **amounts}


def _units(text: str | None) -> float | None:
    """The billed quantity as a number; None where it is none."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    if not isfinite(number):
        return None
    return int(number) if text.isascii() and text.isdigit() and len(text) < 16 else number


def _output(table: Mapping[str, object]) -> dict[str, object]:
    # A path that is only reserved is nobody's business yet.
    is_whole = table["state"] == Keeping.SAVED
    return {name: table[name] if name != "path" or is_whole else None for name in _OUTPUT}
