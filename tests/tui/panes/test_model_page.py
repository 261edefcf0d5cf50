"""The page of a model as text: facts, inputs, outputs and family, at any width."""

from __future__ import annotations

from decimal import Decimal

import pytest

from faldeck.app.model_card import ModelCard, WebPage, siblings
from faldeck.fal.values import Model, Price
from faldeck.history import ModelMark
from faldeck.history.stats import Sums
from faldeck.job import now
from faldeck.schema import document
from faldeck.tui.panes.lines import width_of
from faldeck.tui.panes.model_page import page_rows
from faldeck.tui.panes.page_text import text_of

SCHEMA = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string", "description": "What the picture shows. " * 8},
        "num_images": {"type": "integer", "minimum": 1, "maximum": 4, "default": 1},
    },
}
CARD = ModelCard(
    model=Model(
        "a/still/fast",
        "Still",
        "text-to-image",
        "Quick pictures",
        license_type="research",
        license_url="https://licence.example/still",
        duration_minutes=2.0,
        group_key="still",
    ),
    is_listed=True,
    price=Price("a/still/fast", Decimal("0.02"), "images", "USD"),
    mark=ModelMark(starred=True, note="for posters"),
    aliases=("still",),
    own=Sums(key=""),
    siblings=(Model("a/still/pro", "Still Pro", group_label="Pro"),),
    inputs=document.read(SCHEMA, "a/still/fast").fields,
)


@pytest.mark.parametrize("width", [30, 78, 110])
def test_every_line_of_the_page_fits_and_nothing_is_left_out(width: int) -> None:
    lines = [text_of(row) for row in page_rows(CARD, width)]
    page = " ".join(" ".join(lines).split())

    assert all(width_of(line) <= width for line in lines if "https://" not in line)
    for words in ("research", "for posters", "num_images", "a/still/pro", "Pro", "default 1", "$0.02"):
        assert words in page


def test_the_typical_time_is_that_of_own_jobs_or_else_the_catalogues() -> None:
    facts = dict(CARD.facts(now()))
    own = CARD._replace(own=Sums(key="", jobs=4, completed=3, failed=1, median_seconds=7.5, spent_usd=Decimal("0.08")))

    assert CARD.typical_seconds == 120.0 and "says the catalogue" in facts["typical time"]
    assert own.typical_seconds == 7.5
    assert dict(own.facts(now()))["typical time"] == "7.5s, the median of 3 jobs of yours"
    assert dict(own.facts(now()))["your jobs"] == "4, 1 failed, $0.08"


def test_the_licence_has_its_own_page_if_the_catalogue_names_one() -> None:
    hostile = CARD._replace(model=CARD.model._replace(license_url="javascript:alert(1)"))

    assert CARD.pages()[WebPage.LICENCE] == "https://licence.example/still"
    assert hostile.pages()[WebPage.LICENCE] == "https://fal.ai/models/a/still/fast"


def test_a_family_is_the_group_of_the_catalogue_and_the_same_app() -> None:
    ids = ["a/still", "a/still/pro", "a/stills/other", "b/else"]
    grouped = Model("c/still-lora", group_key="still")

    found = siblings(CARD.model, [*map(Model, ids), grouped, CARD.model])

    assert [one.endpoint_id for one in found] == ["a/still", "a/still/pro", "c/still-lora"]
