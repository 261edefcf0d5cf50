"""`faldeck jobs`: list the jobs in the history, newest first."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from faldeck.app import wording
from faldeck.app.exit_status import ExitStatus
from faldeck.cli import output, select
from faldeck.cli.command_table import Parser, limit

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext
    from faldeck.history import Store
    from faldeck.job import Job
    from faldeck.query import Query


def _made(job: Job) -> str:
    return f"{job.created_at.astimezone():%Y-%m-%d %H:%M}"


def _took(job: Job) -> str:
    return wording.duration(job.seconds(job.completed_at)) if job.completed_at else ""


COLUMNS: Mapping[str, Callable[[Job], str]] = {
    "id": lambda job: job.id,
    "request": lambda job: job.request_id or "",
    "made": _made,
    "state": lambda job: job.state.value,
    "took": _took,
    "cost": lambda job: wording.cost(job.cost),
    "model": lambda job: job.endpoint_id,
    "profile": lambda job: job.profile,
    "files": lambda job: str(len(job.outputs) or ""),
    "star": lambda job: "★" if job.starred else "",
    "tags": lambda job: " ".join(job.tags),
    "note": lambda job: job.note,
    "title": lambda job: job.title,
}
"""Every column of the table, by name."""

USUAL_COLUMNS = ("id", "made", "state", "took", "cost", "model", "title")
NARROW_COLUMNS = ("id", "made", "state", "model", "title")
"""The usual columns on a terminal that is less than `WIDE` columns wide."""
WIDE = 100


def configure(parser: Parser) -> None:
    """Adds the arguments: which jobs, in which order, with which columns."""
    parser.epilog = select.FILTER_EPILOG
    select.add_filter_words(parser)
    select.add_sort_flag(parser)
    parser.add_argument(
        "--columns",
        type=_columns,
        metavar="NAMES",
        help=f"the columns of the table, with commas between them: {', '.join(COLUMNS)}",
    )
    parser.add_argument("--ids", action="store_true", help="print the ids alone, one on each line")
    parser.add_argument("--limit", type=limit, default=20, metavar="N", help="show at most N jobs (20); 0 for all")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def _columns(text: str) -> Sequence[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in COLUMNS]:
        from faldeck.query.values import nearest_name

        near = nearest_name(unknown[0], COLUMNS)
        meant = f"; did you mean {near}?" if near else ""
        raise argparse.ArgumentTypeError(f"there is no column {unknown[0]!r}{meant}")
    return names


def run(
    context: CommandContext, *, query: Query, columns: Sequence[str] | None, ids: bool, limit: int, as_json: bool
) -> ExitStatus:
    """Prints the jobs. Uses no network and creates no history. Raises HistoryError, OSError."""
    query, request = select.with_request(context, query)
    # A program sees an empty list and needs no sentence.
    explain = output.print_message if query.terms and not as_json and not ids else output.print_hint
    try:
        context.history_path.stat()  # `exists` would also be false if the folder cannot be read.
    except FileNotFoundError:
        explain(select.adoption_hint(request) if request else _NO_JOBS)
        return ExitStatus.DONE
    with context.store() as store:
        select.index_pending_jobs(store, query)
        jobs = select.iter_jobs(store, query, limit=limit)
        if as_json:
            is_found = _print_json(store, jobs)
        elif ids:
            is_found = _print_ids(jobs)
        else:
            is_found = _print_table(jobs, columns)
        if not is_found:
            explain(select.adoption_hint(request) if request else _why_none(store, query))
    return ExitStatus.DONE


_NO_JOBS = "There are no jobs yet. `faldeck run` makes one; `faldeck --demo run` makes one without a key."


def _print_json(store: Store, jobs: Iterable[Job]) -> bool:
    """Prints each job as one line of JSON; False if there are no jobs."""
    from faldeck.history.export import document

    is_found = False
    for job in jobs:
        output.print_json_line(document(job, store.body(job.id)))
        is_found = True
    return is_found


def _print_ids(jobs: Iterable[Job]) -> bool:
    is_found = False
    for job in jobs:
        output.print_text(job.id)
        is_found = True
    return is_found


def _print_table(jobs: Iterable[Job], columns: Sequence[str] | None) -> bool:
    is_narrow = sys.stdout.isatty() and output.terminal_width() < WIDE
    columns = columns or (NARROW_COLUMNS if is_narrow else USUAL_COLUMNS)
    rows = [[COLUMNS[name](job) for name in columns] for job in jobs]
    if rows:
        is_titled = columns[-1] == "title" and "model" in columns
        output.print_table(rows, shorten=columns.index("model") if is_titled else None)
    return bool(rows)


def _why_none(store: Store, query: Query) -> str:
    """Why no job is listed, and how many would be listed without each of the terms."""
    loosened = store.lists.loosened(query, cap=wording.MOST_COUNTED)
    return f"No job matches {query}. {wording.loosened(loosened)}" if loosened.total else _NO_JOBS
