"""`faldeck watch`: follow every unfinished job and print its changes, without a screen."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli.command_table import seconds

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext
    from faldeck.engine.events import Event

_EPILOG = """\
Prints a line for every change: the job, its state and details. Use --forever in a service unit: it follows every job
that any faldeck with this history has started, and runs until it is stopped.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: how long to watch."""
    parser.epilog = _EPILOG
    end = parser.add_mutually_exclusive_group()
    end.add_argument("--timeout", type=seconds, metavar="S", help="watch no longer than S seconds")
    end.add_argument("--forever", action="store_true", help="when no job is left, wait for new ones")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print each changed job as a JSON line")


def run(context: CommandContext, *, timeout: float | None, forever: bool, as_json: bool) -> ExitStatus:
    """Prints each change of a job. Raises CommandError, and what the engine raises."""
    try:
        return asyncio.run(_forever(context, as_json) if forever else _until_done(context, timeout, as_json))
    except KeyboardInterrupt:
        if forever:
            return ExitStatus.DONE  # An interrupt is its normal end.
        raise


async def _until_done(context: CommandContext, seconds: float | None, as_json: bool) -> ExitStatus:
    from faldeck.app import wording
    from faldeck.cli import follow, job_output, output
    from faldeck.cli.job_updates import job_updates

    status, is_resumed, has_printed = ExitStatus.DONE, False, False
    stall, stalled = follow.StallDetector(), set[str]()
    async with context.running_session(resume=True) as session:
        command = f"{wording.faldeck_command(session.profile.name)} watch"
        resume = follow.ResumeHint("The jobs go on; get them back with", command)
        async with follow.time_limit(session, seconds, resume), aclosing(job_updates(session)) as updates:
            async for changed, unfinished in updates:
                for job in changed:
                    await follow.print_update(session, job, as_json=as_json)
                    status = status if job.is_open else max(status, job_output.exit_status(job))
                has_printed = has_printed or bool(changed)
                for job in unfinished:
                    if job.id not in stalled and stall.is_stalled(job):
                        stalled.add(job.id)
                        output.print_message(follow.missing_files_message(job))
                        status = max(status, job_output.exit_status(job))
                unfinished = [job for job in unfinished if job.id not in stalled]
                if not is_resumed:
                    # Look for lost answers, and ask again about jobs that waited for a key, before giving up any job.
                    # The first update has listed the jobs, so no end is missed.
                    await session.supervisor.resume()
                    is_resumed = True
                elif not unfinished:
                    break
                else:
                    follow.raise_if_stuck(unfinished, session.gateways.usable(), resume)
    if not has_printed:
        output.print_hint("There are no unfinished jobs.")
    return status


async def _forever(context: CommandContext, as_json: bool) -> ExitStatus:
    from faldeck.cli import follow
    from faldeck.cli.job_updates import job_updates

    async with context.running_session(resume=True) as session:
        with session.supervisor.events.subscribe(_print_trouble):
            async for changed, _ in job_updates(session):
                for job in changed:
                    await follow.print_update(session, job, as_json=as_json)
    return ExitStatus.DONE


def _print_trouble(event: Event) -> None:
    from faldeck.cli import output
    from faldeck.engine.events import KeyRefused, Trouble, WriteFailed

    if isinstance(event, Trouble | WriteFailed | KeyRefused):
        output.print_message(event.sentence)
