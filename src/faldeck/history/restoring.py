"""Reads a job of an export back: the columns and documents of its row, made safe to show and to store.

An import reads a million lines, so the row is made from the line without a `Job` in between, and a document that is
stored as it is written is not written again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from faldeck import money
from faldeck.history import rows
from faldeck.history.record import LogLine, PreparedRecord, Record, in_order, prepared
from faldeck.history.search_text import storable
from faldeck.job import UNKNOWN_INPUT, Body, Cost, Failure, FieldProblem, Output, State, instant
from faldeck.job_ids import id_number
from faldeck.safety import sanitize
from faldeck.schema import json_value
from faldeck.schema.json_value import InvalidValue, JsonValue

MAX_NUMBER = 1e300
"""Larger numbers are ignored: their sums would be infinite."""

MAX_COUNT = 2**50
"""Larger whole numbers are ignored: the database cannot add them up."""

MAX_LOG_MESSAGE = 20_000
"""Characters of one line of a log."""

_WITHOUT_ERROR = (State.CANCELLED, State.UNCONFIRMED, State.DISMISSED)
"""The states whose printed error was made from the state alone."""

_STATES: Mapping[str, State] = {state.value: state for state in State}
_FOLLOWED = {state.value for state in State if state.is_followed}

Given = TypeVar("Given")


class NotAnExport(ValueError):
    """The text is not a job of an export; the message says what is wrong with it."""


def restored(table: JsonValue) -> Record:
    """A line of an export, or a job as a command printed it, as a job of this history; raises NotAnExport.

    A request that was being sent is unconfirmed here; a file that is not on this machine is left at its URL.
    """
    try:
        row = _Row(table)
        job = rows.job(in_order(_columns(row, knows_arguments=bool(row.members.get("arguments")))))
        body = Body(row.table("arguments"), row.members.get("result"))
        return Record(job, body, row.several("logs", _restored_line))
    except ValueError as error:
        raise NotAnExport(str(error)) from error


def read_line(text: str, *, with_words: bool) -> PreparedRecord:
    """The same of the text of a line, as the tables hold it; raises ValueError. Runs a million times in an import."""
    if apart := _documents_apart(text):
        members, arguments_json, result_json = apart
        row = _Row(members)
        columns = _columns(row, knows_arguments=arguments_json != "{}")
    else:
        row = _Row(json_value.read(text))
        result = row.members.get("result")
        columns = _columns(row, knows_arguments=bool(row.members.get("arguments")))
        arguments_json = rows.dumps(row.table("arguments"))
        result_json = None if result is None else rows.dumps(result)
    logs = row.several("logs", _restored_line)
    return prepared(columns, arguments_json, result_json, _tags(row), logs, with_words=with_words)


_Apart: TypeAlias = "tuple[dict[str, JsonValue], str, str | None]"
_ARGUMENTS, _RESULT = ',"arguments":', ',"result":'


def _documents_apart(text: str) -> _Apart | None:
    """The members of a line without its two documents, and the JSON of these; None if it is not a usual line.

    What is between the documents and around them is read as an object each. So what stands there as a document is one,
    and it is a member of the outermost object.
    """
    start = text.find(_ARGUMENTS)
    if start < 0 or not text.isascii():
        return None
    try:
        arguments, end = json_value.read_at(text, start + len(_ARGUMENTS))
        middle = text.find(_RESULT, end)
        if middle < 0 or not isinstance(arguments, dict) or text[end] != ",":
            return None
        result, rest = json_value.read_at(text, middle + len(_RESULT))
        if text[rest] != ",":
            return None
        parts = f"{text[:start]}}}", f"{{{text[end + 1 : middle]}}}", f"{{{text[rest + 1 :]}"
        members: dict[str, JsonValue] = {}
        for part in parts:
            inner = json_value.read(part)
            if not isinstance(inner, dict):
                return None
            members |= inner
    except (InvalidValue, IndexError):
        return None  # Whoever reads it as a whole says what is wrong with it.
    if "arguments" in members or "result" in members:
        return None
    shown = text[middle + len(_RESULT) : rest]
    return members, text[start + len(_ARGUMENTS) : end], None if result is None else shown


def _columns(row: _Row, *, knows_arguments: bool) -> dict[str, object]:
    """The columns of a job; raises ValueError."""
    members = row.members
    number, named = id_number(row.text("id")), row.text("state")
    state = _STATES.get(named) or State(named)
    is_open = named in _FOLLOWED
    is_unsure = is_open and members.get("request_id") is None
    error = None if state in _WITHOUT_ERROR else row.inner("error", _restored_error)
    state = State.UNCONFIRMED if is_unsure else state
    # An older faldeck showed it by the title alone.
    is_unknown = members.get("title") == UNKNOWN_INPUT and not knows_arguments
    created, submitted = rows.milliseconds(instant(row.text("created_at"))), row.milliseconds("submitted_at")
    completed = row.milliseconds("completed_at")
    outputs = row.several("outputs", _output_table)
    cost_json, cost_nanos = row.inner("cost", _cost) or (None, None)
    took = rows.took_ms(state, created if submitted is None else submitted, completed)
    options = row.table("options")
    tags = _tags(row)
    return {
        "id": number,
        "profile": row.words("profile"),
        "endpoint_id": row.words("endpoint_id"),
        "created_ms": created,
        "day": rows.day_of(created),
        "options_json": rows.dumps(options) if options else None,
        "input_known": row.get("input_known", bool, default=not is_unknown),
        "group_id": row.words_or_none("group"),
        "parent_id": _parent_number(row),
        "no_history": False,
        "state": state.value,
        "is_open": is_open and not is_unsure,
        "title": row.words("title", default=""),
        "request_id": row.words_or_none("request_id"),
        "status_url": row.stored("status_url"),
        "response_url": row.stored("response_url"),
        "cancel_url": row.stored("cancel_url"),
        "submitted_ms": submitted,
        "started_ms": row.milliseconds("started_at"),
        "completed_ms": completed,
        "queue_position": None,
        "progress": "",
        "waiting_kind": None,
        "waiting_reason": None,
        "next_try_ms": None,
        "notice": "It was being sent when it was exported." if is_unsure else "",
        "inference_seconds": row.number("inference_seconds"),
        "error_json": rows.dumps(rows.failure_table(error)) if error else None,
        "outputs_json": rows.dumps(outputs) if outputs else None,
        "cost_json": cost_json,
        "cost_nanos": cost_nanos,
        "took_ms": took,
        "took_rounded": None if took is None else rows.rounded_ms(took),
        "size_bytes": sum([output["size_bytes"] or 0 for output in outputs]),
        "kinds": rows.kinds([output["content_type"] for output in outputs], state),
        "uploads_json": None,
        "sought": False,
        "cancel_requested": False,
        "starred": row.get("starred", bool, default=False),
        "tags_json": rows.dumps(tags) if tags else None,
        "note": row.words("note", default=""),
    }


def _tags(row: _Row) -> tuple[str, ...]:
    return tuple(sanitize.clean_line(str(tag)) for tag in row.get("tags", list, default=[]))


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
        return value if isinstance(value, int) and abs(value) <= MAX_COUNT else None

    def amount(self, name: str) -> _Amount:
        value = self.members.get(name)
        if isinstance(value, str) and len(value) > money.MAX_CHARACTERS:
            return None
        return value if isinstance(value, str | int | float) else None

    def stored(self, name: str) -> str | None:
        text = self.text_or_none(name)
        return text if text is None or text.isascii() else storable(text)

    def milliseconds(self, name: str) -> int | None:
        at = self.moment(name)
        return None if at is None else rows.milliseconds(at)

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


def _output_table(row: _Row) -> dict[str, Any]:
    """An output as in the column `outputs_json`."""
    path = row.text_or_none("path")
    is_here = path is not None and os.path.isfile(path)
    return {
        "at": row.text("at", default=""),
        "url": row.text_or_none("url"),
        "content_type": row.words_or_none("content_type"),
        "file_name": row.text_or_none("file_name"),
        "size_bytes": row.count("size_bytes"),
        "declared_bytes": row.count("declared_bytes"),
        "width": row.count("width"),
        "height": row.count("height"),
        "path": path if is_here else None,
        "state": "saved" if is_here else "remote",
        "saved_file_ms": row.count("saved_file_ms"),
        "problem": row.words_or_none("problem"),
        "gone_ms": row.milliseconds("gone_at"),
    }


def _parent_number(row: _Row) -> int | None:
    return None if (parent := row.text_or_none("parent")) is None else id_number(parent)


_Amount: TypeAlias = str | int | float | None


def _cost(row: _Row) -> tuple[str, int | None]:
    """The columns of a cost: its JSON, and its nano-dollars."""
    estimated = row.get("is_estimate", bool, default=True)
    amounts = map(row.amount, ("units", "unit_price_usd", "total_usd"))
    return _cost_columns(*amounts, row.words_or_none("unit"), estimated)


@lru_cache(maxsize=1_000, typed=True)
def _cost_columns(
    units: _Amount, price: _Amount, total: _Amount, unit: str | None, is_estimate: bool
) -> tuple[str, int | None]:
    # Most jobs of a model cost the same. Older exports have units as a text, and amounts with binary noise.
    cost = Cost(
        units=money.decimal_of(units),
        unit=unit,
        unit_price_usd=money.decimal_of(price),
        total_usd=money.decimal_of(total),
        is_estimate=is_estimate,
    )
    return rows.dumps(rows.cost_table(cost)), money.nanos(cost.total_usd)


def restored_output(table: JsonValue) -> Output:
    """An output of an export; raises ValueError. Its file is saved if it is on this machine."""
    return rows.output(_output_table(_Row(table)))


def restored_cost(table: JsonValue) -> Cost | None:
    """A cost of an export, or None; raises ValueError."""
    return None if table is None else rows.cost(rows.loads(_cost(_Row(table))[0]))
