"""The catalogue as a person sees it: filters, orders, and what to loosen where nothing is found."""

from __future__ import annotations

from decimal import Decimal

import pytest

from faldeck.app.model_list import ModelList
from faldeck.fal.values import Model, Price
from faldeck.history import ModelMark
from faldeck.query.models import parse

MODELS = [
    Model("a/film", "Film", "image-to-video", "Pictures that move", published_at="2026-03-01T00:00:00Z"),
    Model("a/still", "Still", "text-to-image", "Quick pictures", published_at="2026-05-01T00:00:00Z"),
    Model("b/film/old", "Old film", "image-to-video", "Slow", is_deprecated=True, published_at="2024-01-01T00:00:00Z"),
    Model("b/voice", "Voice", "text-to-speech", "Reads a text aloud"),
    Model("b/tune", "Trainer", "training", "Learns a style", kind="training", published_at="2026-01-01T00:00:00Z"),
]
PRICES = {
    "a/film": Price("a/film", Decimal("0.5"), "seconds", "USD"),
    "a/still": Price("a/still", Decimal("0.02"), "images", "USD"),
    "b/voice": Price("b/voice", Decimal("0.001"), "characters", "EUR"),
    "b/tune": Price("b/tune", Decimal(0), "steps", "USD"),
}
MARKS = {
    "a/film": ModelMark(used_ms=5),
    "b/voice": ModelMark(starred=True, used_ms=9, note="for the lullaby"),
    "gone/away": ModelMark(starred=True),
}
LISTED = ModelList(MODELS, MARKS, PRICES, {"speak": "b/voice", "lost": "no/where"})


def found(text: str) -> list[str]:
    parsed = parse(text)
    assert parsed.problems == ()
    return [model.endpoint_id for model in LISTED.find(parsed.query)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("cat:video", {"a/film", "b/film/old"}),
        ("cat:speech,training", {"b/voice", "b/tune"}),
        ("kind:video -status:deprecated", {"a/film"}),
        ("kind:audio", {"b/voice"}),
        ("kind:training", {"b/tune"}),
        ("status:deprecated", {"b/film/old"}),
        ("price:<0.1", {"a/still", "b/tune"}),
        ("price:free", {"b/tune"}),
        ("price:0.02..0.5", {"a/still", "a/film"}),
        ("price:>0.02", {"a/film"}),
        ("-cat:video -kind:training", {"a/still", "b/voice"}),
        ("star:yes", {"b/voice", "gone/away"}),
        ("star:no cat:image", {"a/film", "a/still", "b/film/old"}),
        ('"pictures that"', {"a/film"}),
        ("lullaby -quick", {"b/voice"}),
        ("lullaby", {"b/voice"}),
        ("speak", {"b/voice"}),
    ],
)
def test_a_filter_shows_the_models_that_match(text: str, ids: set[str]) -> None:
    assert set(found(text)) == ids


def test_a_filter_stands_beside_words_with_typing_errors() -> None:
    assert found("flim cat:video status:active") == ["a/film"]


def test_the_order_is_chosen_and_what_has_no_value_comes_last_either_way() -> None:
    assert found("sort:newest") == ["a/still", "a/film", "b/tune", "b/film/old", "b/voice"]
    assert found("sort:-newest")[-2:] == ["a/still", "b/voice"]
    assert found("sort:price")[:3] == ["b/tune", "a/still", "a/film"]
    assert found("sort:-price")[:3] == ["a/film", "a/still", "b/tune"]
    assert found("sort:used")[:2] == ["b/voice", "a/film"]
    assert found("sort:name") == sorted(model.endpoint_id for model in MODELS)


def test_the_starred_come_first_unless_another_order_is_chosen() -> None:
    assert found("")[0] == "b/voice"
    assert found("")[-1] == "b/film/old"


def test_nothing_found_says_what_to_loosen() -> None:
    query = parse("film price:<0.1 -cat:speech").query

    assert LISTED.find(query) == []
    assert [(one.without, one.count) for one in LISTED.loosened(query)] == [("price:<0.1", 2), ("film", 2)]
    blocked = parse("film kind:3d price:>9").query
    assert [(one.without, one.count) for one in LISTED.loosened(blocked)] == [("kind:3d price:>9", 2)]
    assert LISTED.loosened(parse("kind:3d").query) == []
    assert LISTED.unknown_category(parse("cat:vidio").query) == (
        "No category has “vidio” in it. Did you mean cat:video?"
    )
    assert LISTED.unknown_category(parse("cat:video").query) == ""


def test_the_categories_are_stepped_through_the_largest_first() -> None:
    assert LISTED.categories[0] == "image-to-video"
    assert LISTED.next_category("", 1) == "image-to-video"
    assert LISTED.next_category("", -1) == LISTED.categories[-1]
    assert LISTED.next_category(LISTED.categories[-1], 1) == ""
    assert LISTED.next_category("gone", 1) == "image-to-video"
