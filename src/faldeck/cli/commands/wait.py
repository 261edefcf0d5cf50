"""`faldeck wait`: until these jobs have ended and their files are here."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import select
from faldeck.cli.command import seconds

if TYPE_CHECKING:
    from faldeck.cli.context import Desk

_EPILOG = """\
examples:
  faldeck wait $(faldeck run fal-ai/flux/dev -p "a fox" --async) $(faldeck run fal-ai/flux/dev -p "an owl" --async)
  faldeck wait ID ID ID --any --json | jq -r .id
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Which jobs, and for how long."""
    parser.epilog = _EPILOG
    parser.add_argument("names", metavar="ID", nargs="+", help=f"{select.ID_HELP}; several with blanks between")
    parser.add_argument(
        "--model",
        type=select.parse_endpoint,
        metavar="ENDPOINT",
        help="the model of requests that the history does not know",
    )
    parser.add_argument("--any", dest="any_one", action="store_true", help="only until the first of them has ended")
    parser.add_argument("--timeout", type=seconds, metavar="S", help="wait no longer than S seconds; the jobs go on")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print each job that ends as a JSON line")


def run(
    desk: Desk, *, names: list[str], model: str | None, any_one: bool, timeout: float | None, as_json: bool
) -> ExitStatus:
    """Prints each as it ends; the worst of their exit statuses, or the first's, is the command's."""
    return asyncio.run(_run(desk, names, model, any_one, timeout, as_json))


async def _run(
    desk: Desk, names: list[str], model: str | None, any_one: bool, seconds: float | None, as_json: bool
) -> ExitStatus:
    from faldeck.cli import follow

    async with desk.engine() as engine:
        jobs = [await select.resolve_job(engine, name, model) for name in names]
        for job in jobs:
            if job.is_open:
                await engine.supervisor.claim(job)
        one = follow.attach_job(engine, jobs[0].id) if len(jobs) == 1 else nullcontext()
        again = f"{follow.faldeck_command(engine.profile)} wait {' '.join(job.id for job in jobs)}"
        async with one:
            return await follow.wait_for_jobs(
                engine,
                [job.id for job in jobs],
                seconds=seconds,
                as_json=as_json,
                back=follow.ResumeHint("The jobs go on; get them back with", again),
                first_alone=any_one,
            )
