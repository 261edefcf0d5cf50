"""Several processes, kills, and requests made elsewhere (rules 8, 9 and 10)."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from support.emulator import Emulator
from support.engine_process import FAST, FILM, LAKE, SKETCH, Line, asked, content, is_, lab, running

from faldeck.fal.errors import InvalidRequest
from faldeck.history import Lease, Store
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id


async def test_one_process_follows_a_job_and_the_other_sees_it(emulator: Emulator, tmp_path: Path) -> None:
    async with (
        running(lab(emulator.url), tmp_path, resume=True) as one,
        running(lab(emulator.url), tmp_path, resume=True, line=(line := Line())) as other,
    ):
        job = await one.submit(FILM, {"prompt": "waves"})
        seen = await other.lived(job)

        assert seen[-1].state is State.COMPLETED
        assert await one.row(job) == seen[-1]
    assert line.requests == []
    assert len(emulator.requests(path="/status/stream")) == 1


async def test_a_job_whose_follower_was_killed_is_taken_over(emulator: Emulator, tmp_path: Path) -> None:
    job = await _left_behind(emulator, tmp_path, lease_until=time.time() - 1)
    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        job = await engine.until(job)

    assert job.state is State.COMPLETED
    assert content(job) == [asked(job.outputs[0].url).content]
    assert len(emulator.posts()) == 1


async def test_a_job_whose_follower_lives_is_left_alone(emulator: Emulator, tmp_path: Path) -> None:
    job = await _left_behind(emulator, tmp_path, lease_until=time.time() + 60)
    async with running(lab(emulator.url), tmp_path, resume=True, line=(line := Line())) as engine:
        await engine.supervisor.claim(job)
        assert await engine.supervisor.poll_once(job) == job
        assert line.requests == []


async def test_a_job_that_somebody_waits_for_is_taken_over_when_its_lease_lapses(
    emulator: Emulator, tmp_path: Path
) -> None:
    job = await _left_behind(emulator, tmp_path, lease_until=time.time() + 0.2)
    other = await _left_behind(emulator, tmp_path, lease_until=time.time() + 0.2)
    async with running(lab(emulator.url), tmp_path, pace=replace(FAST, renew=0.02)) as engine:
        await engine.supervisor.claim(job)
        job = await engine.until(job)

        assert job.state is State.COMPLETED
        assert (await engine.row(other)).state is State.QUEUED


async def test_everything_unfinished_is_resumed_with_gets_only(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        left = [await engine.submit(FILM, {"prompt": f"wave {number}"}) for number in range(3)]
        left = [await engine.until(job, is_(State.QUEUED, State.RUNNING)) for job in left]
    emulator.forget()

    async with running(lab(emulator.url), tmp_path, resume=True, line=(line := Line())) as engine:
        done = [await engine.until(job) for job in left]

    assert {job.state for job in done} == {State.COMPLETED}
    assert {request.method for request in line.requests} == {"GET"}
    assert all(content(job) for job in done)


async def test_files_that_were_on_their_way_are_fetched_at_the_next_start(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("drop-before@file")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(), lambda job: job.is_offline)
        assert job.state is State.COMPLETED and job.is_open
    emulator.faults("")

    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        job = await engine.until(job)

    assert content(job) == [asked(job.outputs[0].url).content]


@pytest.mark.parametrize(("was_sent", "state"), [(True, State.UNCONFIRMED), (False, State.FAILED)])
async def test_a_submit_that_was_killed_is_never_sent_again(
    emulator: Emulator, tmp_path: Path, was_sent: bool, state: State
) -> None:
    job = Job(
        id=new_id(),
        profile="lab",
        endpoint_id=SKETCH,
        state=State.SUBMITTING,
        created_at=now(),
        submitted_at=now() if was_sent else None,
    )
    store = Store(tmp_path / "history.db")
    store.add(job, LAKE)
    store.close()

    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        job = await engine.until(job)

    assert job.state is state
    assert emulator.posts() == []


async def test_quitting_does_not_wait_for_an_answer(tmp_path: Path) -> None:
    async with running(lab("http://127.0.0.1:1"), tmp_path, line=_Silence()) as engine:
        job = await engine.submit()
        await engine.until(job, lambda job: job.submitted_at is not None)
        async with asyncio.timeout(5):
            await engine.supervisor.close()

        assert (await engine.row(job)).state is State.SUBMITTING


async def test_quitting_lets_go_of_a_job_at_once(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(FILM, {"prompt": "waves"}), is_(State.QUEUED))
    store = Store(tmp_path / "history.db")

    claimed = store.leases.claim(Lease("another", round(time.time() * 1000) + 1000), [job.id], ["lab"], 0)

    assert [one.id for one in claimed] == [job.id]
    assert emulator.requests(method="PUT") == []
    store.close()


async def test_a_request_made_elsewhere_is_adopted(emulator: Emulator, tmp_path: Path) -> None:
    request_id = _posted(emulator)
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.supervisor.adopt("lab", SKETCH, request_id))

        assert job.state is State.COMPLETED
        assert job.request_id == request_id
        assert content(job) == [asked(job.outputs[0].url).content]
        assert (job.title, (await engine.body(job)).arguments) == ("a lake", LAKE)
        assert (await engine.supervisor.adopt("lab", SKETCH, request_id)).id == job.id
    assert len(emulator.posts()) == 1


@pytest.mark.parametrize("fault", ["locked@catalogue", "drop-before@catalogue"])
async def test_a_request_is_adopted_without_the_accounts_list_too(
    emulator: Emulator, tmp_path: Path, fault: str
) -> None:
    request_id = _posted(emulator)
    emulator.faults(fault)
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.supervisor.adopt("lab", SKETCH, request_id))

        assert (job.state, job.title, job.input_known) == (State.COMPLETED, "(made elsewhere)", False)
        assert (await engine.body(job)).arguments == {}


async def test_what_is_no_request_id_is_not_adopted(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        with pytest.raises(InvalidRequest):
            await engine.supervisor.adopt("lab", SKETCH, "..")
        with pytest.raises(InvalidRequest):
            await engine.supervisor.adopt("lab", "no-slash", "6b1f6a52")


async def test_a_profile_without_a_key_lets_its_jobs_wait(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(FILM, {"prompt": "waves"}), is_(State.QUEUED))

    async with running(
        replace(lab(emulator.url), name="other"), tmp_path, resume=True, line=(line := Line())
    ) as engine:
        await engine.supervisor.claim(job)
        assert (await engine.row(job)).state is State.QUEUED
    assert line.requests == []


async def _left_behind(emulator: Emulator, folder: Path, *, lease_until: float) -> Job:
    """A queued job as a killed process leaves it: its lease was never given up."""
    emulator.hold_jobs()
    async with running(lab(emulator.url), folder) as engine:
        job = await engine.until(await engine.submit(), is_(State.QUEUED))
    store = Store(folder / "history.db")
    store.leases.claim(Lease("killed", round(lease_until * 1000)), [job.id], ["lab"], round(time.time() * 1000))
    left = store.job(job.id)
    store.close()
    emulator.start_jobs()
    assert left is not None
    return left


def _posted(emulator: Emulator) -> str:
    url = f"{emulator.url}/queue/{SKETCH}"
    answer = httpx.post(url, json=LAKE, headers={"Authorization": "Key any"}, verify=False)
    return str(answer.json()["request_id"])


class _Silence(httpx.AsyncBaseTransport):
    """A service that never answers."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError
