"""Which schema a model is made from, which price is waited for, and what must be confirmed: the same in both faces."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any, cast

import pytest

from faldeck.app import requests
from faldeck.app.catalogue import Catalogue
from faldeck.config.settings import Config
from faldeck.fal.errors import NotSent
from faldeck.fal.values import Price

OLD, NEW = {"name": "old"}, {"name": "new"}
PRICE = Price("a/b", Decimal("0.5"), "requests", "USD")


class Shelf:
    """A catalogue whose service answers with `answer`, or never where that is None."""

    def __init__(self, stored: object, *, is_stale: bool, answer: object = None) -> None:
        self._stored, self._is_stale, self._answer = stored, is_stale, answer
        self.asked = 0

    def stored_schema(self, endpoint_id: str) -> object:
        return self._stored

    def schema_is_stale(self, endpoint_id: str) -> bool:
        return self._is_stale

    def prices(self) -> dict[str, Price]:
        return {}

    async def fetch_schema(self, endpoint_id: str) -> Any:
        self.asked += 1
        if self._answer is None:
            await asyncio.Event().wait()
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    fetch_price = fetch_schema


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models are known by their documents; nobody waits for long."""
    monkeypatch.setattr(requests, "SCHEMA_SECONDS", 0.01)
    monkeypatch.setattr(requests, "PRICE_SECONDS", 0.01)
    monkeypatch.setattr("faldeck.schema.document.read", lambda schema, endpoint_id: schema)


@pytest.mark.parametrize(
    ("shelf", "model", "asked"),
    [
        (Shelf(OLD, is_stale=False, answer=NEW), OLD, 0),
        (Shelf(OLD, is_stale=True, answer=NEW), NEW, 1),
        (Shelf(OLD, is_stale=True, answer=NotSent("away")), OLD, 1),
        (Shelf(OLD, is_stale=True), OLD, 1),
        (Shelf(None, is_stale=True, answer=NEW), NEW, 1),
    ],
    ids=["fresh", "old", "old, away", "old, silent", "none"],
)
async def test_an_old_schema_is_asked_for_anew_and_does_if_none_comes(shelf: Shelf, model: object, asked: int) -> None:
    assert await requests.load_model(cast("Catalogue", shelf), "a/b") is model
    assert shelf.asked == asked


async def test_without_any_schema_the_model_says_why() -> None:
    shelf = Shelf(None, is_stale=True, answer=NotSent("away"))

    assert (await requests.load_model(cast("Catalogue", shelf), "a/b")).fault == "away"


async def test_a_price_is_waited_for_briefly() -> None:
    silent, quick = Shelf(None, is_stale=True), Shelf(None, is_stale=True, answer=PRICE)

    assert await requests.find_price(cast("Catalogue", silent), "a/b") is None
    assert await requests.find_price(cast("Catalogue", quick), "a/b") is PRICE


@pytest.mark.parametrize(("estimate", "is_asked"), [(None, False), ("0.3", False), ("0.30001", True)])
def test_only_a_cost_above_the_limit_is_confirmed(estimate: str | None, is_asked: bool) -> None:
    # The float 0.3 is a little less than 0.3.
    assert requests.must_confirm(Decimal(estimate) if estimate else None, Config(confirm_above_usd=0.3)) is is_asked


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    tenth, fifth = Decimal("0.1"), Decimal("0.2")
    assert requests.total_usd([tenth, fifth]) == Decimal("0.3") and requests.total_usd([tenth, None]) is None
