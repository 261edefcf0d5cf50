"""`faldeck jobs`: the history, newest first."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime

from faldeck.cli import choosing, output
from faldeck.cli.exits import Exit
from faldeck.cli.parsing import limit
from faldeck.ids import id_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` itself is left out for its cost.
    from typing import Any

    from faldeck.cli.desk import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Which jobs."""
    choosing.configure(parser)
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
) -> Exit:
    """Prints them; asks the disk alone. Raises HistoryError, OSError."""
    sought = choosing.search(search, state, model, since)
    with desk.ledger() as ledger:
        if as_json:
            for document in ledger.documents(sought, limit=limit):
                output.line(document)
        elif rows := [_row(row) for row in ledger.rows(sought, limit=limit)]:
            output.table(rows)
        else:
            output.aside("There are no such jobs. `faldeck run` makes one, `faldeck --demo run` without a key.")
    return Exit.DONE


def _row(row: Mapping[str, Any]) -> list[str]:
    at = datetime.fromtimestamp(row["created_ms"] / 1000, UTC).astimezone()
    return [id_text(row["id"]), f"{at:%Y-%m-%d %H:%M}", row["state"], row["endpoint_id"], row["title"]]
