"""`faldeck watch`: follow every unfinished job without a screen, until all are done."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from faldeck.cli.exits import Exit

if TYPE_CHECKING:
    from faldeck.cli.desk import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """For how long, and in which form."""
    parser.add_argument("--timeout", type=float, metavar="S", help="watch no longer than S seconds")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print each job that ends as a JSON line")


def run(desk: Desk, *, timeout: float | None, as_json: bool) -> Exit:
    """Prints each job as it ends; raises as the engine does."""
    return asyncio.run(_run(desk, timeout, as_json))


async def _run(desk: Desk, seconds: float | None, as_json: bool) -> Exit:
    from faldeck.cli import watching

    async with desk.engine(resume=True) as engine:
        return await watching.all_jobs(engine, seconds=seconds, as_json=as_json)
