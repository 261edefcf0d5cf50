"""`faldeck sync`: add the account's requests that are not in the history yet."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import select
from faldeck.cli.command_table import seconds

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext
    from faldeck.fal.values import PastRequest

USUAL = timedelta(hours=24)
"""How far back to look by default."""

_EPILOG = """\
The service lists requests by model. It is asked about the models that you have used or starred here, and those
given with --model. On a terminal, the requests are shown and you are asked first. This costs nothing.
Files are fetched as set in the config. Follow requests that are still running with `faldeck watch`.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the time, the models and the format."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "--since",
        type=select.parse_since,
        metavar="WHEN",
        help="requests sent since 2026-03-01, or in the last 7d (24h)",
    )
    parser.add_argument(
        "--model",
        dest="models",
        type=select.parse_endpoint,
        action="append",
        default=[],
        metavar="ENDPOINT",
        help="also look at this model; may be given again",
    )
    parser.add_argument("--dry-run", action="store_true", help="only list the requests")
    parser.add_argument("--yes", "-y", action="store_true", help="add the requests without asking")
    parser.add_argument("--timeout", type=seconds, metavar="S", help="fetch results for no longer than S seconds")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print each new job as a JSON line")


def run(
    context: CommandContext,
    *,
    since: datetime | None,
    models: Sequence[str],
    dry_run: bool,
    yes: bool,
    timeout: float | None,
    as_json: bool,
) -> ExitStatus:
    """Prints each new job with its result. Raises CommandError, and what the engine raises."""
    from faldeck.cli import output
    from faldeck.job import now

    found = asyncio.run(_found(context, since or now() - USUAL, models))
    if dry_run:
        _list(found, as_json)
    elif not found:
        output.print_hint("All requests of the account are in the history.")
    elif yes or as_json or _agrees(found):
        asyncio.run(_bring_in(context, found, timeout, as_json))
    return ExitStatus.DONE


async def _found(context: CommandContext, since: datetime, models: Sequence[str]) -> list[PastRequest]:
    from faldeck.engine import reconcile

    async with context.running_session() as session:
        try:
            return [past async for past in session.supervisor.unknown_requests(session.profile.name, since, models)]
        except reconcile.NO_LIST as error:
            raise CommandError(f"The service gives no list of requests: {error}", ExitStatus.REFUSED) from error


def _list(found: Sequence[PastRequest], as_json: bool) -> None:
    from faldeck.cli import output
    from faldeck.job import headline

    for past in found if as_json else ():
        output.print_json_line(
            {"endpoint_id": past.endpoint_id, "request_id": past.request_id, "arguments": past.arguments}
        )
    if found and not as_json:
        inputs = [past.arguments if isinstance(past.arguments, dict) else {} for past in found]
        rows = [[past.request_id, past.sent_at[:16], past.endpoint_id] for past in found]
        output.print_table([[*row, headline(arguments)] for row, arguments in zip(rows, inputs, strict=True)])


def _agrees(found: Sequence[PastRequest]) -> bool:
    """Asks the person on a terminal whether to add the requests. A script is not asked."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return True
    _list(found, as_json=False)
    return input("Add these requests to the history? [Y/n] ").strip().lower() in ("", "y", "yes")


async def _bring_in(
    context: CommandContext, found: Sequence[PastRequest], seconds: float | None, as_json: bool
) -> None:
    from faldeck.app import wording
    from faldeck.cli import follow, output

    async with context.running_session() as session:
        ended, running = [], 0
        for past in found:
            job = await session.supervisor.adopt(session.profile.name, past.endpoint_id, past.request_id, past=past)
            if past.ended_at:
                ended.append(job.id)
            else:
                running += 1
        command = f"{wording.faldeck_command(session.profile.name)} watch"
        resume = follow.ResumeHint("Nothing is lost; go on with", command)
        options = follow.WaitOptions(resume=resume, as_json=as_json, seconds=seconds)
        await follow.wait_for_jobs(session, ended, options)
    if running:
        output.print_message(f"{running} more are still running; follow them with: {command}")
