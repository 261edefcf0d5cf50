"""The days that a filter names, and the periods that a person moves through."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from faldeck.app import stats, wording
from faldeck.app.stats import Days, Grouping, Period, Report, Span, Sums
from faldeck.query import Query
from faldeck.schema.json_value import ascii_text

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "days", "others"),
    [
        ("", Days(), ""),
        ("fox since:2026-03-01", Days(first=date(2026, 3, 1)), "fox"),
        ("since:2026-02 until:2026-03 model:flux", Days(date(2026, 2, 1), date(2026, 3, 31)), "model:flux"),
        ("since:7d", Days(first=date(2026, 3, 11)), ""),
        ("since:2026 since:2026-03-05 until:2026 until:2026-03-06", Days(date(2026, 3, 5), date(2026, 3, 6)), ""),
        ("-since:2026-03-01", Days(), "-since:2026-03-01"),
    ],
)
def test_the_dates_of_a_filter_become_whole_days(words: str, days: Days, others: str) -> None:
    assert stats.whole_days(Query.of(words), NOON) == (days, Query.of(others))


@pytest.mark.parametrize(
    ("span", "first", "last", "title"),
    [
        (Span.DAY, date(2026, 3, 18), date(2026, 3, 18), "Wednesday, 2026-03-18"),
        (Span.WEEK, date(2026, 3, 16), date(2026, 3, 22), "2026-03-16 to 2026-03-22"),
        (Span.MONTH, date(2026, 3, 1), date(2026, 3, 31), "March 2026"),
        (Span.YEAR, date(2026, 1, 1), date(2026, 12, 31), "2026"),
    ],
)
def test_a_period_is_one_of_the_calendar(span: Span, first: date, last: date, title: str) -> None:
    period = Period.around(span, date(2026, 3, 18))

    assert (period.first, period.last, period.title) == (first, last, title)
    assert period.next().previous() == period == period.previous().next()
    assert period.previous().last.toordinal() + 1 == period.first.toordinal()
    assert period.next().first.toordinal() - 1 == period.last.toordinal()


def test_moving_on_ends_before_the_calendar_does() -> None:
    for span in Span:
        last, first = Period.around(span, date(2999, 12, 31)), Period.around(span, date(2000, 1, 3))

        assert last.next() == last and first.previous() == first


def test_days_without_jobs_are_there_too() -> None:
    week = Period.around(Span.WEEK, date(2026, 3, 18))

    days = stats.daily([Sums(key="2026-03-17", jobs=2)], week)

    assert [day.jobs for day in days] == [0, 2, 0, 0, 0, 0, 0]
    assert days[-1].key == "2026-03-22"


def test_a_document_has_exact_money_and_nothing_is_left_out() -> None:
    sums = Sums(key="a/b", jobs=3, completed=2, failed=1, spent_usd=Decimal("0.30000000000000001"))
    report = Report(Grouping.MODEL, Days(first=date(2026, 3, 1)), (sums,), Sums(key=""))

    document = stats.document(report)

    assert '"spent_usd":0.30000000000000001,' in ascii_text(document)
    assert document["groups"] == [
        {
            "key": "a/b",
            "jobs": 3,
            "completed": 2,
            "failed": 1,
            "success_rate": 2 / 3,
            "spent_usd": Decimal("0.30000000000000001"),
            "median_seconds": None,
            "p95_seconds": None,
            "size_bytes": 0,
        }
    ]
    assert (document["by"], document["first_day"], document["last_day"]) == ("model", "2026-03-01", None)


def test_a_success_rate_is_all_of_them_only_where_it_is() -> None:
    nearly = Sums(key="", jobs=1000, completed=999, failed=1, median_seconds=2.2, p95_seconds=41, size_bytes=1_200_000)

    assert wording.sums(nearly) == ["1,000", "99 %", "$0.00", "2.2s", "0:41", "1.2 MB"]
    assert wording.sums(Sums(key="", jobs=1, completed=1)) == ["1", "100 %", "$0.00", "", "", ""]
