"""The sums of jobs: of the days that a filter names, as a document, and by the periods that a person moves through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from faldeck.history.stats import Days, Grouping, Report, Sums
from faldeck.query import Key, Query
from faldeck.query.values import period

if TYPE_CHECKING:
    from faldeck.history import Store

__all__ = ["COLUMNS", "Days", "Grouping", "Period", "Report", "Span", "Sums", "document", "report", "whole_days"]


def report(store: Store, by: Grouping, query: Query, at: datetime) -> Report:
    """The sums of the jobs that match a query, by group; `at` is now. Days are whole: `since:7d` begins at midnight.

    Raises HistoryError.
    """
    days, others = whole_days(query, at)
    return store.stats.report(by, days, others)


def whole_days(query: Query, at: datetime) -> tuple[Days, Query]:
    """The days that `since:` and `until:` of a query name, and the query without them."""
    first: date | None = None
    last: date | None = None
    others = []
    for term in query.terms:
        if term.key not in (Key.SINCE, Key.UNTIL) or term.negated:
            others.append(term)
            continue
        start, end = period(term.value, at)
        if term.key is Key.SINCE:
            day = start.astimezone().date()
            first = max(first, day) if first else day
        else:
            day = (end - timedelta(microseconds=1)).astimezone().date()
            last = min(last, day) if last else day
    return Days(first, last), Query(tuple(others))


COLUMNS = (
    "jobs",
    "completed",
    "failed",
    "success_rate",
    "spent_usd",
    "median_seconds",
    "p95_seconds",
    "size_bytes",
)
"""The sums of a group, as documents name them."""


def document(report: Report) -> dict[str, object]:
    """A report as `--json` prints it: rates from 0 to 1, seconds, bytes, USD as `Decimal`."""
    days = report.days
    return {
        "by": report.by.value,
        "first_day": days.first and days.first.isoformat(),
        "last_day": days.last and days.last.isoformat(),
        "groups": [{"key": sums.key, **values(sums)} for sums in report.groups],
        "total": values(report.total),
    }


def values(sums: Sums) -> Mapping[str, object]:
    """The sums of one group by their names in `COLUMNS`."""
    return {name: getattr(sums, name) for name in COLUMNS}


class Span(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


EARLIEST, LATEST = date(2000, 1, 3), date(2999, 12, 31)
"""Periods before and behind have no jobs."""


class Period(NamedTuple):
    """A day, week, month or year of the calendar; a week begins on Monday."""

    span: Span
    first: date

    @classmethod
    def around(cls, span: Span, day: date) -> Period:
        """The period in which a day is."""
        match span:
            case Span.DAY:
                return cls(span, day)
            case Span.WEEK:
                return cls(span, day - timedelta(days=day.weekday()))
            case Span.MONTH:
                return cls(span, day.replace(day=1))
            case Span.YEAR:
                return cls(span, day.replace(month=1, day=1))

    @property
    def last(self) -> date:
        """Its last day."""
        match self.span:
            case Span.DAY:
                return self.first
            case Span.WEEK:
                return self.first + timedelta(days=6)
            case Span.MONTH:
                return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            case Span.YEAR:
                return self.first.replace(month=12, day=31)

    @property
    def days(self) -> Days:
        """Its days."""
        return Days(self.first, self.last)

    @property
    def title(self) -> str:
        """What it is called: `2026`, `March 2026`, `2026-03-02 to 2026-03-08`, `Monday, 2026-03-02`."""
        match self.span:
            case Span.DAY:
                return f"{self.first:%A}, {self.first}"
            case Span.WEEK:
                return f"{self.first} to {self.last}"
            case Span.MONTH:
                return f"{self.first:%B} {self.first.year}"
            case Span.YEAR:
                return str(self.first.year)

    def next(self) -> Period:
        """The period after it, up to the year 2999."""
        return Period.around(self.span, self.last + timedelta(days=1)) if self.last < LATEST else self

    def previous(self) -> Period:
        """The period before it, from the year 2000 on."""
        return Period.around(self.span, self.first - timedelta(days=1)) if self.first > EARLIEST else self


def daily(groups: Sequence[Sums], period: Period) -> list[Sums]:
    """The sums of every day of a period, from those of the days with jobs."""
    by_day = {sums.key: sums for sums in groups}
    count = (period.last - period.first).days + 1
    keys = ((period.first + timedelta(days=number)).isoformat() for number in range(count))
    return [by_day.get(key) or Sums(key=key) for key in keys]
