"""What was learned is kept when the disk is full: in memory, on the screen, and on disk as soon as there is room."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.emulator import Emulator
from support.engine_process import FAST, LAKE, SKETCH, Engine, Line, content, is_, lab, running

from faldeck.history import Store
from faldeck.history.leases import transaction
from faldeck.job import Job, State

PACE = replace(FAST, disk=0.02)


class Disk:
    """Whether the history's disk takes anything."""

    def __init__(self) -> None:
        self.is_full = False


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk of every history of this test; a full one lets no transaction be committed, as SQLite does it."""
    disk = Disk()

    @contextmanager
    def limited(connection: sqlite3.Connection) -> Iterator[None]:
        with transaction(connection):
            yield
            if disk.is_full:
                raise sqlite3.OperationalError("database or disk is full")

    for module in ("store", "leases"):
        monkeypatch.setattr(f"faldeck.history.{module}.transaction", limited)
    return disk


def filling(disk: Disk) -> Line:
    """A line on which the disk is full from the moment that a submit leaves."""

    async def fill(request: httpx.Request) -> None:
        disk.is_full = disk.is_full or request.method == "POST"

    return Line(watch=fill)


async def told_of(engine: Engine) -> str:
    """What a person is told of what is only in memory, once that is so."""
    while not (told := [sentence for sentence in engine.troubles if "only in memory" in sentence]):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return told[0]


async def test_a_request_id_is_shown_and_written_as_soon_as_there_is_room(
    emulator: Emulator, tmp_path: Path, disk: Disk
) -> None:
    async with running(lab(emulator.url), tmp_path, line=filling(disk), pace=PACE) as engine:
        job = await engine.submit()
        told = await told_of(engine)
        assert (await engine.row(job)).request_id is None
        disk.is_full = False
        job = await engine.until(job)

    assert job.state is State.COMPLETED and content(job)
    assert f"The request {job.request_id} of {SKETCH}" in told
    assert len(emulator.posts()) == 1
    assert engine.supervisor.unsaved() == []


async def test_at_the_end_what_could_not_be_written_is_told(emulator: Emulator, tmp_path: Path, disk: Disk) -> None:
    async with running(lab(emulator.url), tmp_path, line=filling(disk), pace=PACE) as engine:
        job = await engine.submit()
        await told_of(engine)

    (told,) = engine.supervisor.unsaved()
    assert job.id in told and f"adopt {SKETCH} " in told


async def test_room_at_the_last_moment_is_used(emulator: Emulator, tmp_path: Path, disk: Disk) -> None:
    slow = replace(PACE, disk=1e6)
    async with running(lab(emulator.url), tmp_path, line=filling(disk), pace=slow) as engine:
        job = await engine.submit()
        await told_of(engine)
        disk.is_full = False

    assert engine.supervisor.unsaved() == []
    assert _row(tmp_path, job).request_id is not None


async def test_a_direct_result_that_could_not_be_written_names_its_files(
    emulator: Emulator, tmp_path: Path, disk: Disk
) -> None:
    async with running(lab(emulator.url), tmp_path, line=filling(disk), pace=PACE) as engine:
        job = await engine.submit(SKETCH, LAKE, mode="sync")
        await told_of(engine)

    (told,) = engine.supervisor.unsaved()
    assert f"job {job.id}" in told and "http" in told
    assert len(emulator.requests(method="POST")) == 1


async def test_nothing_is_sent_while_the_disk_is_full(emulator: Emulator, tmp_path: Path, disk: Disk) -> None:
    async with running(lab(emulator.url), tmp_path, pace=PACE) as engine:
        disk.is_full = True
        with pytest.raises(sqlite3.OperationalError, match="full"):
            await engine.submit()
        assert emulator.posts() == []
        disk.is_full = False
        assert (await engine.until(await engine.submit(), is_(State.COMPLETED))).request_id


def test_a_disk_that_fills_up_within_a_transaction_leaves_the_history_usable(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        _grow(store)
    store._db.execute("PRAGMA max_page_count = 1000000")
    _grow(store)
    store.close()


def _grow(store: Store) -> None:
    with transaction(store._db):
        store._db.execute("INSERT INTO model (endpoint_id, draft_json) VALUES ('a/b', ?)", ("x" * 100_000,))


def _row(folder: Path, job: Job) -> Any:
    store = Store(folder / "history.db")
    try:
        return store.job(job.id)
    finally:
        store.close()
