"""`faldeck doctor`: what works and what does not, safe to be shown to anybody."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from itertools import chain
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import output

if TYPE_CHECKING:
    from faldeck.app.doctor import Finding
    from faldeck.cli.context import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """How far it goes."""
    parser.epilog = "No key, no name and no path of a home is printed."
    parser.add_argument("--offline", action="store_true", help="ask no host")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(desk: Desk, *, offline: bool, as_json: bool) -> ExitStatus:
    """Prints what it finds; the exit status tells whether all is well. Raises ConfigError."""
    return asyncio.run(_run(desk, offline, as_json))


async def _run(desk: Desk, offline: bool, as_json: bool) -> ExitStatus:
    status = ExitStatus.DONE
    async for finding in _findings(desk, offline):
        _show(finding, as_json)
        status = status if finding.is_well else ExitStatus.FAILED
    return status


async def _findings(desk: Desk, offline: bool) -> AsyncIterator[Finding]:
    from faldeck.app import doctor

    settings = desk.config
    for finding in chain(doctor.of_machine(), doctor.of_files(settings), doctor.of_keys(settings)):
        yield finding
    if settings.profile in settings.profiles and not offline:
        async with desk.reach() as reach:
            async for finding in doctor.of_service(reach.config.active, reach.services):
                yield finding


def _show(finding: Finding, as_json: bool) -> None:
    """Prints what was found, at once: the next may take its time."""
    if as_json:
        output.print_json_line({"subject": finding.subject, "words": finding.words, "is_well": finding.is_well})
    else:
        output.print_text(f"{'✓' if finding.is_well else '✗'} {finding.subject:<16}  {finding.words}")
    sys.stdout.flush()
