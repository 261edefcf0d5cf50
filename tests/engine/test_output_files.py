"""The files of a result come to disk whole, once, and over nothing (rule 6)."""

import base64
import json
import os
import sqlite3
from pathlib import Path

import httpx
import pytest
from support.emulator import Emulator
from support.engine_process import LAKE, SKETCH, asked, content, lab, left_in, running

from faldeck.config.settings import ConfigError, check_output_name
from faldeck.history import rows
from faldeck.job import FileState, State

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR, not much of a picture"


async def test_every_file_is_the_services_own_byte_for_byte(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(SKETCH, {**LAKE, "num_images": 3}))

    assert content(job) == [asked(output.url).content for output in job.outputs]
    assert len({output.path for output in job.outputs}) == 3
    assert left_in(tmp_path / "outputs") == sorted(str(output.path) for output in job.outputs)


async def test_files_are_named_by_the_template(emulator: Emulator, tmp_path: Path) -> None:
    name = "{model}/{date}/{request_id}_{index}.{ext}"
    async with running(lab(emulator.url), tmp_path, output_name=name) as engine:
        job = await engine.until(await engine.submit())

    day = job.created_at.astimezone().strftime("%Y-%m-%d")
    planned = tmp_path / "outputs" / "demo-sketch-fast" / day / f"{job.request_id}_1.png"
    assert job.outputs[0].path == str(planned)
    assert len(content(job)[0]) == job.outputs[0].size_bytes


@pytest.mark.parametrize("template", ["{nobody}.{ext}", "{index", "{index.real}", "{}"])
def test_a_template_that_nobody_can_fill_is_refused(template: str) -> None:
    with pytest.raises(ConfigError, match="cannot name output files"):
        check_output_name(template)


async def test_a_file_that_was_cut_short_is_gone_on_with(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("truncate@file=1x")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())

    first, second = emulator.requests(path="/cdn/")
    assert "range" not in first["headers"]
    assert second["headers"]["range"].startswith("bytes=") and second["headers"]["range"] != "bytes=0-"
    assert second["status"] == 206
    assert content(job) == [asked(job.outputs[0].url).content]


@pytest.mark.parametrize("fault", ["drop-before@file=2x", "503@file=1x", "nginx@file=1x"])
async def test_a_fault_on_the_way_of_a_file_is_waited_out(emulator: Emulator, tmp_path: Path, fault: str) -> None:
    emulator.faults(fault)
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())

    assert content(job) == [asked(job.outputs[0].url).content]
    assert (job.waiting, job.notice) == (None, "")


async def test_a_file_that_is_not_ours_is_never_written_over(emulator: Emulator, tmp_path: Path) -> None:
    treasure = tmp_path / "outputs" / "picture.png"
    treasure.parent.mkdir()
    treasure.write_bytes(b"somebody's work")
    async with running(lab(emulator.url), tmp_path, output_name="picture.{ext}") as engine:
        job = await engine.until(await engine.submit())

    assert treasure.read_bytes() == b"somebody's work"
    assert job.outputs[0].path == str(treasure.with_name("picture-2.png"))
    assert content(job) == [asked(job.outputs[0].url).content]


async def test_a_picture_inside_the_result_is_decoded_to_a_file(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        inline = await engine.until(await engine.submit(SKETCH, {**LAKE, "seed": 7, "sync_mode": True}))
        linked = await engine.until(await engine.submit(SKETCH, {**LAKE, "seed": 7}))

    assert inline.outputs[0].url is None
    assert inline.outputs[0].path is not None and inline.outputs[0].path.endswith(".png")
    assert content(inline) == content(linked)
    assert len(emulator.requests(path="/cdn/")) == 1


async def test_outputs_are_left_where_they_are_until_they_are_asked_for(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path, download="manual") as engine:
        job = await engine.until(await engine.submit())
        assert [output.state for output in job.outputs] == [FileState.REMOTE]
        assert emulator.requests(path="/cdn/") == []

        await engine.supervisor.fetch(job)
        job = await engine.until(job)

    assert [output.state for output in job.outputs] == [FileState.SAVED]
    assert content(job) == [asked(job.outputs[0].url).content]


async def test_a_file_that_is_gone_fails_alone_and_can_be_fetched_again(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("expired@file")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())
        assert job.state is State.COMPLETED
        assert job.outputs[0].state is FileState.FAILED and job.outputs[0].problem
        assert job.outputs[0].gone_ms and job.completed_at
        assert job.outputs[0].gone_ms >= int(job.completed_at.timestamp() * 1000)

        emulator.faults("")
        await engine.supervisor.fetch(job)
        job = await engine.until(job)

    assert job.outputs[0].state is FileState.SAVED and job.outputs[0].problem is None
    assert job.outputs[0].gone_ms is None
    assert content(job) == [asked(job.outputs[0].url).content]


async def test_where_a_link_is_gone_the_one_of_the_accounts_list_is_fetched(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())
        url = job.outputs[0].url
        os.remove(job.outputs[0].path or "")
        lost = job.outputs[0]._replace(url=f"{emulator.url}/cdn/files/b/none/gone.png", gone_ms=1)
        with sqlite3.connect(tmp_path / "history.db") as database:
            database.execute("UPDATE job SET outputs_json = ?", (rows.dumps([lost._asdict()]),))
        database.close()
        gone = await engine.row(job)

        await engine.supervisor.fetch(gone)
        job = await engine.until(gone)

    assert (job.outputs[0].state, job.outputs[0].url, job.outputs[0].gone_ms) == (FileState.SAVED, url, None)
    assert content(job) == [asked(url).content]


async def test_a_folder_that_cannot_be_written_fails_the_file_and_not_the_job(
    emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "outputs").write_text("a file where the folder should be")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())
        assert job.state is State.COMPLETED
        assert job.outputs[0].state is FileState.FAILED and "Not a directory" in str(job.outputs[0].problem)

        (tmp_path / "outputs").unlink()
        await engine.supervisor.fetch(job)
        job = await engine.until(job)

    assert content(job) == [asked(job.outputs[0].url).content]


async def test_the_same_url_twice_is_one_file(tmp_path: Path) -> None:
    service = _Service({"images": [{"url": "https://files.invalid/a.png"}, {"url": "https://files.invalid/a.png"}]})
    async with running(lab("http://127.0.0.1:1"), tmp_path, line=service) as engine:
        job = await engine.until(await engine.submit())

    assert content(job) == [PNG]
    assert service.fetched == ["https://files.invalid/a.png"]


async def test_a_hostile_file_name_stays_in_the_folder(tmp_path: Path) -> None:
    service = _Service({"file": {"url": "https://files.invalid/x", "file_name": "../../../\x1b[2Jetc/passwd"}})
    name = "{name}.{ext}"
    async with running(lab("http://127.0.0.1:1"), tmp_path, line=service, output_name=name) as engine:
        job = await engine.until(await engine.submit())

    (output,) = job.outputs
    assert output.path is not None and output.path.isprintable()
    assert Path(output.path).parent == tmp_path / "outputs"
    assert content(job) == [PNG]


async def test_base64_without_a_type_becomes_a_picture(tmp_path: Path) -> None:
    service = _Service({"data": [{"b64_json": base64.b64encode(PNG).decode()}]})
    async with running(lab("http://127.0.0.1:1"), tmp_path, line=service) as engine:
        job = await engine.until(await engine.submit())

    assert job.outputs[0].path is not None and job.outputs[0].path.endswith(".png")
    assert content(job) == [PNG]


class _Service(httpx.AsyncBaseTransport):
    """Completes every request at once with the result it was made with, and serves one picture."""

    def __init__(self, result: object) -> None:
        self._result = result
        self.fetched: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "files.invalid":
            self.fetched.append(str(request.url))
            return httpx.Response(200, content=PNG, headers={"content-type": "image/png"})
        if request.method == "POST":
            return httpx.Response(200, content=json.dumps({"request_id": "one"}))
        if request.url.path.endswith("/stream"):
            return httpx.Response(405)
        if request.url.path.endswith("/status"):
            return httpx.Response(200, content=json.dumps({"status": "COMPLETED"}))
        return httpx.Response(200, content=json.dumps(self._result))
