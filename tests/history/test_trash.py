"""A deleted job is in no list, can be brought back while its deleter lives, and is then removed from disk."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from faldeck.history import Lease, LeaseLost, LogLine, Query, Store
from faldeck.history.record import Record
from faldeck.job import Body, Cost, FileState, Job, Output, State
from faldeck.job_ids import id_number, new_id
from faldeck.query import LIVE

MADE = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
DELETER = Lease("deck", 2**50)
FOLLOWER = Lease("follower", 2**50)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(path)
    yield store
    store.close()


def added(store: Store, state: State = State.COMPLETED, **changes: object) -> Job:
    job = Job(
        id=new_id(),
        profile="fal",
        endpoint_id="fal-ai/flux/dev",
        state=state,
        created_at=MADE,
        request_id=f"request-{new_id()}",
        cost=Cost(total_usd=Decimal("2.0")),
        tags=("fox",),
    )
    job = job._replace(**changes)  # type: ignore[arg-type]
    store.add(job, {"prompt": "a fox in snow"}, lease=FOLLOWER if job.is_open else None)
    return job


def rows_of(path: Path, job_id: str) -> dict[str, int]:
    """How many rows of each table belong to a job."""
    tables = {"job": "id", "body": "id", "log": "job_id", "tag": "job_id"}
    with sqlite3.connect(path) as database:
        counts = {
            table: database.execute(
                f"SELECT count(*) FROM {table} WHERE {column} = ?", (id_number(job_id),)
            ).fetchone()[0]
            for table, column in tables.items()
        }
    database.close()
    return counts


FINDERS: dict[str, Callable[[Store, Job], object]] = {
    "the list": lambda store, job: store.page(Query(), limit=9),
    "the starred": lambda store, job: store.page(Query.of("star:yes"), limit=9),
    "the live": lambda store, job: store.page(LIVE, limit=9),
    "a search by words": lambda store, job: store.page(Query.of("fox"), limit=9),
    "a search by request id": lambda store, job: store.page(Query.of(job.request_id or ""), limit=9),
    "a search by job id": lambda store, job: store.page(Query.of(job.id), limit=9),
    "the count": lambda store, job: store.count(Query()),
    "the count of words": lambda store, job: store.count(Query.of("fox")),
    "the job id": lambda store, job: store.job(job.id),
    "the request id": lambda store, job: store.find(job.request_id or ""),
    "the beginning of an id": lambda store, job: store.named((job.request_id or "")[:12]),
    "the sum": lambda store, job: store.spent_usd(date(2020, 1, 1)),
    "the resume": lambda store, job: store.leases.claim(Lease("next", 2**50), None, ["fal"], 2**51),
}


@pytest.mark.parametrize("finder", FINDERS)
def test_a_deleted_job_is_found_nowhere_until_it_is_restored(store: Store, finder: str) -> None:
    job = added(store, State.RUNNING, starred=True)
    store.trash.delete([job.id], DELETER, 1, live=True)

    assert not FINDERS[finder](store, job), finder

    assert store.trash.restore([job.id]) == {job.id: True}
    assert FINDERS[finder](store, job), finder


def test_a_restored_job_is_as_it_was(store: Store) -> None:
    job = added(store)
    store.save(job, logs=[LogLine("", "", "step 1")], result={"seed": 7})
    store.trash.delete([job.id], DELETER, 1, files=True)
    store.trash.restore([job.id])
    assert store.job(job.id) == job
    assert store.body(job.id) == Body({"prompt": "a fox in snow"}, {"seed": 7})
    assert len(store.logs(job.id)) == 1
    assert store.page(Query.of("fox"), limit=9) == [job]


def test_a_live_job_is_deleted_only_where_that_is_meant(store: Store) -> None:
    done, live = added(store), added(store, State.RUNNING)

    assert store.trash.delete([done.id, live.id], DELETER, 1) == [done.id]
    assert store.job(live.id) == live

    assert store.trash.delete([live.id], DELETER, 1, live=True) == [live.id]
    assert store.job(live.id) is None


def test_no_process_follows_a_deleted_job_any_more(store: Store) -> None:
    job = added(store, State.RUNNING)
    store.trash.delete([job.id], DELETER, 1, live=True)

    with pytest.raises(LeaseLost):
        store.save(job._replace(progress="50%"), owner=FOLLOWER.owner)
    assert not store.leases.holds(FOLLOWER.owner, job.id)


def test_an_answer_that_arrives_after_the_deletion_is_kept_for_the_undo(store: Store) -> None:
    job = added(store, State.SUBMITTING, request_id=None)
    store.trash.delete([job.id], DELETER, 1, live=True)

    store.change(job.id, lambda kept: kept._replace(state=State.COMPLETED, request_id="late"))

    assert store.trash.abandoned(limit=9) == []
    store.trash.restore([job.id])
    kept = store.job(job.id)
    assert kept and kept.request_id == "late"


def test_a_deleted_job_waits_for_its_deleter_and_is_purged_after_it(store: Store, path: Path) -> None:
    job = added(store)
    store.save(job, logs=[LogLine("", "", "step 1")])
    store.trash.delete([job.id], DELETER, 1)
    assert store.trash.abandoned(limit=9) == []

    store.leases.release(DELETER.owner)
    (doomed,) = store.trash.abandoned(limit=9)
    assert doomed.id == job.id
    assert store.trash.purge([job.id]) == 1

    assert rows_of(path, job.id) == {"job": 0, "body": 0, "log": 0, "tag": 0}
    assert store.trash.restore([job.id]) == {}
    assert store.trash.has(job.id)


def test_the_jobs_of_a_killed_deleter_are_purged_by_the_next_process(store: Store) -> None:
    job = added(store)
    store.trash.delete([job.id], Lease("killed", 5), 1)
    store.leases.claim(Lease("next", 2**50), None, ["fal"], 6)
    assert [doomed.id for doomed in store.trash.abandoned(limit=9)] == [job.id]


def test_the_words_of_a_purged_job_leave_the_index(store: Store, path: Path) -> None:
    gone, kept = added(store), added(store)
    store.trash.delete([gone.id], DELETER, 1)
    store.trash.purge([gone.id])
    with sqlite3.connect(path) as database:
        places = "SELECT rowid FROM search_by_place WHERE search_by_place MATCH 'fox'"
        found = database.execute(f"SELECT id FROM place WHERE place IN ({places})").fetchall()
    database.close()
    assert found == [(id_number(kept.id),)]


def test_a_job_that_was_restored_meanwhile_is_not_purged(store: Store) -> None:
    job = added(store)
    store.trash.delete([job.id], DELETER, 1)
    store.trash.restore([job.id])
    assert store.trash.purge([job.id]) == 0
    assert store.job(job.id) == job
    assert not store.trash.has(job.id)


def test_whether_the_files_go_too_is_kept_with_the_deleted_job(store: Store) -> None:
    outputs = (Output(at="images[0]", url=None, path="/x.png", state=FileState.SAVED),)
    with_files, without = added(store, outputs=outputs), added(store, outputs=outputs)
    store.trash.delete([with_files.id], Lease("gone", 0), 1, files=True)
    store.trash.delete([without.id], Lease("gone", 0), 2)
    store.leases.release("gone")
    assert [one.outputs for one in store.trash.abandoned(limit=9)] == [outputs, ()]


def test_the_files_that_jobs_name_are_read_page_by_page(store: Store) -> None:
    hostile = r'a "path":"/not/this.png" \" name'
    jobs = [
        added(
            store,
            outputs=(
                Output(at="images[0]", url=None, file_name=hostile, path=f"/out/{number}/ä.png", state=FileState.SAVED),
                Output(at="images[1]", url=None, path="/out/other.png", state=FileState.SAVED),
            ),
        )
        for number in range(3)
    ]

    first = store.trash.named_files("", ["ä.png", "this.png"], limit=2)
    rest = store.trash.named_files(first.last or "", ["ä.png", "this.png"], limit=2)

    assert [*first.found, *rest.found] == [(job.id, f"/out/{number}/ä.png") for number, job in enumerate(jobs)]
    assert rest.last is None


def test_a_request_that_is_adopted_again_comes_back(store: Store) -> None:
    job = added(store)
    store.trash.delete([job.id], DELETER, 1)
    assert not store.trash.restore_request("other", job.request_id or "")
    assert store.trash.restore_request("fal", job.request_id or "")
    assert store.job(job.id) == job


def test_an_import_brings_a_deleted_job_back(store: Store) -> None:
    job, other = added(store), added(store)
    store.trash.delete([job.id, other.id], DELETER, 1)
    same_request = other._replace(id=new_id())
    assert store.imports.add_records([Record(job, Body({})), Record(same_request, Body({}))]).updated == 2
    assert store.job(job.id) == job
    assert store.job(other.id) == other
    assert store.job(same_request.id) is None


def test_a_deleted_request_is_still_known_so_that_no_other_job_takes_it(store: Store) -> None:
    job = added(store)
    store.trash.delete([job.id], DELETER, 1)
    assert store.known("fal", [job.request_id or ""]) == {job.request_id}
