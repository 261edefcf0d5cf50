"""One glance at a job without an event loop: what it tells, and what it leaves to the engine."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from support.emulator import Emulator

from faldeck.engine import brief
from faldeck.fal import plain
from faldeck.fal.client import Gateway
from faldeck.fal.urls import Hosts
from faldeck.fal.values import Submitted
from faldeck.history import Lease, Store
from faldeck.job import FileState, Job, Mode, Output, State, new_id, now

SKETCH = "demo/sketch/fast"
KEY = "Key 0f1e2d3c:a-good-secret"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


@pytest.fixture
def queued(emulator: Emulator, store: Store) -> Job:
    """A job that waits in the emulator's queue, as it was when it was submitted."""

    async def submitted() -> Job:
        async with Gateway(Hosts(f"{emulator.url}/queue"), KEY) as gateway:
            taken = await gateway.submit(SKETCH, {"prompt": "a lake"})
        assert isinstance(taken, Submitted)
        request = taken.request
        bare = Job(id=new_id(), profile="lab", endpoint_id=SKETCH, state=State.QUEUED, created_at=now())
        return replace(
            bare,
            request_id=request.request_id,
            status_url=request.status_url,
            response_url=request.response_url,
            submitted_at=now(),
            queue_position=99,
        )

    emulator.hold_jobs()
    job = asyncio.run(submitted())
    store.add(job, {"prompt": "a lake"})
    return store.job(job.id) or job


@pytest.fixture
def glance(emulator: Emulator, store: Store) -> Callable[[Job], Job | None]:
    return lambda job: brief.glance(store, job, queue_url=f"{emulator.url}/queue", authorization=KEY)


def test_a_request_that_waits_is_told_and_recorded(
    queued: Job, store: Store, glance: Callable[[Job], Job | None], emulator: Emulator
) -> None:
    told = glance(queued)

    assert told is not None and told.state is State.QUEUED
    assert told.queue_position != 99
    assert store.job(queued.id) == told
    assert len(emulator.requests(path="/status")) == 1


def test_what_says_nothing_new_changes_nothing(queued: Job, store: Store, glance: Callable[[Job], Job | None]) -> None:
    told = glance(queued)
    assert told is not None
    before = store.version()

    assert glance(told) == told
    assert store.version() == before


def test_the_end_of_a_request_is_left_to_the_engine(
    queued: Job, store: Store, glance: Callable[[Job], Job | None], emulator: Emulator
) -> None:
    emulator.start_jobs()
    while glance(queued) is not None:
        pass

    kept = store.job(queued.id)
    assert kept is not None and kept.state.is_followed


def test_a_job_that_another_process_follows_is_told_as_it_records_it(
    queued: Job, store: Store, glance: Callable[[Job], Job | None]
) -> None:
    far = round(now().timestamp() * 1000) + 60_000
    assert store.leases.claim(Lease("another", far), [queued.id], ["lab"], far - 60_000)

    assert glance(queued) == queued == store.job(queued.id)


def test_the_job_is_free_again_afterwards(queued: Job, store: Store, glance: Callable[[Job], Job | None]) -> None:
    glance(queued)
    instant = round(now().timestamp() * 1000)

    assert store.leases.claim(Lease("another", instant + 60_000), [queued.id], ["lab"], instant)


def test_what_is_no_request_in_a_queue_is_left_to_the_engine(
    queued: Job, glance: Callable[[Job], Job | None], emulator: Emulator
) -> None:
    for job in (
        replace(queued, request_id=None),
        replace(queued, state=State.COMPLETED),
        replace(queued, options={"mode": Mode.SYNC.value}),
    ):
        assert glance(job) is None
    assert emulator.requests(path="/status") == []


@pytest.fixture
def echo() -> Iterator[tuple[str, list[str]]]:
    """A service that repeats whatever key it is sent, and the paths that it was asked for."""
    asked: list[str] = []

    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = f'{{"status": "IN_QUEUE", "said": "{self.headers["Authorization"]}"}}'.encode()
            self.send_response(302 if self.path == "/away" else 200)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_key_goes_home_and_nowhere_else(echo: tuple[str, list[str]]) -> None:
    url, asked = echo

    for home in ("https://queue.fal.run", url.replace("127.0.0.1", "localhost"), url.replace("http", "https")):
        assert plain.ask(f"{url}/status", home=home, authorization=KEY) is None
    assert plain.ask("http://relay.invalid/status", home="http://relay.invalid", authorization=KEY) is None
    assert asked == []


@pytest.mark.parametrize("path", ["/status", "/away"])
def test_an_answer_that_repeats_the_key_or_points_elsewhere_is_none(echo: tuple[str, list[str]], path: str) -> None:
    url, asked = echo

    assert plain.ask(f"{url}{path}", home=url, authorization=KEY) is None
    assert asked == [path]
    assert path == "/away" or plain.ask(f"{url}{path}", home=url, authorization="Key short") is not None


def test_where_nobody_listens_there_is_no_answer(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"

    assert plain.ask(f"{url}/status", home=url, authorization=KEY) is None


def test_a_proxy_is_left_to_whoever_knows_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setattr(plain, "_connection", lambda *words: pytest.fail("it was asked"))

    assert plain.ask("https://relay.invalid/status", home="https://relay.invalid", authorization=KEY) is None


def test_a_job_that_its_follower_has_ended_meanwhile_stays_ended(
    queued: Job, store: Store, glance: Callable[[Job], Job | None]
) -> None:
    waiting = Output(at="images[0]", url="http://127.0.0.1:1/a.png", state=FileState.WAITING)
    ended = replace(queued, state=State.COMPLETED, completed_at=now(), outputs=(waiting,))
    store.save(ended)

    glance(queued)

    kept = store.job(queued.id)
    assert kept is not None
    assert (kept.state, kept.outputs) == (State.COMPLETED, (waiting,))
