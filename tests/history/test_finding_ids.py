"""Ids in a search and as names: whole ones, beginnings, several candidates, in pages, narrowed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from faldeck.history import Store
from faldeck.history.search import QuerySql
from faldeck.job import Job, State
from faldeck.job_ids import id_text
from faldeck.query import Query, parse

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST = "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11"
SECOND = "6b1f9c00-77aa-4c39-9a55-0d6a8f6e2c22"
RELAYS = "Task_Ab12"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


def add(store: Store, number: int, **changes: object) -> Job:
    """Records a job, ten days after the one before it, so that its id begins with other characters."""
    at = START + timedelta(days=10 * number)
    job = Job(
        id=id_text((round(at.timestamp() * 1000) << 22) + number),
        profile="fal",
        endpoint_id="fal-ai/flux/dev",
        state=State.COMPLETED,
        created_at=at,
    )
    job = job._replace(**changes)  # type: ignore[arg-type]
    store.add(job, {"prompt": changes.get("title", "a fox")})
    return job


def found(store: Store, text: str) -> list[str]:
    return [job.id for job in store.page(parse(text).query, limit=50)]


def test_a_search_takes_whole_ids_and_their_beginnings(store: Store) -> None:
    first, second = add(store, 0, request_id=FIRST), add(store, 1, request_id=SECOND)
    relayed = add(store, 2, request_id=RELAYS)

    assert found(store, FIRST) == found(store, FIRST[:10]) == found(store, f" {FIRST.upper()}\n") == [first.id]
    assert found(store, "6b1f") == [second.id, first.id]
    assert found(store, first.id) == found(store, first.id[:7]) == found(store, first.id.upper()) == [first.id]
    assert found(store, RELAYS) == found(store, "Task") == [relayed.id]
    assert found(store, "6b1") == found(store, "6b1g") == []


def test_a_job_whose_id_is_typed_stands_before_those_that_have_it_as_a_word(store: Store) -> None:
    worded = [add(store, number, title="cafe at night") for number in (0, 2, 4)]
    named = [add(store, number, request_id=f"cafe{number}", title="an owl") for number in (1, 3)]
    both = add(store, 5, request_id="cafe5", title="a cafe")

    for order, is_oldest_first in (("", False), (" sort:-time", True)):
        query = Query.of(f"cafe{order}")
        some = [sorted((job.id for job in part), reverse=not is_oldest_first) for part in ((*named, both), worded)]
        expected = [*some[0], *some[1]]
        assert [job.id for job in store.page(query, limit=50)] == expected
        assert store.count(query) == 6 and store.count(query, cap=4) == 4
        for size in (1, 2, 4):
            shown: list[str] = []
            while page := store.page(query, limit=size, before=shown[-1] if shown else None):
                shown += [job.id for job in page]
            assert shown == expected
            for at, job_id in enumerate(expected):
                before = [job.id for job in store.page(query, limit=size, after=job_id)]
                assert before == expected[max(0, at - size) : at]
                assert [job.id for job in store.lists.page_from(query, job_id, limit=9)] == expected[at:]
            assert [job.id for job in store.last_page(query, limit=size)] == expected[-size:]
        assert store.lists.ids(query, limit=5) == expected[:5]


def test_an_id_is_narrowed_like_a_word(store: Store) -> None:
    job = add(store, 0, request_id=FIRST, state=State.FAILED)

    assert found(store, f"{FIRST} state:failed model:{job.endpoint_id} since:2026-02") == [job.id]
    assert found(store, f"{FIRST} state:completed") == []
    assert found(store, f"{FIRST} model:fal-ai/other") == []
    assert found(store, f"{FIRST} star:yes") == []


def test_a_name_is_an_id_or_the_beginning_of_one(store: Store) -> None:
    first, second = add(store, 0, request_id=FIRST), add(store, 1, request_id=SECOND, endpoint_id="fal-ai/veo3")

    assert store.named(FIRST) == store.named(f" {FIRST[:6]} ") == store.named(first.id) == [first]
    assert store.named("6b1f") == [second, first]
    assert store.named("6b1f", endpoint_id="fal-ai/veo3") == [second]
    assert store.named("6b1f", limit=1) == [second]
    assert store.named("6b1") == store.named("fox") == store.named("") == []


def test_an_id_that_is_whole_is_meant_before_longer_ones(store: Store) -> None:
    short = add(store, 0, request_id="task-1")
    add(store, 1, request_id="task-12")

    assert store.named("task-1") == [short]


@pytest.mark.parametrize("text", ["%%%%", "____", "'; --", "\x00\x00\x00\x00", "9999", "vvvv", "\udcff" * 4])
def test_what_is_no_id_finds_no_job_by_its_id(store: Store, text: str) -> None:
    add(store, 0, request_id=FIRST)

    assert found(store, text) == []
    assert store.named(text) == []


@pytest.mark.parametrize("search", [QuerySql(parse(FIRST).query), QuerySql(parse("6b1f state:failed").query)])
def test_ids_are_found_by_an_index(store: Store, search: QuerySql) -> None:
    database = sqlite3.connect(":memory:")
    store._db.backup(database)

    query, parameters = search.page("job.id", limit=20)
    plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {query}", parameters)]

    assert any("job_request (request_id>? AND request_id<?)" in step for step in plan)
    assert not any(step == "SCAN job" for step in plan)
