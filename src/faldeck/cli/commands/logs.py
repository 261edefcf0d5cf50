"""`faldeck logs`: print the logs of a job."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the job."""
    from faldeck.cli import select

    select.add_id_argument(parser)
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(context: CommandContext, *, name: str, model: str | None, as_json: bool) -> ExitStatus:
    """Prints all log lines so far. Raises CommandError, and what the engine raises."""
    return asyncio.run(_run(context, name, model, as_json))


async def _run(context: CommandContext, name: str, model: str | None, as_json: bool) -> ExitStatus:
    from faldeck.cli import output, select

    async with context.running_session() as session:
        job = await select.resolve_job(session, name, model)
        job = await session.supervisor.poll_once(job)
        for line in await session.history.read(lambda store: store.logs(job.id)):
            if as_json:
                output.print_json_line(asdict(line))
            else:
                output.print_text(line.message)
        return ExitStatus.DONE
