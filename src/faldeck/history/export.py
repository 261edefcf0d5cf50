"""A job as the one JSON object that commands print and exports hold.

An export holds more of each job than a command prints, so that `restoring` can read it back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from faldeck.history import rows
from faldeck.history.store import LogLine, Record
from faldeck.job import Body, Cost, Failure, FieldProblem, FileState, Job, Output, State, id_number, id_text, instant
from faldeck.safety import sanitize
from faldeck.schema.json_value import JsonValue

if TYPE_CHECKING:
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


def row_document(row: Mapping[str, Any], arguments: object, result: object) -> dict[str, Any]:
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
    is_whole = table["state"] == FileState.SAVED
    return {name: table[name] if name != "path" or is_whole else None for name in _OUTPUT}


def document(job: Job, body: Body) -> dict[str, Any]:
    """The job with its documents, as `documents.document` tells it from the row."""
    return row_document(rows.values(job), body.arguments, body.result)


def exported(record: Record) -> dict[str, object]:
    """The job's document with all that is needed to make the same job of it elsewhere."""
    job = record.job
    whole = document(job, record.body)
    return whole | {
        "error": asdict(job.error) if job.error else None,
        "outputs": [
            told | {"at": output.at, "problem": output.problem}
            for told, output in zip(whole["outputs"], job.outputs, strict=True)
        ],
        "title": job.title,
        "status_url": job.status_url,
        "response_url": job.response_url,
        "cancel_url": job.cancel_url,
        "inference_seconds": job.inference_seconds,
        "logs": [asdict(log) for log in record.logs],
    }


MAX_NUMBER = 1e300
"""Beyond it a number is none: sums of it would be infinite."""

MAX_LOG_MESSAGE = 20_000
"""Characters of one line of a log."""

_WITHOUT_ERROR = (State.CANCELLED, State.UNCONFIRMED, State.DISMISSED)
"""The states whose error, where a command printed one, was made of the state alone."""

Given = TypeVar("Given")


class NoRecord(ValueError):
    """What was read is no job of an export; the text says what is wrong with it."""


def restored(table: JsonValue) -> Record:
    """A line of an export, or a job as a command printed it, as a job of this history; raises NoRecord.

    A request that was being sent is unconfirmed here; a file that is not on this machine is left at its URL.
    """
    try:
        return _record(_Row(table))
    except ValueError as error:
        raise NoRecord(str(error)) from error


def _record(row: _Row) -> Record:
    id_number(row.text("id"))
    state = State(row.text("state"))
    is_unsure = state.is_followed and row.members.get("request_id") is None
    job = Job(
        id=row.text("id"),
        profile=row.words("profile"),
        endpoint_id=row.words("endpoint_id"),
        state=State.UNCONFIRMED if is_unsure else state,
        notice="It was being sent when it was exported." if is_unsure else "",
        created_at=instant(row.text("created_at")),
        title=row.words("title", default=""),
        request_id=row.words_or_none("request_id"),
        status_url=row.text_or_none("status_url"),
        response_url=row.text_or_none("response_url"),
        cancel_url=row.text_or_none("cancel_url"),
        submitted_at=row.moment("submitted_at"),
        started_at=row.moment("started_at"),
        completed_at=row.moment("completed_at"),
        inference_seconds=row.number("inference_seconds"),
        error=None if state in _WITHOUT_ERROR else row.inner("error", _restored_error),
        outputs=row.several("outputs", _restored_output),
        cost=row.inner("cost", _restored_cost),
        options=row.table("options"),
        starred=row.get("starred", bool, default=False),
        tags=tuple(sanitize.clean_line(str(tag)) for tag in row.get("tags", list, default=[])),
        note=row.words("note", default=""),
    )
    logs = row.several("logs", _restored_line)
    return Record(job, Body(row.table("arguments"), row.members.get("result")), logs)


class _Row:
    """A JSON object whose members are asked for by name and type; every method raises ValueError."""

    def __init__(self, table: JsonValue) -> None:
        if not isinstance(table, dict):
            raise ValueError("it is no JSON object")
        self.members = table

    def get(self, name: str, kind: type[Given], default: Given | None = None) -> Given:
        value = self.members.get(name, default)
        if not isinstance(value, kind):
            raise ValueError(f"its {name} is missing or of the wrong kind")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        return self.get(name, str, default)

    def words(self, name: str, default: str | None = None) -> str:
        """A text that is shown as it is, as one line that is harmless everywhere."""
        return sanitize.clean_line(self.text(name, default))

    def words_or_none(self, name: str) -> str | None:
        return None if self.members.get(name) is None else self.words(name)

    def text_or_none(self, name: str) -> str | None:
        return None if self.members.get(name) is None else self.text(name)

    def table(self, name: str) -> dict[str, JsonValue]:
        return self.get(name, dict)

    def number(self, name: str) -> float | None:
        value = self.members.get(name)
        return float(value) if isinstance(value, int | float) and abs(value) < MAX_NUMBER else None

    def count(self, name: str) -> int | None:
        value = self.members.get(name)
        return value if isinstance(value, int) else None

    def moment(self, name: str) -> datetime | None:
        text = self.text_or_none(name)
        return instant(text) if text else None

    def inner(self, name: str, read: Callable[[_Row], Given]) -> Given | None:
        value = self.members.get(name)
        return None if value is None else read(_Row(value))

    def several(self, name: str, read: Callable[[_Row], Given]) -> tuple[Given, ...]:
        return tuple(read(_Row(value)) for value in self.get(name, list, default=[]))


def _restored_line(row: _Row) -> LogLine:
    message = sanitize.clean(row.text("message"), limit=MAX_LOG_MESSAGE)
    return LogLine(row.words("timestamp"), row.words("level"), message)


def _restored_error(row: _Row) -> Failure:
    def problem(field: _Row) -> FieldProblem:
        steps = field.get("loc", list)
        return FieldProblem(
            loc=tuple(step for step in steps if isinstance(step, str | int)), message=field.words("message")
        )

    fields = row.several("fields", problem)
    return Failure(
        message=row.words("message"), type=row.words_or_none("type"), status=row.count("status"), fields=fields
    )


def _restored_output(row: _Row) -> Output:
    path = row.text_or_none("path")
    is_here = path is not None and Path(path).is_file()
    return Output(
        at=row.text("at", default=""),
        url=row.text_or_none("url"),
        content_type=row.words_or_none("content_type"),
        file_name=row.text_or_none("file_name"),
        size_bytes=row.count("size_bytes"),
        declared_bytes=row.count("declared_bytes"),
        width=row.count("width"),
        height=row.count("height"),
        path=path if is_here else None,
        state=FileState.SAVED if is_here else FileState.REMOTE,
        problem=row.words_or_none("problem"),
    )


def _restored_units(row: _Row) -> str | None:
    """The billed quantity; older exports have it as a text."""
    units = row.members.get("units")
    return str(units) if isinstance(units, int | float) and not isinstance(units, bool) else row.words_or_none("units")


def _restored_cost(row: _Row) -> Cost:
    return Cost(
        units=_restored_units(row),
        unit=row.words_or_none("unit"),
        unit_price_usd=row.number("unit_price_usd"),
        total_usd=row.number("total_usd"),
        is_estimate=row.get("is_estimate", bool, default=True),
    )
