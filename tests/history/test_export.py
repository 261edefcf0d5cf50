"""A job as the JSON object that commands print."""

import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from faldeck.history import Query, Store
from faldeck.history.export import document
from faldeck.history.migrations import MIGRATIONS
from faldeck.job import Body, Cost, Failure, FieldProblem, FileState, Job, Output, State
from faldeck.job_ids import id_text
from faldeck.schema.json_value import ascii_text

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
    return bare._replace(**changes)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def documents(path: Path) -> list[dict[str, object]]:
    """Every job of the history as commands print it, newest first."""
    store = Store(path)
    try:
        return [document(one, store.body(one.id)) for one in store.page(Query(), limit=-1)]
    finally:
        store.close()


@pytest.fixture
def printed(path: Path) -> list[dict[str, object]]:
    """Jobs with something in every column, recorded in the history; as a command that has followed them prints them."""
    problem = FieldProblem(loc=("body", "loras", 0), message="too many")
    whole = Output(at="image", url="https://files.invalid/b", path="/whole", state=FileState.SAVED, width=3)
    reserved = Output(at="image", url="https://files.invalid/a", path="/reserved", state=FileState.FETCHING)
    jobs = [
        job(0),
        job(1, state=State.FAILED, error=Failure(message="no \x1b 狐", type="value", status=422, fields=(problem,))),
        job(
            2,
            state=State.COMPLETED,
            outputs=(whole, reserved),
            cost=Cost(units=Decimal(2), total_usd=Decimal("0.0375")),
            completed_at=NOON,
        ),
        job(3, request_id=None, options={"headers": {"a": "b"}}, submitted_at=NOON, started_at=NOON, queue_position=4),
    ]
    bodies = [Body({"prompt": f"fox {one.id}"}, None if one.state is State.QUEUED else {"seed": 2**60}) for one in jobs]
    store = Store(path)
    for one, body in zip(jobs, bodies, strict=True):
        store.add(one, body.arguments)
        store.save(one, result=body.result)
    store.close()
    return [document(one, body) for one, body in zip(jobs, bodies, strict=True)][::-1]


def test_a_recorded_job_is_printed_as_it_was_in_memory(path: Path, printed: list[dict[str, object]]) -> None:
    assert documents(path) == printed


def test_the_path_of_a_file_that_is_not_complete_is_not_printed(printed: list[dict[str, object]]) -> None:
    outputs = printed[1]["outputs"]

    assert isinstance(outputs, list)
    assert [output["path"] for output in outputs] == ["/whole", None]


def test_units_and_money_are_printed_as_numbers_with_all_their_digits() -> None:
    cost = Cost(units=Decimal("38.8"), unit_price_usd=Decimal("0.0125"), total_usd=Decimal("1234567.123456789012345"))

    printed = ascii_text(document(job(0, cost=cost), Body({}))["cost"])

    assert printed == (
        '{"units":38.8,"unit":null,"unit_price_usd":0.0125,"total_usd":1234567.123456789012345,"is_estimate":true}'
    )


def test_an_older_history_is_brought_up_to_date(path: Path, printed: list[dict[str, object]]) -> None:
    old = path.with_name("old.db")
    with sqlite3.connect(old) as database:
        database.executescript(MIGRATIONS[0])
        database.execute("ATTACH ? AS new", (str(path),))
        for table in ("job", "body"):
            columns = ", ".join(row[1] for row in database.execute(f"PRAGMA main.table_info({table})"))
            database.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        database.execute("PRAGMA user_version = 1")
    database.close()

    assert documents(old) == printed


def test_a_newer_history_is_left_alone(path: Path, printed: list[dict[str, object]]) -> None:
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")

    with pytest.raises(sqlite3.DatabaseError, match="written by a newer faldeck"):
        Store(path)
