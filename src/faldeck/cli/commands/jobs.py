"""`faldeck jobs`: the history, newest first."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import output, select
from faldeck.cli.command import limit
from faldeck.job import id_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` itself is left out for its cost.
    from typing import Any

    from faldeck.cli.context import Desk
    from faldeck.history.ledger import Ledger

MOST_COUNTED = 10_000
"""As many jobs are counted where none is found."""

_NOT_ASKED = {"search": "", "state": None, "model": None, "since": None}


def configure(parser: argparse.ArgumentParser) -> None:
    """Which jobs."""
    select.add_search_flags(parser)
    parser.add_argument("--limit", type=limit, default=20, metavar="N", help="at most so many (20); 0 means all")
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
) -> ExitStatus:
    """Prints them; asks the disk alone. Raises HistoryError, OSError."""
    asked = {"search": search, "state": state, "model": model, "since": since}
    sought = select.listing_search(search, state, model, since)
    with desk.ledger() as ledger:
        is_found = False
        if as_json:
            for document in ledger.documents(sought, limit=limit):
                output.print_json_line(document)
                is_found = True
        elif rows := [_row(row) for row in ledger.rows(sought, limit=limit)]:
            output.print_table(rows)
            is_found = True
        if not is_found:
            # A program sees that there is nothing.
            tell = output.print_message if any(asked.values()) and not as_json else output.print_hint
            tell(_nothing(ledger, asked))
    return ExitStatus.DONE


def _nothing(ledger: Ledger, asked: Mapping[str, Any]) -> str:
    """Why no job is listed, and which of the flags `asked` hides how many."""
    given = [name for name, value in asked.items() if value]
    total = ledger.count(select.listing_search("", None, None, None), cap=MOST_COUNTED)
    if not total:
        return "There are no jobs yet. `faldeck run` makes one, `faldeck --demo run` without a key."
    without = {
        name: ledger.count(select.listing_search(**{**asked, name: _NOT_ASKED[name]}), cap=MOST_COUNTED)
        for name in given
    }
    hidden = ", ".join(f"without --{name}: {_counted(count)}" for name, count in without.items() if count)
    found = f"Jobs {hidden}." if hidden else f"Jobs in all: {_counted(total)}."
    fewer = " Every word must occur: fewer words find more." if len(str(asked["search"]).split()) > 1 else ""
    return f"No job is like that. {found}{fewer}"


def _counted(count: int) -> str:
    return f"{count:,}" if count < MOST_COUNTED else f"{MOST_COUNTED:,} or more"


def _row(row: Mapping[str, Any]) -> list[str]:
    at = datetime.fromtimestamp(row["created_ms"] / 1000, UTC).astimezone()
    return [id_text(row["id"]), f"{at:%Y-%m-%d %H:%M}", row["state"], row["endpoint_id"], row["title"]]
