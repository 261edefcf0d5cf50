"""`faldeck jobs`: the history, newest first."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from faldeck.cli import choosing, output
from faldeck.cli.exits import Exit
from faldeck.job import Job

if TYPE_CHECKING:
    from faldeck.cli.desk import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Which jobs."""
    choosing.configure(parser)
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
    from faldeck.history.transfer import document

    query = choosing.query(search, state, model, since)
    with desk.store() as store:
        if as_json:
            for job in choosing.found(store, query, limit=limit):
                output.line(document(job, store.body(job.id)))
        elif rows := [_row(job) for job in choosing.found(store, query, limit=limit)]:
            output.table(rows)
        else:
            output.aside("There are no such jobs. `faldeck run` makes one, `faldeck --demo run` without a key.")
    return Exit.DONE


def _row(job: Job) -> list[str]:
    at = job.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return [job.id, at, job.state.value, job.endpoint_id, job.title]
