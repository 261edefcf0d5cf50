"""`faldeck status`: how far a job is."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from faldeck.cli.exits import Exit
from faldeck.cli.parsing import seconds

if TYPE_CHECKING:
    from faldeck.cli.desk import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Which job, and for how long to look at it."""
    from faldeck.cli import naming

    naming.configure(parser)
    parser.add_argument("--follow", action="store_true", help="wait until it has ended and its files are here")
    parser.add_argument("--logs", action="store_true", help="with --follow: print what it prints, on stderr")
    parser.add_argument("--timeout", type=seconds, metavar="S", help="with --follow: wait no longer than S seconds")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the job as one JSON object")


def run(
    desk: Desk, *, name: str, model: str | None, follow: bool, logs: bool, timeout: float | None, as_json: bool
) -> Exit:
    """Asks the service once, or until the end; raises as the engine does."""
    return asyncio.run(_run(desk, name, model, follow, logs, timeout, as_json))


async def _run(
    desk: Desk, name: str, model: str | None, follow: bool, logs: bool, seconds: float | None, as_json: bool
) -> Exit:
    from faldeck.cli import naming, outcome, waiting

    async with desk.engine() as engine:
        job = await naming.named(engine, name, model)
        if follow:
            await engine.supervisor.take(job)
            job = await waiting.until(waiting.is_over, engine, job, seconds=seconds, logs=logs)
            return await outcome.report(engine.history, job, as_json=as_json)
        await outcome.show(engine.history, await engine.supervisor.glance(job), as_json=as_json)
        return Exit.DONE
