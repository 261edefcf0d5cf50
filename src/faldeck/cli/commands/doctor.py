"""`faldeck doctor`: check what works and what does not. The output has no secrets."""

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
    from faldeck.cli.context import CommandContext


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: what to check."""
    parser.epilog = "Keys, user names and home folders are not printed, so the output can be shared."
    parser.add_argument("--offline", action="store_true", help="use no network")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(context: CommandContext, *, offline: bool, as_json: bool) -> ExitStatus:
    """Prints each finding. Returns FAILED if anything is wrong. Raises ConfigError."""
    return asyncio.run(_run(context, offline, as_json))


async def _run(context: CommandContext, offline: bool, as_json: bool) -> ExitStatus:
    status = ExitStatus.DONE
    async for finding in _findings(context, offline):
        _show(finding, as_json)
        status = status if finding.is_well else ExitStatus.FAILED
    return status


async def _findings(context: CommandContext, offline: bool) -> AsyncIterator[Finding]:
    from faldeck.app import doctor

    settings = context.config
    for finding in chain(doctor.of_machine(), doctor.of_files(settings), doctor.of_keys(settings)):
        yield finding
    if settings.profile in settings.profiles and not offline:
        async with context.session() as session:
            async for finding in doctor.of_service(session.profile, session.gateways):
                yield finding


def _show(finding: Finding, as_json: bool) -> None:
    """Prints a finding at once, since the next check may take time."""
    if as_json:
        output.print_json_line({"subject": finding.subject, "words": finding.words, "is_well": finding.is_well})
    else:
        output.print_text(f"{'✓' if finding.is_well else '✗'} {finding.subject:<16}  {finding.words}")
    sys.stdout.flush()
