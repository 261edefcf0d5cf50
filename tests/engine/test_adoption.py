"""A request made elsewhere gets its true times, and is not asked for what the account's list has shown already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from support.emulator import Emulator
from support.engine_process import LAKE, SKETCH, content, lab, running

from faldeck.engine import adoption
from faldeck.fal.values import JSON, PastRequest, RequestHandle
from faldeck.history import Store
from faldeck.history.record import Record
from faldeck.job import FileState, Job, State, now
from faldeck.job_ids import first_number, id_number
from faldeck.query import Query

SENT = datetime(2026, 3, 1, 8, 30, 1, 250_000, tzinfo=UTC)
PICTURE = "https://v3.fal.media/files/a.png"
PAST = PastRequest(
    request_id="6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11",
    endpoint_id="fal-ai/flux/dev",
    sent_at="2026-03-01T08:30:01.25Z",
    started_at="2026-03-01T08:30:05Z",
    ended_at="2026-03-01T08:30:08Z",
    status_code=200,
    duration_seconds=7.0,
    arguments={"prompt": "a lake"},
    output={"images": [{"url": PICTURE, "width": 64, "height": 48}]},
)


def adopted(past: PastRequest | None, request_id: str = PAST.request_id) -> Record:
    url = f"https://queue.fal.run/fal-ai/flux/requests/{request_id}"
    request = RequestHandle(request_id, "fal-ai/flux/dev", f"{url}/status", url, f"{url}/cancel")
    return adoption.adopted("fal", request, past, {}, hosts=("https://queue.fal.run",), fetch_files=True)


def version_7(at: datetime) -> str:
    """A request id of version 7, made at a time."""
    head = f"{round(at.timestamp() * 1000):012x}"
    return f"{head[:8]}-{head[8:]}-7abc-9def-0123456789ab"


def begins_at(job: Job, at: datetime) -> bool:
    """Whether the id of a job stands for a millisecond."""
    ms = round(at.timestamp() * 1000)
    return first_number(ms) <= id_number(job.id) < first_number(ms + 1)


def test_what_the_list_shows_whole_is_a_finished_job_with_its_times() -> None:
    record = adopted(PAST)
    job = record.job

    assert (job.state, job.title, job.input_known) == (State.COMPLETED, "a lake", True)
    assert job.created_at == job.submitted_at == SENT and begins_at(job, SENT)
    assert job.started_at == SENT.replace(second=5, microsecond=0)
    assert job.completed_at == SENT.replace(second=8, microsecond=0)
    assert [(output.url, output.state) for output in job.outputs] == [(PICTURE, FileState.WAITING)]
    assert record.body.result == PAST.output


def test_a_listed_failure_is_the_models_error() -> None:
    body: JSON = {"detail": [{"loc": ["body", "prompt"], "msg": "too long", "type": "value_error"}]}
    record = adopted(PAST._replace(status_code=422, output=body))

    assert record.job.state is State.FAILED and record.body.result == body
    assert record.job.error is not None and record.job.error.fields[0].message == "too long"
    assert record.job.completed_at == SENT.replace(second=8, microsecond=0)


def test_what_still_runs_or_has_no_stored_output_is_followed_with_its_times() -> None:
    running_one = adopted(PAST._replace(ended_at=None, status_code=None, output=None)).job
    forgotten = adopted(PAST._replace(output=None)).job

    assert running_one.state is forgotten.state is State.QUEUED
    assert running_one.completed_at is None and running_one.created_at == SENT
    assert forgotten.completed_at == SENT.replace(second=8, microsecond=0)


def test_the_same_request_gets_the_same_id_everywhere_and_others_of_its_millisecond_another() -> None:
    other = adopted(PAST, "00000000-1d0e-4c39-9a55-0d6a8f6e2c11")

    assert adopted(PAST) == adopted(PAST)
    assert adopted(PAST).job.id != other.job.id
    assert adoption.with_other_id(other, 1).job.id not in (other.job.id, adopted(PAST).job.id)
    assert begins_at(adoption.with_other_id(other, 1).job, SENT)


def test_without_the_list_a_request_id_of_version_7_tells_the_time() -> None:
    job = adopted(None, version_7(SENT)).job

    assert job.created_at == job.submitted_at == SENT and begins_at(job, SENT)
    assert job.started_at is None and job.completed_at is None


@pytest.mark.parametrize(
    "request_id",
    [
        PAST.request_id,
        "not-a-uuid",
        version_7(datetime(1999, 1, 1, tzinfo=UTC)),
        version_7(datetime(2199, 1, 1, tzinfo=UTC)),
    ],
)
def test_any_other_request_id_tells_none(request_id: str) -> None:
    job = adopted(None, request_id).job

    assert abs(job.created_at - now()) < timedelta(minutes=1)


def test_no_job_is_of_a_time_to_come() -> None:
    ahead = (now() + timedelta(hours=3)).isoformat()

    assert adopted(PAST._replace(sent_at=ahead)).job.created_at <= now()


def made_elsewhere(emulator: Emulator) -> str:
    headers = {"Authorization": "Key 0f1e2d3c:good"}
    answer = httpx.post(f"{emulator.url}/queue/{SKETCH}", json=LAKE, headers=headers, verify=False).json()
    while httpx.get(answer["status_url"], headers=headers, verify=False).status_code == 202:
        pass
    return str(answer["request_id"])


async def test_what_the_list_shows_costs_no_further_request_but_its_files(emulator: Emulator, tmp_path: Path) -> None:
    request_id = made_elsewhere(emulator)
    before = len(emulator.requests(path="/queue/"))
    async with running(lab(emulator.url), tmp_path) as engine:
        since = now() - timedelta(minutes=5)
        (past,) = [
            one
            async for one in engine.supervisor.unknown_requests("lab", since, [SKETCH])
            if one.request_id == request_id
        ]
        job = await engine.until(await engine.supervisor.adopt("lab", SKETCH, request_id, past=past))
        body = await engine.body(job)

    assert len(emulator.requests(path="/queue/")) == before
    assert job.state is State.COMPLETED and len(content(job)) == 1
    assert body.arguments == LAKE and body.result == past.output
    assert job.created_at == datetime.fromisoformat(past.sent_at)
    assert job.outputs[0].path is not None
    assert f"{job.created_at.astimezone():%Y-%m-%d}" in job.outputs[0].path
    with_later = Store(tmp_path / "history.db")
    assert [one.id for one in with_later.page(Query(), limit=9)] == [job.id]
    with_later.close()
