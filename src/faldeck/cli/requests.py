"""From a `run` command line to the requests it means: models times rows times repeats, checked before any is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faldeck import job
from faldeck.app import pricing, wording
from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import input_files, output, values
from faldeck.cli.input_files import InputRow
from faldeck.cli.values import TextExpander
from faldeck.engine.gateways import NoKey
from faldeck.engine.supervisor import Draft
from faldeck.fal.errors import FalError
from faldeck.fal.urls import app_id
from faldeck.fal.values import Price
from faldeck.safety import sanitize
from faldeck.schema import json_value

if TYPE_CHECKING:
    from faldeck.app.catalogue import Catalogue
    from faldeck.cli.context import Reach

PRICE_SECONDS = 5.0
"""For so long a request waits to learn its price, which is nice to have."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that may be sent."""

    draft: Draft
    estimate_usd: float | None
    """About what it will cost; None where that cannot be told."""

    def document(self) -> dict[str, object]:
        """What would be sent, for `--dry-run`."""
        draft = self.draft
        return {
            "endpoint_id": draft.endpoint_id,
            "arguments": dict(draft.arguments),
            "options": dict(draft.options),
            "uploads": [{"field": json_value.spell(file.loc), "path": file.path} for file in draft.uploads],
            "estimate_usd": self.estimate_usd,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """What a command line asks for."""

    endpoint_ids: Sequence[str]
    flags: Sequence[str]
    """The words that are the models' own."""
    input: str | None
    """A file with the JSON object to begin with."""
    each: str | None
    """A file with a row for each request."""
    reads_cells: bool
    """Whether a cell of it may name a file whose text is meant."""
    repeat: int
    options: Mapping[str, object]
    unlisted: bool = False
    """Whether an id that looks misspelt is meant as it stands."""

    @property
    def is_many(self) -> bool:
        """Whether it is a batch, even where that has one request."""
        return self.each is not None or self.repeat > 1 or len(self.endpoint_ids) > 1


async def requests(reach: Reach, order: RunSpec, expand: TextExpander) -> list[Request]:
    """All requests of the order; raises CommandError or Unsendable where any of them cannot be sent."""
    for endpoint_id in order.endpoint_ids:
        app_id(endpoint_id)
        if not order.unlisted:
            _stop_at_misspelt(reach.catalogue, endpoint_id)
    given = values.read_input(order.input)
    listed = input_files.read_rows(order.each) if order.each else [InputRow()]
    made = []
    for endpoint_id in order.endpoint_ids:
        model, price = await asyncio.gather(
            values.known(reach.catalogue, endpoint_id), _price(reach.catalogue, endpoint_id)
        )
        if model.fault:
            output.print_message(f"The fields of {endpoint_id} are not known, so nothing is checked: {model.fault}")
        for row in listed:
            arguments = values.filled(model, order.flags, given, row=row, expand=expand)
            uploads = values.uploads(model, arguments)
            estimate = pricing.estimate(price, model, arguments)
            for _ in range(order.repeat):
                draft = Draft(
                    profile=reach.profile,
                    endpoint_id=endpoint_id,
                    arguments=arguments,
                    options=order.options,
                    uploads=uploads,
                    cost=pricing.rate(price),
                )
                made.append(Request(draft, estimate))
    return made


def _stop_at_misspelt(catalogue: Catalogue, endpoint_id: str) -> None:
    """Raises CommandError where an id is in no catalogue and a listed one is like it."""
    if near := catalogue.misspelt(endpoint_id):
        meant = sanitize.clean_line(" or ".join(near))
        raise CommandError(
            f"{endpoint_id} is not in the catalogue; did you mean {meant}? Nothing was sent."
            " With --unlisted it is sent as it stands.",
            ExitStatus.USAGE,
            hint=f"faldeck run {near[0]}",
        )


def total_usd(requests: Sequence[Request]) -> float | None:
    """About what all of them cost; None where one of them cannot be told."""
    estimates = [request.estimate_usd for request in requests if request.estimate_usd is not None]
    return job.add_usd(estimates) if len(estimates) == len(requests) else None


def stop_above(limit_usd: float, requests: Sequence[Request]) -> None:
    """Raises CommandError where the requests may cost more than that."""
    total = total_usd(requests)
    if total is None:
        raise CommandError(
            "What this costs cannot be told beforehand, so --max-usd cannot be kept. Nothing was sent.",
            ExitStatus.USAGE,
        )
    if total > limit_usd:
        raise CommandError(
            f"This costs about {wording.usd(total)}, more than {wording.usd(limit_usd)}. Nothing was sent.",
            ExitStatus.USAGE,
        )


async def _price(catalogue: Catalogue, endpoint_id: str) -> Price | None:
    """The price on disk, else the service's, where it tells it soon."""
    if known := catalogue.prices().get(endpoint_id):
        return known
    try:
        async with asyncio.timeout(PRICE_SECONDS):
            return await catalogue.fetch_price(endpoint_id)
    except (FalError, NoKey, TimeoutError):
        return None
