"""`faldeck jobs`: list the jobs in the history, newest first."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import output, select
from faldeck.cli.command import limit

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext
    from faldeck.history import Store
    from faldeck.job import Job

MOST_COUNTED = 10_000
"""Where no job is found, at most this many others are counted."""

_UNSET = {"search": "", "state": None, "model": None, "since": None}


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: which jobs."""
    select.add_search_flags(parser)
    parser.add_argument("--limit", type=limit, default=20, metavar="N", help="show at most N jobs (20); 0 for all")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(
    context: CommandContext,
    *,
    search: str,
    state: str | None,
    model: str | None,
    since: datetime | None,
    limit: int,
    as_json: bool,
) -> ExitStatus:
    """Prints the jobs. Uses no network and creates no history. Raises HistoryError, OSError."""
    filters = {"search": search, "state": state, "model": model, "since": since}
    # A program sees an empty list and needs no sentence.
    explain = output.print_message if any(filters.values()) and not as_json else output.print_hint
    try:
        context.history_path.stat()  # `exists` would also be false if the folder cannot be read.
    except FileNotFoundError:
        explain(_NO_JOBS)
        return ExitStatus.DONE
    with context.store() as store:
        if not (_print_json if as_json else _print_table)(store, filters, limit):
            explain(_why_none(store, filters))
    return ExitStatus.DONE


_NO_JOBS = "There are no jobs yet. `faldeck run` makes one, `faldeck --demo run` without a key."


def _print_json(store: Store, filters: Mapping[str, Any], limit: int) -> bool:
    """Prints each job as one line of JSON; False if there is none."""
    from faldeck.history.export import document

    is_found = False
    for job in select.iter_jobs(store, select.history_query(**filters), limit=limit):
        output.print_json_line(document(job, store.body(job.id)))
        is_found = True
    return is_found


def _print_table(store: Store, filters: Mapping[str, Any], limit: int) -> bool:
    rows = [_row(job) for job in select.iter_jobs(store, select.history_query(**filters), limit=limit)]
    if rows:
        output.print_table(rows)
    return bool(rows)


def _why_none(store: Store, filters: Mapping[str, Any]) -> str:
    """Why no job is listed, and how many there would be without each of the filters."""
    total = _count(store, _UNSET)
    if not total:
        return _NO_JOBS
    without = {name: _count(store, {**filters, name: _UNSET[name]}) for name, value in filters.items() if value}
    hidden = ", ".join(f"without --{name}: {_counted(count)}" for name, count in without.items() if count)
    found = f"Jobs {hidden}." if hidden else f"Jobs in all: {_counted(total)}."
    fewer = " A job must have every word: fewer words find more." if len(str(filters["search"]).split()) > 1 else ""
    return f"No job matches. {found}{fewer}"


def _count(store: Store, filters: Mapping[str, Any]) -> int:
    return store.count(select.history_query(**filters), cap=MOST_COUNTED)


def _counted(count: int) -> str:
    return f"{count:,}" if count < MOST_COUNTED else f"{MOST_COUNTED:,} or more"


def _row(job: Job) -> list[str]:
    at = job.created_at.astimezone()
    return [job.id, f"{at:%Y-%m-%d %H:%M}", job.state.value, job.endpoint_id, job.title]
