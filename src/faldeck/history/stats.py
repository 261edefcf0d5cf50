"""Sums over jobs: how many, how they ended, what they cost, how long they took, how many bytes they made.

Sums by day come from the table `day_sum`, which triggers keep in the transaction of every change to a job. All others
are made from the rows of the days that are asked for. A job belongs to the day on which it was made, on the calendar of
the machine that recorded it (`job.day`). Deleted jobs are in no sum.

Money is exact. Times are kept with `rows.TIME_BITS` binary digits, so a median or a percentile is at most 1.6 % off.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from faldeck import money
from faldeck.history import rows
from faldeck.job import first_number


class Grouping(StrEnum):
    """What jobs are put together by."""

    DAY = "day"
    MONTH = "month"
    MODEL = "model"
    PROFILE = "profile"
    TAG = "tag"

    @property
    def is_of_time(self) -> bool:
        """Whether the groups follow each other in time."""
        return self in (Grouping.DAY, Grouping.MONTH)


@dataclass(frozen=True, slots=True)
class Days:
    """A range of days, first and last included; None where it is open."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The sums of a group of jobs."""

    key: str
    """`2026-03-01`, `2026-03`, an endpoint id, a profile's name or a tag; empty for all jobs."""
    jobs: int = 0
    completed: int = 0
    failed: int = 0
    """Failed and expired jobs."""
    spent_usd: Decimal = Decimal(0)
    median_seconds: float | None = None
    """How long half of the completed jobs took at most, from submit to end; None without one."""
    p95_seconds: float | None = None
    size_bytes: int = 0
    """Bytes of the files that the jobs made, as far as they are known."""

    @property
    def success_rate(self) -> float | None:
        """Which part of the completed and failed jobs completed, from 0 to 1; None without any."""
        ended = self.completed + self.failed
        return self.completed / ended if ended else None


@dataclass(frozen=True, slots=True)
class Report:
    """Sums by group, and of all."""

    by: Grouping
    groups: tuple[Sums, ...]
    """Days and months in their order; all others by what was spent, then by jobs, most first."""
    total: Sums


@dataclass(slots=True)
class _Adder:
    """Adds up rows of one group."""

    jobs: int = 0
    completed: int = 0
    failed: int = 0
    nanos: int = 0
    size_bytes: int = 0
    times: Counter[int] = field(default_factory=Counter)
    """Rounded milliseconds → completed jobs that took so long."""

    def add(self, row: tuple[int, ...]) -> None:
        took, jobs, completed, failed, nanos, size = row
        self.jobs += jobs
        self.completed += completed
        self.failed += failed
        self.nanos += nanos
        self.size_bytes += size
        if took >= 0:
            self.times[took] += jobs

    def sums(self, key: str) -> Sums:
        ordered = sorted(self.times.items())
        return Sums(
            key=key,
            jobs=self.jobs,
            completed=self.completed,
            failed=self.failed,
            spent_usd=money.from_nanos(self.nanos),
            median_seconds=_percentile(ordered, 50),
            p95_seconds=_percentile(ordered, 95),
            size_bytes=self.size_bytes,
        )


class Stats:
    """The sums of a history file. Every method only reads; raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def report(self, by: Grouping, days: Days) -> Report:
        """The sums of the jobs of these days, by group."""
        by_day = self._by_day(days)
        total = _total(by_day.values())
        if by is Grouping.DAY:
            groups = {day: adder for day, adder in by_day.items()}
        elif by is Grouping.MONTH:
            groups = _by_month(by_day)
        else:
            groups = self._by_row(by, days)
        sums = [adder.sums(key) for key, adder in groups.items()]
        if not by.is_of_time:
            sums.sort(key=lambda one: (-one.spent_usd, -one.jobs, one.key))
        return Report(by, tuple(sums), total)

    def _by_day(self, days: Days) -> dict[str, _Adder]:
        adders: dict[int, _Adder] = {}
        query = (
            "SELECT day, took_rounded, jobs, completed, failed, cost_nanos, size_bytes FROM day_sum"
            " WHERE day BETWEEN ? AND ? ORDER BY day, took_rounded"
        )
        for day, *row in self._db.execute(query, _numbers(days)):
            if (adder := adders.get(day)) is None:
                adder = adders[day] = _Adder()
            adder.add(tuple(row))
        return {f"{day // 10_000}-{day // 100 % 100:02}-{day % 100:02}": adder for day, adder in adders.items()}

    def _by_row(self, by: Grouping, days: Days) -> dict[str, _Adder]:
        column, tables = _COLUMNS[by]
        first_day, last_day = _numbers(days)
        first_id, last_id = _ids(days)
        query = (
            f"SELECT {column}, {_SUMS} FROM {tables} WHERE job.id >= ? AND job.id < ? AND job.day BETWEEN ? AND ?"
            " AND job.deleted_ms IS NULL GROUP BY 1, 2"
        )
        adders: dict[str, _Adder] = {}
        for key, *row in self._db.execute(query, (first_id, last_id, first_day, last_day)):
            adders.setdefault(key, _Adder()).add(tuple(row))
        return adders


_SUMS = (
    "coalesce(took_rounded, -1), count(*), total(state = 'completed'), total(state IN ('failed', 'expired')),"
    " coalesce(sum(cost_nanos), 0), sum(size_bytes)"
)

_COLUMNS = {
    Grouping.MODEL: ("job.endpoint_id", "job"),
    Grouping.PROFILE: ("job.profile", "job"),
    Grouping.TAG: ("tag.tag", "job JOIN tag ON tag.job_id = job.id"),
}
"""Grouping → the column of its keys, and the tables to read."""

_FARTHEST_ZONE = timedelta(hours=26)
"""No two calendars on Earth differ by more."""


def _numbers(days: Days) -> tuple[int, int]:
    """The first and the last day as `job.day` has them."""
    first = rows.day_number(days.first) if days.first else 0
    return first, rows.day_number(days.last) if days.last else 2**31


def _ids(days: Days) -> tuple[int, int]:
    """The numbers between which the ids of these days' jobs are, wherever the jobs were recorded."""

    def number(day: date, margin: timedelta) -> int:
        midnight = datetime.combine(day, time(), UTC)
        return first_number(round((midnight + margin).timestamp() * 1000))

    first = number(days.first, -_FARTHEST_ZONE) if days.first else 0
    return first, number(days.last, timedelta(days=1) + _FARTHEST_ZONE) if days.last else 2**63 - 1


def _by_month(by_day: dict[str, _Adder]) -> dict[str, _Adder]:
    months: dict[str, list[_Adder]] = {}
    for day, adder in by_day.items():
        months.setdefault(day[:7], []).append(adder)
    return {month: _added(adders) for month, adders in months.items()}


def _total(adders: Iterable[_Adder]) -> Sums:
    return _added(adders).sums("")


def _added(adders: Iterable[_Adder]) -> _Adder:
    whole = _Adder()
    for one in adders:
        whole.jobs += one.jobs
        whole.completed += one.completed
        whole.failed += one.failed
        whole.nanos += one.nanos
        whole.size_bytes += one.size_bytes
        whole.times.update(one.times)
    return whole


def _percentile(ordered: list[tuple[int, int]], percent: int) -> float | None:
    """The time (seconds) that this part of the jobs took at most; `ordered` has rounded milliseconds and jobs."""
    rank = -(-sum(count for _, count in ordered) * percent // 100)
    for took, count in ordered:
        rank -= count
        if rank <= 0:
            return rows.middle_ms(took) / 1000
    return None
