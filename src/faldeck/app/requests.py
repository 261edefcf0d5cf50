"""From a model's schema to a request that can be sent: the model, the price, the filled-in request, what it costs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from faldeck import money
from faldeck.app import pricing
from faldeck.engine import local_files
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
    """The model that the schema on disk describes; None if there is none, or, with `is_fresh`, only an old one."""
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
    """The service's price, however long it takes; the one on disk if the service tells none."""
    try:
        return await catalogue.fetch_price(endpoint_id)
    except (FalError, NoKey, OSError):
        return catalogue.prices().get(endpoint_id)


def total_usd(estimates: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of estimates in USD; None if one of them is unknown."""
    amounts = list(estimates)
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def must_confirm(estimate_usd: Decimal | None, config: Config) -> bool:
    """Whether a person is to be asked before so much is spent. A cost that is unknown is not asked about."""
    limit = money.decimal_of(config.confirm_above_usd)
    return estimate_usd is not None and limit is not None and estimate_usd > limit


# Requests


@dataclass(frozen=True, slots=True)
class FilledRequest:
    """A request that has been filled in, at one instant: typing in a form goes on while its files are checked."""

    model: ModelSchema
    arguments: Arguments
    options: Mapping[str, JsonValue]
    """The submit options: of a form as its fields have them (see `send_options`), of a command as a job has them."""

    def uploads(self) -> list[Upload]:
        """The local files among the arguments."""
        return local_files.uploads(self.model, self.arguments)

    def file_problems(self) -> list[ValueProblem]:
        """What is wrong with the local files. Reads the disk."""
        return local_files.problems(self.model, self.arguments)

    def estimate_usd(self, price: Price | None) -> Decimal | None:
        """About what it will cost, in USD; None if that cannot be known."""
        return pricing.estimate(price, self.model, self.arguments)

    def draft(self, profile: str, price: Price | None) -> Draft:
        """The request as the supervisor takes it, for a profile."""
        from faldeck.engine.supervisor import Draft

        return Draft(
            profile=profile,
            endpoint_id=self.model.endpoint_id,
            arguments=self.arguments,
            options=self.options,
            uploads=self.uploads(),
            cost=pricing.rate(price),
        )
