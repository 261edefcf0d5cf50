"""Files on their way down: fetched in parts, never with the key."""

import gzip
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from support.far_end import Far, answer, gateway

from faldeck.fal import errors
from faldeck.fal.download import DownloadStart

FILE = "https://v3b.fal.media/files/b/0a/x.png"


async def fetched(far: Far, **options: Any) -> tuple[DownloadStart, bytes]:
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
async def test_a_part_that_is_longer_than_the_file_is_begun_again(place: str) -> None:
    far = Far(httpx.Response(416, headers={"content-range": place}), httpx.Response(200, content=b"other"))
    download, content = await fetched(far, offset=7)
    assert (download.offset, content) == (0, b"other")
    assert "range" not in far.requests[1].headers


@pytest.mark.parametrize("place", ["", "bytes x-y/z", "bytes 3-6/" + "9" * 5_000])
async def test_a_part_of_unknown_place_is_not_taken(place: str) -> None:
    with pytest.raises(errors.InvalidResponse, match="which part"):
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

    with pytest.raises(errors.ResponseLost):
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
