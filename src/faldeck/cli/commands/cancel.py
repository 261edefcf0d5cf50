"""`faldeck cancel`: ask the service to stop a job."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the job."""
    from faldeck.cli import select

    select.add_id_argument(parser)
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the job as one JSON object")


def run(context: CommandContext, *, name: str, model: str | None, as_json: bool) -> ExitStatus:
    """Asks the service and prints the job's new state. Raises CommandError, and what the engine raises."""
    return asyncio.run(_run(context, name, model, as_json))


async def _run(context: CommandContext, name: str, model: str | None, as_json: bool) -> ExitStatus:
    from faldeck.cli import job_output, select
    from faldeck.fal.values import Cancellation

    async with context.running_session() as session:
        job = await select.resolve_job(session, name, model)
        if job.state.is_final:
            raise CommandError(f"It is too late: the job is {job.state}.", ExitStatus.FAILED)
        answer = await session.supervisor.cancel(job)
        await job_output.print_stored_job(session.history, await session.supervisor.poll_once(job), as_json=as_json)
        if answer is Cancellation.TOO_LATE:
            raise CommandError("It was too late: the request had ended.", ExitStatus.FAILED)
        if answer is Cancellation.NOT_FOUND:
            raise CommandError("The service does not know this request.", ExitStatus.NOT_FOUND)
        return ExitStatus.DONE
