"""Exports jobs: each as a line of JSON, which an import reads back, or as a row of a table for spreadsheets."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.history.export import exported, moment
from faldeck.history.record import Record
from faldeck.job import FileState
from faldeck.safety import sanitize
from faldeck.schema import json_value

if TYPE_CHECKING:
    from faldeck.history import Store
    from faldeck.job import Job


class ExportFormat(StrEnum):
    """How jobs are written."""

    JSONL = "jsonl"
    CSV = "csv"

    @classmethod
    def of(cls, path: Path) -> ExportFormat:
        """The format of a file by the ending of its name: CSV if it is `.csv`, else JSON lines."""
        return cls.CSV if path.suffix.lower() == ".csv" else cls.JSONL


JOB_COLUMNS = (
    "id",
    "created_at",
    "completed_at",
    "state",
    "profile",
    "model",
    "request_id",
    "title",
    "seconds",
    "cost_usd",
    "is_estimate",
    "units",
    "unit",
    "files",
    "first_file",
    "first_url",
    "starred",
    "tags",
    "note",
    "error",
    "group",
    "parent",
)
"""The columns of `faldeck export --format csv`. New ones are added at the end; none is removed or renamed."""


def lines(store: Store, format: ExportFormat, jobs: Iterable[Job]) -> Iterator[str]:
    """The lines of an export without their ends; the first one of a table names its columns."""
    if format is ExportFormat.CSV:
        yield row(JOB_COLUMNS)
    yield from map(line_of(store, format), jobs)


def line_of(store: Store, format: ExportFormat) -> Callable[[Job], str]:
    """A function that makes the line of a job; it reads the job's documents if the format has them."""
    if format is ExportFormat.CSV:
        return lambda job: row(job_row(job))
    return lambda job: json_value.ascii_text(exported(Record(job, store.body(job.id), tuple(store.logs(job.id)))))


def write(store: Store, jobs: Sequence[Job], name: str) -> Path:
    """Writes jobs into a new file that only its owner can read, in the format of its name, and returns its path.

    `~` in the name is the home folder. Raises OSError, also if the file exists. Half a file does not stay.
    """
    path = Path(name).expanduser()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "w", encoding="utf-8", newline="\n") as target:
            target.writelines(f"{line}\n" for line in lines(store, ExportFormat.of(path), jobs))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def row(values: Iterable[object]) -> str:
    """One line of comma-separated values."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(map(cell, values))
    return text.getvalue()


def cell(value: object) -> str:
    """A value as a cell: no exponent, no control character, no text that a spreadsheet would calculate."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = sanitize.clean_line(value)
        return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def job_row(job: Job) -> list[object]:
    """The values of `JOB_COLUMNS` of a job; None for a value that is not known."""
    first = next((one for one in job.outputs if one.state is FileState.SAVED), None)
    took = None if job.completed_at is None else Decimal(str(round(job.seconds(job.completed_at), 3)))
    cost = job.cost
    return [
        job.id,
        moment(job.created_at),
        moment(job.completed_at),
        job.state.value,
        job.profile,
        job.endpoint_id,
        job.request_id,
        job.title,
        took,
        cost and cost.total_usd,
        cost.is_estimate if cost else None,
        cost and cost.units,
        cost and cost.unit,
        len(job.outputs),
        first.path if first else None,
        next((one.url for one in job.outputs if one.url), None),
        job.starred,
        " ".join(job.tags),
        job.note,
        job.error.message if job.error else None,
        job.group,
        job.parent,
    ]
