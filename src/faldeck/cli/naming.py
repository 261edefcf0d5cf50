"""Which job, and which model, a person means by an id or by an address that names it."""

from __future__ import annotations

import argparse

from faldeck.cli.exits import Exit, Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from faldeck.cli.reach import Engine
    from faldeck.config import Profile
    from faldeck.history import Store
    from faldeck.job import Job

ID_HELP = "a job's id, the service's request id, or the beginning of one (four characters or more)"

CANDIDATES = 10
"""Jobs that are listed where an id could mean several."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments that name a job."""
    parser.add_argument("name", metavar="ID", help=ID_HELP)
    parser.add_argument(
        "--model", type=endpoint, metavar="ENDPOINT", help="the model of a request that the history does not know"
    )


def endpoint(text: str, profiles: Iterable[Profile] = ()) -> str:
    """The endpoint id in a model's address (see `addresses`); any other text as it stands, without blanks around."""
    from faldeck.addresses import endpoint_of

    return endpoint_of(text, profiles) or text.strip()


def request(text: str, profiles: Iterable[Profile] = ()) -> tuple[str, str | None]:
    """The request id in a request's address, and its model where that is told; any other text as it stands."""
    if "/" not in text and "?" not in text:
        return text, None
    from faldeck.addresses import request_of

    found = request_of(text, profiles)
    return (found.request_id, found.endpoint_id or None) if found else (text.strip("/ \t\r\n"), None)


def find(store: Store, name: str, model: str | None = None) -> Job | None:
    """The one job that an id, its beginning, or its request's address names; None where the history knows none.

    `model` narrows several to that model's. Raises Stop, which lists the candidates, where there are still several.
    """
    name, addressed = request(name)
    model = model or addressed
    jobs = store.named(name, limit=CANDIDATES + 1)
    if len(jobs) > 1 and model:
        jobs = store.named(name, endpoint_id=model, limit=CANDIDATES + 1) or jobs
    if len(jobs) > 1:
        count = f"{len(jobs)}" if len(jobs) <= CANDIDATES else f"more than {CANDIDATES}"
        listed = "\n".join(_candidate(job) for job in jobs[:CANDIDATES])
        raise Stop(
            f"{name} could be {count} jobs. Type more of the id:\n{listed}",
            Exit.USAGE,
            hint=f"faldeck jobs --search {name}",
        )
    return jobs[0] if jobs else None


def known(store: Store, name: str) -> Job:
    """The same, for what asks the disk alone; raises Stop where the history knows none, too."""
    if job := find(store, name):
        return job
    raise Stop(f"{_unknown(name)} `faldeck jobs` lists them.", Exit.NOT_FOUND)


def _unknown(name: str) -> str:
    from faldeck.history.search import SHORTEST_BEGINNING

    if len(name.strip()) < SHORTEST_BEGINNING:
        return f"The history knows no job {name}. The beginning of an id needs {SHORTEST_BEGINNING} characters or more."
    return f"The history knows no job {name}, and none whose id begins so."


def _candidate(job: Job) -> str:
    return f"  {job.id}  {job.request_id or '-'}  {job.state}  {job.endpoint_id}  {job.title}".rstrip()


async def named(engine: Engine, name: str, model: str | None) -> Job:
    """The job called `name`; a request of `model` made elsewhere is adopted.

    Raises Stop where nobody knows it, NoKey, FalError.
    """
    name, addressed = request(name, [engine.config.active])
    job = await engine.history.read(lambda store: find(store, name, model or addressed))
    if job is not None:
        return job
    if (model := model or addressed) is None:
        raise Stop(
            f"{_unknown(name)} A request made elsewhere needs its model: --model ENDPOINT.",
            Exit.NOT_FOUND,
        )
    return (await adopted(engine, model, name.strip()))[0]


async def adopted(engine: Engine, model: str, request_id: str) -> tuple[Job, bool]:
    """The job of a request made elsewhere, and whether it has ended there.

    The service is asked first, so that only what exists is recorded. Raises NoKey, FalError.
    """
    from faldeck.fal.errors import Unsendable
    from faldeck.fal.values import Completed

    gateway = engine.services.gateway(engine.profile)
    request = gateway.named(model, request_id)
    if not set("/\\?#% ").isdisjoint(request_id):
        raise Unsendable(f"{request_id!r} is not a request id.")
    status = await gateway.status(request)
    job = await engine.supervisor.adopt(engine.profile, model, request_id)
    return job, isinstance(status, Completed)
