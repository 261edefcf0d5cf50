"""A job has one follower, and one that has lost its hold records nothing any more (rule 8)."""

import asyncio
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from support.emulator import Emulator
from support.engine_process import FAST, LAKE, SKETCH, Line, content, is_, lab, left_in, running

from faldeck.app import errors
from faldeck.engine.leases import SleepDetector, now_ms
from faldeck.history import History, Lease, LeaseLost, Query, Store
from faldeck.job import FileState, Job, State, now
from faldeck.job_ids import new_id

FOREVER = 2**45
"""Milliseconds: a lease that does not lapse while a test runs."""


def recorded(store: Store, owner: str) -> Job:
    """A queued job that `owner` holds."""
    job = Job(
        id=new_id(), profile="lab", endpoint_id=SKETCH, state=State.QUEUED, created_at=now().replace(microsecond=0)
    )
    store.add(job, LAKE, lease=Lease(owner, FOREVER))
    return job


def test_a_follower_that_lost_its_lease_records_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    job = recorded(store, "stopped")
    store.leases.renew(Lease("stopped", 0))
    (taken,) = store.leases.claim(Lease("heir", FOREVER), [job.id], ["lab"], now_ms())
    store.save(taken._replace(state=State.RUNNING), owner="heir")

    with pytest.raises(LeaseLost):
        store.save(job._replace(title="from the past"), owner="stopped", result={"old": True})

    kept = store.job(job.id)
    assert kept is not None and (kept.state, kept.title) == (State.RUNNING, "")
    assert store.body(job.id).result is None
    store.close()


def test_a_lapsed_lease_that_nobody_took_is_still_good(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    job = recorded(store, "slow")
    store.leases.renew(Lease("slow", 0))

    store.save(job._replace(state=State.RUNNING), owner="slow")

    assert store.job(job.id) == job._replace(state=State.RUNNING)
    store.close()


def test_a_persons_decision_takes_a_job_from_its_follower(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    job = recorded(store, "deck")

    store.change(job.id, lambda kept: kept._replace(state=State.DISMISSED))

    with pytest.raises(LeaseLost):
        store.save(job._replace(state=State.RUNNING), owner="deck")
    store.close()


async def test_an_answer_that_comes_to_a_former_follower_is_not_lost(emulator: Emulator, tmp_path: Path) -> None:
    async def lose(request: httpx.Request) -> None:
        """While the POST is under way its process stands still, and another takes the job over and gives it up."""
        if request.method == "POST":
            store = Store(tmp_path / "history.db")
            (job,) = store.page(Query(), limit=1)
            store.change(job.id, lambda kept: kept._replace(state=State.UNCONFIRMED, looking_up=True))
            store.close()

    async with running(lab(emulator.url), tmp_path, line=Line(watch=lose)) as engine:
        job = await engine.submit()
        row = await engine.until(await engine.row(job), lambda row: row.request_id is not None)
        assert row.state is State.QUEUED
        await engine.supervisor.claim(row)
        job = await engine.until(job)

    assert job.state is State.COMPLETED
    assert content(job)
    assert len(emulator.posts()) == 1


async def test_a_process_that_stands_still_is_succeeded_within_seconds(emulator: Emulator, tmp_path: Path) -> None:
    pace = replace(FAST, lease=0.2, renew=0.05)
    emulator.hold_jobs()
    async with running(lab(emulator.url), tmp_path, pace=pace) as stopped:
        job = await stopped.until(await stopped.submit(), is_(State.QUEUED))
        for chore in stopped.supervisor._background:
            chore.cancel()

        async def start(request: httpx.Request) -> None:
            emulator.start_jobs()

        line = Line(watch=start)
        async with running(lab(emulator.url), tmp_path, pace=pace, resume=True, line=line) as heir:
            job = await heir.until(job)

    assert job.state is State.COMPLETED
    assert line.requests
    assert len([fetch for fetch in emulator.requests(path="/cdn/") if fetch["status"] == 200]) == 1


async def test_a_follower_that_stood_still_spoils_no_file(emulator: Emulator, tmp_path: Path) -> None:
    whole: list[bytes] = []

    async def stand_still(request: httpx.Request) -> None:
        """While the file is asked for, this process stands still, and its heir brings the file to its end."""
        if "/cdn/" in request.url.path and not whole:
            await asyncio.to_thread(succeed, request)

    def succeed(request: httpx.Request) -> None:
        whole.append(httpx.get(str(request.url), verify=False).content)
        store = Store(tmp_path / "history.db")
        (job,) = store.page(Query(), limit=1)
        (taken,) = store.leases.claim(Lease("heir", FOREVER), [job.id], ["lab"], now_ms(), is_over=lambda lease: True)
        (output,) = taken.outputs
        path = Path(output.path or "")
        path.write_bytes(whole[0])
        path.with_name(f"{path.name}.part").unlink()
        store.save(taken._replace(outputs=(output._replace(state=FileState.SAVED),)), owner="heir")
        store.close()

    async with running(lab(emulator.url), tmp_path, line=Line(watch=stand_still)) as engine:
        job = await engine.submit()
        while not whole or engine.supervisor._tasks.jobs:  # noqa: ASYNC110 - until the former follower has let go.
            await asyncio.sleep(0.01)
        job = await engine.row(job)

    assert [output.state for output in job.outputs] == [FileState.SAVED]
    assert content(job) == whole
    assert left_in(tmp_path / "outputs") == [job.outputs[0].path]


async def test_a_locked_history_is_waited_for(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    await history.read(lambda store: store.version())
    other = sqlite3.connect(tmp_path / "history.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(2.5, lambda: other.execute("COMMIT")).start()

    job = await history.write(lambda store: recorded(store, "patient"))

    assert await history.read(lambda store: store.job(job.id)) == job
    history.close()
    other.close()


def test_a_history_that_stays_locked_is_told_in_a_sentence(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db", busy_seconds=0.0)
    other = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(sqlite3.OperationalError) as locked:
        recorded(store, "impatient")

    stop = errors.command_error(locked.value)
    assert stop is not None
    assert str(stop).startswith("Another faldeck is busy writing") and "locked" not in str(stop)
    store.close()
    other.close()


def test_the_end_does_not_wait_for_a_lock(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    Store(tmp_path / "history.db").close()
    other = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = [
        history._writer.submit(history._run, history._writer, lambda store: recorded(store, "late")) for _ in range(40)
    ]

    history.close()

    assert {type(late.exception()) for late in refused} == {sqlite3.OperationalError}
    other.close()


def test_a_sleep_of_the_machine_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("faldeck.engine.leases.time.time", lambda: clock[0])
    wakefulness = SleepDetector()
    for seconds, has_slept in ((1.0, False), (1.4, False), (3600.0, True), (1.0, False), (-7200.0, True), (1.0, False)):
        clock[0] += seconds
        assert wakefulness.has_slept(1.0) is has_slept
