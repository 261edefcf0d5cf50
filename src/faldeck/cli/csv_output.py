"""Prints comma-separated values on stdout, one line a row, safe for spreadsheets; and a job as such a line."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from faldeck.history.export import moment
from faldeck.job import FileState
from faldeck.safety import sanitize

if TYPE_CHECKING:
    from faldeck.job import Job

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


def print_row(values: Iterable[object]) -> None:
    """Prints one line."""
    csv.writer(sys.stdout, lineterminator="\n").writerow(map(cell, values))


def cell(value: object) -> str:
    """A value as a cell: no exponent, no control character, no text that a spreadsheet would calculate."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = sanitize.clean_line(value)
        return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def job_row(job: Job) -> list[object]:
    """The values of `JOB_COLUMNS` of a job; what is unknown is None."""
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
