"""The official Python client runs against the emulator with nothing changed but its base URLs (protocol §10.1)."""

from collections.abc import Iterator

import httpx
import pytest
from conftest import Emulator
from fal_client import client as fal
from fal_client.client import SyncClient


@pytest.fixture
def client(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[SyncClient]:
    """The official client pointed at the emulator."""
    monkeypatch.setattr(fal, "RUN_URL_FORMAT", f"{emulator.url}/run/")
    monkeypatch.setattr(fal, "QUEUE_URL_FORMAT", f"{emulator.url}/queue/")
    monkeypatch.setattr(fal, "REST_URL", f"{emulator.url}/rest")
    monkeypatch.setattr(fal, "CDN_URL", f"{emulator.url}/cdn")
    client = SyncClient(key="any:key")
    yield client
    client._client.close()


def test_a_picture_is_made_and_can_be_downloaded(client: SyncClient) -> None:
    result = client.subscribe("demo/sketch/fast", {"prompt": "a lake", "image_size": "square"})

    image = result["images"][0]
    answer = httpx.get(image["url"])
    assert answer.content.startswith(b"\x89PNG")
    assert answer.headers["content-type"] == image["content_type"] == "image/png"
    assert len(answer.content) == image["file_size"]
    assert (image["width"], image["height"]) == (512, 512)
