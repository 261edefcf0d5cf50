"""Sums are exact, whatever has happened to the jobs since."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from faldeck.history import Lease, Store
from faldeck.history.export import exported
from faldeck.history.record import Record
from faldeck.history.restoring import restored
from faldeck.history.stats import Days, Grouping, Sums
from faldeck.job import Body, Cost, FileState, Job, Output, State
from faldeck.job_ids import first_number, id_text
from faldeck.schema.json_value import ascii_text, read

DELETER = Lease("deleter", 2**50)
MARCH = Days(date(2026, 3, 1), date(2026, 3, 31))

_made = iter(range(10**9))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A history's place, on a machine whose clock is nine hours ahead of UTC."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield tmp_path / "history.db"
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(path)
    yield store
    store.close()


def made(
    store: Store,
    at: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC),
    state: State = State.COMPLETED,
    *,
    usd: str | None = "0.1",
    seconds: float = 2,
    **changes: object,
) -> Job:
    job = Job(
        id=id_text(first_number(round(at.timestamp() * 1000)) + next(_made)),
        profile="fal",
        endpoint_id="a/b",
        state=state,
        created_at=at,
        submitted_at=at,
        completed_at=at + timedelta(seconds=seconds),
        cost=Cost(total_usd=Decimal(usd)) if usd else None,
    )
    job = job._replace(**changes)  # type: ignore[arg-type]
    store.add(job, {})
    return job


def test_money_adds_up_to_the_last_digit(store: Store) -> None:
    for _ in range(1000):
        made(store, usd="0.1")
    made(store, usd="0.000000001")
    made(store, usd=None)

    report = store.stats.report(Grouping.DAY, MARCH)

    assert report.total.spent_usd == Decimal("100.000000001")
    assert store.spent_usd(date(2026, 3, 1)) == Decimal("100.000000001")
    assert store.spent_usd(date(2026, 4, 1)) == 0


def test_a_day_is_one_of_the_calendar_here(store: Store) -> None:
    made(store, datetime(2026, 2, 28, 14, 59, tzinfo=UTC))  # 23:59 in Tokyo
    made(store, datetime(2026, 2, 28, 15, 0, tzinfo=UTC))  # 00:00 of the next day
    made(store, datetime(2026, 3, 31, 14, 59, tzinfo=UTC))
    made(store, datetime(2026, 3, 31, 15, 0, tzinfo=UTC))

    assert [(one.key, one.jobs) for one in store.stats.report(Grouping.DAY, MARCH).groups] == [
        ("2026-03-01", 1),
        ("2026-03-31", 1),
    ]
    assert [(one.key, one.jobs) for one in store.stats.report(Grouping.MONTH, Days()).groups] == [
        ("2026-02", 1),
        ("2026-03", 2),
        ("2026-04", 1),
    ]
    assert [one.jobs for one in store.stats.report(Grouping.MODEL, MARCH).groups] == [2]


def test_groups_hold_their_own_jobs_and_the_dearest_come_first(store: Store) -> None:
    made(store, endpoint_id="a/cheap", usd="0.01", profile="one", tags=("Fox",))
    made(store, endpoint_id="a/cheap", usd="0.02", profile="two", tags=("fox", "snow"))
    made(store, endpoint_id="a/dear", usd="7", profile="two")
    stats = store.stats

    def spent(by: Grouping) -> list[tuple[str, Decimal]]:
        return [(one.key, one.spent_usd) for one in stats.report(by, Days()).groups]

    assert spent(Grouping.MODEL) == [("a/dear", 7), ("a/cheap", Decimal("0.03"))]
    assert spent(Grouping.PROFILE) == [("two", Decimal("7.02")), ("one", Decimal("0.01"))]
    assert spent(Grouping.TAG) == [("fox", Decimal("0.03")), ("snow", Decimal("0.02"))]
    assert stats.report(Grouping.TAG, Days()).total.spent_usd == Decimal("7.03")


def test_what_counts_as_a_success_and_what_took_how_long(store: Store) -> None:
    for seconds in range(1, 101):
        made(store, seconds=seconds)
    for state in (State.FAILED, State.EXPIRED, State.CANCELLED, State.UNCONFIRMED, State.QUEUED):
        made(store, state=state, seconds=10_000)
    outputs = tuple(Output(at="a", url="u", size_bytes=size, state=FileState.SAVED) for size in (300, 12, None))
    made(store, seconds=50, outputs=outputs)

    total = store.stats.report(Grouping.DAY, MARCH).total

    assert (total.jobs, total.completed, total.failed, total.size_bytes) == (106, 101, 2, 312)
    assert total.success_rate == 101 / 103
    assert total.median_seconds == pytest.approx(50, rel=0.016)
    assert total.p95_seconds == pytest.approx(96, rel=0.016)


def test_without_jobs_there_are_no_groups_and_no_rates(store: Store) -> None:
    report = store.stats.report(Grouping.MODEL, Days())

    assert report.groups == () and report.total == Sums(key="")
    assert report.total.success_rate is None and report.total.median_seconds is None


def by_hand(path: Path) -> list[tuple[int, ...]]:
    """The sums of the days, made anew of the rows."""
    with sqlite3.connect(path) as database:
        found = database.execute(
            "SELECT day, coalesce(took_rounded, -1), count(*), sum(state = 'completed'),"
            " sum(state IN ('failed', 'expired')), coalesce(sum(cost_nanos), 0), sum(size_bytes)"
            " FROM job WHERE deleted_ms IS NULL GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
    database.close()
    return found


def kept(path: Path) -> list[tuple[int, ...]]:
    with sqlite3.connect(path) as database:
        found = database.execute("SELECT * FROM day_sum ORDER BY 1, 2").fetchall()
    database.close()
    return found


def test_the_sums_of_days_follow_every_change(store: Store, path: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    start = datetime(2026, 2, 27, tzinfo=UTC)
    jobs = [
        made(store, start + timedelta(hours=number), chance.choice(list(State)), seconds=chance.random() * 100)
        for number in range(100)
    ]
    assert kept(path) == by_hand(path)

    for job in chance.sample(jobs, 40):
        outputs = (Output(at="a", url="u", size_bytes=chance.randrange(10**6)),)
        costs = (None, Cost(total_usd=Decimal("0.07")))
        state = chance.choice(list(State))
        store.save(job._replace(state=state, outputs=outputs, cost=chance.choice(costs)))
    assert kept(path) == by_hand(path)

    deleted = [job.id for job in chance.sample(jobs, 50)]
    store.trash.delete(deleted, DELETER, 1, live=True)
    assert kept(path) == by_hand(path)
    store.trash.restore(deleted[:20])
    store.trash.purge(deleted)
    assert kept(path) == by_hand(path)

    records = [Record(job, Body({})) for job in jobs]
    store.imports.add_records(records)  # Those that are known are left out.
    assert kept(path) == by_hand(path)
    other = Store(tmp_path / "other.db")
    other.imports.add_records(restored(read(ascii_text(exported(record)))) for record in records)
    other.close()
    assert sum(row[2] for row in kept(tmp_path / "other.db")) == 100
    assert kept(tmp_path / "other.db") == by_hand(tmp_path / "other.db")


def test_an_odd_amount_breaks_no_sum(store: Store) -> None:
    for usd in ("1e12", "-3", "0.00000000049"):
        made(store, usd=usd)

    assert store.stats.report(Grouping.DAY, MARCH).total.spent_usd == -3


def test_years_are_summed_without_reading_jobs(store: Store, path: Path) -> None:
    with sqlite3.connect(path) as database:
        plan = database.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM day_sum WHERE day BETWEEN 20260101 AND 20261231 ORDER BY day"
        ).fetchall()
    database.close()

    assert [row[3] for row in plan] == ["SEARCH day_sum USING PRIMARY KEY (day>? AND day<?)"]


@pytest.mark.parametrize("by", [Grouping.MODEL, Grouping.PROFILE])
def test_a_year_by_model_reads_one_index_and_no_job(store: Store, by: Grouping) -> None:
    asked: list[str] = []
    store._db.set_trace_callback(asked.append)
    store.stats.report(by, Days(date(2026, 1, 1), date(2026, 12, 31)))
    store._db.set_trace_callback(None)

    (query,) = (one for one in asked if "job_sums" in one)
    plan = [row[3] for row in store._db.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert any("COVERING INDEX job_sums" in step for step in plan), plan
