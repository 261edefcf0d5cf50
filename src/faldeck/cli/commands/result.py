"""`faldeck result`: print the result of a job, and fetch its files."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import flags

if TYPE_CHECKING:
    from faldeck.cli.command import Parser
    from faldeck.cli.context import CommandContext


def configure(parser: Parser) -> None:
    """Adds the arguments: the job, and where to save its files."""
    from faldeck.cli import select

    parser.where_missing = "The word after --download is its TEMPLATE"
    select.add_id_argument(parser)
    flags.add_download_flag(parser)
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the job as one JSON object")


def run(context: CommandContext, *, name: str, model: str | None, download: str | None, as_json: bool) -> ExitStatus:
    """Prints the result of a job that has ended. Raises CommandError, and what the engine raises."""
    return asyncio.run(_run(context, name, model, download, as_json))


async def _run(
    context: CommandContext, name: str, model: str | None, download: str | None, as_json: bool
) -> ExitStatus:
    from faldeck.cli import follow, job_output, select
    from faldeck.engine.output_files import CannotSave

    async with context.running_session(overrides=flags.overridden(context.config, download)) as session:
        job = await select.resolve_job(session, name, model)
        job = await session.supervisor.poll_once(job)
        if job.state.is_followed:
            async with follow.attach_job(session, job.id):
                raise follow.resume_hint(job).error(f"The job is not done: it is {job.state}.", ExitStatus.NO_ANSWER)
        if download is not None:
            await session.supervisor.fetch(job)
        elif job.is_open:
            await session.supervisor.claim(job)
        job = await follow.wait_until(follow.is_done, session, job)
        if download:
            try:
                job = await asyncio.to_thread(flags.copied, session.config, job)
            except CannotSave as error:
                raise CommandError(str(error), ExitStatus.FAILED) from error
        return await job_output.print_result(session.history, job, as_json=as_json, catalogue=session.catalogue)
