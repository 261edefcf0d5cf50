"""`faldeck jobs`: the history, newest first."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from faldeck.cli import output
from faldeck.cli.exits import Exit
from faldeck.job import Job, State, now

if TYPE_CHECKING:
    from faldeck.cli.desk import Desk
    from faldeck.history import Query, Store

PAGE = 200
"""Rows that are read at once."""

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since(text: str) -> datetime:
    """The instant meant by `2026-03-01`, `2026-03-01T08:30` (local time) or `36h`, `7d`, `2w` (ago)."""
    if ago := re.fullmatch(r"(\d{1,6})([mhdw])", text):
        return now() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    return datetime.fromisoformat(text).astimezone()


def configure(parser: argparse.ArgumentParser) -> None:
    """Which jobs."""
    parser.add_argument("--search", metavar="TEXT", default="", help="jobs whose input has these words")
    parser.add_argument("--state", choices=[state.value for state in State], metavar="STATE", help="jobs in this state")
    parser.add_argument("--model", metavar="ENDPOINT", help="jobs of this model")
    parser.add_argument(
        "--since", type=since, metavar="WHEN", help="jobs made since 2026-03-01, or in the last 7d, 36h"
    )
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many (20); 0 means all")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(
    desk: Desk,
    *,
    search: str,
    state: str | None,
    model: str | None,
    since: datetime | None,
    limit: int,
    as_json: bool,
) -> Exit:
    """Prints them; asks the disk alone. Raises HistoryError, OSError."""
    from faldeck.history import Query
    from faldeck.history.transfer import document

    query = Query(text=search, state=State(state) if state else None, endpoint_id=model, since=since)
    with desk.store() as store:
        if as_json:
            for job in _jobs(store, query, limit):
                output.line(document(job, store.body(job.id)))
        elif rows := [_row(job) for job in _jobs(store, query, limit)]:
            output.table(rows)
        else:
            output.aside("There are no such jobs. `faldeck run` makes one, `faldeck --demo run` without a key.")
    return Exit.DONE


def _jobs(store: Store, query: Query, limit: int) -> Iterator[Job]:
    left, before = limit or None, None
    while left is None or left > 0:
        page = store.page(query, limit=min(PAGE, left or PAGE), before=before)
        yield from page
        if len(page) < min(PAGE, left or PAGE):
            return
        left = None if left is None else left - len(page)
        before = page[-1].id


def _row(job: Job) -> list[str]:
    at = job.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return [job.id, at, job.state.value, job.endpoint_id, job.title]
