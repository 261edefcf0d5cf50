"""From the queue to the stored result: what a service says, however it says it (rules 3, 4, 5 and 7)."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import engine_process
from support.emulator import Emulator
from support.engine_process import FILM, LAKE, SKETCH, Line, asked, is_, lab, running

from faldeck.app import wording
from faldeck.engine.timing import QueueForecast, Timing
from faldeck.fal.values import Cancellation
from faldeck.job import State

MISHAP = "demo/mishap/any"
NO_STREAM = "drop-before@stream"


async def test_a_job_is_seen_queued_running_and_completed(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        submitted = await engine.submit(FILM, {"prompt": "waves"})
        lived = [submitted, *await engine.lived(submitted)]

    states = list(dict.fromkeys(job.state for job in lived))
    assert states == [State.SUBMITTING, State.QUEUED, State.RUNNING, State.COMPLETED]
    assert max(job.queue_position or 0 for job in lived) > 0
    assert any("%|" in job.progress for job in lived if job.state is State.RUNNING)


@pytest.mark.parametrize("stream", ["", NO_STREAM], ids=["streamed", "polled"])
async def test_every_log_line_is_kept_once(emulator: Emulator, tmp_path: Path, stream: str) -> None:
    emulator.faults(stream)
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())
        kept = [line.message for line in await engine.logs(job)]

    said = asked(f"{job.status_url}?logs=1").json()["logs"]
    assert kept == [line["message"] for line in said]
    assert len(kept) > 3


@pytest.mark.parametrize(
    "fault",
    [
        f"{NO_STREAM},drop-before@status=2x",
        f"{NO_STREAM},drop-after@status=2x",
        f"{NO_STREAM},truncate@status=2x",
        f"{NO_STREAM},502@status=1x,500@status=1x,nginx@status=1x",
        f"{NO_STREAM},html@status=2x",
        "truncate@stream=1x",
        "drop-after@result=2x",
        "nginx@result=1x,html@result=1x",
        "early-result@result=2x",
        "slow@status=0.05,slow@result=0.05",
    ],
)
async def test_a_fault_on_the_way_to_the_result_fails_no_job(emulator: Emulator, tmp_path: Path, fault: str) -> None:
    emulator.faults(fault)
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())

    assert job.state is State.COMPLETED
    assert (job.waiting, job.notice) == (None, "")
    assert len(emulator.posts()) == 1


async def test_the_row_says_why_nothing_happens(emulator: Emulator, tmp_path: Path) -> None:
    line = Line(*[httpx.ConnectError("no route")] * 3, method="GET")
    async with running(lab(emulator.url), tmp_path, line=line) as engine:
        lived = await engine.lived(await engine.submit())

    assert any(
        job.is_offline and job.waiting and job.waiting.next_try_at and job.state is State.QUEUED for job in lived
    )
    assert lived[-1].state is State.COMPLETED


async def test_a_refused_key_pauses_a_job_and_ends_nothing(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("locked@stream=1x,locked@status=1x")
    async with running(lab(emulator.url), tmp_path) as engine:
        lived = await engine.lived(await engine.submit())

    assert any(wording.notice(job).startswith("paused: User is locked") for job in lived)
    assert lived[-1].state is State.COMPLETED


async def test_a_request_that_goes_back_to_the_queue_is_followed_there(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("retry@submit=1")
    async with running(lab(emulator.url), tmp_path) as engine:
        lived = await engine.lived(await engine.submit(FILM, {"prompt": "waves"}))

    states = [job.state for job in lived]
    assert State.QUEUED in states[states.index(State.RUNNING) :]
    assert states[-1] is State.COMPLETED


async def test_completed_is_not_success(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(MISHAP, {"failure": "content_policy_violation"}))
        body = await engine.body(job)

    assert job.state is State.FAILED
    assert job.error is not None
    assert (job.error.type, job.error.status) == ("content_policy_violation", 422)
    assert job.completed_at is not None
    assert isinstance(body.result, dict) and "detail" in body.result


async def test_the_fields_that_the_service_found_wrong_are_kept(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(MISHAP, {"failure": "several_fields"}))
        job = await engine.row(job)

    assert job.error is not None
    assert [(problem.loc, problem.message) for problem in job.error.fields] == [
        (("body", "image_url"), "Field required"),
        (("body", "loras", 0, "path"), "Input should be a valid string"),
    ]


@pytest.mark.parametrize("failure", ["plain_422", "crash", "internal_server_error", "generation_timeout"])
async def test_every_failure_of_a_model_ends_its_job_with_a_reason(
    emulator: Emulator, tmp_path: Path, failure: str
) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(MISHAP, {"failure": failure}))

    assert job.state is State.FAILED
    assert job.error is not None and job.error.message


async def test_the_whole_result_and_what_was_billed_are_stored(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(SKETCH, {**LAKE, "num_images": 2}))
        body = await engine.body(job)

    answer = asked(job.response_url)
    assert body.result == answer.json()
    assert job.cost is not None and str(job.cost.units) == answer.headers["x-fal-billable-units"]


async def test_a_result_that_is_gone_expires_the_job(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("expired@result,locked@catalogue")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())

    assert job.state is State.EXPIRED
    assert job.error is not None and "no longer knows" in job.error.message


async def test_a_cancelled_job_is_cancelled_because_the_service_says_so(emulator: Emulator, tmp_path: Path) -> None:
    emulator.hold_jobs()
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(FILM, {"prompt": "waves"}), is_(State.QUEUED))
        assert await engine.supervisor.cancel(job) is Cancellation.REQUESTED
        job = await engine.until(job)

    assert job.state is State.CANCELLED
    assert job.cancel_requested
    assert [put["status"] for put in emulator.requests(method="PUT")] == [202]


async def test_a_cancel_of_a_job_as_it_was_before_it_was_accepted_reaches_the_service(
    emulator: Emulator, tmp_path: Path
) -> None:
    emulator.hold_jobs()
    async with running(lab(emulator.url), tmp_path) as engine:
        seen = await engine.submit()
        await engine.until(seen, lambda job: job.request_id is not None)
        assert seen.request_id is None
        assert await engine.supervisor.cancel(seen) is not None
        job = await engine.until(seen)

    assert job.state is State.CANCELLED


async def test_a_cancel_that_comes_too_late_changes_nothing(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())
        assert await engine.supervisor.cancel(job) is Cancellation.TOO_LATE
        assert (await engine.row(job)).state is State.COMPLETED


async def test_a_model_that_does_not_heed_the_cancel_completes(tmp_path: Path) -> None:
    async with running(engine_process.lab("http://127.0.0.1:1"), tmp_path, line=_Deaf()) as engine:
        job = await engine.until(await engine.submit(), is_(State.RUNNING))
        assert await engine.supervisor.cancel(job) is Cancellation.REQUESTED
        assert (await engine.row(job)).state is State.RUNNING
        job = await engine.until(job)

    assert job.state is State.COMPLETED


async def test_a_cancel_before_there_is_a_request_keeps_the_post_at_home(emulator: Emulator, tmp_path: Path) -> None:
    line = Line(*[httpx.ConnectError("no route")] * 1000)
    async with running(lab(emulator.url), tmp_path, line=line) as engine:
        job = await engine.until(await engine.submit(), lambda job: job.waiting is not None)
        assert await engine.supervisor.cancel(job) is None
        job = await engine.until(job)

    assert job.state is State.CANCELLED
    assert emulator.posts() == []


async def test_a_glance_asks_once_and_records_what_it_hears(emulator: Emulator, tmp_path: Path) -> None:
    emulator.hold_jobs()
    async with running(lab(emulator.url), tmp_path) as first:
        job = await first.until(await first.submit(), is_(State.QUEUED))
    emulator.start_jobs()
    async with running(lab(emulator.url), tmp_path) as engine:
        while (job := await engine.supervisor.poll_once(job)).state.is_followed:
            pass
        body = await engine.body(job)

        assert job.state is State.COMPLETED
        assert isinstance(body.result, dict) and body.result["prompt"] == "a lake"
        assert not [request for request in emulator.requests(path="/cdn/")]
        assert (await engine.row(job)) == job


class _Deaf(httpx.AsyncBaseTransport):
    """A service that says yes to a cancel and completes nevertheless."""

    def __init__(self) -> None:
        self._was_cancelled = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "POST":
            return _json({"request_id": "one", "status": "IN_QUEUE", "queue_position": 0})
        if path.endswith("/cancel"):
            self._was_cancelled = True
            return _json({"status": "CANCELLATION_REQUESTED"}, 202)
        if path.endswith("/stream"):
            return httpx.Response(405)
        if path.endswith("/status"):
            return _json({"status": "COMPLETED" if self._was_cancelled else "IN_PROGRESS", "logs": []})
        return _json({"output": "done all the same"})


def _json(body: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(body), headers={"content-type": "application/json"})


def test_a_job_far_back_in_its_queue_is_polled_less_often_than_one_that_may_begin_soon() -> None:
    timing, forecast = Timing(), QueueForecast()
    assert forecast.seconds(600, age=10.0) == 0.0  # One place tells nothing.
    assert forecast.seconds(590, age=20.0) == 590.0
    assert timing.poll(20.0, 590.0) == timing.slowest_poll
    assert forecast.seconds(2, age=130.0) < 1.0
    assert timing.poll(130.0, forecast.seconds(2, age=130.0)) == timing.poll(130.0)
    assert forecast.seconds(None, age=150.0) == 0.0
