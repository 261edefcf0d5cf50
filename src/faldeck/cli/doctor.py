"""`faldeck doctor`: what works and what does not, safe to be shown to anybody."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from faldeck.cli import output
from faldeck.cli.exits import Exit

if TYPE_CHECKING:
    from faldeck.checkup import Finding
    from faldeck.cli.desk import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """How far it goes."""
    parser.epilog = "No key, no name and no path of a home is printed."
    parser.add_argument("--offline", action="store_true", help="ask no host")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(desk: Desk, *, offline: bool, as_json: bool) -> Exit:
    """Prints what it finds; the exit status tells whether all is well. Raises ConfigError."""
    return asyncio.run(_run(desk, offline, as_json))


async def _run(desk: Desk, offline: bool, as_json: bool) -> Exit:
    from faldeck import checkup

    findings = [*checkup.of_machine(), *checkup.of_files(desk.config), *checkup.of_keys(desk.config)]
    if not offline:
        async with desk.reach() as reach:
            findings += [one async for one in checkup.of_service(reach.config.active, reach.services)]
    for finding in findings:
        _show(finding, as_json)
    return Exit.DONE if all(finding.is_well for finding in findings) else Exit.FAILED


def _show(finding: Finding, as_json: bool) -> None:
    if as_json:
        output.line({"subject": finding.subject, "words": finding.words, "is_well": finding.is_well})
    else:
        output.text(f"{'✓' if finding.is_well else '✗'} {finding.subject:<16}  {finding.words}")
