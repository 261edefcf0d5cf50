"""Where forms come from: a model's schema, from disk or from the service, with the values entered before."""

from __future__ import annotations

from faldeck.app.catalogue import Catalogue
from faldeck.engine.gateways import NoKey
from faldeck.fal.errors import FalError
from faldeck.fal.values import Price
from faldeck.safety import sanitize
from faldeck.schema import document
from faldeck.schema.document import BrokenSchema, ModelSchema
from faldeck.schema.json_value import JsonValue
from faldeck.tui.form.state import FormState


def stored(catalogue: Catalogue, endpoint_id: str, values: JsonValue) -> FormState | None:
    """The form made from the schema on disk; None where there is none."""
    model = stored_model(catalogue, endpoint_id)
    return None if model is None else FormState(model, values)


def stored_model(catalogue: Catalogue, endpoint_id: str) -> ModelSchema | None:
    """The model that the schema on disk describes; None where there is none."""
    schema = catalogue.stored_schema(endpoint_id)
    return None if schema is None else _model(schema, endpoint_id)


async def fetched(catalogue: Catalogue, endpoint_id: str, values: JsonValue) -> FormState:
    """The form made from the service's schema; of one raw JSON field, which says why, where that cannot be had."""
    try:
        model = _model(await catalogue.fetch_schema(endpoint_id), endpoint_id)
    except (FalError, OSError) as error:
        model = document.unknown(endpoint_id, f"There is no form: {sanitize.clean_line(str(error))}")
    return FormState(model, values)


async def brought_up_to_date(catalogue: Catalogue, endpoint_id: str) -> Price | None:
    """Fetches a stale schema anew, for the next time, and gives the model's price; what cannot be had is left."""
    try:
        if catalogue.schema_is_stale(endpoint_id):
            await catalogue.fetch_schema(endpoint_id)
        return await catalogue.fetch_price(endpoint_id)
    except (FalError, NoKey, OSError):
        return catalogue.prices().get(endpoint_id)


def _model(schema: JsonValue, endpoint_id: str) -> ModelSchema:
    try:
        return document.read(schema, endpoint_id)
    except BrokenSchema as error:
        return document.unknown(endpoint_id, str(error))
