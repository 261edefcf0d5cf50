"""Nothing is lost and nothing is paid twice: the way of a request to the service (rules 1 and 2)."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from support import engine_process
from support.emulator import Emulator
from support.engine_process import LAKE, SKETCH, Line, content, is_, lab, running

from faldeck.engine.supervisor import Draft
from faldeck.fal.errors import Busy
from faldeck.history import Duplicate, Query, Store
from faldeck.job import FileState, Job, State, Upload


async def test_a_request_becomes_a_result_on_disk(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())

        body = await engine.body(job)
        (output,) = job.outputs
        assert job.state is State.COMPLETED
        assert job.title == "a lake"
        assert body.arguments == LAKE
        (picture,) = content(job)
        assert output.state is FileState.SAVED
        assert picture.startswith(b"\x89PNG") and len(picture) == output.size_bytes
        assert (output.width, output.height) == (64, 48)
        assert job.cost is not None and job.cost.units == 1
        assert len(emulator.posts(SKETCH)) == 1


async def test_the_row_is_on_disk_before_the_post_leaves(emulator: Emulator, tmp_path: Path) -> None:
    seen = []

    async def look(request: httpx.Request) -> None:
        if request.method == "POST":
            store = Store(tmp_path / "history.db")
            (row,) = store.page(Query(), limit=2)
            seen.append((row.state, row.submitted_at is not None, store.body(row.id).arguments, dict(row.options)))
            store.close()

    async with running(lab(emulator.url), tmp_path, line=Line(watch=look)) as engine:
        await engine.until(await engine.submit(priority="low"))

    assert seen == [(State.SUBMITTING, True, LAKE, {"priority": "low"})]
    assert emulator.posts()[0]["headers"]["x-fal-queue-priority"] == "low"


async def test_a_draft_that_is_submitted_twice_is_one_job(emulator: Emulator, tmp_path: Path) -> None:
    draft = Draft(profile="lab", endpoint_id=SKETCH, arguments=LAKE)
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.supervisor.submit(draft)
        with pytest.raises(Duplicate):
            await engine.supervisor.submit(draft)
        await engine.until(job)

    assert job.id == draft.id
    assert len(emulator.posts(SKETCH)) == 1


@pytest.mark.parametrize("fault", ["drop-before@submit=1x", "drop-after@submit=1x", "truncate@submit=1x"])
async def test_a_submit_whose_answer_is_lost_is_unconfirmed_and_never_sent_again(
    emulator: Emulator, tmp_path: Path, fault: str
) -> None:
    emulator.faults(fault)
    without_list = replace(lab(emulator.url), api_url=None)
    async with running(without_list, tmp_path) as engine:
        job = await engine.until(await engine.submit(), is_(State.UNCONFIRMED))
        assert job.notice.startswith("It may have been accepted: ")
    async with running(without_list, tmp_path, resume=True) as engine:
        await engine.until(await engine.submit())  # By now the first job would have been taken up too.
        assert (await engine.row(job)).state is State.UNCONFIRMED

    assert len(emulator.posts()) == 2


@pytest.mark.parametrize(
    "fault", [httpx.ReadTimeout("slow"), httpx.WriteError("cut"), httpx.RemoteProtocolError("half an answer")]
)
async def test_a_submit_that_may_have_left_is_not_repeated(
    emulator: Emulator, tmp_path: Path, fault: Exception
) -> None:
    async with running(lab(emulator.url), tmp_path, line=(line := Line(fault))) as engine:
        job = await engine.until(await engine.submit())

    assert job.state is State.UNCONFIRMED
    assert [request.method for request in line.requests].count("POST") == 1


@pytest.mark.parametrize("fault", ["html@submit=1x", "500@submit=1x", "nginx@submit=1x", "504@submit=1x"])
async def test_a_broken_answer_to_a_submit_proves_nothing(emulator: Emulator, tmp_path: Path, fault: str) -> None:
    emulator.faults(fault)
    async with running(lab(emulator.url), tmp_path) as engine:
        assert (await engine.until(await engine.submit())).state is State.UNCONFIRMED

    assert len(emulator.posts()) == 1


async def test_without_a_connection_the_submit_waits_and_goes_out_once(emulator: Emulator, tmp_path: Path) -> None:
    line = Line(httpx.ConnectError("no route"), httpx.ConnectTimeout("no answer"))
    async with running(lab(emulator.url), tmp_path, line=line) as engine:
        lived = await engine.lived(await engine.submit())

    assert any(job.state is State.SUBMITTING and job.is_offline and _knows_next_try(job) for job in lived)
    assert lived[-1].state is State.COMPLETED
    assert (lived[-1].waiting, lived[-1].notice) == (None, "")
    assert len(emulator.posts()) == 1


@pytest.mark.parametrize("fault", ["503@submit=2x", "429@submit=1x"])
async def test_a_service_that_is_too_busy_is_asked_again(emulator: Emulator, tmp_path: Path, fault: str) -> None:
    emulator.faults(fault)
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())

    assert job.state is State.COMPLETED
    posts = emulator.posts()
    assert [post["status"] for post in posts][-1] == 200
    assert sum(post["status"] == 200 for post in posts) == 1


def test_the_wish_of_a_busy_service_is_honoured() -> None:
    assert engine_process.FAST.retry(Busy("too many", status=429, retry_after=7), 1) >= 7


@pytest.mark.parametrize(("key", "status"), [("invalid", 401), ("locked", 403)])
async def test_a_refused_key_fails_the_job_at_once(emulator: Emulator, tmp_path: Path, key: str, status: int) -> None:
    async with running(lab(emulator.url), tmp_path, key=key) as engine:
        job = await engine.until(await engine.submit())

    assert job.state is State.FAILED
    assert job.error is not None and job.error.status == status
    assert job.submitted_at is None
    assert len(emulator.posts()) == 1


async def test_an_unknown_model_fails_the_job_at_once(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit("demo/nobody/knows"))

    assert job.state is State.FAILED
    assert job.error is not None and job.error.status == 404
    assert "not found" in job.error.message


async def test_a_job_that_was_withdrawn_is_never_sent(emulator: Emulator, tmp_path: Path) -> None:
    line = Line(*[httpx.ConnectError("no route")] * 1000)
    async with running(lab(emulator.url), tmp_path, line=line) as engine:
        job = await engine.until(await engine.submit(), lambda job: job.waiting is not None)
        await engine.supervisor.withdraw(job)
        job = await engine.row(job)

    assert job.state is State.FAILED
    assert job.error is not None and job.error.type == "not_sent"
    assert emulator.posts() == []


async def test_a_job_that_another_process_sends_is_not_withdrawn(emulator: Emulator, tmp_path: Path) -> None:
    line = Line(*[httpx.ConnectError("no route")] * 1000)
    async with (
        running(lab(emulator.url), tmp_path, line=line) as sender,
        running(lab(emulator.url), tmp_path) as onlooker,
    ):
        job = await sender.until(await sender.submit(), lambda job: job.waiting is not None)
        assert not await onlooker.supervisor.withdraw(job)
        assert (await sender.row(job)).state is State.SUBMITTING


async def test_local_files_are_uploaded_first_and_their_urls_are_sent(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        sketch = await engine.until(await engine.submit())
        picture = str(sketch.outputs[0].path)
        draft = Draft(
            profile="lab",
            endpoint_id="demo/cutout/remove-background",
            arguments={"image_url": picture},
            uploads=[Upload(loc=("image_url",), path=picture)],
        )
        job = await engine.until(await engine.supervisor.submit(draft))
        sent = (await engine.body(job)).arguments["image_url"]

    assert job.state is State.COMPLETED
    assert isinstance(sent, str) and sent.startswith(f"{emulator.url}/cdn/")
    assert job.uploads == ()


async def test_a_file_that_is_not_there_fails_the_job_before_anything_is_sent(
    emulator: Emulator, tmp_path: Path
) -> None:
    draft = Draft(
        profile="lab",
        endpoint_id="demo/cutout/remove-background",
        arguments={"image_url": "gone.png"},
        uploads=[Upload(loc=("image_url",), path=str(tmp_path / "gone.png"))],
    )
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.supervisor.submit(draft))

    assert job.state is State.FAILED
    assert job.error is not None and job.error.type == "not_sent"
    assert emulator.posts() == []


def _knows_next_try(job: Job) -> bool:
    return job.waiting is not None and job.waiting.next_try_at is not None
