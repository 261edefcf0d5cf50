"""`faldeck adopt`: bring a request made elsewhere into the history."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from faldeck.cli.exits import Exit

if TYPE_CHECKING:
    from faldeck.cli.desk import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Which request."""
    parser.add_argument("endpoint_id", metavar="ENDPOINT", help="the model it was made with")
    parser.add_argument("request_id", metavar="REQUEST_ID", help="the id that the service gave it")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the job as one JSON object")


def run(desk: Desk, *, endpoint_id: str, request_id: str, as_json: bool) -> Exit:
    """Records it, and what it made where it has ended, before the service forgets; raises as the engine does."""
    return asyncio.run(_run(desk, endpoint_id, request_id, as_json))


async def _run(desk: Desk, endpoint_id: str, request_id: str, as_json: bool) -> Exit:
    from faldeck.cli import naming, outcome, waiting

    async with desk.engine() as engine:
        job, has_ended = await naming.adopted(engine, endpoint_id, request_id)
        if has_ended:
            job = await waiting.until(waiting.is_over, engine, job)
        await outcome.show(engine.history, job, as_json=as_json)
    return Exit.DONE
