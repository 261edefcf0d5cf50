"""`faldeck cancel`: ask the service to stop jobs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import many_jobs

if TYPE_CHECKING:
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.job import Job
    from faldeck.query import Query


def configure(parser: Parser) -> None:
    """Adds the arguments: the jobs."""
    many_jobs.add_arguments(parser, with_model=True)
    parser.add_argument("--json", dest="as_json", action="store_true", help=many_jobs.JSON_HELP)


def run(
    context: CommandContext, *, names: list[str], search: Query | None, model: str | None, as_json: bool
) -> ExitStatus:
    """Asks the service and prints the new state of each job. Raises CommandError, and what the engine raises."""
    chosen = many_jobs.Chosen(names, search, "cancel")
    return asyncio.run(_run(context, chosen, model, as_json))


async def _run(context: CommandContext, chosen: many_jobs.Chosen, model: str | None, as_json: bool) -> ExitStatus:
    from faldeck.app import job_actions, wording
    from faldeck.app.job_actions import CancelOutcome
    from faldeck.cli import job_output

    async with context.running_session() as session:

        async def cancel(job: Job) -> ExitStatus:
            outcome = await job_actions.cancel(session, job)
            if outcome is CancelOutcome.HAD_ENDED:
                raise CommandError(wording.cancel_outcome(outcome), ExitStatus.FAILED)
            job = await session.supervisor.poll_once(job)
            await job_output.print_stored_job(session.history, job, as_json=as_json, on_line=chosen.are_several)
            if outcome is CancelOutcome.TOO_LATE:
                raise CommandError(wording.cancel_outcome(outcome), ExitStatus.FAILED)
            if outcome is CancelOutcome.NOT_FOUND:
                raise CommandError(wording.cancel_outcome(outcome), ExitStatus.NOT_FOUND)
            return ExitStatus.DONE

        return await many_jobs.for_each(
            session,
            chosen,
            cancel,
            model=model,
            as_json=as_json,
            wanted=lambda job: job.state.is_followed,
            at_once=many_jobs.AT_ONCE,
        )
