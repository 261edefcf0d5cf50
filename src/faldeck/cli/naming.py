"""Which job a person means by an id."""

from __future__ import annotations

import argparse

from faldeck.cli.exits import Exit, Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from faldeck.cli.reach import Engine
    from faldeck.job import Job


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments that name a job."""
    parser.add_argument("name", metavar="ID", help="a job's id, or the service's request id")
    parser.add_argument("--model", metavar="ENDPOINT", help="the model of a request that the history does not know")


async def named(engine: Engine, name: str, model: str | None) -> Job:
    """The job called `name`; a request of `model` made elsewhere is adopted.

    Raises Stop where nobody knows it, NoKey, FalError.
    """
    job = await engine.history.read(lambda store: store.find(name))
    if job is not None:
        return job
    if model is None:
        raise Stop(
            f"The history knows no job {name}. A request made elsewhere needs its model: --model ENDPOINT.",
            Exit.NOT_FOUND,
        )
    return (await adopted(engine, model, name))[0]


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
