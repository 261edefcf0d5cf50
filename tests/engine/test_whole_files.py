"""A file is whole or it is not saved, and one that cannot be had stops no other (rules 3 and 6)."""

import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.engine_process import content, left_in, running
from support.raw_service import PNG, CompletedService, SilentHost, http

from faldeck.engine import output_files
from faldeck.job import FileState, Job, State

HALF = PNG[: len(PNG) // 2]
PROMISED = {"url": "{url}/a.png", "content_type": "image/png"}


async def made(folder: Path, result: Any, files: dict[str, list[bytes]]) -> tuple[Job, CompletedService]:
    """A job with this result, once it is over, and its service."""
    with CompletedService(result, files).serving() as service:
        async with running(service.profile(), folder) as engine:
            job = await engine.until(await engine.submit("some/model", {"prompt": "a lake"}))
    assert job.state is State.COMPLETED
    assert service.submits == 1
    return job, service


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http(b""), "An empty answer"),
        (http(b"", "Content-Length: 0", status="204 No Content"), "An empty answer"),
        (http(b'{"detail": "gone"}', kind="application/json"), "JSON came instead of the picture"),
        (http(b'{"detail": "gone"}', kind="image/png"), "JSON came instead of the picture"),
        (http(b"<html>Sign in</html>", kind="text/html"), "A web page came instead of the picture"),
        (http(b"it is gone", kind="text/plain; charset=utf-8"), "A text came instead of the picture"),
        (http(HALF, f"Content-Length: {len(PNG)}"), "gave no whole answer"),
        (http(HALF + b"\r\n", "Transfer-Encoding: chunked"), "gave no whole answer"),
    ],
)
async def test_what_is_not_the_file_is_not_saved_and_tried_again(tmp_path: Path, answer: bytes, said: str) -> None:
    job, service = await made(tmp_path, {"images": [PROMISED]}, {"/a.png": [answer]})

    (output,) = job.outputs
    assert output.state is FileState.FAILED and said in (output.problem or "")
    assert len(service.fetched) > 1
    assert left_in(tmp_path / "outputs") == []


@pytest.mark.parametrize("answer", [http(b""), http(b"{}", kind="application/json"), http(HALF, "Content-Length: 99")])
async def test_a_file_that_comes_whole_at_the_second_try_is_saved(tmp_path: Path, answer: bytes) -> None:
    job, _ = await made(tmp_path, {"images": [PROMISED]}, {"/a.png": [answer, http()]})

    assert content(job) == [PNG]
    assert left_in(tmp_path / "outputs") == [job.outputs[0].path]


async def test_a_saved_picture_has_its_sides_even_where_the_service_names_none(tmp_path: Path) -> None:
    picture = PNG[:16] + struct.pack(">II", 640, 480)
    bare, told = {"url": "{url}/a.png"}, {"url": "{url}/b.png", "width": 8, "height": 6}
    job, _ = await made(tmp_path, {"images": [bare, told]}, {"/a.png": [http(picture)], "/b.png": [http(picture)]})

    assert [(output.width, output.height) for output in job.outputs] == [(640, 480), (8, 6)]


@pytest.mark.parametrize("declared", [len(PNG) - 1, len(PNG) + 1])
async def test_a_file_of_another_size_than_declared_is_not_saved(tmp_path: Path, declared: int) -> None:
    job, service = await made(tmp_path, {"images": [{**PROMISED, "file_size": declared}]}, {"/a.png": [http()]})

    (output,) = job.outputs
    assert output.state is FileState.FAILED
    assert (output.size_bytes, output.declared_bytes) == (len(PNG), declared)
    assert f"{declared:,}" in (output.problem or "")
    assert len(service.fetched) > 1


async def test_the_declared_size_is_kept_beside_the_found_one(tmp_path: Path) -> None:
    job, _ = await made(tmp_path, {"images": [{**PROMISED, "file_size": len(PNG)}]}, {"/a.png": [http()]})

    assert [(one.state, one.size_bytes, one.declared_bytes) for one in job.outputs] == [
        (FileState.SAVED, len(PNG), len(PNG))
    ]


async def test_a_text_is_saved_where_a_text_was_promised(tmp_path: Path) -> None:
    result = {"file": {"url": "{url}/x.json"}, "image": {"url": "{url}/x.svg"}}
    files = {"/x.json": [http(b"{}", kind="application/json")], "/x.svg": [http(b"<svg/>", kind="image/svg+xml")]}
    job, _ = await made(tmp_path, result, files)

    assert content(job) == [b"{}", b"<svg/>"]


@pytest.mark.parametrize(
    "odd",
    [
        "https://files.example:port/a.png",
        "https://files.example:99999999/a.png",
        "https://xn--0.example/a.png",
        "https://xn--a/a.png",
        "https://[zz]/a.png",
        "https://a..b.example/a.png",
        f"https://{'a' * 70}.example/a.png",
        "http://169.254.169.254.:port/a.png",
    ],
)
async def test_an_odd_address_ends_its_file_alone(tmp_path: Path, odd: str) -> None:
    result = {"images": [{"url": odd, "content_type": "image/png"}, PROMISED]}
    job, _ = await made(tmp_path, result, {"/a.png": [http()]})

    assert [output.state for output in job.outputs] == [FileState.FAILED, FileState.SAVED]
    assert "not a web address" in (job.outputs[0].problem or "")
    assert Path(job.outputs[1].path or "").name.endswith(".png")


@pytest.mark.parametrize(
    "location", ["https://files.example:port/", "https://xn--0.example/", "http://[zz]/", "ftp://x/"]
)
async def test_a_redirect_to_what_is_no_address_ends_its_file_alone(tmp_path: Path, location: str) -> None:
    moved = http(b"", f"Location: {location}", status="302 Found")
    files = {"/odd.png": [moved], "/a.png": [http()]}
    job, service = await made(tmp_path, {"images": [{"url": "{url}/odd.png"}, PROMISED]}, files)

    assert job.outputs[1].state is FileState.SAVED
    assert (job.outputs[0].state, service.fetched.count("/odd.png")) == (FileState.FAILED, 1)
    assert "redirects to" in (job.outputs[0].problem or "")


async def test_a_host_without_an_address_ends_its_file_alone(tmp_path: Path) -> None:
    result = {"images": [{"url": "https://no-such-host.invalid/a.png"}, PROMISED]}
    job, _ = await made(tmp_path, result, {"/a.png": [http()]})

    assert [output.state for output in job.outputs] == [FileState.FAILED, FileState.SAVED]
    assert "no-such-host.invalid" in (job.outputs[0].problem or "")


async def test_a_file_that_does_not_come_keeps_no_other_waiting(tmp_path: Path) -> None:
    with CompletedService({}, {"/silent.png": [b""]}).serving() as silent:
        result = {"images": [{"url": f"{silent.url}/silent.png"}, PROMISED]}
        with CompletedService(result, {"/a.png": [http()]}).serving() as service:
            async with running(service.profile(), tmp_path) as engine:
                submitted = await engine.submit("some/model", {"prompt": "a lake"})
                job = await engine.until(
                    submitted, lambda job: any(output.state is FileState.SAVED for output in job.outputs)
                )

    assert [output.state for output in job.outputs] == [FileState.FETCHING, FileState.SAVED]


async def test_a_service_elsewhere_leads_nobody_to_this_machine(tmp_path: Path) -> None:
    from faldeck.fal import errors
    from faldeck.fal.gateway import Gateway, Hosts

    with SilentHost().serving() as there:
        async with Gateway(Hosts("https://queue.fal.run"), None) as gateway:
            with pytest.raises(errors.ForeignHost, match="this machine or its network"):
                async with gateway.download(f"{there.url}/a.png"):
                    pass
        assert there.connections == 0


async def test_a_reservation_that_a_killed_process_left_is_taken_up(tmp_path: Path) -> None:
    """The part is there, and the row does not know of it yet."""
    from faldeck.engine.output_files import OutputFolder

    with CompletedService({"images": [PROMISED]}, {"/a.png": [http()]}).serving() as service:
        async with running(service.profile(), tmp_path, download="manual") as engine:
            job = await engine.until(await engine.submit("some/model", {"prompt": "a lake"}))
            OutputFolder(tmp_path / "outputs", "picture.{ext}").reserve(job, 0)
        async with running(service.profile(), tmp_path, output_name="picture.{ext}") as engine:
            await engine.supervisor.fetch(job)
            job = await engine.until(job)

    assert left_in(tmp_path / "outputs") == [str(tmp_path / "outputs" / "picture.png")]
    assert content(job) == [PNG]


async def test_a_reservation_of_another_job_is_left_alone(tmp_path: Path) -> None:
    from faldeck.engine.output_files import OutputFolder

    job, _ = await made(tmp_path, {"images": [PROMISED, {**PROMISED, "url": "{url}/a.png?2"}]}, {"/a.png": [http()]})
    folder = OutputFolder(tmp_path / "others", "picture.{ext}")
    assert [folder.reserve(job, 0).name, folder.reserve(job, 1).name] == ["picture.png", "picture-2.png"]
    assert [folder.reserve(job, 0).name, folder.reserve(job, 1).name] == ["picture.png", "picture-2.png"]


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own that is full."""
    folder = tmp_path / "outputs"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        (folder / "ballast").write_bytes(b"x" * 2**16)
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("spared", [0, 256 * 2**20])
async def test_a_full_output_disk_is_told_and_the_file_is_fetched_when_there_is_room(
    full_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spared: int
) -> None:
    monkeypatch.setattr(output_files, "SPARED_BYTES", spared)
    with CompletedService({"images": [PROMISED]}, {"/a.png": [http()]}).serving() as service:
        async with running(service.profile(), tmp_path) as engine:
            job = await engine.until(await engine.submit("some/model", {"prompt": "a lake"}))
            assert (job.state, job.outputs[0].state) == (State.COMPLETED, FileState.FAILED)
            assert "No space left" in (job.outputs[0].problem or "")
            assert engine.troubles == []

            (full_disk / "ballast").unlink()
            monkeypatch.setattr(output_files, "SPARED_BYTES", 0)
            assert await engine.supervisor.fetch(job)
            job = await engine.until(job)

    assert content(job) == [PNG]
    assert left_in(full_disk) == [job.outputs[0].path]


@pytest.mark.parametrize(
    "answer",
    [
        http(b"", status="500 Fault"),
        http(b"", status="429 Busy"),
        http(b"", status="302 Found"),
        http(b"", status="304 -"),
    ],
)
async def test_a_file_whose_host_only_has_faults_keeps_nobody_waiting(tmp_path: Path, answer: bytes) -> None:
    job, service = await made(tmp_path, {"images": [PROMISED]}, {"/a.png": [answer]})

    (output,) = job.outputs
    assert output.state is FileState.FAILED and output.problem
    assert len(service.fetched) > 3


async def test_a_size_of_zero_is_no_declared_size(tmp_path: Path) -> None:
    job, _ = await made(tmp_path, {"images": [{**PROMISED, "file_size": 0}]}, {"/a.png": [http()]})

    assert content(job) == [PNG]
