"""What both faces say of models: one as JSON, its prices, and how a search that finds nothing can be loosened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app.catalogue import kept
from faldeck.app.model_list import used_at
from faldeck.history.export import moment

if TYPE_CHECKING:
    from faldeck.app.model_list import ModelList
    from faldeck.fal.values import Model, Price
    from faldeck.query.models import ModelQuery


def listed(model: Model, models: ModelList) -> dict[str, object]:
    """A model of a list as `--json` prints it: its attributes, the person's marks, its price in USD or another unit."""
    mark = models.mark(model.endpoint_id)
    return {
        **kept(model),
        "duration_minutes": model.duration_minutes or None,
        "is_starred": mark.starred,
        "note": mark.note,
        "used_at": moment(used_at(mark)),
        "aliases": models.aliases.get(model.endpoint_id, []),
        "price": price(models.prices.get(model.endpoint_id)),
    }


def price(price: Price | None) -> dict[str, object] | None:
    """A price as JSON; None if it is unknown."""
    if price is None:
        return None
    return {"unit_price": price.unit_price, "unit": price.unit, "currency": price.currency}


def loosened(models: ModelList, query: ModelQuery) -> list[str]:
    """What to leave out of a search that finds nothing, as sentences: the way that finds most, first."""
    return [
        f"Without {one.without} there {'is' if one.count == 1 else 'are'} {one.count:,}."
        for one in models.loosened(query)
    ]
