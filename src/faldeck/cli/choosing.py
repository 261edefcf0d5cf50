"""Which jobs of the history a command is about: the flags of a search, and the jobs it finds."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from faldeck.states import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from faldeck.history import Query, Store
    from faldeck.history.search import Search
    from faldeck.job import Job

PAGE = 200
"""Rows that are read at once."""

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since(text: str) -> datetime:
    """The instant meant by `2026-03-01`, `2026-03-01T08:30` (local time) or `36h`, `7d`, `2w` (ago)."""
    try:
        if ago := re.fullmatch(r"(\d{1,6})([mhdw])", text):
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        wanted = "a day such as 2026-03-01 or a time ago such as 7d"
        raise argparse.ArgumentTypeError(f"must be {wanted}, not {text!r}") from None


def configure(parser: argparse.ArgumentParser) -> None:
    """The flags; each narrows the search."""
    parser.add_argument(
        "--search", metavar="TEXT", default="", help="jobs whose input has these words, or whose id begins so"
    )
    parser.add_argument("--state", choices=[state.value for state in State], metavar="STATE", help="jobs in this state")
    parser.add_argument("--model", type=_endpoint, metavar="ENDPOINT", help="jobs of this model")
    parser.add_argument(
        "--since", type=since, metavar="WHEN", help="jobs made since 2026-03-01, or in the last 7d, 36h"
    )


def _endpoint(text: str) -> str:
    from faldeck.cli import naming

    return naming.endpoint(text)


def search(search: str, state: str | None, model: str | None, since: datetime | None) -> Search:
    """What the flags ask of a listing."""
    from faldeck.history.search import Search

    return Search(text=search, state=State(state) if state else None, endpoint_id=model, since=since)


def query(search: str, state: str | None, model: str | None, since: datetime | None) -> Query:
    """What the flags ask of the history."""
    from faldeck.history import Query

    return Query(text=search, state=State(state) if state else None, endpoint_id=model, since=since)


def found(store: Store, query: Query, *, limit: int = 0) -> Iterator[Job]:
    """The jobs that a query shows, newest first, read page by page; at most `limit`, or all of them."""
    left, before = limit or None, None
    while left is None or left > 0:
        page = store.page(query, limit=min(PAGE, left or PAGE), before=before)
        yield from page
        if len(page) < min(PAGE, left or PAGE):
            return
        left = None if left is None else left - len(page)
        before = page[-1].id
