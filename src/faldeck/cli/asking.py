"""Asks the person on the terminal before something is deleted or money is spent.

For money, `--max-usd` refuses, `confirm_above_usd` of the config asks, and `--yes` answers.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from faldeck.app import wording
from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli.command_table import dollars
from faldeck.safety import sanitize

if TYPE_CHECKING:
    from faldeck.config.settings import Config


def can_ask() -> bool:
    """True if a person can read a question and answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def confirm(question: str, *, refusal: str) -> None:
    """Asks a question. Raises CommandError with the sentence `refusal` if the answer is no, or without a terminal."""
    if not can_ask():
        raise CommandError(f"{sanitize.clean(question)} {refusal} With --yes nothing is asked.", ExitStatus.USAGE)
    if not await is_yes(f"{question} [y/N] "):
        raise CommandError(refusal, ExitStatus.USAGE)


async def is_yes(question: str) -> bool:
    """Asks a question. True if the person answers y or yes."""
    print(f"faldeck: {sanitize.clean(question)}", end="", file=sys.stderr, flush=True)
    loop, answered = asyncio.get_running_loop(), asyncio.Event()
    # A thread that reads could not be interrupted: Ctrl-C would wait for the Enter key.
    with contextlib.suppress(NotImplementedError):  # Windows cannot watch a console.
        loop.add_reader(sys.stdin, answered.set)
        try:
            await answered.wait()
        finally:
            loop.remove_reader(sys.stdin)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


# Before money is spent


def add_spending_flags(parser: argparse.ArgumentParser) -> None:
    """Adds `--max-usd` and `--yes`."""
    parser.add_argument(
        "--max-usd", type=dollars, metavar="X", help="send nothing if it costs more than X USD in total"
    )
    parser.add_argument(
        "--yes", action="store_true", help="do not ask before a cost above confirm_above_usd of the config"
    )


def stop_above(limit_usd: Decimal | None, estimates: Sequence[Decimal | None]) -> None:
    """Raises CommandError if requests may cost more than the limit; None is no limit."""
    from faldeck.app.requests import total_usd

    if limit_usd is None:
        return
    total = total_usd(estimates)
    if total is None:
        raise CommandError("The cost is not known, so --max-usd cannot be kept. Nothing was sent.", ExitStatus.USAGE)
    if total > limit_usd:
        raise CommandError(
            f"This costs about {wording.usd(total)}, more than {wording.usd(limit_usd)}. Nothing was sent.",
            ExitStatus.USAGE,
        )


async def confirm_cost(estimates: Sequence[Decimal | None], config: Config, *, yes: bool = False) -> None:
    """Asks on the terminal before requests are sent that cost more than `confirm_above_usd`, once for all of them.

    With `yes`, or without a terminal, nothing is asked; without a terminal the estimate is printed on stderr. Raises
    CommandError if the answer is no.
    """
    from faldeck.app.requests import must_confirm, total_usd
    from faldeck.cli import output

    total = total_usd(estimates)
    if yes or total is None or not must_confirm(total, config):
        return
    subject = "This costs" if len(estimates) == 1 else f"These {len(estimates):,} requests cost"
    sentence = f"{subject} about {wording.usd(total)}."
    if not can_ask():
        output.print_message(sentence)
    elif not await is_yes(f"{sentence} Send {'it' if len(estimates) == 1 else 'them'}? [y/N] "):
        raise CommandError("Nothing was sent. With --yes nothing is asked.", ExitStatus.USAGE)
