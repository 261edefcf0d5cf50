"""`faldeck adopt`: add a request that was made elsewhere to the history."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the model and the request."""
    parser.add_argument("endpoint_id", metavar="ENDPOINT", help="the model of the request, or the request's URL")
    parser.add_argument(
        "request_id", metavar="REQUEST_ID", nargs="?", help="the service's id of the request; not needed with a URL"
    )
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the job as one JSON object")


def run(context: CommandContext, *, endpoint_id: str, request_id: str | None, as_json: bool) -> ExitStatus:
    """Records the request, and its result if it has ended. Raises CommandError, and what the engine raises."""
    from faldeck.cli import select

    active = [context.config.active]
    found_id, model = select.parse_request(request_id or endpoint_id, active)
    if request_id is not None:
        model = select.parse_endpoint(endpoint_id, active)
    elif model is None:
        raise CommandError("Give the model and the request id: faldeck adopt ENDPOINT REQUEST_ID", ExitStatus.USAGE)
    return asyncio.run(_run(context, model, found_id, as_json))


async def _run(context: CommandContext, endpoint_id: str, request_id: str, as_json: bool) -> ExitStatus:
    from faldeck.app import job_actions
    from faldeck.cli import follow, job_output

    async with context.running_session() as session:
        job, has_ended = await job_actions.adopt(session, endpoint_id, request_id)
        if has_ended:
            job = await follow.wait_until(follow.is_done, session, job)
        await job_output.print_stored_job(session.history, job, as_json=as_json)
    return ExitStatus.DONE
