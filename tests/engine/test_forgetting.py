"""Jobs without history: after a crash the next start goes on and forgets then, and nothing that is needed is lost."""

import asyncio
import time
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.engine_process import LAKE, SKETCH, Engine, content, lab, running

from faldeck.engine.draft import Draft
from faldeck.engine.purge import can_be_forgotten, forget_ended
from faldeck.history import Store
from faldeck.job import FileState, Job, Output, State, now
from faldeck.job_ids import new_id


def ended(*states: FileState, state: State = State.COMPLETED) -> Job:
    return Job(
        id=new_id(),
        profile="lab",
        endpoint_id=SKETCH,
        state=state,
        created_at=now(),
        no_history=True,
        outputs=tuple(Output(at="images[0]", url="https://v3.fal.media/x.png", state=one) for one in states),
    )


@pytest.mark.parametrize(
    ("job", "at_once", "once_told"),
    [
        (ended(FileState.SAVED, FileState.SAVED), True, True),
        (ended(FileState.SAVED, FileState.FAILED), False, False),
        (ended(FileState.REMOTE), False, True),
        (ended(FileState.WAITING), False, False),
        (ended(), False, True),
        (ended(state=State.FAILED), True, True),
        (ended(state=State.CANCELLED), True, True),
        (ended(state=State.UNCONFIRMED), False, False),
        (ended(state=State.RUNNING), False, False),
        (ended(FileState.SAVED)._replace(no_history=False), False, False),
    ],
)
def test_a_job_is_forgotten_when_nothing_of_it_is_needed(job: Job, at_once: bool, once_told: bool) -> None:
    assert can_be_forgotten(job, is_told=False) == at_once
    assert can_be_forgotten(job, is_told=True) == once_told


async def submitted(engine: Engine) -> Job:
    draft = Draft(profile="lab", endpoint_id=SKETCH, arguments=LAKE, no_history=True)
    return await engine.supervisor.submit(draft)


async def test_what_a_killed_process_left_is_followed_and_then_forgotten(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldeck.engine.supervisor.PURGE_SECONDS", 0.02)
    emulator.hold_jobs()
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await submitted(engine), lambda job: job.request_id is not None)
        assert (await engine.body(job)).arguments == {}
    emulator.start_jobs()

    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        job = await engine.until(job)
        assert content(job)
        await asyncio.sleep(0.1)
        assert await engine.row(job) == job, "it is shown until this process ends"

    assert rows(tmp_path) == 0
    assert content(job) and len(emulator.posts()) == 1


async def test_a_job_that_ended_before_a_crash_is_forgotten_at_the_next_start(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldeck.engine.supervisor.PURGE_SECONDS", 0.02)
    async with running(lab(emulator.url), tmp_path) as engine:
        await engine.until(await submitted(engine))
    assert rows(tmp_path) == 1

    async with running(lab(emulator.url), tmp_path, resume=True):
        await asyncio.to_thread(wait_for_none, tmp_path)


async def test_a_result_that_only_the_history_has_waits_until_it_is_told(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path, download="manual") as engine:
        await engine.until(await submitted(engine))
    async with running(lab(emulator.url), tmp_path) as engine:
        await forget_ended(engine.history, is_told=False)
        assert rows(tmp_path) == 1
        await forget_ended(engine.history, is_told=True)
        assert rows(tmp_path) == 0


def rows(folder: Path) -> int:
    store = Store(folder / "history.db")
    try:
        return len(store.trash.ended_without_history())
    finally:
        store.close()


def wait_for_none(folder: Path) -> None:
    deadline = time.monotonic() + 20
    while rows(folder):
        assert time.monotonic() < deadline
        time.sleep(0.02)
