"""Converts jobs to rows of the history and back: the columns and their formats."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from faldeck import money
from faldeck.history.search_text import storable
from faldeck.job import Cost, Failure, FieldProblem, FileState, Job, Output, State, Upload, Waiting, WaitingKind
from faldeck.job_ids import id_number, id_text

TIME_BITS = 6
"""Binary digits of a time span that sums keep: a median is at most 1.6 % off. The migration uses the same number."""

MAX_TIME_MS = 2**40
"""Longer time spans (35 years) count as this one."""

Held = TypeVar("Held")
Value = TypeVar("Value")

LIFE_COLUMNS = (
    "state",
    "is_open",
    "title",
    "request_id",
    "status_url",
    "response_url",
    "cancel_url",
    "submitted_ms",
    "started_ms",
    "completed_ms",
    "queue_position",
    "progress",
    "waiting_kind",
    "waiting_reason",
    "next_try_ms",
    "notice",
    "inference_seconds",
    "error_json",
    "outputs_json",
    "cost_json",
    "cost_nanos",
    "took_ms",
    "took_rounded",
    "size_bytes",
    "kinds",
    "uploads_json",
    "sought",
)
"""The columns that a job's follower writes. Marks of a person (star, tags, note, cancel) are written separately."""

BIRTH_COLUMNS = (
    "id",
    "profile",
    "endpoint_id",
    "created_ms",
    "day",
    "options_json",
    "input_known",
    "group_id",
    "parent_id",
    "no_history",
)
"""The columns that never change after a job is created."""

MARK_COLUMNS = ("cancel_requested", "starred", "tags_json", "note")
"""The columns of a person's marks."""

_NAMES = (*BIRTH_COLUMNS, *LIFE_COLUMNS, *MARK_COLUMNS)

JOB_COLUMNS = ", ".join(f"job.{name}" for name in _NAMES)
"""The columns that `job` reads."""


def values(job: Job) -> dict[str, object]:
    """Every column of `job` by name."""
    columns = {
        "id": id_number(job.id),
        "profile": job.profile,
        "endpoint_id": job.endpoint_id,
        "created_ms": milliseconds(job.created_at),
        "day": day_of(milliseconds(job.created_at)),
        "options_json": dumps(job.options) if job.options else None,
        "input_known": job.input_known,
        "no_history": job.no_history,
        "group_id": job.group,
        "parent_id": job.parent and id_number(job.parent),
        "state": job.state.value,
        "is_open": job.is_open,
        "title": job.title,
        "request_id": job.request_id,
        "status_url": job.status_url,
        "response_url": job.response_url,
        "cancel_url": job.cancel_url,
        "submitted_ms": job.submitted_at and milliseconds(job.submitted_at),
        "started_ms": job.started_at and milliseconds(job.started_at),
        "completed_ms": job.completed_at and milliseconds(job.completed_at),
        "queue_position": job.queue_position,
        "progress": job.progress,
        "waiting_kind": job.waiting and job.waiting.kind.value,
        "waiting_reason": job.waiting and job.waiting.reason,
        "next_try_ms": job.waiting and job.waiting.next_try_at and milliseconds(job.waiting.next_try_at),
        "notice": job.notice,
        "inference_seconds": job.inference_seconds,
        "error_json": dumps(failure_table(job.error)) if job.error else None,
        "outputs_json": dumps([output._asdict() for output in job.outputs]) if job.outputs else None,
        "cost_json": dumps(cost_table(job.cost)) if job.cost else None,
        "cost_nanos": money.nanos(job.cost.total_usd) if job.cost else None,
        "took_ms": (took := _took_ms(job)),
        "took_rounded": None if took is None else rounded_ms(took),
        "kinds": kinds([output.content_type for output in job.outputs], job.state),
        "size_bytes": sum(output.size_bytes or 0 for output in job.outputs),
        "uploads_json": dumps([upload._asdict() for upload in job.uploads]) if job.uploads else None,
        "sought": job.looking_up,
        "cancel_requested": job.cancel_requested,
        "starred": job.starred,
        "tags_json": dumps(job.tags) if job.tags else None,
        "note": job.note,
    }
    for name, value in columns.items():
        if isinstance(value, str) and not value.isascii():
            columns[name] = storable(value)
    return columns


def kinds(content_types: Sequence[str | None], state: State) -> str | None:
    """The kinds of a job's outputs, as in the column: `,image,video,`; None without outputs."""
    if not content_types:
        return ",text," if state is State.COMPLETED else None
    found = [KINDS.get((content_type or "").partition("/")[0], "file") for content_type in content_types]
    return f",{','.join(dict.fromkeys(found))},"


KINDS = {"image": "image", "video": "video", "audio": "audio", "text": "text", "model": "3d"}
"""First half of a media type → its name in `kind:`."""


def job(found: Iterable[Any]) -> Job:
    """The job that a row of `JOB_COLUMNS` holds."""
    return _job(tuple(found))


@lru_cache(maxsize=1_000)
def _job(found: tuple[Any, ...]) -> Job:
    # A list is read again at each change and each key, and most of its rows are as before.
    row = dict(zip(_NAMES, found, strict=True))  # A row of SQLite compares names one after the other.
    return Job(
        id=id_text(row["id"]),
        profile=row["profile"],
        endpoint_id=row["endpoint_id"],
        state=_STATES.get(row["state"]) or State(row["state"]),
        created_at=instant(row["created_ms"]),
        title=row["title"],
        request_id=row["request_id"],
        status_url=row["status_url"],
        response_url=row["response_url"],
        cancel_url=row["cancel_url"],
        submitted_at=_where_set(row["submitted_ms"], instant),
        started_at=_where_set(row["started_ms"], instant),
        completed_at=_where_set(row["completed_ms"], instant),
        queue_position=row["queue_position"],
        progress=row["progress"],
        waiting=_waiting(row),
        notice=row["notice"],
        inference_seconds=row["inference_seconds"],
        error=_where_set(row["error_json"], _failure),
        outputs=_where_set(row["outputs_json"], outputs) or (),
        cost=_where_set(row["cost_json"], _cost),
        options=_where_set(row["options_json"], loads) or {},
        input_known=bool(row["input_known"]),
        no_history=bool(row["no_history"]),
        group=row["group_id"],
        parent=_where_set(row["parent_id"], id_text),
        uploads=_where_set(row["uploads_json"], _uploads) or (),
        looking_up=bool(row["sought"]),
        cancel_requested=bool(row["cancel_requested"]),
        starred=bool(row["starred"]),
        tags=tuple(_where_set(row["tags_json"], loads) or ()),
        note=row["note"],
    )


# To look a value up in an enumeration takes several times as long.
_STATES: Mapping[str, State] = {state.value: state for state in State}
_FILE_STATES: Mapping[str, FileState] = {state.value: state for state in FileState}

_ENCODER, _DECODER = json.JSONEncoder(separators=(",", ":")), json.JSONDecoder()


def dumps(document: object) -> str:
    """`document` as the JSON text that columns hold: integers exact, lone surrogates escaped."""
    return _ENCODER.encode(document)


def loads(text: str) -> Any:
    """The document in a column; raises sqlite3.DatabaseError, as SQLite does, if the file is damaged."""
    try:
        return _DECODER.decode(text)
    except ValueError as error:
        raise damage(f"a document in it is not JSON ({error})") from error


def damage(what: str) -> sqlite3.DatabaseError:
    """The error for a part of the file that SQLite can read but that was changed by damage."""
    error = sqlite3.DatabaseError(what)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def milliseconds(at: datetime) -> int:
    """An instant as in the columns: milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def instant(ms: int) -> datetime:
    """The inverse of `milliseconds`."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def day(at: datetime) -> int:
    """The day of an instant on this machine's calendar, as a number: 20260301."""
    return day_number(at.astimezone().date())


def day_of(ms: int) -> int:
    """The same of an instant as in the columns."""
    return _day_of_quarter(ms // _QUARTER_MS)


_QUARTER_MS = 900_000
"""A quarter of an hour, in milliseconds: days begin at one in every time zone."""


@lru_cache(maxsize=1_000)
def _day_of_quarter(number: int) -> int:
    # To ask the time zone takes longer than most of what is stored of a job.
    return day(instant(number * _QUARTER_MS))


def day_number(day: date) -> int:
    """A day as in the columns: 20260301."""
    return day.year * 10_000 + day.month * 100 + day.day


def day_text(number: int) -> str:
    """A day of a column as people write it: 2026-03-01."""
    return f"{number // 10_000}-{number // 100 % 100:02}-{number % 100:02}"


def rounded_ms(ms: int) -> int:
    """A time span rounded down to its first `TIME_BITS` binary digits, so that equal ones can be counted."""
    spare = max(0, ms.bit_length() - TIME_BITS)
    return ms >> spare << spare


def middle_ms(rounded: int) -> float:
    """The middle of the time spans that `rounded_ms` maps to one value."""
    return rounded + ((1 << max(0, rounded.bit_length() - TIME_BITS)) - 1) / 2


def _took_ms(job: Job) -> int | None:
    completed = None if job.completed_at is None else milliseconds(job.completed_at)
    return took_ms(job.state, milliseconds(job.submitted_at or job.created_at), completed)


def took_ms(state: State, began_ms: int, completed_ms: int | None) -> int | None:
    """How long a completed request took; None for all others."""
    if state is not State.COMPLETED or completed_ms is None:
        return None
    return min(max(completed_ms - began_ms, 0), MAX_TIME_MS)


def failure_table(failure: Failure) -> dict[str, object]:
    """A failure as in documents on disk."""
    return failure._asdict() | {"fields": [field._asdict() for field in failure.fields]}


def cost_table(cost: Cost) -> dict[str, object]:
    """A cost as in documents on disk: decimal numbers as texts."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in cost._asdict().items()}


def cost(table: dict[str, Any]) -> Cost:
    """The inverse of `cost_table`; an older faldeck wrote amounts as floats."""
    amounts = {name: money.decimal_of(table[name]) for name in ("units", "unit_price_usd", "total_usd")}
    return Cost(unit=table["unit"], is_estimate=table["is_estimate"], **amounts)


@lru_cache(maxsize=1_000)
def _cost(text: str) -> Cost:
    return cost(loads(text))


def _where_set(held: Held | None, read: Callable[[Held], Value]) -> Value | None:
    return None if held is None else read(held)


def _waiting(row: Mapping[str, Any]) -> Waiting | None:
    if (kind := row["waiting_kind"]) is None:
        return None
    next_try_at = _where_set(row["next_try_ms"], instant)
    return Waiting(kind=WaitingKind(kind), reason=row["waiting_reason"], next_try_at=next_try_at)


def _failure(text: str) -> Failure:
    table = loads(text)
    problems = tuple(FieldProblem(loc=tuple(one["loc"]), message=one["message"]) for one in table.pop("fields"))
    return Failure(**table, fields=problems)


def outputs(text: str) -> tuple[Output, ...]:
    """The outputs in the column `outputs_json`."""
    return tuple(map(output, loads(text)))


def output(table: dict[str, Any]) -> Output:
    """One of these, as JSON."""
    state = table["state"]
    return Output(**{**table, "state": _FILE_STATES.get(state) or FileState(state)})


def _uploads(text: str) -> tuple[Upload, ...]:
    return tuple(Upload(loc=tuple(table["loc"]), path=table["path"]) for table in loads(text))
