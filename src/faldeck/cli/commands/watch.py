"""`faldeck watch`: follow every unfinished job without a screen, until all are done."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli.command import seconds

if TYPE_CHECKING:
    from faldeck.cli.context import Desk

_EPILOG = """\
A line for every change: the job, its state, and what there is to say. --forever is for a service unit:
it goes on with whatever any faldeck of this history leaves behind, and ends when it is told to.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """For how long, and in which form."""
    parser.epilog = _EPILOG
    end = parser.add_mutually_exclusive_group()
    end.add_argument("--timeout", type=seconds, metavar="S", help="watch no longer than S seconds")
    end.add_argument("--forever", action="store_true", help="wait for jobs to come where there are none left")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print each change as the job's JSON line")


def run(desk: Desk, *, timeout: float | None, forever: bool, as_json: bool) -> ExitStatus:
    """Prints each change of a job; raises as the engine does."""
    try:
        return asyncio.run(_forever(desk, as_json) if forever else _until_done(desk, timeout, as_json))
    except KeyboardInterrupt:
        if forever:
            return ExitStatus.DONE  # It has no other end.
        raise


async def _until_done(desk: Desk, seconds: float | None, as_json: bool) -> ExitStatus:
    from faldeck.cli import follow, job_output, output

    status, is_resumed, has_told = ExitStatus.DONE, False, False
    clock, stopped = follow.StallDetector(), set[str]()
    async with desk.engine(resume=True) as engine:
        back = follow.ResumeHint(
            "The jobs go on; get them back with", f"{follow.faldeck_command(engine.profile)} watch"
        )
        async with follow.time_limit(engine, seconds, back), aclosing(follow.job_updates(engine)) as news:
            async for changed, unfinished in news:
                for job in changed:
                    await follow.print_job(engine, job, as_json=as_json)
                    status = status if job.is_open else max(status, job_output.exit_status(job))
                has_told = has_told or bool(changed)
                for job in unfinished:
                    if job.id not in stopped and clock.has_stopped(job):
                        stopped.add(job.id)
                        output.print_message(follow.missing_files_message(job))
                        status = max(status, job_output.exit_status(job))
                unfinished = [job for job in unfinished if job.id not in stopped]
                if not is_resumed:
                    # Lost answers are looked for, and jobs which waited for a key asked about, before any is despaired
                    # of; what was there before is known by now, so that no end is missed.
                    await engine.supervisor.resume()
                    engine.supervisor.on_change()
                    is_resumed = True
                elif not unfinished:
                    break
                else:
                    follow.raise_if_stuck(unfinished, engine.services.usable(), back)
    if not has_told:
        output.print_hint("Nothing is unfinished.")
    return status


async def _forever(desk: Desk, as_json: bool) -> ExitStatus:
    from faldeck.cli import follow, output

    async with desk.engine(resume=True) as engine:
        engine.supervisor.on_problem = output.print_message
        async for changed, _ in follow.job_updates(engine):
            for job in changed:
                await follow.print_job(engine, job, as_json=as_json)
    return ExitStatus.DONE
