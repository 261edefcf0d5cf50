"""Makes a request that can be sent: finds the model and the price, and estimates the cost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from faldeck import money
from faldeck.app import file_arguments, pricing
from faldeck.engine.gateways import NoKey
from faldeck.fal.errors import FalError
from faldeck.job import Upload
from faldeck.safety import sanitize
from faldeck.schema import document
from faldeck.schema.arguments import Arguments
from faldeck.schema.document import BrokenSchema, ModelSchema
from faldeck.schema.fields import ValueProblem
from faldeck.schema.json_value import JsonValue

if TYPE_CHECKING:
    from faldeck.app.catalogue import Catalogue
    from faldeck.config.settings import Config
    from faldeck.engine.supervisor import Draft
    from faldeck.fal.values import Price

SCHEMA_SECONDS = 3.0
"""How long an old schema on disk waits for a newer one before it is used."""

PRICE_SECONDS = 3.0
"""How long a request waits for a price that is not on disk."""


# Models


def stored_model(catalogue: Catalogue, endpoint_id: str, *, is_fresh: bool = False) -> ModelSchema | None:
    """The model from the schema on disk; None if there is no schema, or, with `is_fresh`, only an old one."""
    if is_fresh and catalogue.schema_is_stale(endpoint_id):
        return None
    schema = catalogue.stored_schema(endpoint_id)
    return None if schema is None else _model(schema, endpoint_id)


async def load_model(catalogue: Catalogue, endpoint_id: str) -> ModelSchema:
    """The model as its schema describes it: from disk if that is less than a day old, else from the service.

    If the service gives none, or not within `SCHEMA_SECONDS`, the old schema on disk is used. Without that the model
    has one field for the whole input, and a `fault` that says why.
    """
    if model := stored_model(catalogue, endpoint_id, is_fresh=True):
        return model
    old = stored_model(catalogue, endpoint_id)
    try:
        async with asyncio.timeout(SCHEMA_SECONDS if old else None):
            return _model(await catalogue.fetch_schema(endpoint_id), endpoint_id)
    except (FalError, OSError) as error:  # TimeoutError is an OSError.
        return old or document.unknown(endpoint_id, sanitize.clean_line(str(error)))


def _model(schema: JsonValue, endpoint_id: str) -> ModelSchema:
    try:
        return document.read(schema, endpoint_id)
    except BrokenSchema as error:
        return document.unknown(endpoint_id, str(error))


# Prices


async def find_price(catalogue: Catalogue, endpoint_id: str) -> Price | None:
    """The price on disk, else the service's; None if it does not come within `PRICE_SECONDS`."""
    if price := catalogue.prices().get(endpoint_id):
        return price
    try:
        async with asyncio.timeout(PRICE_SECONDS):
            return await catalogue.fetch_price(endpoint_id)
    except (FalError, NoKey, OSError):  # TimeoutError is an OSError.
        return None


async def refresh_price(catalogue: Catalogue, endpoint_id: str) -> Price | None:
    """The service's price, without a time limit; the price on disk if the service gives none."""
    try:
        return await catalogue.fetch_price(endpoint_id)
    except (FalError, NoKey, OSError):
        return catalogue.prices().get(endpoint_id)


async def estimates_usd(
    catalogue: Catalogue, requests: Sequence[tuple[str, Mapping[str, JsonValue]]]
) -> list[Decimal | None]:
    """About what each of these pairs of endpoint id and arguments will cost, in USD; None if that cannot be known.

    Uses the schemas on disk, and the service's prices if they are not on disk.
    """
    prices: dict[str, Price | None] = {}
    models: dict[str, ModelSchema | None] = {}
    for endpoint_id in {endpoint_id for endpoint_id, _ in requests}:
        prices[endpoint_id] = await find_price(catalogue, endpoint_id)
        models[endpoint_id] = await asyncio.to_thread(stored_model, catalogue, endpoint_id)
    return [
        pricing.estimate(prices[endpoint_id], model, arguments) if (model := models[endpoint_id]) else None
        for endpoint_id, arguments in requests
    ]


def total_usd(estimates: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of estimates in USD; None if one of them is unknown."""
    amounts = list(estimates)
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def must_confirm(estimate_usd: Decimal | None, config: Config) -> bool:
    """True if the person must be asked before this much is spent. False for an unknown cost."""
    limit = money.decimal_of(config.confirm_above_usd)
    return estimate_usd is not None and limit is not None and estimate_usd > limit


# Requests


class FilledRequest(NamedTuple):
    """A filled-in request. It does not change while the person goes on typing in the form."""

    model: ModelSchema
    arguments: Arguments
    options: Mapping[str, JsonValue]
    """The submit options: of a form as its fields have them (see `send_options`), of a command as a job has them."""

    def uploads(self) -> list[Upload]:
        """The local files among the arguments."""
        return file_arguments.uploads(self.model, self.arguments)

    def file_problems(self) -> list[ValueProblem]:
        """What is wrong with the local files. Reads the disk."""
        return file_arguments.problems(self.model, self.arguments)

    def estimate_usd(self, price: Price | None) -> Decimal | None:
        """About what it will cost, in USD; None if that cannot be known."""
        return pricing.estimate(price, self.model, self.arguments)

    def draft(self, profile: str, price: Price | None, *, parent: str | None = None) -> Draft:
        """The request as the supervisor takes it, for a profile; `parent` is the job whose output it has as input."""
        from faldeck.engine.supervisor import Draft

        return Draft(
            profile=profile,
            endpoint_id=self.model.endpoint_id,
            arguments=self.arguments,
            options=self.options,
            uploads=self.uploads(),
            cost=pricing.rate(price),
            parent=parent,
        )
