"""`faldeck price`: show the prices of models."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: which models."""
    parser.add_argument("endpoint_ids", metavar="ENDPOINT", nargs="+", help="the models")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(context: CommandContext, *, endpoint_ids: list[str], as_json: bool) -> ExitStatus:
    """Prints the price of one unit of each model for this account. Raises FalError, NoKey, OSError."""
    return asyncio.run(_run(context, endpoint_ids, as_json))


async def _run(context: CommandContext, endpoint_ids: list[str], as_json: bool) -> ExitStatus:
    from faldeck import money
    from faldeck.cli import output, select
    from faldeck.fal.errors import NotFound

    unknown = []
    async with context.session() as session:
        for endpoint_id in await asyncio.to_thread(select.named_models, context, endpoint_ids):
            try:
                price = await session.catalogue.fetch_price(endpoint_id)
            except NotFound:
                price = None
            if price is None:
                unknown.append(endpoint_id)
            elif as_json:
                output.print_json_line(price._asdict())
            else:
                output.print_text(
                    f"{endpoint_id}  {money.price_text(price.unit_price)} {price.currency} / {price.unit}"
                )
        if unknown:
            question = await asyncio.to_thread(select.did_you_mean, session.catalogue, unknown)
            why = f"The service gives no price for {', '.join(unknown)}.{question}"
            raise CommandError(why, ExitStatus.NOT_FOUND)
    return ExitStatus.DONE
