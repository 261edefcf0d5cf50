"""Files on the wire: streamed up from disk, fetched in parts, never with the key."""

import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from far import KEY, OFFICIAL, Far, answer, gateway

from faldeck.fal import errors, storage
from faldeck.fal.download import Download
from faldeck.fal.gateway import Gateway, Hosts

TOKEN = {
    "token": "t0k",
    "token_type": "Bearer",
    "base_url": "https://v3b.fal.media",
    "expires_at": "2099-01-01T00:00:00+00:00",
}
UPLOADED = {"access_url": "https://v3b.fal.media/files/b/0a/cat.png", "uploaded": True}
INITIATED = {"upload_url": "https://v3b.fal.media/files/b/0a/cat.png?signature=s", "file_url": UPLOADED["access_url"]}
PICTURE = bytes(range(256)) * 4_000
FILE = "https://v3b.fal.media/files/b/0a/x.png"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "Kätzchen im Schnee.png"
    path.write_bytes(PICTURE)
    return path


async def test_a_file_goes_to_the_cdn_in_one_request(picture: Path) -> None:
    far = Far(answer(TOKEN), answer(UPLOADED))
    url = await gateway(far).upload(picture, lifecycle=3600)
    assert url == UPLOADED["access_url"]
    assert far.asked == [
        ("POST", "https://rest.fal.ai/storage/auth/token?storage_type=fal-cdn-v3"),
        ("POST", "https://v3b.fal.media/files/upload"),
    ]
    assert far.keys == [f"Key {KEY}", "Bearer t0k"]
    assert far.requests[0].content == b"{}"
    sent = far.requests[1]
    assert await sent.aread() == PICTURE
    assert sent.headers["content-length"] == str(len(PICTURE))
    assert sent.headers["content-type"] == "image/png"
    assert sent.headers["x-fal-file-name"] == "Katzchen_im_Schnee.png"
    assert json.loads(sent.headers["x-fal-object-lifecycle"]) == {"expiration_duration_seconds": 3600}
    assert sent.headers["x-fal-object-lifecycle-preference"] == sent.headers["x-fal-object-lifecycle"]


async def test_name_and_type_can_be_given(picture: Path) -> None:
    far = Far(answer(TOKEN), answer(UPLOADED))
    await gateway(far).upload(picture, content_type="image/webp", file_name="mask.webp")
    assert far.requests[1].headers["content-type"] == "image/webp"
    assert far.requests[1].headers["x-fal-file-name"] == "mask.webp"


async def test_the_profiles_own_cdn_is_used(picture: Path) -> None:
    far = Far(answer(TOKEN), answer(UPLOADED))
    await gateway(far, replace(OFFICIAL, cdn_url="https://cdn.example/")).upload(picture)
    assert far.asked[1] == ("POST", "https://cdn.example/files/upload")


class ReadingTransport(httpx.AsyncBaseTransport):
    """Reads the body piece by piece, as a server does, and keeps how large the pieces were."""

    def __init__(self, far: Far) -> None:
        self._far = far
        self.pieces: list[int] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        self.pieces = [len(piece) async for piece in request.stream]
        return self._far(request)


async def test_a_file_is_read_in_pieces_and_its_progress_told(picture: Path) -> None:
    transport = ReadingTransport(Far(answer(TOKEN), answer(UPLOADED)))
    told: list[tuple[int, int]] = []
    async with Gateway(OFFICIAL, f"Key {KEY}", transport=transport) as service:
        await service.upload(picture, progress=lambda sent, total: told.append((sent, total)))
    assert max(transport.pieces) <= storage.CHUNK_BYTES
    assert sum(transport.pieces) == len(PICTURE)
    assert [sent for sent, _ in told] == sorted({sent for sent, _ in told})
    assert told[-1] == (len(PICTURE), len(PICTURE))


@pytest.mark.parametrize(
    "steps",
    [
        (answer({"detail": "Not Found"}, 404),),
        (httpx.Response(200, html="<h1>hello</h1>"),),
        (answer({"token": "t", "base_url": "http://evil.example"}),),
        (answer({"token": "t"}),),
        (answer(TOKEN), answer({"detail": "no"}, 500)),
        (answer(TOKEN), answer({"uploaded": True})),
    ],
)
async def test_without_a_cdn_door_the_older_two_steps_are_taken(
    picture: Path, steps: tuple[httpx.Response, ...]
) -> None:
    far = Far(*steps, answer(INITIATED), httpx.Response(200))
    assert await gateway(far).upload(picture) == INITIATED["file_url"]
    initiate, put = far.requests[-2:]
    assert str(initiate.url) == "https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3"
    assert json.loads(initiate.content) == {"content_type": "image/png", "file_name": "Katzchen_im_Schnee.png"}
    assert (put.method, str(put.url)) == ("PUT", INITIATED["upload_url"])
    assert "authorization" not in put.headers
    assert await put.aread() == PICTURE


@pytest.mark.parametrize(("status", "kind"), [(401, errors.Unauthorized), (403, errors.Forbidden), (429, errors.Busy)])
async def test_a_refused_key_is_not_tried_at_the_other_door(
    picture: Path, status: int, kind: type[errors.FalError]
) -> None:
    far = Far(answer({"detail": "no"}, status))
    with pytest.raises(kind):
        await gateway(far).upload(picture)
    assert len(far.requests) == 1


async def test_a_lost_line_is_not_tried_at_the_other_door(picture: Path) -> None:
    far = Far(answer(TOKEN), httpx.WriteError("reset"))
    with pytest.raises(errors.AnswerLost):
        await gateway(far).upload(picture)
    assert len(far.requests) == 2


async def test_an_upload_url_in_the_clear_is_not_used(picture: Path) -> None:
    far = Far(answer({}, 404), answer({**INITIATED, "upload_url": "http://evil.example/put"}))
    with pytest.raises(errors.Unreadable, match="upload_url"):
        await gateway(far).upload(picture)


async def test_a_profile_without_storage_says_so(picture: Path) -> None:
    far = Far(answer(TOKEN))
    with pytest.raises(errors.NotOffered, match="rest_url"):
        await gateway(far, Hosts("https://relay.example")).upload(picture)
    assert far.requests == []


async def test_a_missing_file_is_the_disks_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await gateway(Far(answer(TOKEN))).upload(tmp_path / "none.png")


async def fetched(far: Far, **options: Any) -> tuple[Download, bytes]:
    async with gateway(far).download(FILE, **options) as download:
        return download, b"".join([chunk async for chunk in download.chunks])


async def test_a_whole_file_comes_with_its_facts() -> None:
    far = Far(httpx.Response(200, content=b"picture", headers={"content-type": "image/png", "etag": '"v1"'}))
    download, content = await fetched(far)
    assert (download.offset, download.total, download.content_type, download.etag) == (0, 7, "image/png", '"v1"')
    assert content == b"picture"
    assert "range" not in far.requests[0].headers
    assert far.requests[0].headers["accept-encoding"] == "identity"
    assert far.keys == [None]


async def test_a_part_is_gone_on_with() -> None:
    far = Far(httpx.Response(206, content=b"ture", headers={"content-range": "bytes 3-6/7"}))
    download, content = await fetched(far, offset=3, etag='"v1"')
    assert (download.offset, download.total, content) == (3, 7, b"ture")
    assert far.requests[0].headers["range"] == "bytes=3-"
    assert far.requests[0].headers["if-range"] == '"v1"'


async def test_a_server_that_does_not_resume_sends_all() -> None:
    download, content = await fetched(Far(httpx.Response(200, content=b"picture")), offset=3)
    assert (download.offset, download.total, content) == (0, 7, b"picture")


async def test_a_file_that_is_whole_already_gives_nothing_more() -> None:
    far = Far(httpx.Response(416, headers={"content-range": "bytes */7"}))
    download, content = await fetched(far, offset=7)
    assert (download.offset, download.total, content) == (7, 7, b"")
    assert len(far.requests) == 1


@pytest.mark.parametrize("place", ["bytes */5", "bytes */*", "", "nonsense"])
async def test_a_part_that_is_longer_than_the_file_is_begun_anew(place: str) -> None:
    far = Far(httpx.Response(416, headers={"content-range": place}), httpx.Response(200, content=b"other"))
    download, content = await fetched(far, offset=7)
    assert (download.offset, content) == (0, b"other")
    assert "range" not in far.requests[1].headers


@pytest.mark.parametrize("place", ["", "bytes x-y/z", "bytes 3-6/" + "9" * 5_000])
async def test_a_part_of_unknown_place_is_not_taken(place: str) -> None:
    with pytest.raises(errors.Unreadable, match="which part"):
        await fetched(Far(httpx.Response(206, content=b"ture", headers={"content-range": place})), offset=3)


async def test_a_length_is_unknown_where_none_is_said() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"pic"
        yield b"ture"

    download, content = await fetched(Far(httpx.Response(200, content=body())))
    assert (download.total, content) == (None, b"picture")


async def test_a_compressed_length_is_not_taken_for_the_files() -> None:
    packed = gzip.compress(b"picture" * 100)
    far = Far(lambda _: httpx.Response(200, content=packed, headers={"content-encoding": "gzip"}))
    download, content = await fetched(far)
    assert (download.total, content) == (None, b"picture" * 100)


async def test_a_file_that_is_gone_is_not_found() -> None:
    with pytest.raises(errors.NotFound):
        await fetched(Far(httpx.Response(404, html="<h1>gone</h1>")))


async def test_a_file_may_be_elsewhere() -> None:
    far = Far(answer({}, 302, location="https://storage.example/x"), httpx.Response(200, content=b"picture"))
    assert (await fetched(far))[1] == b"picture"


@pytest.mark.parametrize("location", ["ftp://storage.example/x", FILE])
async def test_a_redirect_to_nowhere_ends(location: str) -> None:
    far = Far(answer({}, 302, location=location))
    with pytest.raises(errors.ForeignHost):
        await fetched(far)
    assert len(far.requests) <= 6


async def test_a_line_that_breaks_while_reading_is_told() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"pic"
        raise httpx.RemoteProtocolError("peer closed connection")

    with pytest.raises(errors.AnswerLost):
        await fetched(Far(httpx.Response(200, content=body())))


async def test_a_full_disk_is_not_a_network_fault() -> None:
    with pytest.raises(OSError, match="no space"):
        async with gateway(Far(httpx.Response(200, content=b"picture"))).download(FILE) as download:
            async for _ in download.chunks:
                raise OSError(28, "no space")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "data:text/plain,x", "/files/x"])
async def test_only_web_addresses_are_fetched(url: str) -> None:
    far = Far(answer({}))
    with pytest.raises(errors.ForeignHost):
        async with gateway(far).download(url):
            pass
    assert far.requests == []
