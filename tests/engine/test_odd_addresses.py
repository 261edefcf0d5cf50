"""An odd address in the answer to a submit, or an odd id, ends nothing but itself (protocol §9.2)."""

from pathlib import Path

import pytest
from support.engine_process import running
from support.raw_service import CompletedService, http

from faldeck.app import wording
from faldeck.job import State

ODD = (
    "https://queue.example:port/x/requests/request-1",
    "https://queue.example:99999999/x/requests/request-1",
    "https://xn--0.example/x/requests/request-1",
    "http://[zz]/requests/request-1",
    "ftp://queue.example/requests/request-1",
    "{url}:port/queue/x/requests/request-1",
)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["status_url", "response_url", "cancel_url"])
async def test_a_job_with_an_odd_address_is_asked_about_where_it_must_be(tmp_path: Path, name: str, odd: str) -> None:
    with CompletedService({"output": "done"}, {}, **{name: odd}).serving() as service:
        async with running(service.profile(), tmp_path) as engine:
            job = await engine.until(
                await engine.submit("some/model", {"prompt": "a lake"}),
                lambda job: not job.is_open or bool(wording.notice(job)),
            )

    assert (job.state, job.waiting, job.notice) == (State.COMPLETED, None, "")
    assert service.submits == 1
    assert engine.troubles == []


@pytest.mark.parametrize("location", ["https://x:port/", "https://xn--0.example/", "http://[zz]/", "ftp://x/"])
async def test_a_result_that_is_elsewhere_is_told_and_stops_no_other_job(tmp_path: Path, location: str) -> None:
    moved = {"/queue/some/model/requests/request-1": [http(b"", f"Location: {location}", status="302 Found")]}
    with CompletedService({"output": "done"}, moved).serving() as service:
        async with running(service.profile(), tmp_path) as engine:
            first = await engine.submit("some/model", {"prompt": "a lake"})
            first = await engine.until(first, lambda job: not job.is_open or bool(wording.notice(job)))
            second = await engine.until(await engine.submit("some/model", {"prompt": "a hill"}))

    assert (first.request_id, second.state) == ("request-1", State.COMPLETED)
    assert "not foreseen" not in f"{wording.notice(first)}{first.error}"
    assert service.submits == 2
    assert engine.troubles == []
