"""The history as commands print it, read without a job being made."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from faldeck.history import Query, Store
from faldeck.history.export import document
from faldeck.history.ledger import PAGE, Ledger
from faldeck.history.migrations import MIGRATIONS
from faldeck.history.search import Search
from faldeck.job import Body, Cost, Failure, FieldProblem, FileState, Job, Output, State, id_text

NOON = datetime(2026, 3, 1, 12, 0, 0, 125_000, tzinfo=UTC)


def job(number: int, **changes: object) -> Job:
    """One of many jobs, a minute after the one before it."""
    at = NOON + timedelta(minutes=number)
    bare = Job(
        id=id_text((round(at.timestamp() * 1000) << 22) + number),
        profile="fal",
        endpoint_id="fal-ai/flux/dev",
        state=State.QUEUED,
        created_at=at,
        request_id=f"r-{number}",
    )
    return replace(bare, **changes)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
def told(path: Path) -> list[dict[str, object]]:
    """Jobs with something in every column, in the history; as a command that has followed them prints them."""
    problem = FieldProblem(loc=("body", "loras", 0), message="too many")
    whole = Output(at="image", url="https://files.invalid/b", path="/whole", state=FileState.SAVED, width=3)
    reserved = Output(at="image", url="https://files.invalid/a", path="/reserved", state=FileState.FETCHING)
    jobs = [
        job(0),
        job(1, state=State.FAILED, error=Failure(message="no \x1b 狐", type="value", status=422, fields=(problem,))),
        job(2, state=State.COMPLETED, outputs=(whole, reserved), cost=Cost(units="2"), completed_at=NOON),
        job(3, request_id=None, options={"headers": {"a": "b"}}, submitted_at=NOON, started_at=NOON, queue_position=4),
    ]
    bodies = [Body({"prompt": f"fox {one.id}"}, None if one.state is State.QUEUED else {"seed": 2**60}) for one in jobs]
    store = Store(path)
    for one, body in zip(jobs, bodies, strict=True):
        store.add(one, body.arguments)
        store.save(one, result=body.result)
    store.close()
    return [document(one, body) for one, body in zip(jobs, bodies, strict=True)][::-1]


def test_a_row_is_printed_as_its_job_is(path: Path, told: list[dict[str, object]]) -> None:
    with Ledger(str(path)) as ledger:
        assert list(ledger.documents(Search())) == told


@pytest.mark.parametrize(
    ("units", "told"),
    [("2", 2), ("2.0", 2.0), ("38.8", 38.8), ("nan", None), ("1e999", None), ("many", None), (None, None)],
)
def test_the_units_are_told_as_a_number_and_money_without_noise(
    path: Path, units: str | None, told: float | None
) -> None:
    store = Store(path)
    noisy = Cost(units=units, unit_price_usd=0.0125, total_usd=0.037500000000000006)
    store.add(job(0, cost=noisy), {})
    store.close()

    with Ledger(str(path)) as ledger:
        cost = next(ledger.documents(Search()))["cost"]

    assert (cost["units"], cost["total_usd"]) == (told, 0.0375)
    assert type(cost["units"]) is type(told)


@pytest.mark.parametrize(
    "search",
    [
        {"text": "fox"},
        {"text": "fox", "endpoint_id": "fal-ai/flux/dev"},
        {"text": "owl"},
        {"state": State.QUEUED},
        {"live": True},
        {"starred": True},
        {"endpoint_id": "fal-ai/flux"},
        {"since": NOON + timedelta(seconds=90)},
    ],
    ids=str,
)
def test_it_finds_what_the_store_finds(path: Path, told: list[dict[str, object]], search: dict[str, object]) -> None:
    store = Store(path)
    expected = [one.id for one in store.page(Query(**search), limit=-1)]  # type: ignore[arg-type]
    store.close()

    with Ledger(str(path)) as ledger:
        assert [row["id"] for row in ledger.documents(Search(**search))] == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limit", "found"), [(0, PAGE + 5), (3, 3), (PAGE, PAGE), (PAGE + 2, PAGE + 2), (900, PAGE + 5)]
)
def test_it_is_read_page_by_page_to_the_limit(path: Path, limit: int, found: int) -> None:
    store = Store(path)
    for number in range(PAGE + 5):
        store.add(job(number), {"prompt": "a fox"})
    store.close()

    with Ledger(str(path)) as ledger:
        ids = [row["id"] for row in ledger.rows(Search(), limit=limit)]

    assert len(ids) == found and ids == sorted(ids, reverse=True)


def test_a_history_that_is_not_there_is_empty_and_not_made(path: Path) -> None:
    with Ledger(str(path)) as ledger:
        assert list(ledger.rows(Search())) == []
    assert not path.exists()


def test_an_older_history_is_brought_up_to_date(path: Path, told: list[dict[str, object]]) -> None:
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE upload")
        database.execute("PRAGMA user_version = 1")

    with Ledger(str(path)) as ledger:
        assert list(ledger.documents(Search())) == told


def test_a_newer_history_is_left_alone(path: Path, told: list[dict[str, object]]) -> None:
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")

    with pytest.raises(sqlite3.DatabaseError, match="newer faldeck"), Ledger(str(path)):
        pass
