"""The language of filters: what is understood, what is said of the rest, and that its text stays the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldeck.query import Key, Query, Term, parse
from faldeck.query.completion import Known, complete
from faldeck.query.language import KEYS, SORT, SortBy
from faldeck.query.values import Bounds, period, seconds_bounds, usd_bounds

PIECES = st.sampled_from(
    [*(f"{key}:" for key in KEYS), "-", '"', '""', " ", ",", "fox", "old man", ">0.5", "7d", "2026-11", "..", "=", "狐"]
)
TYPED = st.one_of(st.text(max_size=40), st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=12).map("".join))


@given(TYPED)
def test_what_is_printed_is_read_again_as_the_same(text: str) -> None:
    query = parse(text).query

    again = parse(str(query))

    assert again.query == query
    assert again.problems == ()
    assert str(again.query) == str(query)


@given(TYPED)
def test_a_problem_names_a_piece_of_the_text(text: str) -> None:
    for problem in parse(text).problems:
        assert text.startswith(problem.text, problem.position)
        assert problem.message.endswith(".")


@given(TYPED, st.integers(0, 60))
def test_a_completion_replaces_what_was_typed_up_to_the_cursor(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    found = complete(text, cursor, Known(models=["fal-ai/flux/dev"], tags=["a b"]))

    new, place = found.applied(text)

    assert 0 <= found.start <= found.end == cursor
    assert new.startswith(text[: found.start]) and new.endswith(text[cursor:]) and place <= len(new)


def test_words_phrases_and_terms_stand_in_any_order() -> None:
    parsed = parse('fox -tag:draft  state:failed -owl "old man" model:flux -"at night" sort:-took star:')

    assert parsed.problems == ()
    assert parsed.query == Query(
        (
            Term(Key.TEXT, "fox"),
            Term(Key.TAG, "draft", negated=True),
            Term(Key.STATE, "failed"),
            Term(Key.TEXT, "owl", negated=True),
            Term(Key.TEXT, "old man", quoted=True),
            Term(Key.MODEL, "flux"),
            Term(Key.TEXT, "at night", negated=True, quoted=True),
            Term(Key.STAR, "yes"),
        ),
        SortBy.TOOK,
        is_reversed=True,
    )


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("state:done,Error", "state:completed,failed"),
        ("STATE:Live", "state:live"),
        ('tag:"two words"', 'tag:"two words"'),
        ('tag:"a""b"', 'tag:a"b'),
        ("kind:picture,movie", "kind:image,video"),
        ('cost:"> 0.5"', "cost:>0.5"),
        ("sort:cost", "sort:cost"),
        ("sort:time", ""),
        ("-sort:cost", "sort:-cost"),
        ("sort:cost sort:took", "sort:took"),
        ("https://fal.ai/x", "https://fal.ai/x"),
        ('"state:failed"', '"state:failed"'),
        ("fox fox", "fox fox"),
        ("state:failed state:failed", "state:failed"),
        ('"', ""),
        ("-", "-"),
        ("- fox", "- fox"),
    ],
)
def test_a_filter_is_printed_in_one_way(text: str, printed: str) -> None:
    assert str(parse(text).query) == printed


@pytest.mark.parametrize(
    ("text", "position", "nearest", "words"),
    [
        ("fox stat:failed", 4, "state:", "There is no filter “stat:”"),
        ("-status:failed", 0, "-state:", "no filter “status:”"),
        ("prompt:fox", 0, None, "put them in quotes"),
        ("a state:complted", 2, "state:completed", "not “complted”"),
        ("state:comp", 0, "state:completed", "state: takes live,"),
        ("state:", 0, None, "state: takes live,"),
        ("-has:fil", 0, "-has:file", "has: takes file, note, error, tag"),
        ("cost:5", 0, "cost:>5", "needs >, < or = before the amount"),
        ("cost:>x", 0, None, "takes an amount in USD"),
        ("took:>1d", 0, None, "takes seconds"),
        ("since:2026-13", 0, None, "takes a date such as"),
        ("until:", 0, None, "until: needs a value"),
        ("sort:cots", 0, "sort:cost", "sort: takes time, cost, took"),
        ("star:maybe", 0, None, "star: takes yes, no"),
    ],
)
def test_what_is_not_understood_is_said_with_the_nearest(
    text: str, position: int, nearest: str | None, words: str
) -> None:
    parsed = parse(text)

    (problem,) = parsed.problems
    assert (problem.position, problem.nearest) == (position, nearest)
    assert words in problem.message
    assert all(term.key is Key.TEXT for term in parsed.query.terms)


NOW = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)


def local(*day: int) -> datetime:
    """The start of a day in local time."""
    return datetime(*day).astimezone()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", local(2026, 1, 1), local(2027, 1, 1)),
        ("2024", local(2024, 1, 1), local(2025, 1, 1)),
        ("2026-02", local(2026, 2, 1), local(2026, 3, 1)),
        ("2026-12", local(2026, 12, 1), local(2027, 1, 1)),
        ("2026-2-28", local(2026, 2, 28), local(2026, 3, 1)),
        ("7d", NOW - timedelta(days=7), NOW - timedelta(days=7)),
        ("36h", NOW - timedelta(hours=36), NOW - timedelta(hours=36)),
        ("2026-03-01T08:30+00:00", datetime(2026, 3, 1, 8, 30, tzinfo=UTC), datetime(2026, 3, 1, 8, 31, tzinfo=UTC)),
    ],
)
def test_a_date_is_a_span_of_time(text: str, start: datetime, end: datetime) -> None:
    assert period(text, NOW) == (start, end)


def test_today_and_yesterday_are_days_of_local_time() -> None:
    today, yesterday = period("today", NOW), period("Yesterday", NOW)

    assert yesterday[1] == today[0] <= NOW < today[1]
    assert today[0].astimezone().hour == 0


def test_amounts_are_compared_or_lie_between_two() -> None:
    assert usd_bounds(">$0.5") == Bounds(least=usd_bounds("=0.5").least, with_least=False)
    assert usd_bounds("0.1..2") == Bounds(usd_bounds("=0.1").least, usd_bounds("=2").most)
    assert seconds_bounds("<=5m") == Bounds(most=seconds_bounds("=300").most)
    assert seconds_bounds(">1.5h").least == seconds_bounds("=5400s").least


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("sta", ("state:", "star:")),
        ("fox -sta", ("state:", "star:")),
        ("state:c", ("completed ", "cancelled ", "cancelling ")),
        ("state:failed,exp", ("failed,expired ",)),
        ("model:flux", ("fal-ai/flux/dev ",)),
        ("-tag:", ("fox ", '"two words" ')),
        ("since:y", ("yesterday ",)),
        ("sort:-c", ("-cost ",)),
        ("profile:", ("fal ",)),
        ("fox ", ()),
        ("", ()),
        ('"sta', ()),
    ],
)
def test_names_and_values_are_completed(text: str, options: tuple[str, ...]) -> None:
    known = Known(models=["fal-ai/veo3", "fal-ai/flux/dev"], profiles=["fal"], tags=["fox", "two words"])

    assert complete(text, len(text), known).options == options


def test_a_completion_types_what_all_options_have_in_common() -> None:
    assert complete("state:ca", 8, Known()).applied("state:ca") == ("state:cancell", 13)
    assert complete("mod fox", 3, Known()).applied("mod fox") == ("model: fox", 6)
    assert complete("nothing", 7, Known()).applied("nothing") == ("nothing", 7)


def test_every_key_has_an_order_or_a_condition() -> None:
    assert set(KEYS) == {key for key in Key if key is not Key.TEXT} | {SORT}
