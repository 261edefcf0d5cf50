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

from faldeck.engine import follow, output_files
from faldeck.engine.error_meaning import DOUBTED_AT_FILES
from faldeck.job import FileState, Job, State, now

MODEL = "acme/lake"


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
