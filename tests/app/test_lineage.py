"""A job names the one that it was made from and those that it was used in, also when these are gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faldeck.app import lineage
from faldeck.history import Lease, Store
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id


def job(title: str, parent: Job | None = None) -> Job:
    made = Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.COMPLETED, created_at=now(), title=title)
    return made._replace(parent=parent.id if parent else None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


def test_parent_and_children_are_found_the_newest_first(store: Store) -> None:
    fox = job("a fox")
    night, rain = job("at night", fox), job("in rain", fox)
    for one in (fox, night, rain):
        store.add(one, {})

    assert lineage.of_job(store, fox).children == (store.job(rain.id), store.job(night.id))
    assert lineage.of_job(store, night).made_from == "b · a fox"
    assert lineage.of_job(store, fox).made_from == ""


def test_a_deleted_parent_is_still_named_and_a_deleted_child_is_not(store: Store) -> None:
    fox = job("a fox")
    night = job("at night", fox)
    dawn = job("at dawn", night)
    for one in (fox, night, dawn):
        store.add(one, {})
    store.trash.delete([fox.id, dawn.id], Lease("me", 2**40), 1)

    kin = lineage.of_job(store, night)
    assert (kin.parent_id, kin.parent, kin.children) == (fox.id, None, ())
    assert kin.made_from == f"{fox.id}, a job that is not in this history"


def test_children_are_found_by_an_index(store: Store) -> None:
    plans: list[str] = []
    store._db.set_trace_callback(plans.append)
    store.lists.children(job("a fox").id, limit=5)
    store._db.set_trace_callback(None)

    (query,) = plans
    (step,) = store._db.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
    assert "SEARCH job USING INDEX job_parent (parent_id=?)" in step[3]
