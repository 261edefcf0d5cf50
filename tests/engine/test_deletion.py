"""Deleting jobs: undone without loss, purged at the end, and of files only those that faldeck wrote."""

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.engine_process import FILM, Engine, content, is_, lab, left_in, running

from faldeck.engine.purge import Purged, purge
from faldeck.history import Lease, Query, Store
from faldeck.job import FileState, Job, Output, State, now
from faldeck.job_ids import id_number, new_id


async def test_a_deleted_job_comes_back_whole(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        job = await engine.until(await engine.submit())
        body = await engine.body(job)

        assert await engine.supervisor.delete([job.id], files=True) == [job.id]
        assert await engine.history.read(lambda store: store.page(Query(), limit=9)) == []
        assert await engine.supervisor.restore([job.id]) == 1

        assert await engine.row(job) == job
        assert await engine.body(job) == body
        assert content(job)


async def test_the_end_of_the_process_removes_what_it_deleted(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        gone = await engine.until(await engine.submit())
        kept = await engine.until(await engine.submit())
        await engine.supervisor.delete([gone.id], files=True)
        assert content(gone)

    assert left_in(tmp_path / "outputs") == [kept.outputs[0].path]
    store = Store(tmp_path / "history.db")
    assert store.trash.restore([gone.id]) == {}
    assert store.page(Query(), limit=9) == [kept]
    store.close()


async def test_without_files_the_files_stay(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        job = await engine.until(await engine.submit())
        await engine.supervisor.delete([job.id])
    assert content(job)


async def test_a_live_job_stays_unless_it_is_meant(emulator: Emulator, tmp_path: Path) -> None:
    emulator.hold_jobs()
    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        job = await engine.until(await engine.submit(FILM), is_(State.QUEUED))
        assert await engine.supervisor.delete([job.id]) == []

        assert await engine.supervisor.delete([job.id], live=True) == [job.id]
        assert emulator.requests(method="PUT") == [], "it goes on at the service"
        emulator.start_jobs()
        await engine.supervisor.restore([job.id])
        job = await engine.until(job)

    assert job.state is State.COMPLETED and content(job)
    assert len(emulator.posts()) == 1


async def test_a_job_that_is_deleted_while_it_is_sent_keeps_its_answer(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("slow@submit=0.3")
    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        job = await engine.until(await engine.submit(), lambda job: job.submitted_at is not None)
        assert job.state is State.SUBMITTING
        await engine.supervisor.delete([job.id], live=True)
        await asyncio.to_thread(wait_until, emulator.posts)
        emulator.faults("")
        await engine.supervisor.restore([job.id])
        job = await engine.until(job)

    assert job.state is State.COMPLETED
    assert len(emulator.posts()) == 1


async def test_a_job_that_another_process_follows_is_left_by_it(emulator: Emulator, tmp_path: Path) -> None:
    emulator.hold_jobs()
    async with (
        running(lab(emulator.url), tmp_path, resume=True) as follower,
        running(lab(emulator.url), tmp_path, resume=True) as deleter,
    ):
        job = await follower.until(await follower.submit(FILM), is_(State.QUEUED))
        await deleter.supervisor.delete([job.id], live=True)
        emulator.start_jobs()
        await deleter.supervisor.restore([job.id])
        job = await deleter.until(job)
        assert job.state is State.COMPLETED
        assert follower.troubles == deleter.troubles == []


async def test_a_request_that_is_adopted_again_restores_its_job(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        job = await engine.until(await engine.submit())
        await engine.supervisor.delete([job.id])
        assert await engine.supervisor.adopt("lab", job.endpoint_id, job.request_id or "") == job
        assert await engine.row(job) == job


async def test_a_resumed_process_purges_what_a_killed_one_deleted(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldeck.engine.supervisor.PURGE_SECONDS", 0.02)
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())
    store = Store(tmp_path / "history.db")
    store.trash.delete([job.id], Lease("killed", round(time.time() * 1000) - 1), 1, files=True)
    async with running(lab(emulator.url), tmp_path, resume=True):
        await asyncio.to_thread(wait_until, lambda: not left_in(tmp_path / "outputs"))
        await asyncio.to_thread(wait_until, lambda: is_purged(tmp_path, job))
    assert store.trash.restore([job.id]) == {}
    store.close()


def wait_until(is_so: Callable[[], object]) -> None:
    """Waits until something becomes true; fails after 20 seconds."""
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_purged(folder: Path, job: Job) -> bool:
    with sqlite3.connect(folder / "history.db") as database:
        found = database.execute("SELECT 1 FROM job WHERE id = ?", (id_number(job.id),)).fetchone()
    database.close()
    return found is None


@asynccontextmanager
async def deleted(folder: Path, *jobs: Job, kept: tuple[Job, ...] = ()) -> AsyncIterator[Purged]:
    """What the purge of `jobs` with their files did, in a history that also has `kept`."""
    store = Store(folder / "history.db")
    for job in (*jobs, *kept):
        store.add(job, {})
    store.trash.delete([job.id for job in jobs], Lease("gone", 0), 1, files=True)
    store.leases.release("gone")
    store.close()
    engine: Engine
    async with running(lab("http://127.0.0.1:1"), folder) as engine:
        yield await purge(engine.history, folder / "outputs")


def job_with(path: Path, **changes: object) -> Job:
    """A completed job whose saved file is at `path`; the file is written if it is missing."""
    if not os.path.lexists(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"picture")
    found = path.lstat()
    output = Output(
        at="images[0]",
        url="https://v3.fal.media/x.png",
        path=str(path),
        state=FileState.SAVED,
        size_bytes=found.st_size,
        saved_file_ms=found.st_mtime_ns // 1_000_000,
    )
    return Job(
        id=new_id(),
        profile="lab",
        endpoint_id="fal-ai/flux/dev",
        state=State.COMPLETED,
        created_at=now(),
        outputs=(output._replace(**changes),),  # type: ignore[arg-type]
    )


async def test_a_file_goes_with_its_job_and_its_empty_folders_too(tmp_path: Path) -> None:
    picture = tmp_path / "outputs" / "2026-03-01" / "flux" / "fox.png"
    async with deleted(tmp_path, job_with(picture)) as purged:
        assert (purged.jobs, purged.files, purged.size_bytes, purged.kept) == (1, 1, 7, [])
    assert list((tmp_path / "outputs").iterdir()) == []


async def test_a_file_that_another_job_names_stays(tmp_path: Path) -> None:
    picture = tmp_path / "outputs" / "fox.png"
    gone, kept = job_with(picture), job_with(picture)
    async with deleted(tmp_path, gone, kept=(kept,)) as purged:
        assert purged.kept == [(str(picture), "another job names it, too")]
    assert picture.exists()


async def test_a_file_that_two_deleted_jobs_name_goes_with_both(tmp_path: Path) -> None:
    picture = tmp_path / "outputs" / "fox.png"
    async with deleted(tmp_path, job_with(picture), job_with(picture)) as purged:
        assert (purged.jobs, purged.files) == (2, 1)


async def test_a_file_outside_the_output_folder_stays(tmp_path: Path) -> None:
    picture = tmp_path / "elsewhere" / "fox.png"
    async with deleted(tmp_path, job_with(picture)) as purged:
        assert [path for path, _ in purged.kept] == [str(picture)]
    assert picture.exists()


async def test_a_file_that_a_person_has_changed_stays(tmp_path: Path) -> None:
    longer, edited = tmp_path / "outputs" / "longer.png", tmp_path / "outputs" / "edited.png"
    jobs = job_with(longer), job_with(edited)
    longer.write_bytes(b"picture, edited")
    edited.write_bytes(b"PICTURE")
    os.utime(edited, (1, 1))
    async with deleted(tmp_path, *jobs) as purged:
        assert {reason for _, reason in purged.kept} == {"it was changed after it was saved"}
    assert longer.exists() and edited.exists()


async def test_neither_a_link_nor_what_it_leads_to_is_deleted(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "fox.png"
    outside = job_with(target)
    link = tmp_path / "outputs" / "fox.png"
    link.parent.mkdir()
    link.symlink_to(target)
    by_link = job_with(link)
    folder = tmp_path / "outputs" / "linked"
    folder.symlink_to(target.parent)
    through_folder = outside._replace(id=new_id(), outputs=(outside.outputs[0]._replace(path=str(folder / "fox.png")),))
    async with deleted(tmp_path, by_link, through_folder) as purged:
        assert purged.files == 0 and len(purged.kept) == 2
    assert target.exists() and link.is_symlink()


async def test_a_file_that_is_gone_already_is_no_problem(tmp_path: Path) -> None:
    picture = tmp_path / "outputs" / "fox.png"
    job = job_with(picture)
    picture.unlink()
    async with deleted(tmp_path, job) as purged:
        assert (purged.jobs, purged.files, purged.kept) == (1, 0, [])
