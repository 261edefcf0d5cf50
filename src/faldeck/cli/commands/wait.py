"""`faldeck wait`: wait until jobs have ended and their files are saved."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import select
from faldeck.cli.command_table import seconds

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext

_EPILOG = """\
examples:
  faldeck wait $(faldeck run fal-ai/flux/dev -p "a fox" --async) $(faldeck run fal-ai/flux/dev -p "an owl" --async)
  faldeck wait ID ID ID --any --json | jq -r .id
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the jobs and how long to wait."""
    parser.epilog = _EPILOG
    parser.add_argument("names", metavar="ID", nargs="+", help=f"{select.ID_HELP}; put spaces between several")
    parser.add_argument("--model", type=select.parse_endpoint, metavar="ENDPOINT", help=select.MODEL_HELP)
    parser.add_argument("--any", dest="any_one", action="store_true", help="wait only until the first job has ended")
    parser.add_argument("--timeout", type=seconds, metavar="S", help="wait no longer than S seconds; the jobs go on")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print each job that ends as a JSON line")


def run(
    context: CommandContext,
    *,
    names: list[str],
    model: str | None,
    any_one: bool,
    timeout: float | None,
    as_json: bool,
) -> ExitStatus:
    """Prints each job as it ends. Returns the worst exit status, or with `any_one` that of the first job."""
    return asyncio.run(_run(context, names, model, any_one, timeout, as_json))


async def _run(
    context: CommandContext,
    names: list[str],
    model: str | None,
    any_one: bool,
    seconds: float | None,
    as_json: bool,
) -> ExitStatus:
    from faldeck.app import wording
    from faldeck.cli import follow

    async with context.running_session() as session:
        jobs = [await select.resolve_job(session, name, model) for name in names]
        for job in jobs:
            if job.is_open:
                await session.supervisor.claim(job)
        job_ids = [job.id for job in jobs]
        command = f"{wording.faldeck_command(session.profile.name)} wait {' '.join(job_ids)}"
        options = follow.WaitOptions(
            resume=follow.ResumeHint("The jobs go on; get them back with", command),
            as_json=as_json,
            seconds=seconds,
            first_only=any_one,
        )
        async with follow.attach_job(session, job_ids[0]) if len(jobs) == 1 else nullcontext():
            return await follow.wait_for_jobs(session, job_ids, options)
