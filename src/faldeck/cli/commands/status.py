"""`faldeck status`: show the state of a job."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli.command_table import seconds
from faldeck.safety import sanitize

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the job, and how long to follow it."""
    from faldeck.cli import select

    select.add_id_argument(parser)
    parser.add_argument("--follow", action="store_true", help="wait until the job has ended and its files are saved")
    parser.add_argument("--logs", action="store_true", help="print the logs on stderr; with --follow as they arrive")
    parser.add_argument("--timeout", type=seconds, metavar="S", help="with --follow: wait no longer than S seconds")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the job as one JSON object")


def run(
    context: CommandContext,
    *,
    name: str,
    model: str | None,
    follow: bool,
    logs: bool,
    timeout: float | None,
    as_json: bool,
) -> ExitStatus:
    """Asks the service once, or follows the job. Raises CommandError, and what the engine raises."""
    if timeout and not follow:
        raise CommandError("--timeout needs --follow, which waits.", ExitStatus.USAGE)
    if not follow and not logs and _is_over(context, name, model, as_json):
        return ExitStatus.DONE
    import asyncio

    return asyncio.run(_run(context, name, model, follow, logs, timeout, as_json))


def _is_over(context: CommandContext, name: str, model: str | None, as_json: bool) -> bool:
    """Prints a job that has ended, which needs no service; False for every other."""
    from faldeck.cli import job_output, select

    with context.store() as store:
        job = select.find_job(store, name, model)
        if job is None or job.state.is_followed:
            return False
        job_output.print_with_kin(store, job, as_json=as_json)
    return True


async def _run(
    context: CommandContext,
    name: str,
    model: str | None,
    follow: bool,
    logs: bool,
    seconds: float | None,
    as_json: bool,
) -> ExitStatus:
    from faldeck.cli import job_output, select

    async with context.running_session() as session:
        job = await select.resolve_job(session, name, model)
        if follow:
            from faldeck.cli.follow import is_done, wait_until

            await session.supervisor.claim(job)
            job = await wait_until(is_done, session, job, seconds=seconds, logs=logs)
            return await job_output.print_result(session.history, job, as_json=as_json, catalogue=session.catalogue)
        job = await session.supervisor.poll_once(job)
        if logs:
            for line in await session.history.read(lambda store: store.logs(job.id)):
                print(sanitize.clean(line.message), file=sys.stderr)
        await session.history.read(lambda store: job_output.print_with_kin(store, job, as_json=as_json))
        return ExitStatus.DONE
