"""The line to a host: an outage is one quiet loop of tries, a refused key one message (rule 3)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from support import engine_process
from support.emulator import Emulator
from support.engine_process import FAST, Engine, is_, lab, running

from faldeck.engine.host_gate import HostGate
from faldeck.engine.supervisor import Draft
from faldeck.engine.tasks import Runners
from faldeck.engine.timing import Timing
from faldeck.fal import errors
from faldeck.fal.errors import Backoff
from faldeck.job import Job, State, Upload, WaitingKind, now
from faldeck.schema.json_value import JsonValue

STEADY = Timing(budget=1000, backoff=Backoff(first=0.05, factor=1, cap=0.05, jitter=0), paused=0.1)


async def asks(gate: HostGate, host: "Host") -> None:
    """Asks the host until it has answered."""
    while True:
        try:
            async with gate.slot():
                await host.asked()
            return
        except errors.FalError:
            continue


HOLD = "slow-queue@submit=1000000"
CUTOUT = "demo/cutout/remove-background"


class Host:
    """A host that is away until it is let in, and counts who asks."""

    def __init__(self, error: errors.FalError) -> None:
        self.error: errors.FalError | None = error
        self.times = 0
        self.at_once = self._now = 0
        self._news = asyncio.Condition()

    async def asked_times(self, times: int) -> None:
        """Waits until so many have asked."""
        async with self._news:
            await self._news.wait_for(lambda: self.times >= times)

    async def asked(self) -> None:
        self.times += 1
        self._now += 1
        self.at_once = max(self.at_once, self._now)
        await asyncio.sleep(0)
        self._now -= 1
        async with self._news:
            self._news.notify_all()
        if self.error:
            raise self.error


async def test_while_a_host_is_away_one_asks_for_all() -> None:
    host, gate = Host(errors.NotSent("no route")), HostGate(STEADY)
    with pytest.raises(errors.NotSent):
        async with gate.slot():
            await host.asked()
    host.times = host.at_once = 0
    waiting = [asyncio.create_task(asks(gate, host)) for _ in range(200)]
    await host.asked_times(4)

    assert host.at_once == 1
    assert gate.blocked is not None and gate.blocked.kind is WaitingKind.OFFLINE
    assert gate.blocked.next_try_at is not None and gate.blocked.next_try_at - now() <= timedelta(seconds=0.05)

    host.error = None
    await asyncio.gather(*waiting)
    assert gate.blocked is None
    assert host.times <= 4 + 200 + 1


async def test_a_probe_that_is_given_up_leaves_the_next_one_its_turn() -> None:
    host, gate = Host(errors.NotSent("no route")), HostGate(STEADY)
    with pytest.raises(errors.NotSent):
        async with gate.slot():
            await host.asked()

    has_turn = asyncio.Event()

    async def hang() -> None:
        async with gate.slot():
            has_turn.set()
            await asyncio.Event().wait()

    hanging = asyncio.create_task(hang())
    await asyncio.wait_for(has_turn.wait(), 5)
    host.error = None
    patient = asyncio.create_task(asks(gate, host))
    await asyncio.sleep(0)
    hanging.cancel()
    await asyncio.wait_for(patient, 5)


async def test_an_answer_about_one_request_closes_no_line() -> None:
    gate = HostGate(STEADY)
    for error in (
        errors.NotFound("gone", status=404),
        errors.ServerError("broken", status=500, body={"detail": "broken"}),
        errors.NotReady("not yet"),
    ):
        with pytest.raises(errors.FalError):
            async with gate.slot():
                raise error
        assert gate.blocked is None


async def test_a_refusal_is_told_once_and_does_not_hold_up_what_needs_no_key() -> None:
    told: list[str] = []
    gate = HostGate(STEADY, told.append)
    for _ in range(3):
        with pytest.raises(errors.Forbidden):
            async with gate.slot():
                raise errors.Forbidden("User is locked.", status=403)
    async with gate.slot(keyed=False):
        pass

    assert told == ["User is locked."]


async def test_statuses_keep_within_their_budget() -> None:
    gate = HostGate(replace(STEADY, budget=50))
    loop = asyncio.get_running_loop()
    begin = loop.time()
    await asyncio.gather(*(gate.acquire_status() for _ in range(21)))

    assert loop.time() - begin >= 20 / 50


async def test_after_a_sleep_of_the_machine_everything_is_asked_at_once(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults(f"drop-before@stream,{HOLD}")
    async with _slowly(emulator, tmp_path) as (engine, runners):
        job = await engine.until(await engine.submit(), is_(State.QUEUED))
        emulator.start_jobs()
        async with asyncio.timeout(60):
            while (await engine.row(job)).is_open:
                runners().retry_now()
                await asyncio.sleep(0.05)

        assert (await engine.row(job)).state is State.COMPLETED


async def test_twenty_jobs_offline_are_not_twenty_loops(emulator: Emulator, tmp_path: Path) -> None:
    line = _Cable()
    pace = replace(FAST, backoff=Backoff(first=0.2, factor=1, cap=0.2, jitter=0))
    emulator.hold_jobs()
    async with running(lab(emulator.url), tmp_path, line=line, pace=pace) as engine:
        jobs = [await engine.submit() for _ in range(20)]
        jobs = [await engine.until(job, is_(State.QUEUED, State.RUNNING)) for job in jobs]
        line.is_cut = True
        emulator.start_jobs()
        jobs = [await engine.until(job, _says_offline) for job in jobs]

        assert await line.seconds_for(tries=8) > 1.0
        line.is_cut = False
        done = [await engine.until(job) for job in jobs]

    assert {job.state for job in done} == {State.COMPLETED}
    assert {(job.waiting, job.notice) for job in done} == {(None, "")}


async def test_uploads_offline_are_one_loop_too(emulator: Emulator, tmp_path: Path) -> None:
    line = _Cable()
    line.is_cut = True
    pace = replace(FAST, backoff=Backoff(first=0.2, factor=1, cap=0.2, jitter=0))
    async with running(lab(emulator.url), tmp_path, line=line, pace=pace) as engine:
        drafts = [_with_a_file(tmp_path / f"{number}.png") for number in range(10)]
        jobs = [await engine.supervisor.submit(draft) for draft in drafts]
        jobs = [await engine.until(job, _says_offline) for job in jobs]

        assert await line.seconds_for(tries=8) > 1.0
        line.is_cut = False
        done = [await engine.until(job) for job in jobs]

    assert {job.state for job in done} == {State.COMPLETED}
    assert len(emulator.posts()) == 10


@pytest.mark.parametrize("who", ["this process", "another"])
async def test_a_job_that_waits_behind_another_to_be_sent_can_be_cancelled(
    emulator: Emulator, tmp_path: Path, who: str
) -> None:
    line = _Cable()
    line.is_cut = True
    pace = replace(FAST, backoff=Backoff(first=3600, cap=3600))
    async with running(lab(emulator.url), tmp_path, line=line, pace=pace) as engine, AsyncExitStack() as stack:
        first = await engine.until(await engine.submit(), _says_offline)
        jobs = [await engine.until(await engine.submit(), _says_offline) for _ in range(3)]
        canceller = (
            engine if who == "this process" else await stack.enter_async_context(running(lab(emulator.url), tmp_path))
        )
        for job in (first, *jobs):
            assert await canceller.supervisor.cancel(job) is None
        ended = [await engine.until(job) for job in (first, *jobs)]
        line.is_cut = False
        last = await engine.submit()
        engine.supervisor._runners.retry_now()
        last = await engine.until(last)

    assert {job.state for job in ended} == {State.CANCELLED}
    assert last.state is State.COMPLETED
    assert len(emulator.posts()) == 1


async def test_a_refused_key_is_one_message_for_all_jobs(emulator: Emulator, tmp_path: Path) -> None:
    emulator.hold_jobs()
    async with running(lab(emulator.url), tmp_path) as engine:
        jobs = [await engine.submit() for _ in range(10)]
        jobs = [await engine.until(job, is_(State.QUEUED, State.RUNNING)) for job in jobs]
        emulator.faults("locked@stream,locked@status,drop-before@stream")
        engine.supervisor._runners.retry_now()
        jobs = [await engine.until(job, _waits_for_an_unlocked_account) for job in jobs]
        emulator.start_jobs()
        done = [await engine.until(job) for job in jobs]

    assert {job.state for job in done} == {State.COMPLETED}
    assert len(engine.troubles) == 1 and "'lab' is refused" in engine.troubles[0]


def _with_a_file(path: Path) -> Draft:
    """A request with a file that has to be uploaded."""
    path.write_bytes(path.name.encode())
    arguments: dict[str, JsonValue] = {"image_url": str(path)}
    upload = Upload(loc=("image_url",), path=str(path))
    return Draft(profile="lab", endpoint_id=CUTOUT, arguments=arguments, uploads=[upload])


def _says_offline(job: Job) -> bool:
    return job.is_offline


def _waits_for_an_unlocked_account(job: Job) -> bool:
    return job.waiting is not None and job.waits_for_key and job.waiting.reason.startswith("User is locked")


@asynccontextmanager
async def _slowly(emulator: Emulator, folder: Path) -> AsyncIterator[tuple[Engine, Callable[[], Runners]]]:
    """An engine that asks every hour."""
    pace = replace(FAST, first_poll=3600, slowest_poll=3600)
    async with engine_process.running(lab(emulator.url), folder, pace=pace) as engine:
        yield engine, lambda: engine.supervisor._runners


class _Cable(engine_process.Line):
    """A line that can be cut."""

    def __init__(self) -> None:
        super().__init__()
        self.is_cut = False
        self.cut: list[httpx.Request] = []
        self._tried = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_cut:
            self.cut.append(request)
            self._tried.set()
            raise httpx.ConnectError("no route")
        return await super().handle_async_request(request)

    async def seconds_for(self, *, tries: int) -> float:
        """How long it takes until there were so many more tries while the line is cut."""
        clock = asyncio.get_running_loop().time
        begin, goal = clock(), len(self.cut) + tries
        async with asyncio.timeout(60):
            while len(self.cut) < goal:
                self._tried.clear()
                await self._tried.wait()
        return clock() - begin


async def test_a_probe_that_takes_long_keeps_nobody_from_finding_out_that_the_host_is_back() -> None:
    gate = HostGate(replace(STEADY, probe=0.05))
    host = Host(errors.NotSent("no connection"))
    with pytest.raises(errors.NotSent):
        async with gate.slot():
            await host.asked()
    host.error = None
    is_drawn, is_drawing = asyncio.Event(), asyncio.Event()

    async def draw() -> None:
        async with gate.slot():
            is_drawing.set()
            await is_drawn.wait()

    picture = asyncio.create_task(draw())
    await is_drawing.wait()
    async with asyncio.timeout(10):
        await asks(gate, host)
    assert not picture.done()
    assert gate.blocked is None
    is_drawn.set()
    await picture
