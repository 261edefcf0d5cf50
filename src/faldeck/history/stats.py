"""Sums over jobs: how many, how they ended, what they cost, how long they took, how many bytes they made.

Sums by day come from the table `day_sum`, which triggers keep in the transaction of every change to a job. All others
are made from the rows of the requested days. A job belongs to the day on which it was made, on the calendar of the
machine that recorded it (`job.day`). Deleted jobs are in no sum.

Money is exact. Times are kept with `rows.TIME_BITS` binary digits, so a median or a percentile is at most 1.6 % off.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from faldeck import money
from faldeck.history import rows
from faldeck.job import now
from faldeck.job_ids import first_number
from faldeck.query import Query

if TYPE_CHECKING:
    from faldeck.history.search import QuerySql


class Grouping(StrEnum):
    """By what jobs are grouped."""

    DAY = "day"
    MONTH = "month"
    MODEL = "model"
    PROFILE = "profile"
    TAG = "tag"

    @property
    def is_of_time(self) -> bool:
        """Whether the groups follow each other in time."""
        return self in (Grouping.DAY, Grouping.MONTH)


class Days(NamedTuple):
    """A range of days, first and last included; None is an open end."""

    first: date | None = None
    last: date | None = None


EVER = Days()
"""All days."""

ALL = Query()
"""All jobs."""


class Sums(NamedTuple):
    """The sums of a group of jobs."""

    key: str
    """`2026-03-01`, `2026-03`, an endpoint id, a profile's name or a tag; empty for all jobs."""
    jobs: int = 0
    completed: int = 0
    failed: int = 0
    """Failed and expired jobs."""
    spent_usd: Decimal = Decimal(0)
    median_seconds: float | None = None
    """The median time of the completed jobs, from submit to end; None without one."""
    p95_seconds: float | None = None
    size_bytes: int = 0
    """Bytes of the files that the jobs made, if known."""

    @property
    def success_rate(self) -> float | None:
        """The completed part of the completed and failed jobs, from 0 to 1; None without any."""
        ended = self.completed + self.failed
        return self.completed / ended if ended else None


class Report(NamedTuple):
    """Sums by group, and of all."""

    by: Grouping
    days: Days
    groups: tuple[Sums, ...]
    """Days and months in order; all others by cost, then by number of jobs, highest first."""
    total: Sums


@dataclass(slots=True)
class _Adder:
    """Adds up rows of one group."""

    jobs: int = 0
    completed: int = 0
    failed: int = 0
    nanos: int = 0
    size_bytes: int = 0
    times: list[tuple[int, int]] = field(default_factory=list)
    """Rounded milliseconds → completed jobs that took this long."""
    is_ordered: bool = False
    """Whether `times` has each time once, in ascending order."""

    def add(self, took: int | None, jobs: int, completed: int, failed: int, nanos: int, size_bytes: int) -> None:
        self.jobs += jobs
        self.completed += completed
        self.failed += failed
        self.nanos += nanos
        self.size_bytes += size_bytes
        if took is not None:
            self.times.append((took, jobs))

    def sums(self, key: str) -> Sums:
        ordered = self.times
        if not self.is_ordered:
            counts: dict[int, int] = {}
            for took, jobs in self.times:
                counts[took] = counts.get(took, 0) + jobs
            ordered = sorted(counts.items())
        timed = sum(jobs for _, jobs in ordered)
        return Sums(
            key=key,
            jobs=self.jobs,
            completed=self.completed,
            failed=self.failed,
            spent_usd=money.from_nanos(self.nanos),
            median_seconds=_percentile(ordered, timed, 50),
            p95_seconds=_percentile(ordered, timed, 95),
            size_bytes=self.size_bytes,
        )


class Stats:
    """The sums of a history file. Every method only reads; raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection, search: Callable[[Query], QuerySql]) -> None:
        """`search` makes SQL of a query."""
        self._db = connection
        self._search = search

    def report(self, by: Grouping, days: Days = EVER, query: Query = ALL) -> Report:
        """The sums of the jobs of these days that match a query, by group. The order of the query does not matter."""
        by_day = self._by_day(days) if query == ALL else {}
        if by.is_of_time:
            by_day = by_day or self._by_row("job.day", days, query)
            groups = by_day
            if by is Grouping.MONTH:
                groups = _joined((key[:7], adder) for key, adder in by_day.items())
        else:
            groups = self._by_row(_COLUMNS[by], days, query)
        # A job may have no tag, or several.
        is_apart = by is Grouping.TAG and query != ALL
        whole = self._by_row("''", days, query) if is_apart else by_day or groups
        if by_day and query == ALL:
            total = self._of_days(days)
        else:
            total = _joined(("", adder) for adder in whole.values()).get("", _Adder())
        sums = [adder.sums(key) for key, adder in groups.items()]
        if not by.is_of_time:
            sums.sort(key=lambda one: (-one.spent_usd, -one.jobs, one.key))
        return Report(by, days, tuple(sums), total.sums(""))

    def _by_day(self, days: Days) -> dict[str, _Adder]:
        adders = defaultdict[int, _Adder](_Adder)
        sums = (
            "SELECT day, NULL, sum(jobs), sum(completed), sum(failed), sum(cost_nanos), sum(size_bytes) FROM day_sum"
            " WHERE day BETWEEN ? AND ? GROUP BY day"
        )
        for day, *row in self._db.execute(sums, _numbers(days)):
            adders[day].add(*row)
        # A year has a hundred thousand of these: no row is made an object.
        cursor = self._db.cursor()
        cursor.row_factory = None
        times = "SELECT day, took_rounded, jobs FROM day_sum WHERE day BETWEEN ? AND ? AND took_rounded >= 0"
        for day, took, jobs in cursor.execute(f"{times} ORDER BY day, took_rounded", _numbers(days)):
            adders[day].times.append((took, jobs))
        for adder in adders.values():
            adder.is_ordered = True
        return {rows.day_text(day): adder for day, adder in adders.items()}

    def _of_days(self, days: Days) -> _Adder:
        """The sums of all of these days."""
        total = _Adder(is_ordered=True)
        sums = (
            "SELECT NULL, sum(jobs), sum(completed), sum(failed), sum(cost_nanos), sum(size_bytes) FROM day_sum"
            " WHERE day BETWEEN ? AND ?"
        )
        total.add(*self._db.execute(sums, _numbers(days)).fetchone())
        times = (
            "SELECT took_rounded, sum(jobs) FROM day_sum WHERE day BETWEEN ? AND ? AND took_rounded >= 0"
            " GROUP BY took_rounded ORDER BY took_rounded"
        )
        total.times = [(took, jobs) for took, jobs in self._db.execute(times, _numbers(days))]
        return total

    def _by_row(self, column: str, days: Days, query: Query) -> dict[str, _Adder]:
        first_day, last_day = _numbers(days)
        first_id, end_id = _ids(days)
        beside = "JOIN tag ON tag.job_id = job.id" if column == _COLUMNS[Grouping.TAG] else ""
        if query == ALL and column in _IN_INDEX and not _are_few(days):
            beside = "INDEXED BY job_sums"
        statement, parameters = self._search(query).groups(
            f"{column}, {_SUMS}",
            by=f"{column}, job.took_rounded",
            beside=beside,
            conditions=(
                "job.id >= :first_id_of_days AND job.id < :end_id_of_days",
                "job.day BETWEEN :day AND :last_day",
            ),
            parameters={
                "first_id_of_days": first_id,
                "end_id_of_days": end_id,
                "day": first_day,
                "last_day": last_day,
            },
        )
        return _grouped(self._db.execute(statement, parameters))


_SUMS = (
    "job.took_rounded, count(*), sum(job.state = 'completed'), sum(job.state IN ('failed', 'expired')),"
    " coalesce(sum(job.cost_nanos), 0), sum(job.size_bytes)"
)

_COLUMNS = {Grouping.MODEL: "job.endpoint_id", Grouping.PROFILE: "job.profile", Grouping.TAG: "tag.tag"}
"""Grouping → the column of its keys."""


_IN_INDEX = ("job.endpoint_id", "job.profile")
"""The columns of the index of all sums."""

FEW_DAYS = 31
"""For up to so many days, reading their jobs costs less than reading the whole index."""


def _are_few(days: Days) -> bool:
    return days.first is not None and ((days.last or now().astimezone().date()) - days.first).days < FEW_DAYS


def _grouped(found: Iterable[tuple[Any, ...]]) -> dict[str, _Adder]:
    """Rows of a key and sums, added up by key; a day's number is written as a date."""
    adders: dict[Any, _Adder] = {}
    for key, *row in found:
        if (adder := adders.get(key)) is None:
            adder = adders[key] = _Adder()
        adder.add(*row)
    return {rows.day_text(key) if isinstance(key, int) else key: adder for key, adder in adders.items()}


def _joined(adders: Iterable[tuple[str, _Adder]]) -> dict[str, _Adder]:
    """Sums with equal keys, added up."""
    wholes: dict[str, _Adder] = {}
    for key, one in adders:
        whole = wholes.setdefault(key, _Adder())
        whole.jobs += one.jobs
        whole.completed += one.completed
        whole.failed += one.failed
        whole.nanos += one.nanos
        whole.size_bytes += one.size_bytes
        whole.times += one.times
    return wholes


_FARTHEST_ZONE = timedelta(hours=26)
"""No two calendars on Earth differ by more."""


def _numbers(days: Days) -> tuple[int, int]:
    """The first and the last day as in `job.day`."""
    first = rows.day_number(days.first) if days.first else 0
    return first, rows.day_number(days.last) if days.last else 2**31


def _ids(days: Days) -> tuple[int, int]:
    """The range of the ids of these days' jobs, in any time zone."""

    def number(day: date, margin: timedelta) -> int:
        midnight = datetime.combine(day, time(), UTC)
        return first_number(round((midnight + margin).timestamp() * 1000))

    first = number(days.first, -_FARTHEST_ZONE) if days.first else 0
    return first, number(days.last, timedelta(days=1) + _FARTHEST_ZONE) if days.last else 2**63 - 1


def _percentile(ordered: list[tuple[int, int]], timed: int, percent: int) -> float | None:
    """The quantile of the time (seconds) for this part of `timed` jobs; `ordered` has rounded milliseconds and jobs."""
    rank = -(-timed * percent // 100)
    for took, count in ordered:
        rank -= count
        if rank <= 0:
            return rows.middle_ms(took) / 1000
    return None
