"""A job as the one JSON object that commands print and exports hold.

An export holds more of each job than a command prints, so that `restoring` can read it back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar

from faldeck import money
from faldeck.history.record import LogLine, Record
from faldeck.job import UNKNOWN_INPUT, Body, Cost, Failure, FieldProblem, FileState, Job, Output, State, instant
from faldeck.job_ids import id_number
from faldeck.safety import sanitize
from faldeck.schema.json_value import JsonValue

_ENDED_WITHOUT_ERROR: Mapping[State, str] = {
    State.CANCELLED: "The job was cancelled.",
    State.UNCONFIRMED: "The answer to the request was lost: the service may have it.",
    State.DISMISSED: "The answer to the request was lost, and the job was dismissed.",
}
"""States of jobs that ended badly without an error from the service → the message if the job has no notice."""


def document(job: Job, body: Body) -> dict[str, Any]:
    """The job with its documents. Times are ISO 8601 in UTC, sizes bytes, money USD; unknown values are null.

    Money and billed units are `Decimal`, which `json_value.ascii_text` writes with all their digits.
    """
    return {
        "id": job.id,
        "request_id": job.request_id,
        "profile": job.profile,
        "endpoint_id": job.endpoint_id,
        "state": job.state.value,
        "created_at": moment(job.created_at),
        "submitted_at": moment(job.submitted_at),
        "started_at": moment(job.started_at),
        "completed_at": moment(job.completed_at),
        "queue_position": job.queue_position,
        "arguments": body.arguments,
        "options": dict(job.options),
        "error": _error(job),
        "result": body.result,
        "outputs": [_output(job, output) for output in job.outputs],
        "cost": cost_document(job.cost),
        "starred": job.starred,
        "tags": list(job.tags),
        "note": job.note,
        "group": job.group,
        "parent": job.parent,
    }


def moment(at: datetime | None) -> str | None:
    """An instant as documents hold it: `2026-03-01T08:30:00.125Z`."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(job: Job) -> dict[str, object] | None:
    """The service's error; for a job that ended badly without one, an error made from its state."""
    if job.error is not None:
        fields = [{"loc": list(field.loc), "message": field.message} for field in job.error.fields]
        return {"type": job.error.type, "message": job.error.message, "fields": fields}
    if (sentence := _ENDED_WITHOUT_ERROR.get(job.state)) is None:
        return None
    message = sentence if job.state is State.CANCELLED else job.notice or sentence
    return {"type": job.state.value, "message": message, "fields": []}


def cost_document(cost: Cost | None) -> dict[str, object] | None:
    """A cost as documents hold it."""
    if cost is None:
        return None
    return {
        "units": cost.units,
        "unit": cost.unit,
        "unit_price_usd": cost.unit_price_usd,
        "total_usd": cost.total_usd,
        "is_estimate": cost.is_estimate,
    }


def _output(job: Job, output: Output) -> dict[str, object]:
    gone_at = None if output.gone_ms is None else datetime.fromtimestamp(output.gone_ms / 1000, UTC)
    return {
        "url": output.url,
        # Until the file is complete, its path is only reserved.
        "path": output.path if output.state is FileState.SAVED else None,
        **file_facts(output),
        "state": output.state.value,
        "expires_at": moment(job.links_end_at) if output.url else None,
        "gone_at": moment(gone_at),
        "problem": output.problem,
    }


def file_facts(output: Output) -> dict[str, object]:
    """What is known about the file of an output, wherever it is."""
    return {
        "content_type": output.content_type,
        "file_name": output.file_name,
        "size_bytes": output.size_bytes,
        "declared_bytes": output.declared_bytes,
        "width": output.width,
        "height": output.height,
    }


def exported(record: Record) -> dict[str, object]:
    """The job's document with everything that is needed to restore the job on another machine."""
    job = record.job
    whole = document(job, record.body)
    return whole | {
        "error": asdict(job.error) if job.error else None,
        "outputs": [
            told | {"at": output.at, "saved_file_ms": output.saved_file_ms}
            for told, output in zip(whole["outputs"], job.outputs, strict=True)
        ],
        "title": job.title,
        "input_known": job.input_known,
        "status_url": job.status_url,
        "response_url": job.response_url,
        "cancel_url": job.cancel_url,
        "inference_seconds": job.inference_seconds,
        "logs": [asdict(log) for log in record.logs],
    }


MAX_NUMBER = 1e300
"""Larger numbers are ignored: their sums would be infinite."""

MAX_LOG_MESSAGE = 20_000
"""Characters of one line of a log."""

_WITHOUT_ERROR = (State.CANCELLED, State.UNCONFIRMED, State.DISMISSED)
"""The states whose printed error was made from the state alone."""

Given = TypeVar("Given")


class NotAnExport(ValueError):
    """The text is not a job of an export; the message says what is wrong with it."""


def restored(table: JsonValue) -> Record:
    """A line of an export, or a job as a command printed it, as a job of this history; raises NoRecord.

    A request that was being sent is unconfirmed here; a file that is not on this machine is left at its URL.
    """
    try:
        return _record(_Row(table))
    except ValueError as error:
        raise NotAnExport(str(error)) from error


def _record(row: _Row) -> Record:
    id_number(row.text("id"))
    state = State(row.text("state"))
    is_unsure = state.is_followed and row.members.get("request_id") is None
    # An older faldeck showed it by the title alone.
    is_unknown = row.members.get("title") == UNKNOWN_INPUT and not row.members.get("arguments")
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
        input_known=row.get("input_known", bool, default=not is_unknown),
        starred=row.get("starred", bool, default=False),
        tags=tuple(sanitize.clean_line(str(tag)) for tag in row.get("tags", list, default=[])),
        note=row.words("note", default=""),
        group=row.words_or_none("group"),
        parent=_restored_parent(row),
    )
    logs = row.several("logs", _restored_line)
    return Record(job, Body(row.table("arguments"), row.members.get("result")), logs)


def _wrong(name: str) -> ValueError:
    return ValueError(f"its {name} is missing or of the wrong kind")


class _Row:
    """A JSON object whose members are read by name and type; every method raises ValueError."""

    def __init__(self, table: JsonValue) -> None:
        if not isinstance(table, dict):
            raise ValueError("it is not a JSON object")
        self.members = table

    def get(self, name: str, kind: type[Given], default: Given | None = None) -> Given:
        value = self.members.get(name, default)
        if not isinstance(value, kind):
            raise _wrong(name)
        return value

    # The following are called dozens of times for each job, so they do not call one another.

    def text(self, name: str, default: str | None = None) -> str:
        value = self.members.get(name, default)
        if not isinstance(value, str):
            raise _wrong(name)
        return value

    def words(self, name: str, default: str | None = None) -> str:
        """A text as one line that is safe to show everywhere."""
        value = self.members.get(name, default)
        if not isinstance(value, str):
            raise _wrong(name)
        return sanitize.clean_line(value)

    def words_or_none(self, name: str) -> str | None:
        value = self.members.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise _wrong(name)
        return sanitize.clean_line(value)

    def text_or_none(self, name: str) -> str | None:
        value = self.members.get(name)
        if value is not None and not isinstance(value, str):
            raise _wrong(name)
        return value

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
    is_here = path is not None and os.path.isfile(path)
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
        saved_file_ms=row.count("saved_file_ms"),
        gone_ms=round(gone_at.timestamp() * 1000) if (gone_at := row.moment("gone_at")) else None,
    )


def _restored_parent(row: _Row) -> str | None:
    if (parent := row.text_or_none("parent")) is not None:
        id_number(parent)
    return parent


def _restored_cost(row: _Row) -> Cost:
    """A cost; older exports have its units as a text, and its amounts with binary noise."""
    return Cost(
        units=money.decimal_of(row.members.get("units")),
        unit=row.words_or_none("unit"),
        unit_price_usd=money.decimal_of(row.members.get("unit_price_usd")),
        total_usd=money.decimal_of(row.members.get("total_usd")),
        is_estimate=row.get("is_estimate", bool, default=True),
    )


def restored_output(table: JsonValue) -> Output:
    """An output of an export; raises ValueError. Its file is saved if it is on this machine."""
    return _restored_output(_Row(table))


def restored_cost(table: JsonValue) -> Cost | None:
    """A cost of an export, or None; raises ValueError."""
    return None if table is None else _restored_cost(_Row(table))
