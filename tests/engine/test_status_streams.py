"""Status streams are for a bounded number of jobs: the selected one and the newest ones first."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from support import virtual_time
from support.emulator import Emulator
from support.engine_process import FAST, is_, lab, running
from support.scripted_service import URL, Answer, Far

from faldeck.engine import status_streams
from faldeck.engine.status_streams import StatusStreams
from faldeck.fal.errors import NotSupported
from faldeck.fal.urls import QueueAddress
from faldeck.fal.values import Completed, Log, Queued, RequestHandle, Running, Status
from faldeck.job import State

REQUEST = QueueAddress("http://127.0.0.1:1/queue").handle("demo/sketch/fast", "r-1")


class Service:
    """A service whose streams say one word and then stay open, and that counts them."""

    def __init__(self) -> None:
        self.open = self.most = 0

    async def follow(self, request: RequestHandle) -> AsyncGenerator[Status, None]:
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            yield Queued(0)
            await asyncio.Event().wait()
        finally:
            self.open -= 1


class Watching:
    """Jobs that watch their streams for as long as they may."""

    def __init__(self, limit: int) -> None:
        self.service = Service()
        self.streams = StatusStreams(limit, silence=60.0)
        self.now: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self, job_id: str) -> bool:
        """Has one more job watch if there is room; gives whether there is."""
        if not self.streams.has_free_slot(job_id):
            return False
        self._tasks.append(asyncio.create_task(self._watch(job_id)))
        for _ in range(10):
            await asyncio.sleep(0)
        return True

    async def _watch(self, job_id: str) -> None:
        async for _ in self.streams.watch(self.service, REQUEST, job_id):  # type: ignore[arg-type]
            self.now.add(job_id)
        self.now.discard(job_id)

    async def end(self) -> None:
        self.streams.close()
        await asyncio.gather(*self._tasks)


async def test_there_are_never_more_than_allowed() -> None:
    watching = Watching(3)
    began = [await watching.begin(f"job-{number}") for number in range(9)]

    assert began == [True] * 3 + [False] * 6
    assert watching.service.most == 3
    await watching.end()
    assert watching.service.open == 0


async def test_the_bound_holds_for_those_who_saw_room_at_the_same_time() -> None:
    watching = Watching(2)
    assert all(watching.streams.has_free_slot(f"job-{number}") for number in range(5))
    late = [asyncio.create_task(watching._watch(f"job-{number}")) for number in range(5)]
    for _ in range(10):
        await asyncio.sleep(0)

    assert watching.service.most == 2
    await watching.end()
    await asyncio.gather(*late)


async def test_a_newer_job_takes_the_place_of_the_oldest_that_has_had_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watching = Watching(2)
    for job_id in ("job-2", "job-1"):
        await watching.begin(job_id)
    assert not await watching.begin("job-3")
    monkeypatch.setattr(status_streams, "MIN_SLOT_SECONDS", 0.0)

    assert not await watching.begin("job-0")
    assert await watching.begin("job-3")
    assert watching.now == {"job-2", "job-3"}
    await watching.end()


async def test_the_selected_job_comes_before_all_others() -> None:
    watching = Watching(2)
    for job_id in ("job-8", "job-9"):
        await watching.begin(job_id)
    watching.streams.selected = "job-1"

    assert await watching.begin("job-1")
    assert watching.now == {"job-1", "job-9"}
    await watching.end()


async def test_a_stream_that_is_closed_before_it_was_opened_holds_nobody_up() -> None:
    watching = Watching(1)
    job = asyncio.create_task(watching._watch("job-1"))
    await asyncio.sleep(0)
    watching.streams.close()

    async with asyncio.timeout(10):
        await job
    assert watching.service.most == 0
    assert watching.streams.has_free_slot("job-2")


async def test_a_service_without_streams_is_remembered(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("relay-b")
    async with running(lab(emulator.url), tmp_path) as engine:
        for _ in range(3):
            assert (await engine.until(await engine.submit())).state is State.COMPLETED

    assert len(emulator.requests(path="/status/stream")) == 1


async def test_a_stream_that_says_nothing_is_opened_once_for_a_job() -> None:
    class Silent:
        async def follow(self, request: RequestHandle) -> AsyncGenerator[Status, None]:
            return
            yield Queued(0)

    quiet = StatusStreams(4, silence=60.0)
    assert [status async for status in quiet.watch(Silent(), REQUEST, "job-1")] == []  # type: ignore[arg-type]
    assert not quiet.has_free_slot("job-1")
    assert quiet.has_free_slot("job-2")


async def test_a_flood_of_statuses_waits_at_the_service_and_not_in_memory() -> None:
    poured = 0

    class Flood:
        async def follow(self, request: RequestHandle) -> AsyncGenerator[Status, None]:
            nonlocal poured
            while True:
                poured += 1
                yield Queued(poured)

    flooded = StatusStreams(4, silence=60.0)
    async with contextlib.aclosing(flooded.watch(Flood(), REQUEST, "job-1")) as statuses:  # type: ignore[arg-type]
        for number in range(1, 4):
            assert await anext(statuses) == Queued(number)
            for _ in range(10 * status_streams.BACKLOG):
                await asyncio.sleep(0)
    assert poured <= status_streams.BACKLOG + 4


async def told_of(
    *steps: float | Status, selected: str | None = None, others: int = status_streams.FEW
) -> list[tuple[float, Status]]:
    """What a stream tells beside others, and after how many seconds.

    `steps` are its statuses, and pauses in seconds.
    """

    class Scripted:
        async def follow(self, request: RequestHandle) -> AsyncGenerator[Status, None]:
            for step in steps:
                if isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    yield step

    streams = StatusStreams(32, silence=60.0)
    streams.selected = selected
    clock = asyncio.get_running_loop().time
    async with contextlib.AsyncExitStack() as stack:
        for number in range(others):
            other = streams.watch(Service(), REQUEST, f"other-{number}")  # type: ignore[arg-type]
            await anext(await stack.enter_async_context(contextlib.aclosing(other)))
        await asyncio.sleep(-clock() % status_streams.TOGETHER_SECONDS)
        start = clock()
        watched = streams.watch(Scripted(), REQUEST, "job-1")  # type: ignore[arg-type]
        return [(round(clock() - start, 2), status) async for status in watched]


def in_virtual_time(work: Coroutine[None, None, list[tuple[float, Status]]]) -> list[tuple[float, Status]]:
    with virtual_time.clock() as loop:
        return loop.run_virtually(work)


def line(message: str) -> Log:
    return Log("", "INFO", message)


def test_places_in_the_queue_that_change_fast_are_told_twice_a_second_and_the_newest_is() -> None:
    told = in_virtual_time(told_of(Queued(9), 0.1, Queued(8), 0.1, Queued(7), 0.1, Queued(6), 2.0, Queued(5)))
    assert told == [(0.0, Queued(9)), (0.5, Queued(6)), (2.3, Queued(5))]


def test_log_lines_that_come_fast_are_told_together_and_none_is_lost() -> None:
    one, two, three = line("one"), line("two"), line("three")
    told = in_virtual_time(told_of(Running(), 0.1, Running((one,)), 0.1, Running((two,)), 0.1, Completed((three,))))
    assert told == [(0.0, Running()), (0.3, Completed((one, two, three)))]


def test_another_state_is_told_at_once_and_the_end_of_the_stream_too() -> None:
    told = in_virtual_time(told_of(Queued(1), 0.1, Queued(0), 0.1, Running(), 0.1, Running((line("one"),))))
    assert told == [(0.0, Queued(1)), (0.2, Running()), (0.3, Running((line("one"),)))]


def test_a_stream_far_back_in_a_queue_is_read_twice_a_second_and_never_falls_behind() -> None:
    waits = 0

    class Line:
        """A service that says a new place every 0.1 seconds, read or not."""

        async def follow(self, request: RequestHandle) -> AsyncGenerator[Status, None]:
            nonlocal waits
            arrived: asyncio.Queue[Status] = asyncio.Queue()
            saying = asyncio.create_task(self._say(arrived))
            while not saying.done() or not arrived.empty():
                waits += arrived.empty()
                yield await arrived.get()

        async def _say(self, arrived: asyncio.Queue[Status]) -> None:
            for place in range(100, 80, -1):
                arrived.put_nowait(Queued(place))
                await asyncio.sleep(0.1)
            arrived.put_nowait(Completed())

    async def told() -> list[tuple[float, Status]]:
        streams = StatusStreams(32, silence=60.0)
        clock = asyncio.get_running_loop().time
        async with contextlib.AsyncExitStack() as stack:
            for number in range(status_streams.FEW):
                other = streams.watch(Service(), REQUEST, f"other-{number}")  # type: ignore[arg-type]
                await anext(await stack.enter_async_context(contextlib.aclosing(other)))
            await asyncio.sleep(-clock() % status_streams.TOGETHER_SECONDS)
            start = clock()
            watched = streams.watch(Line(), REQUEST, "job-1")  # type: ignore[arg-type]
            return [(round(clock() - start, 2), status) async for status in watched]

    seen = in_virtual_time(told())
    for at, status in seen:
        assert status == Completed() or (
            isinstance(status, Queued) and status.position in range(99 - round(at * 10), 101 - round(at * 10))
        )
    assert seen[-1] == (2.0, Completed())
    assert waits <= 10


def test_few_streams_tell_every_status() -> None:
    told = in_virtual_time(told_of(Queued(9), 0.1, Queued(8), 0.1, Queued(7), others=2))
    assert told == [(0.0, Queued(9)), (0.1, Queued(8)), (0.2, Queued(7))]


def test_the_job_that_a_person_looks_at_tells_every_status() -> None:
    told = in_virtual_time(told_of(Queued(9), 0.1, Queued(8), 0.1, Queued(7), selected="job-1"))
    assert told == [(0.0, Queued(9)), (0.1, Queued(8)), (0.2, Queued(7))]


async def test_no_stream_offered_means_none_for_anybody() -> None:
    class Bare:
        async def follow(self, request: RequestHandle) -> AsyncGenerator[Status, None]:
            raise NotSupported("no")
            yield Queued(0)

    bare = StatusStreams(4, silence=60.0)
    assert [status async for status in bare.watch(Bare(), REQUEST, "job-1")] == []  # type: ignore[arg-type]
    assert not bare.has_free_slot("job-2")


async def test_jobs_without_a_stream_are_polled(emulator: Emulator, tmp_path: Path) -> None:
    emulator.hold_jobs()
    async with running(lab(emulator.url), tmp_path, pace=replace(FAST, streams=1)) as engine:
        jobs = [await engine.submit() for _ in range(5)]
        await asyncio.gather(*(engine.until(job, is_(State.QUEUED)) for job in jobs))
        emulator.start_jobs()
        done = [await engine.until(job) for job in jobs]

    assert {job.state for job in done} == {State.COMPLETED}
    polled = {line["path"] for line in emulator.requests(path="/status") if not line["path"].endswith("/stream")}
    assert polled


async def test_a_stream_that_does_nothing_but_stay_open_is_not_believed_for_ever() -> None:
    service = Service()
    streams = StatusStreams(1, silence=0.05)
    async with asyncio.timeout(10):
        statuses = [status async for status in streams.watch(service, REQUEST, "job-1")]  # type: ignore[arg-type]

    for _ in range(10):
        await asyncio.sleep(0)
    assert statuses == [Queued(0)]
    assert service.open == 0
    assert streams.has_free_slot("job-1")


async def test_a_job_whose_end_is_held_back_on_its_stream_is_asked_about(emulator: Emulator, tmp_path: Path) -> None:
    body = 'data: {"status": "IN_QUEUE", "request_id": "r-1", "queue_position": 0}\n\n'

    async def pinging() -> AsyncGenerator[bytes, None]:
        yield body.encode()
        while True:
            await asyncio.sleep(0.01)
            yield b": ping\n\n"

    def says(request: httpx.Request) -> Answer:
        headers = {"content-type": "text/event-stream"}
        is_stream = request.url.path.endswith("/stream")
        return httpx.Response(200, headers=headers, content=pinging()) if is_stream else None

    async with running(lab(URL), tmp_path, line=Far(says), pace=replace(FAST, silence=0.1)) as engine:
        async with asyncio.timeout(20):
            job = await engine.until(await engine.submit("acme/lake"))

    assert job.state is State.COMPLETED
