"""Which jobs of the history a command is about: the flags of a search, and the jobs it finds."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.job import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from faldeck.cli.context import Engine
    from faldeck.config.settings import Profile
    from faldeck.history import Query, Store
    from faldeck.job import Job


ID_HELP = "the id of a job, the service's request id, or the first four or more characters of one"

MODEL_HELP = "the model of a request that is not in the history"

CANDIDATES = 10
"""Jobs that are listed where an id could mean several."""


def add_id_argument(parser: argparse.ArgumentParser) -> None:
    """The arguments that name a job."""
    parser.add_argument("name", metavar="ID", help=ID_HELP)
    parser.add_argument("--model", type=parse_endpoint, metavar="ENDPOINT", help=MODEL_HELP)


def parse_endpoint(text: str, profiles: Iterable[Profile] = ()) -> str:
    """The endpoint id in a model's address (see `addresses`); any other text as it stands, without blanks around."""
    from faldeck.app.addresses import endpoint_of

    return endpoint_of(text, profiles) or text.strip()


def parse_request(text: str, profiles: Iterable[Profile] = ()) -> tuple[str, str | None]:
    """The request id in a request's address, and its model where that is told; any other text as it stands."""
    if "/" not in text and "?" not in text:
        return text, None
    from faldeck.app.addresses import request_of

    found = request_of(text, profiles)
    return (found.request_id, found.endpoint_id or None) if found else (text.strip("/ \t\r\n"), None)


def find_job(store: Store, name: str, model: str | None = None) -> Job | None:
    """The one job that an id, its beginning, or its request's address names; None where the history knows none.

    `model` narrows several to that model's. Raises CommandError, which lists the candidates, if there are several.
    """
    name, addressed = parse_request(name)
    model = model or addressed
    jobs = store.named(name, limit=CANDIDATES + 1)
    if len(jobs) > 1 and model:
        jobs = store.named(name, endpoint_id=model, limit=CANDIDATES + 1) or jobs
    if len(jobs) > 1:
        count = f"{len(jobs)}" if len(jobs) <= CANDIDATES else f"more than {CANDIDATES}"
        listed = "\n".join(_candidate(job) for job in jobs[:CANDIDATES])
        raise CommandError(
            f"{name} could be {count} jobs. Type more of the id:\n{listed}",
            ExitStatus.USAGE,
            hint=f"faldeck jobs --search {name}",
        )
    return jobs[0] if jobs else None


def require_job(store: Store, name: str) -> Job:
    """The same, for what asks the disk alone; raises CommandError where the history knows none, too."""
    if job := find_job(store, name):
        return job
    raise CommandError(f"{_unknown(name)} `faldeck jobs` lists them.", ExitStatus.NOT_FOUND)


def _unknown(name: str) -> str:
    from faldeck.history.search import SHORTEST_BEGINNING

    if len(name.strip()) < SHORTEST_BEGINNING:
        return f"The history knows no job {name}. The beginning of an id needs {SHORTEST_BEGINNING} characters or more."
    return f"The history knows no job {name}, and none whose id begins so."


def _candidate(job: Job) -> str:
    return f"  {job.id}  {job.request_id or '-'}  {job.state}  {job.endpoint_id}  {job.title}".rstrip()


async def resolve_job(engine: Engine, name: str, model: str | None) -> Job:
    """The job called `name`; a request of `model` made elsewhere is adopted.

    Raises CommandError where nobody knows it, NoKey, FalError.
    """
    name, addressed = parse_request(name, [engine.config.active])
    job = await engine.history.read(lambda store: find_job(store, name, model or addressed))
    if job is not None:
        return job
    if (model := model or addressed) is None:
        raise CommandError(
            f"{_unknown(name)} A request made elsewhere needs its model: --model ENDPOINT.",
            ExitStatus.NOT_FOUND,
        )
    return (await adopt_job(engine, model, name.strip()))[0]


async def adopt_job(engine: Engine, model: str, request_id: str) -> tuple[Job, bool]:
    """The job of a request made elsewhere, and whether it has ended there.

    The service is asked first, so that only what exists is recorded. Raises NoKey, FalError.
    """
    from faldeck.fal.errors import InvalidRequest
    from faldeck.fal.values import Completed

    gateway = engine.services.gateway(engine.profile)
    request = gateway.named(model, request_id)
    if not set("/\\?#% ").isdisjoint(request_id):
        raise InvalidRequest(f"{request_id!r} is not a request id.")
    status = await gateway.status(request)
    job = await engine.supervisor.adopt(engine.profile, model, request_id)
    return job, isinstance(status, Completed)


PAGE = 200
"""Rows that are read at once."""

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_since(text: str) -> datetime:
    """The instant meant by `2026-03-01`, `2026-03-01T08:30` (local time) or `36h`, `7d`, `2w` (ago)."""
    try:
        if ago := re.fullmatch(r"(\d{1,6})([mhdw])", text):
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        wanted = "a day such as 2026-03-01 or a time ago such as 7d"
        raise argparse.ArgumentTypeError(f"must be {wanted}, not {text!r}") from None


def add_search_flags(parser: argparse.ArgumentParser) -> None:
    """The flags; each narrows the search."""
    parser.add_argument(
        "--search", metavar="TEXT", default="", help="jobs whose input has these words, or whose id begins so"
    )
    parser.add_argument("--state", choices=[state.value for state in State], metavar="STATE", help="jobs in this state")
    parser.add_argument("--model", type=parse_endpoint, metavar="ENDPOINT", help="jobs of this model")
    parser.add_argument(
        "--since", type=parse_since, metavar="WHEN", help="jobs made since 2026-03-01, or in the last 7d, 36h"
    )


def history_query(search: str, state: str | None, model: str | None, since: datetime | None) -> Query:
    """What the flags ask of the history."""
    from faldeck.history import Query

    return Query(text=search, state=State(state) if state else None, endpoint_id=model, since=since)


def iter_jobs(store: Store, query: Query, *, limit: int = 0) -> Iterator[Job]:
    """The jobs that a query shows, newest first, read page by page; at most `limit`, or all of them."""
    left, before = limit or None, None
    while left is None or left > 0:
        page = store.page(query, limit=min(PAGE, left or PAGE), before=before)
        yield from page
        if len(page) < min(PAGE, left or PAGE):
            return
        left = None if left is None else left - len(page)
        before = page[-1].id
