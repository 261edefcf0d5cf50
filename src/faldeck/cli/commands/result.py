"""`faldeck result`: print the results of jobs, and fetch their files."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import flags, many_jobs

if TYPE_CHECKING:
    from faldeck.app.session import Session
    from faldeck.cli.command import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.job import Job
    from faldeck.query import Query

_TEMPLATE_FIRST = "The word after --download is its TEMPLATE"


def configure(parser: Parser) -> None:
    """Adds the arguments: the jobs, and where to save their files."""
    many_jobs.add_arguments(parser, with_model=True)
    flags.add_download_flag(parser)
    parser.add_argument("--json", dest="as_json", action="store_true", help=many_jobs.JSON_HELP)


def run(
    context: CommandContext,
    *,
    names: list[str],
    search: Query | None,
    model: str | None,
    download: str | None,
    as_json: bool,
) -> ExitStatus:
    """Prints the results of jobs that have ended. Raises CommandError, and what the engine raises."""
    if not names and search is None and download:
        raise CommandError(f"Which jobs? {_TEMPLATE_FIRST}.", ExitStatus.USAGE, hint="faldeck result --help")
    return asyncio.run(_run(context, many_jobs.Chosen(names, search, "result"), model, download, as_json))


async def _run(
    context: CommandContext, chosen: many_jobs.Chosen, model: str | None, download: str | None, as_json: bool
) -> ExitStatus:
    from faldeck.cli import job_output

    async with context.running_session(overrides=flags.overridden(context.config, download)) as session:

        async def print_result(job: Job) -> ExitStatus:
            job = await _ended(session, job, download)
            return await job_output.print_result(
                session.history, job, as_json=as_json, on_line=chosen.are_several, catalogue=session.catalogue
            )

        return await many_jobs.for_each(session, chosen, print_result, model=model, as_json=as_json)


async def _ended(session: Session, job: Job, download: str | None) -> Job:
    """The job with its files fetched; raises CommandError if it has not ended."""
    from faldeck.app import job_actions
    from faldeck.cli import follow
    from faldeck.engine.output_files import CannotSave

    job = await session.supervisor.poll_once(job)
    if job.state.is_followed:
        async with follow.attach_job(session, job.id):
            raise follow.resume_hint(job).error(f"The job is not done: it is {job.state}.", ExitStatus.NO_ANSWER)
    if download is not None:
        await job_actions.download(session, job)
    elif job.is_open:
        await session.supervisor.claim(job)
    job = await follow.wait_until(follow.is_done, session, job)
    if download:
        try:
            job = await asyncio.to_thread(flags.copied, session.config, job)
        except CannotSave as error:
            raise CommandError(str(error), ExitStatus.FAILED) from error
    return job
