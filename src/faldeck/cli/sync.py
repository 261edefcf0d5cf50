"""`faldeck sync`: the account's requests that this machine does not know, into the history."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from faldeck.cli import choosing
from faldeck.cli.exits import Exit, Stop

if TYPE_CHECKING:
    from faldeck.cli.desk import Desk

KEPT = timedelta(days=30)
"""For so long a service lists requests with their inputs (protocol §2.7)."""

_EPILOG = """\
The service lists requests by model, so it is asked about the models that were used here.
Nothing is sent that costs. Files are fetched as the config says; requests that still run are left to `faldeck watch`.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """How far back, and in which form."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "--since", type=choosing.since, metavar="WHEN", help="requests sent since 2026-03-01, or in the last 24h (30d)"
    )
    parser.add_argument("--timeout", type=float, metavar="S", help="fetch results for no longer than S seconds")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print each new job as a JSON line")


def run(desk: Desk, *, since: datetime | None, timeout: float | None, as_json: bool) -> Exit:
    """Prints each new job with what it made; raises as the engine does."""
    return asyncio.run(_run(desk, since, timeout, as_json))


async def _run(desk: Desk, since: datetime | None, seconds: float | None, as_json: bool) -> Exit:
    from faldeck.cli import output, waiting, watching
    from faldeck.engine import reconcile
    from faldeck.job import now

    async with desk.engine() as engine:
        ended, running = [], 0
        try:
            async for past in engine.supervisor.strangers(engine.profile, since or now() - KEPT):
                job = await engine.supervisor.adopt(engine.profile, past.endpoint_id, past.request_id, past=past)
                if past.ended_at:
                    ended.append(job.id)
                else:
                    running += 1
        except reconcile.NO_LIST as error:
            raise Stop(f"The service shows no list of requests: {error}", Exit.REFUSED) from error
        back = f"Nothing is lost; go on with: {waiting.command(engine.profile)} watch"
        await watching.these(engine, ended, seconds=seconds, as_json=as_json, back=back)
        if running:
            output.note(f"{running} more still run; follow them with: faldeck watch")
        return Exit.DONE
