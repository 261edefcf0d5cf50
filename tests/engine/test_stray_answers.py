"""What stands in a service's place for a while, or says what cannot be, ends no job that was paid for."""

import asyncio
import errno
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.engine_process import FAST, LAKE, Engine, content, is_, lab, running
from support.scripted_service import PICTURE, REQUEST_ID, URL, Answer, Far, is_list, is_result, listed, said, waiting

from faldeck.config.credentials import Credential
from faldeck.config.settings import ConfigError, Profile
from faldeck.engine import follow, output_files
from faldeck.engine.events import Trouble
from faldeck.engine.transitions import DOUBTED_AT_FILES
from faldeck.history import HistoryError
from faldeck.job import FileState, Job, State, now

MODEL = "acme/lake"
ALONE = replace(FAST, lease=1.0, renew=0.1)


def plain(status: int, text: str = "404 page not found") -> httpx.Response:
    """What an ingress says while there is nothing behind it."""
    return httpx.Response(status, text=text, headers={"content-type": "text/plain"})


def first(answers: list[httpx.Response]) -> Iterator[Answer]:
    """The answers, and then nothing but good ones."""
    yield from answers
    while True:
        yield None


@pytest.mark.parametrize("stray", [plain(404), said({"message": "no Route matched with those values"}, 404)])
async def test_a_stray_404_in_place_of_a_result_is_asked_past(stray: httpx.Response, tmp_path: Path) -> None:
    strays = first([stray])
    far = Far(lambda request: next(strays) if is_result(request) else None)
    async with running(lab(URL), tmp_path, line=far) as engine:
        job = await engine.until(await engine.submit(MODEL))

        assert (job.state, content(job)) == (State.COMPLETED, [PICTURE])


async def test_a_request_that_the_list_shows_as_running_has_not_expired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "SETTLING_SECONDS", 0.0)
    unknown = first([said({"detail": "Not Found"}, 404)] * 10)
    one = {"request_id": REQUEST_ID, "endpoint_id": MODEL, "sent_at": now().isoformat(), "ended_at": None}

    def says(request: httpx.Request) -> Answer:
        if is_list(request):
            return listed(one)
        return next(unknown) if request.url.path.endswith(("/status", REQUEST_ID)) else None

    async with running(lab(URL), tmp_path, line=Far(says)) as engine:
        job = await engine.until(await engine.submit(MODEL))

        assert job.state is State.COMPLETED


async def test_an_expired_request_is_asked_for_again_when_somebody_wants_it(tmp_path: Path) -> None:
    is_gone = True
    far = Far(lambda request: said({"status": "NOT_FOUND"}, 404) if is_gone and is_result(request) else None)
    async with running(lab(URL), tmp_path, line=far) as engine:
        job = await engine.until(await engine.submit(MODEL))
        assert job.state is State.EXPIRED
        is_gone = False
        again = await engine.supervisor.adopt("lab", MODEL, REQUEST_ID)
        assert again.id == job.id
        job = await engine.until(again)

        assert (job.state, job.error, content(job)) == (State.COMPLETED, None, [PICTURE])
        assert far.asked(MODEL, "POST") == 1


@pytest.mark.parametrize("status", [400, 404, 409, 425])
async def test_a_status_in_place_of_a_result_means_wait_whatever_its_code(status: int, tmp_path: Path) -> None:
    early = first([said({"status": "IN_PROGRESS", "request_id": REQUEST_ID}, status)] * 2)
    far = Far(lambda request: next(early) if is_result(request) else None)
    async with running(lab(URL), tmp_path, line=far) as engine:
        job = await engine.until(await engine.submit(MODEL))

        assert (job.state, content(job)) == (State.COMPLETED, [PICTURE])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
async def test_a_file_whose_link_is_dead_is_given_up_and_the_result_stays(status: int, tmp_path: Path) -> None:
    far = Far(lambda request: plain(status) if request.url.path == "/file.png" else None)
    async with running(lab(URL), tmp_path, line=far) as engine:
        job = await engine.until(await engine.submit(MODEL))
        body = await engine.body(job)

    assert (job.state, [output.state for output in job.outputs]) == (State.COMPLETED, [FileState.FAILED])
    assert body.result == {"images": [{"url": f"{URL}/file.png"}]}
    assert far.asked("/file.png") == (FAST.file_tries + 1 if status in DOUBTED_AT_FILES else 1)


@pytest.mark.parametrize("status", DOUBTED_AT_FILES)
async def test_a_file_that_is_refused_at_first_is_asked_for_again(status: int, tmp_path: Path) -> None:
    strays = first([plain(status)] * 2)
    far = Far(lambda request: next(strays) if request.url.path == "/file.png" else None)
    async with running(lab(URL), tmp_path, line=far) as engine:
        job = await engine.until(await engine.submit(MODEL))

    assert content(job) == [PICTURE]


async def test_a_file_waits_where_too_many_files_are_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = iter([OSError(errno.EMFILE, "Too many open files")] * 9)
    save = output_files.save

    async def save_after_faults(*args: Any) -> int:
        for error in short:
            raise error
        return await save(*args)

    monkeypatch.setattr(output_files, "save", save_after_faults)
    async with running(lab(URL), tmp_path, line=Far()) as engine:
        job = await engine.until(await engine.submit(MODEL))

    assert content(job) == [PICTURE]


async def test_a_link_that_is_none_costs_no_other_file(tmp_path: Path) -> None:
    files = {"images": [{"url": "https://[x/a.png"}, {"url": f"{URL}/file.png"}]}
    far = Far(lambda request: said(files) if is_result(request) else None)
    async with running(lab(URL), tmp_path, line=far) as engine:
        job = await engine.until(await engine.submit(MODEL))

    assert [output.state for output in job.outputs] == [FileState.FAILED, FileState.SAVED]


async def test_a_disk_that_is_nearly_full_is_not_filled_by_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldeck.engine.output_files.SPARED_BYTES", 2**62)
    async with running(lab(URL), tmp_path, line=Far()) as engine:
        job = await engine.until(await engine.submit(MODEL))

    assert [output.state for output in job.outputs] == [FileState.FAILED]
    assert "left on the disk" in str(job.outputs[0].problem)
    assert not list((tmp_path / "outputs").rglob("*.p*"))


async def test_units_that_cannot_be_make_no_sum(tmp_path: Path) -> None:
    units = iter(["1e308", "-1000", "nan", "2"])

    def says(request: httpx.Request) -> Answer:
        if request.method == "POST":
            return said({"request_id": f"r-{len(far.requests)}"})
        is_wanted = "/requests/" in request.url.path and not request.url.path.endswith(("/status", "/stream"))
        return said({"text": "x"}, x_fal_billable_units=next(units)) if is_wanted else None

    far = Far(says)
    async with running(lab(URL), tmp_path, line=far) as engine:
        sums = []
        for _ in range(4):
            job = await engine.until(await _priced(engine, 25))
            assert job.cost
            sums.append(job.cost.total_usd)
        spent = await engine.history.read(lambda store: store.spent_usd(date(2020, 1, 1)))

    assert sums == [None, None, None, 50.0]
    assert spent == 50.0


async def _priced(engine: Engine, unit_price_usd: int) -> Job:
    from faldeck.engine.supervisor import Draft
    from faldeck.job import Cost

    cost = Cost(unit="image", unit_price_usd=Decimal(unit_price_usd))
    return await engine.supervisor.submit(Draft(profile="lab", endpoint_id=MODEL, arguments=LAKE, cost=cost))


# Two who would have the same request


async def test_a_request_whose_answer_is_still_awaited_is_no_stranger(tmp_path: Path) -> None:
    is_answered = asyncio.Event()

    async def posted() -> httpx.Response:
        await is_answered.wait()
        return said({"request_id": REQUEST_ID})

    one = {"request_id": REQUEST_ID, "endpoint_id": MODEL, "sent_at": now().isoformat(), "json_input": LAKE}

    def says(request: httpx.Request) -> Answer:
        return posted() if request.method == "POST" else listed(one) if is_list(request) else None

    far = Far(says)
    async with running(lab(URL), tmp_path, line=far) as engine, running(lab(URL), tmp_path, line=far) as other:
        job = await engine.until(await engine.submit(MODEL), lambda job: job.submitted_at is not None)
        unknown_requests = [past async for past in other.supervisor.unknown_requests("lab", now())]
        is_answered.set()
        job = await engine.until(job)

    assert unknown_requests == []
    assert (job.state, job.request_id) == (State.COMPLETED, REQUEST_ID)


async def test_a_lost_answer_is_not_looked_for_where_an_equal_one_is_still_awaited(tmp_path: Path) -> None:
    is_answered = asyncio.Event()
    posts = 0

    async def posted() -> httpx.Response:
        nonlocal posts
        posts += 1
        if posts == 1:
            raise httpx.ReadError("gone")
        await is_answered.wait()
        return said({"request_id": REQUEST_ID})

    def says(request: httpx.Request) -> Answer:
        one = {"request_id": REQUEST_ID, "endpoint_id": MODEL, "sent_at": now().isoformat(), "json_input": LAKE}
        if is_list(request):
            return listed(one) if posts == 2 else listed()
        return posted() if request.method == "POST" else None

    pace = replace(FAST, looks=(0.0, 0.3, 0.3))
    async with running(lab(URL), tmp_path, line=Far(says), pace=pace) as engine:
        lost = await engine.until(await engine.submit(MODEL), is_(State.UNCONFIRMED))
        twin = await engine.until(await engine.submit(MODEL), lambda job: job.submitted_at is not None)
        lost = await engine.until(lost)
        is_answered.set()
        twin = await engine.until(twin)

    assert (lost.state, lost.request_id) == (State.UNCONFIRMED, None)
    assert (twin.state, twin.request_id) == (State.COMPLETED, REQUEST_ID)


async def test_a_request_that_was_entered_as_another_job_is_left_to_that_one(tmp_path: Path) -> None:
    is_answered = asyncio.Event()

    async def posted() -> httpx.Response:
        await is_answered.wait()
        return said({"request_id": REQUEST_ID})

    far = Far(lambda request: posted() if request.method == "POST" else None)
    async with running(lab(URL), tmp_path, line=far) as engine:
        job = await engine.until(await engine.submit(MODEL), lambda job: job.submitted_at is not None)
        adopted = await engine.supervisor.adopt("lab", MODEL, REQUEST_ID)
        is_answered.set()
        job = await engine.until(job)

        assert (job.state, job.looking_up) == (State.DISMISSED, False)
        assert adopted.id in job.notice
        assert (await engine.until(adopted)).state is State.COMPLETED
        assert engine.troubles == []


async def test_a_direct_call_keeps_its_result_where_a_relay_repeats_an_id(tmp_path: Path) -> None:
    far = Far(lambda request: said({"text": "ok"}, x_fal_request_id="same") if request.method == "POST" else None)
    async with running(lab(URL), tmp_path, line=far) as engine:
        jobs = [await engine.until(await engine.submit(MODEL, mode="sync")) for _ in range(2)]
        results = [(await engine.body(job)).result for job in jobs]

    assert [job.state for job in jobs] == [State.COMPLETED] * 2
    assert results == [{"text": "ok"}] * 2
    assert [job.request_id for job in jobs] == ["same", None]


# Jobs that nobody follows


async def test_a_command_gets_its_job_back_when_the_deck_that_took_it_is_closed(tmp_path: Path) -> None:
    is_done = False
    far = Far(lambda request: waiting() if request.url.path.endswith("/status") and not is_done else None)
    async with running(lab(URL), tmp_path, line=far, pace=ALONE) as command:
        job = await command.until(await command.submit(MODEL), is_(State.QUEUED))
        async with running(lab(URL), tmp_path, line=far, pace=ALONE) as deck:
            await command.history.write(lambda store: store.leases.release(command.supervisor._tasks.holder.name))
            await deck.supervisor.resume()
            async with asyncio.timeout(20):
                while not deck.supervisor._tasks.jobs:
                    await deck.supervisor.resume()
        is_done = True
        async with asyncio.timeout(20):
            job = await command.until(job)

    assert job.state is State.COMPLETED


async def test_keys_that_cannot_be_read_for_a_moment_cost_no_job_its_follower(tmp_path: Path) -> None:
    is_readable, is_done = True, False
    is_told, is_read_again = asyncio.Event(), asyncio.Event()

    def key_of(profile: Profile) -> Credential:
        if not is_readable:
            raise ConfigError("credentials.toml can be read by others")
        if is_told.is_set():
            is_read_again.set()
        return Credential("0f1e2d3c:good", "the test")

    far = Far(lambda request: waiting() if request.url.path.endswith("/status") and not is_done else None)
    pace = replace(FAST, lease=3.0, renew=0.1)
    async with running(lab(URL), tmp_path, line=far, pace=pace, resume=True) as engine, asyncio.timeout(20):
        job = await engine.until(await engine.submit(MODEL), is_(State.QUEUED))
        engine.services._find_key = key_of
        engine.supervisor.events.subscribe(
            lambda event: is_told.set() if isinstance(event, Trouble) and "credentials.toml" in event.sentence else None
        )
        is_readable = False
        await is_told.wait()
        is_readable = True
        await is_read_again.wait()
        is_done = True
        assert (await engine.until(job)).state is State.COMPLETED


async def test_a_job_whose_life_ends_in_an_accident_is_told_of_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accidents = iter([ZeroDivisionError("so it is")])
    complete = follow.complete

    async def fragile(*args: object) -> Job:
        for accident in accidents:
            raise accident
        return await complete(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(follow, "complete", fragile)
    async with running(lab(URL), tmp_path, line=Far(), pace=replace(ALONE, paused=0.01)) as engine:
        async with asyncio.timeout(20):
            job = await engine.until(await engine.submit(MODEL))

        assert job.state is State.COMPLETED
        assert [trouble for trouble in engine.troubles if job.id in trouble and "ZeroDivisionError" in trouble]


async def test_jobs_that_a_full_disk_left_with_nobody_are_followed_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_done = False

    def says(request: httpx.Request) -> Answer:
        if request.method == "POST":
            return said({"request_id": f"r-{far.asked(MODEL, 'POST')}"})
        return waiting() if request.url.path.endswith("/status") and not is_done else None

    far = Far(says)
    async with running(lab(URL), tmp_path, line=far) as engine:
        jobs = [await engine.until(await engine.submit(MODEL), is_(State.QUEUED)) for _ in range(3)]
    async with running(lab(URL), tmp_path, line=far, pace=ALONE) as engine:
        tasks = engine.supervisor._tasks
        recover, refusals = tasks._recover, iter([HistoryError("database or disk is full")])

        async def refused_once(job: Job) -> Job:
            for refusal in refusals:
                raise refusal
            return await recover(job)

        monkeypatch.setattr(tasks, "_recover", refused_once)
        with pytest.raises(HistoryError):
            await engine.supervisor.resume()
        is_done = True
        await engine.supervisor.resume()
        async with asyncio.timeout(20):
            ended = [await engine.until(job) for job in jobs]

    assert [job.state for job in ended] == [State.COMPLETED] * 3


@pytest.mark.parametrize("ends", [("/status", REQUEST_ID), (REQUEST_ID,)], ids=["request", "result"])
async def test_a_single_glance_believes_the_service_that_it_is_gone(
    ends: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "SETTLING_SECONDS", 0.0)
    is_gone = False

    def says(request: httpx.Request) -> Answer:
        if is_gone:
            return said({"status": "NOT_FOUND"}, 404) if request.url.path.endswith(ends) else None
        return waiting() if request.url.path.endswith("/status") else None

    far = Far(says)
    async with running(lab(URL), tmp_path, line=far) as engine:
        job = await engine.until(await engine.submit(MODEL), is_(State.QUEUED))
    is_gone = True
    async with running(lab(URL), tmp_path, line=far) as engine:
        assert (await engine.supervisor.poll_once(job)).state is State.EXPIRED


async def test_a_saved_file_that_is_gone_is_fetched_again_and_one_that_is_there_is_not(tmp_path: Path) -> None:
    async with running(lab(URL), tmp_path, line=Far()) as engine:
        job = await engine.until(await engine.submit(MODEL))
        assert not await engine.supervisor.fetch(job)
        _remove_files(job)
        assert await engine.supervisor.fetch(job)
        assert content(await engine.until(job)) == [PICTURE]


def _remove_files(job: Job) -> None:
    for output in job.outputs:
        Path(output.path or "").unlink()
