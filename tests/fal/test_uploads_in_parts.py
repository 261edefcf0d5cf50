"""Large files on their way up: cut into parts, each sent again by itself, put together by the service."""

import asyncio
import hashlib
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import httpx
import pytest
from support.emulator import Emulator
from support.far_end import KEY, OFFICIAL, answer

from faldeck.fal import errors
from faldeck.fal.errors import Backoff
from faldeck.fal.gateway import Gateway, Hosts
from faldeck.fal.multipart import PartPolicy

SMALL = PartPolicy(whole_up_to=1_000, part_bytes=1_000, backoff=Backoff(first=0.001))
FILM = Random(7).randbytes(10_500)
PARTS = 11
FILE = "https://v3b.fal.media/files/b/0a/film.mp4"
BEGUN = {"access_url": FILE, "uploadId": "up/1"}
SIGNED = {"file_url": FILE, "upload_url": "https://storage.example/up?signature=s"}
TOKEN = {
    "token": "t0k",
    "token_type": "Bearer",
    "base_url": "https://v3b.fal.media",
    "expires_at": "2099-01-01T00:00:00+00:00",
}


class BatchStore(httpx.AsyncBaseTransport):
    """A service that takes parts; it has neither of the two doors unless told so, and loses what it is told to."""

    def __init__(self, *, cdn: bool = True, signed: bool = True) -> None:
        self.parts: dict[int, bytes] = {}
        self.tries: Counter[int] = Counter()
        self.faults: dict[tuple[int, int], Exception | httpx.Response] = {}
        """By number of the part and of the try, from 1."""
        self.named: list[dict[str, object]] = []
        self.requests: list[httpx.Request] = []
        self.busy = self.most_busy = 0
        self.is_full = asyncio.Event()
        """As many parts are under way as may be."""
        self.gate = asyncio.Event()
        self.gate.set()
        self._cdn, self._signed = cdn, signed

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        place = f"{request.method} {request.url}"
        if "auth/token" in place:
            return answer(TOKEN) if self._cdn else answer({}, 404)
        if place.endswith("/files/upload"):
            return answer({"access_url": FILE})
        if place.endswith("/files/upload/multipart"):
            return answer(BEGUN)
        if "initiate-multipart" in place:
            return answer(SIGNED) if self._signed else answer({}, 404)
        if "/complete" in place:
            self.named = json.loads(await request.aread())["parts"]
            return answer({})
        return await self._part(request)

    async def _part(self, request: httpx.Request) -> httpx.Response:
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        if self.busy == SMALL.parallel:
            self.is_full.set()
        try:
            number = int(re.findall(r"/(\d+)(?:\?|$)", str(request.url))[0])
            self.tries[number] += 1
            content = await request.aread()
            await self.gate.wait()
            fault = self.faults.get((number, self.tries[number]))
            if isinstance(fault, Exception):
                raise fault
            if fault is None:
                assert len(content) == int(request.headers["content-length"])
                self.parts[number] = content
            if self._cdn:
                return fault or httpx.Response(200, headers={"etag": f'"tag-{number}"'})
            return fault or answer({"partNumber": number, "etag": f"tag-{number}"})
        finally:
            self.busy -= 1

    @property
    def whole(self) -> bytes:
        """What was put together from the parts that were named."""
        return b"".join(self.parts[int(str(part["partNumber"]))] for part in self.named)

    def service(self, part_policy: PartPolicy = SMALL) -> Gateway:
        return Gateway(OFFICIAL, f"Key {KEY}", transport=self, part_policy=part_policy)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(FILM)
    return path


async def test_a_large_file_goes_to_the_cdn_in_parts(film: Path) -> None:
    shelf = BatchStore()
    assert await shelf.service().upload(film, lifecycle=60) == FILE
    assert shelf.whole == FILM
    assert shelf.named == [{"partNumber": number, "etag": f'"tag-{number}"'} for number in range(1, PARTS + 1)]
    token, begin, *parts, complete = shelf.requests
    assert (begin.method, str(begin.url)) == ("POST", "https://v3b.fal.media/files/upload/multipart")
    assert (begin.headers["content-type"], begin.headers["x-fal-file-name"]) == ("video/mp4", "film.mp4")
    assert json.loads(begin.headers["x-fal-object-lifecycle"]) == {"expiration_duration_seconds": 60}
    assert {str(part.url) for part in parts} == {f"{FILE}/multipart/up%2F1/{n}" for n in range(1, PARTS + 1)}
    assert str(complete.url) == f"{FILE}/multipart/up%2F1/complete"
    assert {request.headers["authorization"] for request in (begin, *parts, complete)} == {"Bearer t0k"}
    assert token.headers["authorization"] == f"Key {KEY}"


async def test_without_a_cdn_the_parts_go_to_a_signed_address(film: Path) -> None:
    shelf = BatchStore(cdn=False)
    assert await shelf.service().upload(film) == FILE
    assert shelf.whole == FILM
    assert [part["etag"] for part in shelf.named] == [f"tag-{number}" for number in range(1, PARTS + 1)]
    _, initiate, *parts, complete = shelf.requests
    assert initiate.url.path == "/storage/upload/initiate-multipart"
    assert json.loads(initiate.content) == {"content_type": "video/mp4", "file_name": "film.mp4"}
    expected = {f"https://storage.example/up/{number}?signature=s" for number in range(1, PARTS + 1)}
    assert {str(part.url) for part in parts} == expected
    assert (complete.method, str(complete.url)) == ("POST", "https://storage.example/up/complete?signature=s")
    assert not [part for part in (*parts, complete) if "authorization" in part.headers]


async def test_a_file_of_just_the_limit_goes_in_one_request(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(FILM)
    shelf = BatchStore()
    await shelf.service(PartPolicy(whole_up_to=len(FILM))).upload(film)
    assert [request.url.path for request in shelf.requests] == ["/storage/auth/token", "/files/upload"]


@pytest.mark.parametrize(
    "fault",
    [httpx.WriteError("reset"), httpx.ConnectError("no route"), answer({"detail": "oh"}, 500), answer({}, 503)],
    ids=["lost", "not sent", "server fault", "busy"],
)
async def test_a_part_that_fails_is_sent_again_and_the_others_are_not(
    film: Path, fault: Exception | httpx.Response
) -> None:
    shelf = BatchStore()
    shelf.faults = {(3, 1): fault, (3, 2): fault}
    told: list[int] = []
    assert await shelf.service().upload(film, progress=lambda sent, total: told.append(sent)) == FILE
    assert shelf.whole == FILM
    assert shelf.tries == {number: 3 if number == 3 else 1 for number in range(1, PARTS + 1)}
    assert told[-1] == max(told) == len(FILM)


async def test_a_part_that_never_arrives_ends_the_upload_and_drops_the_rest(film: Path) -> None:
    shelf = BatchStore()
    shelf.faults = {(2, attempt): httpx.WriteError("reset") for attempt in (1, 2, 3)}
    with pytest.raises(errors.ResponseLost):
        await shelf.service().upload(film)
    assert shelf.tries[2] == 3
    assert (shelf.named, shelf.busy) == ([], 0)


async def test_a_token_that_ends_on_the_way_is_fetched_anew_for_the_parts_that_are_left(film: Path) -> None:
    shelf = BatchStore()
    shelf.faults = {(4, 1): answer({"detail": "token expired"}, 401)}
    assert await shelf.service().upload(film) == FILE
    assert shelf.whole == FILM
    assert len([request for request in shelf.requests if "auth/token" in str(request.url)]) == 2


async def test_parts_go_side_by_side_but_not_all_at_once(film: Path) -> None:
    shelf = BatchStore()
    shelf.gate.clear()
    upload = asyncio.create_task(shelf.service().upload(film))
    await shelf.is_full.wait()
    shelf.gate.set()
    await upload
    assert shelf.most_busy == SMALL.parallel


async def test_cancelling_drops_every_part_at_once(film: Path) -> None:
    shelf = BatchStore()
    shelf.gate.clear()
    upload = asyncio.create_task(shelf.service().upload(film))
    await shelf.is_full.wait()
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert shelf.busy == 0
    assert sum(shelf.tries.values()) == SMALL.parallel


@pytest.fixture
async def service(emulator: Emulator) -> AsyncIterator[Gateway]:
    hosts = Hosts(queue_url=f"{emulator.url}/queue", rest_url=f"{emulator.url}/rest")
    transport = httpx.AsyncHTTPTransport(verify=False)
    async with Gateway(hosts, "Key any", transport=transport, part_policy=SMALL) as gateway:
        yield gateway


async def served(url: str) -> bytes:
    async with httpx.AsyncClient(verify=False) as client:
        return (await client.get(url)).raise_for_status().content


async def test_a_real_service_puts_the_parts_together(service: Gateway, emulator: Emulator, film: Path) -> None:
    content = await served(await service.upload(film))
    assert hashlib.sha256(content).digest() == hashlib.sha256(FILM).digest()
    assert len(emulator.requests(method="PUT", path="/multipart/")) == PARTS


@pytest.mark.parametrize("fault", ["drop-before@upload=0.2", "drop-after@upload=0.2", "503@upload=0.2"])
async def test_parts_arrive_whole_over_a_bad_line(service: Gateway, emulator: Emulator, film: Path, fault: str) -> None:
    emulator.faults(fault)
    while True:
        try:
            url = await service.upload(film)
            break
        except errors.FalError:
            continue  # All tries of one part met the fault; whoever wanted the upload asks again.
    emulator.faults("")
    assert await served(url) == FILM
