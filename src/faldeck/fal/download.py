"""Downloads files, without the key, from the byte where an earlier try stopped."""

import re
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple

from faldeck.fal import refusals
from faldeck.fal.allowed_addresses import AllowedAddresses
from faldeck.fal.errors import InvalidResponse, ResponseLost
from faldeck.fal.incoming import Incoming
from faldeck.fal.responses import text_of
from faldeck.fal.transport import HttpClient
from faldeck.fal.urls import QueueAddress

SLOW_BYTES, SLOW_SECONDS = 1_000, 60.0
"""A connection that gives fewer bytes in so many seconds counts as broken. The rest is requested again."""

_COUNT = re.compile(r"\d{1,18}")
_PLACE = re.compile(r"bytes (\d{1,18})-\d+/(\d{1,18}|\*)")
_END = re.compile(r"bytes \*/(\d{1,18})")


class DownloadStart(NamedTuple):
    """A download that has started. Its bytes are read from `chunks`, once."""

    offset: int
    """The first byte of `chunks`: 0 if the server does not resume."""
    total: int | None
    """Bytes of the whole file; None if the server does not say."""
    content_type: str | None
    etag: str | None
    """The version of the file, to be given back when resuming."""
    chunks: AsyncIterator[bytes]


class Downloader:
    """Downloads the files of results."""

    def __init__(self, http: HttpClient, address: QueueAddress, homes: Iterable[str] = ()) -> None:
        """`homes` are the addresses of the service, which may be on this machine or its network."""
        self._http = http
        self._address = address
        self._reach = AllowedAddresses(homes)

    @asynccontextmanager
    async def download(self, url: str, *, offset: int = 0, etag: str | None = None) -> AsyncIterator[DownloadStart]:
        """Opens a file, from byte `offset` on if the server can resume and its file is still the one of `etag`.

        Follows redirects, without the key, and to addresses of this machine and its network only if the service is
        there itself. Gives no bytes if `offset` is the end of the file, and starts again at 0 if it is beyond it.
        Raises `ErrorResponse`; `chunks` raise `ResponseLost` if the connection breaks.
        """
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if offset:
            headers |= {"Range": f"bytes={offset}-"} | ({"If-Range": etag} if etag else {})
        place = self._address.file_url(url)
        self._reach.check(place)
        opened = self._http.open("GET", place, with_key=False, headers=headers, follow=self._reach)
        async with opened as incoming:
            if incoming.status != 416 or not offset:
                download = await self._download(incoming)
                if download.offset > offset:
                    raise InvalidResponse(f"{incoming.host} leaves out the beginning of the file.", status=206)
                yield download
                return
            end = _END.fullmatch(incoming.headers.get("content-range", ""))
            if end and int(end[1]) == offset:
                yield DownloadStart(offset, offset, None, None, _nothing())
                return
        async with self.download(url) as download:
            yield download

    async def _download(self, incoming: Incoming) -> DownloadStart:
        if not incoming.is_success:
            raise refusals.refusal(await self._http.whole(incoming))
        headers = incoming.headers
        start, total = "0", headers.get("content-length", "")
        if incoming.status == 206:
            place = _PLACE.fullmatch(headers.get("content-range", ""))
            if place is None:
                raise InvalidResponse(f"{incoming.host} does not say which part of the file it sends.", status=206)
            start, total = place.groups()
        is_plain = "content-encoding" not in headers
        return DownloadStart(
            offset=int(start),
            total=int(total) if is_plain and _COUNT.fullmatch(total) else None,
            content_type=text_of(headers.get("content-type")),
            etag=text_of(headers.get("etag")),
            chunks=_flowing(incoming),
        )


async def _flowing(incoming: Incoming) -> AsyncIterator[bytes]:
    """The bytes as they arrive; raises `ResponseLost` if they arrive too slowly."""
    since, count = time.monotonic(), 0
    async for chunk in incoming.chunks():
        count += len(chunk)
        if time.monotonic() - since >= SLOW_SECONDS:
            if count < SLOW_BYTES:
                raise ResponseLost(f"{incoming.host} sends less than {SLOW_BYTES:,} bytes in {SLOW_SECONDS:g} seconds.")
            since, count = time.monotonic(), 0
        yield chunk


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
