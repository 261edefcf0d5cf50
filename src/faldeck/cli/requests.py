"""From a `run` command line to the requests it means: models times rows times repeats, checked before any is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from faldeck.app import wording
from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.app.requests import FilledRequest, find_price, load_model, must_confirm, total_usd
from faldeck.cli import asking, input_files, output, values
from faldeck.cli.input_files import InputRow
from faldeck.cli.values import TextExpander
from faldeck.engine.supervisor import Draft
from faldeck.fal.urls import app_id
from faldeck.safety import sanitize
from faldeck.schema import json_value

if TYPE_CHECKING:
    from faldeck.app.catalogue import Catalogue
    from faldeck.app.session import Session
    from faldeck.config.settings import Config


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A request that may be sent."""

    draft: Draft
    estimate_usd: Decimal | None
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
    tags: Sequence[str] = ()
    note: str = ""
    unlisted: bool = False
    """Whether an id that looks misspelt is meant as it stands."""

    @property
    def is_many(self) -> bool:
        """Whether it is a batch, even where that has one request."""
        return self.each is not None or self.repeat > 1 or len(self.endpoint_ids) > 1


async def requests(session: Session, order: RunSpec, expand: TextExpander) -> list[RunRequest]:
    """All requests of the order; raises CommandError or Unsendable where any of them cannot be sent."""
    for endpoint_id in order.endpoint_ids:
        app_id(endpoint_id)
        if not order.unlisted:
            _stop_at_misspelt(session.catalogue, endpoint_id)
    given = values.read_input(order.input)
    listed = input_files.read_rows(order.each) if order.each else [InputRow()]
    made = []
    for endpoint_id in order.endpoint_ids:
        model, price = await asyncio.gather(
            load_model(session.catalogue, endpoint_id), find_price(session.catalogue, endpoint_id)
        )
        if model.fault:
            output.print_message(f"The fields of {endpoint_id} are not known, so nothing is checked: {model.fault}")
        for row in listed:
            arguments = values.filled(model, order.flags, given, row=row, expand=expand)
            filled_in = FilledRequest(model, arguments, order.options)
            values.stop_at_problems(filled_in.file_problems())
            estimate = filled_in.estimate_usd(price)
            for _ in range(order.repeat):
                draft = filled_in.draft(session.profile.name, price)
                made.append(RunRequest(replace(draft, tags=order.tags, note=order.note), estimate))
    return made


def _stop_at_misspelt(catalogue: Catalogue, endpoint_id: str) -> None:
    """Raises CommandError where an id is in no catalogue and a listed one is like it."""
    if near := catalogue.similar_models(endpoint_id):
        meant = sanitize.clean_line(" or ".join(near))
        raise CommandError(
            f"{endpoint_id} is not in the catalogue; did you mean {meant}? Nothing was sent."
            " With --unlisted it is sent as it stands.",
            ExitStatus.USAGE,
            hint=f"faldeck run {near[0]}",
        )


def estimate_usd(requests: Sequence[RunRequest]) -> Decimal | None:
    """About what all of them cost, in USD; None if that of one cannot be known."""
    return total_usd(request.estimate_usd for request in requests)


def stop_above(limit_usd: Decimal, requests: Sequence[RunRequest]) -> None:
    """Raises CommandError where the requests may cost more than that."""
    total = estimate_usd(requests)
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


async def confirm_cost(requests: Sequence[RunRequest], config: Config) -> None:
    """Asks on the terminal before requests are sent that cost more than `confirm_above_usd`, once for all of them.

    Without a terminal nothing is asked; the estimate is printed on stderr. Raises CommandError if the answer is no.
    """
    total = estimate_usd(requests)
    if total is None or not must_confirm(total, config):
        return
    subject = "This costs" if len(requests) == 1 else f"These {len(requests):,} requests cost"
    sentence = f"{subject} about {wording.usd(total)}."
    if not asking.can_ask():
        output.print_message(sentence)
    elif not await asking.is_yes(f"{sentence} Send {'it' if len(requests) == 1 else 'them'}? [y/N] "):
        raise CommandError("Nothing was sent. With --yes nothing is asked.", ExitStatus.USAGE)
