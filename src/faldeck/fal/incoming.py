"""An answer as it arrives: decompressed piece by piece, with every fault of httpx translated into one of ours.

A few compressed bytes may stand for gigabytes, so nothing is decompressed as a whole.
"""

import asyncio
import logging
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx

from faldeck.fal.errors import InvalidResponse, NoSuchHost, NotSent, ResponseLost

CODINGS = ("gzip", "deflate")
"""The content codings that we accept: those that can be decompressed piece by piece, in one layer."""

PIECE_BYTES = 2**18

_ANY_HEADER = zlib.MAX_WBITS | 32
_NO_HEADER = -zlib.MAX_WBITS

_LOG = logging.getLogger(__name__)
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Faults while connecting, when nothing has been sent yet."""
_UNHEARD = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, ConnectionError, ValueError)
"""Faults after that: the service may have received the request, and its answer cannot be read."""


class Undecodable(ValueError):
    """A body does not fit its Content-Encoding, or has a coding that was not asked for."""


class Inflate:
    """Decompresses one body."""

    def __init__(self, coding: str) -> None:
        """`coding` is the Content-Encoding; raises `Undecodable`."""
        self._coding = coding.strip().lower()
        if self._coding not in ("", "identity", *CODINGS):
            raise Undecodable(self._coding)
        self._stream = zlib.decompressobj(_ANY_HEADER)
        self._has_begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """`data` decompressed, in pieces of at most `PIECE_BYTES`; raises `Undecodable`."""
        if self._coding not in CODINGS:
            yield data
            return
        while data:
            if self._stream.eof:
                raise Undecodable("bytes come after the end")
            piece = self._piece(data)
            data = self._stream.unconsumed_tail or self._stream.unused_data
            if piece:
                yield piece

    def _piece(self, data: bytes) -> bytes:
        try:
            piece = self._stream.decompress(data, PIECE_BYTES)
        except zlib.error as error:
            if self._has_begun or self._coding != "deflate":
                raise Undecodable(str(error)) from error
            # Some servers leave out the header that the standard requires.
            self._stream = zlib.decompressobj(_NO_HEADER)
            self._has_begun = True
            return self._piece(data)
        self._has_begun = True
        return piece


class Incoming:
    """An answer whose head has arrived, and whose body has not."""

    def __init__(self, response: httpx.Response) -> None:
        # Below the decompression of httpx, which decompresses a whole chunk at once.
        assert isinstance(response.stream, httpx.AsyncByteStream)
        self._stream = response.stream
        self.host = response.url.host
        self.status = response.status_code
        self.is_success = response.is_success
        self.headers = response.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives, decompressed. Raises `ResponseLost`, `InvalidResponse`."""
        with translated(self.host, self.status):
            inflate = Inflate(self.headers.get("content-encoding", ""))
            async for chunk in self._stream:
                for number, piece in enumerate(inflate.pieces(chunk)):
                    if number:
                        await asyncio.sleep(0)  # One chunk may give hundreds of pieces.
                    yield piece


@contextmanager
def translated(host: str, status: int = 0) -> Iterator[None]:
    """Turns every fault of httpx into one of `errors`.

    `NotSent` means that no connection was made. Any later fault is a lost answer, even if only the answer cannot be
    read.
    """
    try:
        yield
    except _NEVER_LEFT as error:
        _LOG.debug("no connection to %s: %s", host, reason(error))
        kind = NoSuchHost if _is_unknown_name(error) else NotSent
        raise kind(f"No connection to {host}: {reason(error)}.") from error
    except Undecodable as error:
        raise InvalidResponse(f"{host} sent a body that cannot be decompressed.", status=status) from error
    except _UNHEARD as error:
        _LOG.debug("%s gave no whole answer: %s", host, reason(error))
        raise ResponseLost(f"{host} gave no whole answer: {reason(error)}.") from error


def _is_unknown_name(error: BaseException | None) -> bool:
    """Whether the name service said that the name does not exist. False if it could not be asked."""
    while error is not None:
        if isinstance(error, socket.gaierror):
            return error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        error = error.__cause__ or error.__context__
    return False


def reason(error: Exception) -> str:
    """The words of an error, for a message of ours."""
    return (str(error) or type(error).__name__)[:200].rstrip(".")
