"""`faldeck logs`: print the logs of jobs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import many_jobs

if TYPE_CHECKING:
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.job import Job
    from faldeck.query import Query


def configure(parser: Parser) -> None:
    """Adds the arguments: the jobs."""
    many_jobs.add_arguments(parser, with_model=True)
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(
    context: CommandContext, *, names: list[str], search: Query | None, model: str | None, as_json: bool
) -> ExitStatus:
    """Prints all log lines so far. Raises CommandError, and what the engine raises."""
    return asyncio.run(_run(context, many_jobs.Chosen(names, search, "logs"), model, as_json))


async def _run(context: CommandContext, chosen: many_jobs.Chosen, model: str | None, as_json: bool) -> ExitStatus:
    from faldeck.cli import output

    async with context.running_session() as session:

        async def print_logs(job: Job) -> ExitStatus:
            job = await session.supervisor.poll_once(job)
            lines = await session.history.read(lambda store: store.logs(job.id))
            if chosen.are_several and not as_json:
                output.print_text(f"{job.id}  {job.endpoint_id}")
            for line in lines:
                if as_json:
                    output.print_json_line({**line._asdict(), "job_id": job.id})
                else:
                    output.print_text(line.message)
            return ExitStatus.DONE

        return await many_jobs.for_each(session, chosen, print_logs, model=model, as_json=as_json)
