"""The language of the search over models: what a typed text says, and what is said of what was not understood."""

from __future__ import annotations

import pytest

from faldeck.query.completion import complete_from
from faldeck.query.models import ModelKey, ModelOrder, ModelQuery, ModelTerm, order_of, parse, vocabulary
from faldeck.query.values import BadValue


def terms(text: str) -> list[tuple[str, str, bool]]:
    parsed = parse(text)
    assert parsed.problems == ()
    return [(term.key.value, term.value, term.negated) for term in parsed.query.terms]


def test_words_and_filters_stand_in_any_order_and_minus_turns_one_round() -> None:
    assert terms('flux cat:"Image to Video" -status:old price:<0.10 star: kind:movie,training -turbo') == [
        ("", "flux", False),
        ("cat", "image-to-video", False),
        ("status", "deprecated", True),
        ("price", "<0.10", False),
        ("star", "yes", False),
        ("kind", "video,training", False),
        ("", "turbo", True),
    ]
    assert terms("price:free -star:no") == [("price", "=0", False), ("star", "no", True)]


def test_only_plain_words_are_searched_by_likeness() -> None:
    query = parse('kling "image to video" -turbo pro cat:video').query

    assert query.words == "kling pro"


def test_the_order_is_a_term_and_can_be_reversed() -> None:
    assert parse("flux sort:newest").query.sort is ModelOrder.NEWEST
    assert parse("sort:-price").query == ModelQuery((), ModelOrder.PRICE, True)
    assert order_of("-new") == (ModelOrder.NEWEST, True)
    with pytest.raises(BadValue, match="relevance, newest, name, price, used"):
        order_of("length")


@pytest.mark.parametrize(
    ("text", "said", "near"),
    [
        ("category:video", "There is no filter “category:”. Did you mean cat:?", "cat:"),
        ("flux pric:<1", "There is no filter “pric:”. Did you mean price:?", "price:"),
        ("xyz:1", "There is no filter “xyz:”. To search for the words, put them in quotes.", None),
        ("price:0.1", "price: needs >, < or = before the amount, not “0.1”. Did you mean price:>0.1?", "price:>0.1"),
        ("-status:activ", "status: takes active, deprecated, not “activ”. Did you mean -status:active?", None),
        ("kind:vidio", "Did you mean kind:video?", "kind:video"),
        ("cat:", "cat: needs a value.", None),
        ("sort:dearest", "sort: takes relevance, newest, name, price, used", None),
    ],
)
def test_what_is_not_understood_is_said_and_left_out(text: str, said: str, near: str | None) -> None:
    parsed = parse(f"fox {text}")

    (problem,) = parsed.problems
    assert said in problem.message
    assert near is None or problem.nearest == near
    assert ModelTerm(ModelKey.TEXT, "fox") in parsed.query.terms


@pytest.mark.parametrize(
    "text",
    ["", "flux dev", "-turbo", '"image to video" cat:image-to-video', "price:0.1..0.5 sort:-used", "https://a/b"],
)
def test_a_query_as_text_gives_the_same_query_again(text: str) -> None:
    query = parse(text).query

    assert parse(str(query)).query == query


def test_names_and_values_are_completed() -> None:
    words = vocabulary(["image-to-video", "text-to-image"])

    def options(text: str) -> tuple[str, ...]:
        return complete_from(words, text, len(text)).options

    assert options("flux ca") == ("cat:",)
    assert options("cat:vid") == ("image-to-video ",)
    assert options("-cat:image-to-video,te") == ("image-to-video,text-to-image ",)
    assert options("sort:n") == ("newest ", "name ")
    assert options("status:d") == ("deprecated ",)
