"""One job as two histories have it: the further state, the saved files, the marks of both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest

from faldeck.history import LogLine, Store
from faldeck.history.merge import merged
from faldeck.history.record import Imported, Record
from faldeck.job import Body, Cost, Failure, FileState, Job, Output, State
from faldeck.job_ids import id_number, new_id
from faldeck.query import Query

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://v3.fal.media/files/a.png"
SAVED = Output(at="image", url=URL, path="/tmp/a.png", state=FileState.SAVED, size_bytes=9)
REMOTE = Output(at="image", url=URL)


def record(state: State, *, result: object = None, arguments: object = None, **changes: object) -> Record:
    job = Job(
        id="6gvmi9p62ve1i",
        profile="fal",
        endpoint_id="a/b",
        state=state,
        created_at=AT,
        title="a fox",
        request_id="r-1",
    )
    body = Body(arguments or {"prompt": "a fox"}, result)  # type: ignore[arg-type]
    return Record(job._replace(**changes), body)  # type: ignore[arg-type]


DONE = record(State.COMPLETED, result={"a": 1}, outputs=(REMOTE,), completed_at=AT + timedelta(seconds=3))


@pytest.mark.parametrize(
    ("behind", "ahead"),
    [
        (State.QUEUED, State.RUNNING),
        (State.RUNNING, State.COMPLETED),
        (State.UNCONFIRMED, State.QUEUED),
        (State.DISMISSED, State.RUNNING),
        (State.EXPIRED, State.COMPLETED),
        (State.RUNNING, State.FAILED),
    ],
)
def test_the_further_state_stays_whichever_history_has_it(behind: State, ahead: State) -> None:
    one, other = record(behind), record(ahead)

    assert merged(one, other).job.state is merged(other, one).job.state is ahead


def test_a_result_and_its_files_come_from_the_history_that_has_them() -> None:
    both = merged(record(State.RUNNING), DONE)

    assert (both.job.state, both.job.outputs, both.body.result) == (State.COMPLETED, (REMOTE,), {"a": 1})
    assert both.job.completed_at == DONE.job.completed_at


def test_a_saved_file_stands_over_one_at_its_url() -> None:
    saved = DONE._replace(job=DONE.job._replace(outputs=(SAVED,)))

    assert merged(DONE, saved).job.outputs == merged(saved, DONE).job.outputs == (SAVED,)


def test_the_marks_of_both_are_kept() -> None:
    ours = record(State.COMPLETED, tags=("Fox", "keep"), note="", starred=True)
    theirs = record(State.COMPLETED, tags=("fox", "print"), note="for Ann")

    job = merged(ours, theirs).job

    assert (job.tags, job.note, job.starred) == (("Fox", "keep", "print"), "for Ann", True)
    assert merged(theirs, ours).job.note == "for Ann"


def test_the_whole_input_stands_over_a_part_of_it_and_the_bill_over_an_estimate() -> None:
    estimate = Cost(total_usd=Decimal(2))
    bill = Cost(total_usd=Decimal(1), is_estimate=False)
    part = record(State.COMPLETED, input_known=False, title="(made elsewhere)", arguments={"x": 1}, cost=bill)
    whole = record(State.COMPLETED, cost=estimate)

    for both in (merged(part, whole), merged(whole, part)):
        assert (both.job.input_known, both.job.title) == (True, "a fox")
        assert both.body.arguments == {"prompt": "a fox"} and both.job.cost == bill


def test_what_adds_nothing_changes_nothing() -> None:
    full = DONE._replace(job=DONE.job._replace(outputs=(SAVED,), note="n", tags=("x",)), logs=(LogLine("t", "", "m"),))

    assert merged(full, full) == merged(full, DONE) == merged(full, record(State.QUEUED)) == full


def test_the_order_of_imports_does_not_matter(tmp_path: Path) -> None:
    failure = Failure(message="no")
    told = [
        record(State.QUEUED),
        record(State.EXPIRED, error=failure, tags=("b",)),
        DONE,
        record(State.RUNNING, note="n"),
    ]
    found = set()
    for number, order in enumerate(permutations(told)):
        store = Store(tmp_path / f"{number}.db")
        for one in order:
            store.imports.add_records([one])
        (job,) = store.page(Query(), limit=9)
        found.add((job.state, job.outputs, job.note, job.tags, str(store.body(job.id))))
        store.close()

    assert found == {(State.COMPLETED, (REMOTE,), "n", ("b",), str(DONE.body))}


def test_an_import_merges_and_searches_find_what_it_brought(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    unknown = record(State.QUEUED, input_known=False, title="(made elsewhere)", arguments={"x": 1})
    assert store.imports.add_records([unknown]) == Imported(new=1)
    other_id = DONE._replace(job=DONE.job._replace(id=new_id(), tags=("t",)), logs=(LogLine("t", "", "m"),))

    assert store.imports.add_records([other_id, other_id]) == Imported(updated=1, known=1)
    assert store.imports.add_records([other_id, unknown]) == Imported(known=2)

    (job,) = store.page(Query(), limit=9)
    assert (job.id, job.state, job.tags) == (unknown.job.id, State.COMPLETED, ("t",))
    assert store.body(job.id) == DONE.body and [line.message for line in store.logs(job.id)] == ["m"]
    assert [one.id for one in store.page(Query.of("fox"), limit=9)] == [job.id]
    assert [one.id for one in store.page(Query.of("tag:t"), limit=9)] == [job.id]
    store.close()


def test_another_request_of_the_same_id_gets_an_id_of_its_own(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    other = DONE._replace(job=DONE.job._replace(request_id="r-2"))

    assert store.imports.add_records([DONE, other]) == Imported(new=2)
    assert store.imports.add_records([DONE, other]) == Imported(known=2)

    jobs = store.page(Query(), limit=9)
    assert {job.request_id for job in jobs} == {"r-1", "r-2"}
    assert {id_number(job.id) >> 22 for job in jobs} == {id_number(DONE.job.id) >> 22, round(AT.timestamp() * 1000)}
    store.close()
