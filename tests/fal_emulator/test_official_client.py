"""The official Python client runs against the emulator with nothing changed but its base URLs (protocol §10.1)."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_client import client as fal
from fal_client.client import AsyncClient, Completed, InProgress, Queued, StorageSettings, SyncClient
from support.emulator import Emulator
from support.emulator_caller import LAKE

# The client forgets to close what it uploads with.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

REEL = "demo/reel/v2/text-to-video"


@pytest.fixture(autouse=True)
def base_urls(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing that is changed."""
    monkeypatch.setattr(fal, "RUN_URL_FORMAT", f"{emulator.url}/run/")
    monkeypatch.setattr(fal, "QUEUE_URL_FORMAT", f"{emulator.url}/queue/")
    monkeypatch.setattr(fal, "REST_URL", f"{emulator.url}/rest")
    monkeypatch.setattr(fal, "CDN_URL", f"{emulator.url}/cdn")


@pytest.fixture
def client() -> Iterator[SyncClient]:
    """The official client with some key."""
    client = SyncClient(key="any:key")
    yield client
    client._client.close()
    gc.collect()


def test_a_picture_is_made_and_can_be_downloaded(client: SyncClient) -> None:
    result = client.subscribe("demo/sketch/fast", LAKE)

    image = result["images"][0]
    answer = httpx.get(image["url"])
    assert answer.content.startswith(b"\x89PNG")
    assert answer.headers["content-type"] == image["content_type"] == "image/png"
    assert len(answer.content) == image["file_size"]
    assert (image["width"], image["height"]) == (64, 48)


def test_a_subscription_tells_the_queue_the_run_and_the_logs(client: SyncClient, emulator: Emulator) -> None:
    told: list[fal.Status] = []
    lines: list[str] = []

    def on_update(status: fal.Status) -> None:
        told.append(status)
        if isinstance(status, InProgress | Completed):
            lines[:] = [entry["message"] for entry in status.logs or ()]

    result = client.subscribe(REEL, {"prompt": "waves"}, with_logs=True, on_queue_update=on_update, client_timeout=60)

    assert result["video"]["content_type"] == "image/gif"
    assert isinstance(told[0], Queued)
    assert isinstance(told[-1], Completed)
    assert any("40/40" in line for line in lines)
    assert len(emulator.posts(REEL)) == 1


def test_a_submitted_request_is_asked_for_later(client: SyncClient) -> None:
    request_id = client.submit("demo/scribe/chat", {"prompt": "the sea"}).request_id

    assert client.result("demo/scribe/chat", request_id)["output"]
    assert isinstance(client.status("demo/scribe/chat", request_id, with_logs=True), Completed)


def test_a_cancelled_request_raises_at_its_result(client: SyncClient) -> None:
    handle = client.submit("demo/sketch/trainer", {"images_data_url": "https://example.org/a.zip", "trigger_word": "T"})

    handle.cancel()

    with pytest.raises(fal.FalClientHTTPError) as caught:
        handle.get()
    assert caught.value.status_code == 499
    assert caught.value.error_type == "client_cancelled"


def test_a_bad_input_raises_with_the_fields(client: SyncClient) -> None:
    with pytest.raises(fal.FalClientHTTPError) as caught:
        client.subscribe("demo/sketch/fast", {})

    assert caught.value.status_code == 422
    detail: Any = caught.value.message
    assert detail[0]["loc"] == ["body", "prompt"]


def test_a_request_that_cannot_start_in_time_is_not_tried_again(client: SyncClient, emulator: Emulator) -> None:
    with pytest.raises(fal.FalClientHTTPError) as caught:
        client.subscribe(REEL, {"prompt": "waves"}, start_timeout=1.5)

    assert caught.value.status_code == 504
    assert len(emulator.posts(REEL)) == 1


def test_a_direct_call_and_a_stream(client: SyncClient) -> None:
    whole = client.run("demo/scribe/chat", {"prompt": "the sea"})

    parts = list(client.stream("demo/scribe/chat", {"prompt": "the sea"}))
    assert parts[-1] == whole
    assert parts[0]["partial"] is True


def test_bytes_are_uploaded(client: SyncClient) -> None:
    url = client.upload(b"some bytes", "text/plain", file_name="no te.txt", lifecycle=StorageSettings("1d"))

    answer = httpx.get(url)
    assert (answer.content, answer.headers["content-type"]) == (b"some bytes", "text/plain; charset=utf-8")


def test_a_large_file_is_uploaded_in_parts(
    client: SyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, emulator: Emulator
) -> None:
    monkeypatch.setattr(fal, "MULTIPART_THRESHOLD", 1000)
    monkeypatch.setattr(fal, "MULTIPART_CHUNK_SIZE", 700)
    file = tmp_path / "film.mp4"
    file.write_bytes(bytes(n % 251 for n in range(5000)))

    url = client.upload_file(file)

    answer = httpx.get(url)
    assert answer.content == file.read_bytes()
    assert answer.headers["content-type"] == "video/mp4"
    assert len(emulator.requests(method="PUT", path="/multipart/")) == 8


def test_an_upload_falls_back_to_a_signed_address(client: SyncClient) -> None:
    url = client.upload(b"some bytes", "image/png", repository="fal")

    assert httpx.get(url).content == b"some bytes"


async def test_the_asynchronous_client_does_the_same(emulator: Emulator) -> None:
    client = AsyncClient(key="any:key")

    url = await client.upload(b"a picture of somebody else", "image/png", file_name="a.png")
    result = await client.subscribe("demo/clarity/upscale", {"image_url": url, "upscale_factor": 1}, with_logs=True)

    assert set(result) == {"image", "seed", "timings", "caption"}
    await (await client._client).aclose()
