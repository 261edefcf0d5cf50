"""An odd address in the answer to a submit, or an odd id, ends nothing but itself (protocol §9.2)."""

from pathlib import Path

import pytest
from support.engine_process import running
from support.raw_service import CompletedService, http

from faldeck.app import wording
from faldeck.fal.values import Cancellation
from faldeck.job import State
from faldeck.system import log_file

REQUEST = "/queue/some/model/requests/request-1"
"""The path of a request by the rule (protocol §9.2)."""

NOTHING_THERE = {
    "404": http(b'{"detail":"Not Found"}', status="404 Not Found", kind="application/json"),
    "404 in plain text": http(b"no such page", status="404 Not Found", kind="text/plain"),
    "410": http(b'{"detail":"Request has expired"}', status="410 Gone", kind="application/json"),
    "a web page": http(b"<html>Welcome</html>", kind="text/html"),
    "405": http(b"", status="405 Method Not Allowed"),
    "a redirect": http(b"", "Location: /login", status="302 Found"),
}

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
    assert f"points to {location}, which is not followed" in wording.notice(first)
    assert not log_file.path().exists(), "an unexpected error is logged"
    assert service.submits == 2
    assert engine.troubles == []


@pytest.mark.parametrize("answer", NOTHING_THERE.values(), ids=NOTHING_THERE)
@pytest.mark.parametrize("names", [["response_url"], ["status_url", "response_url"], ["status_url"]], ids="+".join)
async def test_an_address_with_nothing_behind_it_gives_way_to_the_one_by_the_rule(
    tmp_path: Path, names: list[str], answer: bytes
) -> None:
    given = {name: f"{{url}}/queue/elsewhere/{name}/request-1" for name in names}
    pages = {f"/queue/elsewhere/{name}/request-1{query}": [answer] for name in names for query in ("", "?logs=1")}
    with CompletedService({"output": "done"}, pages, **given).serving() as service:
        async with running(service.profile(), tmp_path) as engine:
            job = await engine.until(await engine.submit("some/model", {"prompt": "a lake"}))
            log = [line.message for line in await engine.logs(job)]

    assert (job.state, job.error) == (State.COMPLETED, None)
    assert service.submits == 1
    if "response_url" in names:
        assert job.response_url == f"{service.url}{REQUEST}"
        assert any("addresses that the service gave" in line for line in log)


async def test_an_address_by_the_rule_that_cannot_be_asked_now_is_waited_for(tmp_path: Path) -> None:
    down = http(b"<html>nginx</html>", status="502 Bad Gateway", kind="text/html")
    pages = {
        "/queue/elsewhere/request-1": [NOTHING_THERE["410"]],
        REQUEST: [down, down, down, down, http(b'{"output":"done"}', kind="application/json")],
    }
    with CompletedService({}, pages, response_url="{url}/queue/elsewhere/request-1").serving() as service:
        async with running(service.profile(), tmp_path) as engine:
            job = await engine.until(await engine.submit("some/model", {"prompt": "a lake"}))

    assert (job.state, job.response_url) == (State.COMPLETED, f"{service.url}{REQUEST}")


async def test_addresses_that_both_lead_nowhere_end_the_job_as_expired(tmp_path: Path) -> None:
    pages = {"/queue/elsewhere/request-1": [NOTHING_THERE["404"]], REQUEST: [NOTHING_THERE["404"]]}
    with CompletedService({}, pages, response_url="{url}/queue/elsewhere/request-1").serving() as service:
        async with running(service.profile(), tmp_path) as engine:
            job = await engine.until(await engine.submit("some/model", {"prompt": "a lake"}))

    assert (job.state, job.response_url) == (State.EXPIRED, f"{service.url}/queue/elsewhere/request-1")
    assert service.count("GET", REQUEST) >= 1


async def test_a_job_looked_at_once_is_asked_about_by_the_rule_before_it_is_expired(tmp_path: Path) -> None:
    pages = {"/queue/elsewhere/request-1": [NOTHING_THERE["404"]]}
    with CompletedService(
        {"output": "done"}, pages, response_url="{url}/queue/elsewhere/request-1"
    ).serving() as service:
        async with running(service.profile(), tmp_path, resume=False) as engine:
            job = await engine.submit("some/model", {"prompt": "a lake"})
            job = await engine.until(job, lambda job: job.request_id is not None)
            await engine.supervisor._tasks.stop(job.id)
            job = await engine.supervisor.poll_once(job)

    assert job.state is State.COMPLETED


@pytest.mark.parametrize("answer", NOTHING_THERE.values(), ids=NOTHING_THERE)
async def test_a_cancel_where_there_is_nothing_is_asked_by_the_rule(tmp_path: Path, answer: bytes) -> None:
    pages = {
        "/queue/elsewhere/request-1": [answer],
        f"{REQUEST}/status?logs=1": [http(b'{"status":"IN_QUEUE"}', status="202 Accepted", kind="application/json")],
        f"{REQUEST}/cancel": [
            http(b'{"status":"CANCELLATION_REQUESTED"}', status="202 Accepted", kind="application/json")
        ],
    }
    with CompletedService({}, pages, cancel_url="{url}/queue/elsewhere/request-1").serving() as service:
        async with running(service.profile(), tmp_path) as engine:
            job = await engine.submit("some/model", {"prompt": "a lake"})
            job = await engine.until(job, lambda job: job.request_id is not None)
            said = await engine.supervisor.cancel(job)

    assert said is Cancellation.REQUESTED
    assert service.count("PUT", f"{REQUEST}/cancel") == 1
