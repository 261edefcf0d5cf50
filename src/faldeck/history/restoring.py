"""A job of an export, read back into a history: the inverse of `transfer.exported`.

What is read is data from anywhere: every member is checked, and nothing is sent or fetched because of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from faldeck import hostile
from faldeck.history.store import LogLine, Record
from faldeck.job import Body, Cost, Failure, FieldProblem, Job, Keeping, Output, State, id_number, instant
from faldeck.schema.jsonvalue import JsonValue

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
        tags=tuple(hostile.clean_line(str(tag)) for tag in row.get("tags", list, default=[])),
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
        return hostile.clean_line(self.text(name, default))

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
    message = hostile.clean(row.text("message"), limit=MAX_LOG_MESSAGE)
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
        state=Keeping.SAVED if is_here else Keeping.REMOTE,
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
