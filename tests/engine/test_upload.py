"""A job's own files: brought to the service before anything is sent, told in the row, never sent twice."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.emulator import Emulator
from support.engine_process import FAST, Line, lab, running
from support.upload_jobs import CUTOUT, PICTURE, SENT, sent_url, submit, without_pauses, write_picture

from faldeck.engine.supervisor import Draft
from faldeck.engine.upload import DATA_URI_BYTES, Uploader
from faldeck.fal.submit_options import Stay
from faldeck.history import Store
from faldeck.job import Job, State, Upload, Waiting, WaitingKind


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return write_picture(tmp_path)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pauses(monkeypatch)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[Waiting]:
    """Every wait that is written to disk, however short it is."""
    written: list[Waiting] = []
    save = Store.save

    def noted(self: Store, job: Job, **options: Any) -> None:
        if job.waiting:
            written.append(job.waiting)
        save(self, job, **options)

    monkeypatch.setattr(Store, "save", noted)
    return written


class Held(Line):
    """A line on which an upload stops after half of the file, until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.half = asyncio.Event()
        self.let_go = asyncio.Event()
        self.is_dropped = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith(SENT):
            return await super().handle_async_request(request)
        assert isinstance(request.stream, httpx.AsyncByteStream)
        try:
            chunks = [chunk async for chunk in self._halted(request.stream)]
        except asyncio.CancelledError:
            self.is_dropped = True
            raise
        whole = httpx.Request(request.method, request.url, headers=request.headers, content=b"".join(chunks))
        return await super().handle_async_request(whole)

    async def _halted(self, stream: httpx.AsyncByteStream) -> AsyncIterator[bytes]:
        taken = 0
        async for chunk in stream:
            if taken == len(PICTURE) // 2:
                self.half.set()
                await self.let_go.wait()
            taken += len(chunk)
            yield chunk


async def test_the_row_says_how_far_an_upload_is(emulator: Emulator, tmp_path: Path, picture: Path) -> None:
    async with running(lab(emulator.url), tmp_path, line=(line := Held())) as engine:
        job = await submit(engine, picture)
        halted = await engine.until(job, lambda job: job.progress == "uploading 50 % of photo.png")
        assert halted.state is State.SUBMITTING
        assert emulator.posts() == []
        line.let_go.set()
        job = await engine.until(job)

    assert (job.state, job.uploads) == (State.COMPLETED, ())


async def test_a_cancel_ends_the_upload_and_nothing_is_sent(emulator: Emulator, tmp_path: Path, picture: Path) -> None:
    async with running(lab(emulator.url), tmp_path, line=(line := Held())) as engine:
        job = await submit(engine, picture)
        await line.half.wait()
        await engine.supervisor.cancel(job)
        job = await engine.until(job)

    assert job.state is State.CANCELLED
    assert line.is_dropped
    assert emulator.posts() == []


async def test_uploads_hold_up_no_other_job_of_the_same_host(emulator: Emulator, tmp_path: Path, picture: Path) -> None:
    pace = replace(FAST, lanes=2)
    async with running(lab(emulator.url), tmp_path, line=(line := Held()), pace=pace) as engine:
        uploading = [await submit(engine, picture) for _ in range(3)]
        await line.half.wait()
        other = await engine.until(await engine.submit())
        line.let_go.set()
        done = [await engine.until(job) for job in uploading]

    assert {job.state for job in (other, *done)} == {State.COMPLETED}


async def test_quitting_does_not_wait_for_an_upload(emulator: Emulator, tmp_path: Path, picture: Path) -> None:
    async with running(lab(emulator.url), tmp_path, line=(line := Held())) as engine:
        job = await submit(engine, picture)
        await line.half.wait()
    assert line.is_dropped
    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        job = await engine.until(job)

    assert job.state is State.FAILED
    assert job.error is not None and job.error.type == "not_sent"
    assert emulator.posts() == []


async def test_a_job_whose_file_failed_is_resumed_by_its_rerun(
    emulator: Emulator, tmp_path: Path, picture: Path
) -> None:
    late = tmp_path / "late.png"
    async with running(lab(emulator.url), tmp_path) as engine:
        failed = await engine.until(await submit(engine, picture, late))
        body = await engine.body(failed)
        assert failed.state is State.FAILED
        assert failed.uploads == (Upload(loc=("others", 0), path=str(late)),)
        assert body.arguments["others"] == [str(late)]
        late.write_bytes(b"another")
        draft = Draft(profile="lab", endpoint_id=CUTOUT, arguments=body.arguments, uploads=failed.uploads)
        again = await engine.until(await engine.supervisor.submit(draft))

    assert again.uploads == ()
    assert len(emulator.requests(path=SENT)) == 2


@pytest.mark.parametrize("fault", ["drop-after@upload=4x", "503@upload=4x", "429@upload=1x", "500@upload=4x"])
async def test_a_fault_on_the_way_is_told_and_survived(
    emulator: Emulator, tmp_path: Path, picture: Path, waits: list[Waiting], fault: str
) -> None:
    emulator.faults(fault)
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await submit(engine, picture))

    assert (job.state, job.waiting, job.notice) == (State.COMPLETED, None, "")
    assert any(wait.next_try_at for wait in waits)
    assert len(emulator.posts(CUTOUT)) == 1


async def test_without_a_connection_an_upload_waits(
    emulator: Emulator, tmp_path: Path, picture: Path, waits: list[Waiting]
) -> None:
    line = Line(*[httpx.ConnectError("no route")] * 2)
    async with running(lab(emulator.url), tmp_path, line=line) as engine:
        job = await engine.until(await submit(engine, picture))

    assert job.state is State.COMPLETED
    assert any(wait.kind is WaitingKind.OFFLINE and wait.next_try_at for wait in waits)


@pytest.mark.parametrize("key", ["invalid", "locked"])
async def test_a_refused_key_fails_the_job_before_the_submit(
    emulator: Emulator, tmp_path: Path, picture: Path, key: str
) -> None:
    async with running(lab(emulator.url), tmp_path, key=key) as engine:
        job = await engine.until(await submit(engine, picture))

    assert job.state is State.FAILED
    assert job.error is not None and job.error.type == "not_sent"
    assert emulator.posts() == []


@pytest.mark.parametrize(("name", "words"), [("gone.png", "There is no file"), ("", "is a folder, not a file.")])
async def test_what_is_no_file_fails_the_job_with_a_sentence(
    emulator: Emulator, tmp_path: Path, name: str, words: str
) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await submit(engine, tmp_path / name))

    assert job.state is State.FAILED
    assert job.error is not None and words in job.error.message
    assert emulator.posts() == []


async def test_a_tilde_is_the_persons_home(emulator: Emulator, tmp_path: Path, isolation: Path) -> None:
    (isolation / "photo.png").write_bytes(PICTURE)
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await submit(engine, "~/photo.png"))
        content = httpx.get(await sent_url(engine, job), verify=False).content  # noqa: ASYNC210

    assert content == PICTURE


# A relay without storage


async def test_without_storage_a_small_file_goes_inside_the_request(
    emulator: Emulator, tmp_path: Path, picture: Path
) -> None:
    relay = replace(lab(emulator.url), rest_url=None)
    async with running(relay, tmp_path) as engine:
        job = await engine.until(await submit(engine, picture))
        sent = await sent_url(engine, job)

    assert job.state is State.COMPLETED
    head, _, data = sent.partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data) == PICTURE
    assert emulator.requests(path="/rest/") == []


async def test_without_storage_a_large_file_is_refused(emulator: Emulator, tmp_path: Path) -> None:
    large = tmp_path / "film.mp4"
    with large.open("wb") as file:
        file.truncate(DATA_URI_BYTES + 1)
    async with running(replace(lab(emulator.url), rest_url=None), tmp_path) as engine:
        job = await engine.until(await submit(engine, large))

    assert job.state is State.FAILED
    assert job.error is not None and "film.mp4 is too large: this profile has no storage" in job.error.message
    assert emulator.posts() == []


async def test_a_sound_inside_a_request_has_the_type_that_apps_take(emulator: Emulator, tmp_path: Path) -> None:
    sound = tmp_path / "sound.wav"
    sound.write_bytes(b"RIFF\x24\0\0\0WAVEfmt ")
    async with running(replace(lab(emulator.url), rest_url=None), tmp_path) as engine:
        own = Uploader(engine.history, engine.services.gateway("lab"), "lab")
        assert (await own.value(sound, Stay())).startswith("data:audio/x-wav;base64,")
