"""`faldeck result`: what a job made."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from faldeck.cli import saving
from faldeck.cli.exits import Exit, Stop

if TYPE_CHECKING:
    from faldeck.cli.desk import Desk
    from faldeck.cli.parsing import Parser


def configure(parser: Parser) -> None:
    """Which job, and whether its files are wanted."""
    from faldeck.cli import naming

    parser.where_missing = "The word after --download is its TEMPLATE"
    naming.configure(parser)
    saving.configure(parser)
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the job as one JSON object")


def run(desk: Desk, *, name: str, model: str | None, download: str | None, as_json: bool) -> Exit:
    """Prints the result of a job that has ended; raises as the engine does."""
    return asyncio.run(_run(desk, name, model, download, as_json))


async def _run(desk: Desk, name: str, model: str | None, download: str | None, as_json: bool) -> Exit:
    from faldeck.cli import naming, outcome, waiting
    from faldeck.engine.outputs import CannotKeep

    async with desk.engine(overrides=saving.overridden(desk.config, download)) as engine:
        job = await naming.named(engine, name, model)
        job = await engine.supervisor.glance(job)
        if job.state.is_followed:
            async with waiting.about(engine, job.id):
                raise waiting.way_back(job).stop(f"The job is not done: it is {job.state}.", Exit.NO_ANSWER)
        if download is not None:
            await engine.supervisor.fetch(job)
        elif job.is_open:
            await engine.supervisor.take(job)
        job = await waiting.until(waiting.is_over, engine, job)
        if download:
            try:
                job = await asyncio.to_thread(saving.copied, engine.config, job)
            except CannotKeep as error:
                raise Stop(str(error), Exit.FAILED) from error
        return await outcome.report(engine.history, job, as_json=as_json, catalogue=engine.catalogue)
