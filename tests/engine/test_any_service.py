"""Whatever a service does, a job makes no illegal step, loses no result, is not stuck and is not sent twice."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from support import virtual_time

from faldeck.config.credentials import Credential
from faldeck.config.settings import Config, demo_profile
from faldeck.engine.gateways import Gateways
from faldeck.engine.leases import now_ms
from faldeck.engine.runner import Runner
from faldeck.engine.tasks import Runners
from faldeck.engine.timing import Timing
from faldeck.engine.transitions import recovered
from faldeck.fal.errors import Backoff
from faldeck.history import Lease
from faldeck.job import Job, State, Waiting, headline
from faldeck.job_ids import new_id

WISH = {"prompt": "a lake"}
OUTPUT = {"answer": 42}
REFUSAL = {"detail": [{"loc": ["body", "prompt"], "msg": "too wet", "type": "content_policy_violation"}]}

LEGAL = {
    State.SUBMITTING: {State.QUEUED, State.UNCONFIRMED, State.FAILED},
    State.UNCONFIRMED: {State.QUEUED},
    State.QUEUED: {State.RUNNING, State.COMPLETED, State.FAILED, State.CANCELLED, State.EXPIRED},
    State.RUNNING: {State.QUEUED, State.COMPLETED, State.FAILED, State.CANCELLED, State.EXPIRED},
}
"""The states that may follow each state."""

PATIENCE = 3 * 3600.0
"""Virtual seconds after which a job that is still open is stuck."""

FAULTS = ["connect", "lost", "429", "500", "502", "503", "nginx", "html", "401", "403"]
SUBMITS = ["connect", "429", "503"]
LAST_SUBMITS = ["lost", "lost-after", "500", "html", "html-after", "401", "422", "ok"]
WORDS = ["IN_QUEUE", "IN_PROGRESS", "SETTING_UP"]


@dataclass
class Service(httpx.AsyncBaseTransport):
    """A service that follows a script of faults, and tells the truth once it is through."""

    submits: list[str]
    words: list[str]
    """The statuses that the request goes through before it is completed."""
    ending: str
    """`output`, `refused`, `cancelled`, `kept` or `forgotten`: what is left of the result, and where."""
    stream: str
    faults: dict[str, list[str]]
    """Operation → what goes wrong the next times."""
    posts: int = 0
    accepted: int = 0
    told: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "POST":
            return self._submit()
        kind = "list" if "by-endpoint" in path else path.rpartition("/")[2]
        kind = kind if kind in ("list", "stream", "status") else "result"
        if self.faults[kind]:
            fault = self.faults[kind].pop(0)
            if kind == "list" and fault == "empty":
                return _json(200, {"items": []})
            return _failed(fault)
        return {"list": self._list, "stream": self._streamed, "status": self._status, "result": self._result}[kind]()

    def _submit(self) -> httpx.Response:
        self.posts += 1
        step = self.submits.pop(0)
        if step in ("ok", "lost-after", "html-after"):
            self.accepted += 1
        if step == "ok":
            return _json(200, {"request_id": "r-1", "status": "IN_QUEUE", "queue_position": 0})
        return _failed(step.removesuffix("-after"))

    def _status(self) -> httpx.Response:
        if not self.accepted:
            return _json(404, {"detail": "Request not found"})
        word = self.words.pop(0) if self.words else "COMPLETED"
        return _json(200 if word == "COMPLETED" else 202, {"status": word, "request_id": "r-1", "logs": []})

    def _streamed(self) -> httpx.Response:
        if self.stream == "none":
            return _json(405, {"detail": "Method not allowed"})
        words = [*self.words, "COMPLETED"]
        shown = {"whole": words, "broken": words[:1], "silent": []}[self.stream]
        del self.words[: len(shown)]
        events = "".join(f"data: {json.dumps({'status': word, 'request_id': 'r-1'})}\n\n" for word in shown)
        return httpx.Response(200, text=events, headers={"content-type": "text/event-stream"})

    def _result(self) -> httpx.Response:
        if self.words:
            return _json(400, {"detail": "Request is still in progress"})
        match self.ending:
            case "output":
                return _json(200, OUTPUT)
            case "refused":
                return _json(422, REFUSAL)
            case "cancelled":
                return _json(499, {"detail": "Request cancelled by the client.", "error_type": "client_cancelled"})
            case _:
                return _json(404, {"detail": "Request not found"})

    def _list(self) -> httpx.Response:
        item = {
            "request_id": "r-1",
            "endpoint_id": "demo/sketch/fast",
            "sent_at": virtual_time.EPOCH.isoformat(),
            "status_code": 200,
            "json_input": WISH,
            "json_output": OUTPUT if self.ending == "kept" and not self.words else None,
        }
        return _json(200, {"items": [item] if self.accepted else []})


def _json(status: int, body: Any) -> httpx.Response:
    return httpx.Response(status, json=body)


def _failed(fault: str) -> httpx.Response:
    match fault:
        case "connect":
            raise httpx.ConnectError("no route")
        case "lost":
            raise httpx.ReadTimeout("silence")
        case "nginx" | "html":
            return httpx.Response(502 if fault == "nginx" else 200, html="<html>nginx</html>")
        case "early":
            return _json(200, {"detail": "Request is still in progress"})
        case "422":
            return _json(422, REFUSAL)
        case _:
            headers = {"retry-after": "3"} if fault == "429" else {}
            return httpx.Response(int(fault), json={"detail": f"It is a {fault}"}, headers=headers)


@st.composite
def services(draw: st.DrawFn) -> Service:
    """Any service."""
    some = st.lists(st.sampled_from(FAULTS), max_size=5)
    # The same 5xx for a third time would be how the request ended.
    results = draw(st.lists(st.sampled_from([*FAULTS, "early"]), max_size=5, unique=True))
    return Service(
        submits=[*draw(st.lists(st.sampled_from(SUBMITS), max_size=3)), draw(st.sampled_from(LAST_SUBMITS))],
        words=draw(st.lists(st.sampled_from(WORDS), max_size=5)),
        ending=draw(st.sampled_from(["output", "refused", "cancelled", "kept", "forgotten"])),
        stream=draw(st.sampled_from(["none", "whole", "broken", "silent"])),
        faults={
            "stream": draw(some),
            "status": draw(some),
            "result": results,
            "list": draw(st.lists(st.sampled_from([*FAULTS, "empty"]), max_size=6)),
        },
    )


@settings(max_examples=300)
@given(service=services(), deaths=st.sets(st.integers(0, 12), max_size=3))
def test_a_job_ends_as_its_request_did(service: Service, deaths: set[int]) -> None:
    list_faults = set(service.faults["list"])
    answer_is_known = service.submits[-1] == "ok"
    with (
        tempfile.TemporaryDirectory() as folder,
        virtual_time.clock(
            "faldeck.engine.error_meaning",
            "faldeck.engine.follow",
            "faldeck.engine.send_modes",
            "faldeck.engine.transitions",
        ) as loop,
    ):
        lived = loop.run_virtually(asyncio.wait_for(_life(service, Path(folder), deaths), PATIENCE))

    last = lived[-1]
    steps = [(one.state, other.state) for one, other in pairwise(lived) if one.state != other.state]
    assert all(after in LEGAL[before] for before, after in steps), steps
    assert not last.is_open
    assert service.accepted <= 1
    ends = {
        "output": {State.COMPLETED},
        "refused": {State.FAILED},
        "cancelled": {State.CANCELLED},
        "kept": {State.COMPLETED, State.EXPIRED} if list_faults & {"401", "403", "empty"} else {State.COMPLETED},
        "forgotten": {State.EXPIRED},
    }[service.ending]
    if not service.accepted:
        assert last.state in (State.UNCONFIRMED, State.FAILED)
    elif (answer_is_known and not deaths) or not list_faults & {"401", "403", "empty"}:
        assert last.state in ends
    else:
        assert last.state in {State.UNCONFIRMED, *ends}


async def _life(service: Service, folder: Path, deaths: set[int]) -> list[Job]:
    """The snapshots of a job whose process dies and is succeeded after those snapshots."""
    history = virtual_time.Inline(folder / "history.db")
    profile = demo_profile("http://127.0.0.1:1")
    config = Config(output_dir=folder).with_profile(profile)
    gateways = Gateways(config, find_key=lambda profile: Credential("any:key", "the test"), transport=service)
    pace = Timing(backoff=Backoff(jitter=0))
    job = Job(
        id=new_id(),
        profile=profile.name,
        endpoint_id="demo/sketch/fast",
        state=State.SUBMITTING,
        created_at=virtual_time.EPOCH,
        title=headline(WISH),
    )
    await history.write(lambda store: store.add(job, WISH, lease=Lease("one", now_ms() + 10**9)))
    lived = [job]
    while True:
        runner = Runners(history, gateways, config, pace, "one").runner_for(profile.name)
        async for snapshot in _until_death(runner, lived[-1], deaths, len(lived)):
            kept = await history.read(lambda store: store.job(job.id))
            assert kept is not None and kept._replace(created_at=job.created_at) == _as_kept(snapshot)
            lived.append(snapshot)
        if len(lived) - 1 not in deaths:
            break
        deaths.discard(len(lived) - 1)
        heir = recovered(lived[-1])
        await history.write(lambda store, heir=heir: store.save(heir))  # type: ignore[misc]
        lived.append(heir)
        if not heir.is_open:
            break
    await gateways.close()
    history.close()
    return lived


async def _until_death(runner: Runner, job: Job, deaths: set[int], number: int) -> AsyncIterator[Job]:
    async for snapshot in runner.run(job):
        yield snapshot
        if number in deaths:
            return
        number += 1


def _as_kept(job: Job) -> Job:
    """A snapshot as the disk gives it back: instants in milliseconds."""

    def rounded(part: Job | Waiting, name: str) -> Any:
        at = getattr(part, name)
        return at and at.replace(microsecond=round(at.microsecond, -3) % 1_000_000)

    times = {name: rounded(job, name) for name in ("submitted_at", "started_at", "completed_at")}
    waiting = job.waiting and job.waiting._replace(next_try_at=rounded(job.waiting, "next_try_at"))
    return job._replace(**times, waiting=waiting)
