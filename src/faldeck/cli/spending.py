"""What a command does before it spends money: `--max-usd` refuses, `confirm_above_usd` asks, `--yes` answers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from faldeck.app import wording
from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli.command import dollars

if TYPE_CHECKING:
    from faldeck.config.settings import Config


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


async def confirm(estimates: Sequence[Decimal | None], config: Config, *, yes: bool = False) -> None:
    """Asks on the terminal before requests are sent that cost more than `confirm_above_usd`, once for all of them.

    With `yes`, or without a terminal, nothing is asked; without a terminal the estimate is printed on stderr. Raises
    CommandError if the answer is no.
    """
    from faldeck.app.requests import must_confirm, total_usd
    from faldeck.cli import asking, output

    total = total_usd(estimates)
    if yes or total is None or not must_confirm(total, config):
        return
    subject = "This costs" if len(estimates) == 1 else f"These {len(estimates):,} requests cost"
    sentence = f"{subject} about {wording.usd(total)}."
    if not asking.can_ask():
        output.print_message(sentence)
    elif not await asking.is_yes(f"{sentence} Send {'it' if len(estimates) == 1 else 'them'}? [y/N] "):
        raise CommandError("Nothing was sent. With --yes nothing is asked.", ExitStatus.USAGE)
