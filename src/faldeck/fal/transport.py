"""The HTTP client of one profile. It sends the key only to the hosts of the profile, and limits every answer.

It never retries, never follows a redirect with the key, and never shows the key.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterable, AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeAlias

import httpx

from faldeck.fal.allowed_addresses import AllowedAddresses
from faldeck.fal.connection import LOCATION, TIMEOUT, opened, trusted
from faldeck.fal.errors import ForeignHost, InvalidRequest, InvalidResponse, ResponseLost
from faldeck.fal.incoming import Incoming, reason, translated
from faldeck.fal.responses import LARGE_BYTES, HttpResponse
from faldeck.fal.submit_options import check_header
from faldeck.safety import hosts, redact

MAX_ANSWER_BYTES = 128 * 2**20
"""The largest body that is read into memory. Results with inline media reach 100 MB."""
MAX_REDIRECTS = 5
PATIENCE = 120.0
"""Seconds for a whole answer, so that a very slow one cannot block a job for ever."""

_LOG = logging.getLogger(__name__)
_REDIRECTS = (301, 302, 303, 307, 308)

Content: TypeAlias = bytes | AsyncIterable[bytes] | None
Origin: TypeAlias = tuple[str, str, int | None]


class HttpClient:
    """Sends requests. `keyed`: the URLs whose origins may get the key; `authorization`: the whole header value."""

    def __init__(
        self,
        keyed: tuple[str, ...],
        authorization: str | None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        user_agent: str = "faldeck",
    ) -> None:
        self._pinned = frozenset(_origin(_parsed(url)) for url in keyed)
        self._key = _Key(authorization) if authorization else None
        self._transport = transport
        self._user_agent = user_agent
        self._clients: dict[tuple[bool, bool], httpx.AsyncClient] = {}
        """The clients by whether they speak TLS, and whether they keep connections for the next request."""
        self._opening = asyncio.Lock()
        self._told: tuple[datetime, float] | None = None
        """The newest `Date` of the service, and its moment on the monotonic clock."""

    @property
    def service_time(self) -> datetime | None:
        """The time on the service's own clock, from the `Date` of its newest answer; None before the first answer."""
        if self._told is None:
            return None
        date, heard_at = self._told
        return date + timedelta(seconds=time.monotonic() - heard_at)

    async def aclose(self) -> None:
        """Closes every connection. The next call opens new ones."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def exchange(
        self,
        method: str,
        url: str,
        *,
        with_key: bool = True,
        content: Content = None,
        headers: Mapping[str, str] | None = None,
        patience: float | None = PATIENCE,
        silence: float | None = None,
    ) -> HttpResponse:
        """Sends one request, once, and reads the whole answer, with any status.

        Raises `NotSent`, `ResponseLost` (also after `patience` seconds, or `silence` seconds without a byte),
        `InvalidResponse`, `ForeignHost`, `InvalidRequest`.
        """
        sending = self.open(method, url, with_key=with_key, content=content, headers=headers, silence=silence)
        try:
            async with asyncio.timeout(patience), sending as incoming:
                return await self._gathered(incoming)
        except TimeoutError:
            raise _too_slow(_parsed(url).host, patience) from None

    @asynccontextmanager
    async def open(
        self,
        method: str,
        url: str,
        *,
        with_key: bool,
        content: Content = None,
        headers: Mapping[str, str] | None = None,
        follow: AllowedAddresses | None = None,
        silence: float | None = None,
    ) -> AsyncIterator[Incoming]:
        """Sends one request and gives its answer before the body is read.

        With `follow` it follows redirects, without the key; `follow` checks each address before it is asked.

        `silence`: how many seconds may pass without a byte, for a service that works before it answers; usually 60.

        Raises what `exchange` raises, here and from `Incoming.chunks`. Errors of the caller are not changed.
        """
        target = _parsed(url)
        key = self._key_for(target) if with_key else None
        # Sending the content may take long.
        patience = None if content is not None else silence or PATIENCE
        hops = 0
        while True:
            client = await self._opened(target, is_kept=method != "POST")
            request = _built(client, method, target, content, headers or {}, silence)
            if follow:
                request.extensions.update(follow.extensions(target))
            try:
                with translated(target.host):
                    async with asyncio.timeout(patience):
                        response = await client.send(request, auth=key, follow_redirects=False, stream=True)
            except TimeoutError:
                raise _too_slow(target.host, patience) from None
            location = response.extensions.pop(LOCATION, None)
            if location is None:
                break
            response.headers["location"] = location
            if follow is None or with_key or response.status_code not in _REDIRECTS:
                break
            await response.aclose()
            target, hops = _next_target(target, location, hops), hops + 1
            follow.check(str(target))
        _LOG.debug("%s %s%s answered %d", method, target.host, target.path[:500], response.status_code)
        if _origin(target) in self._pinned and (date := _date(response.headers.get("date", ""))):
            self._told = date, time.monotonic()
        try:
            yield Incoming(response)
        finally:
            await response.aclose()

    def _key_for(self, target: httpx.URL) -> "_Key | None":
        if _origin(target) not in self._pinned:
            raise ForeignHost(f"The service points to {target.host}, a host that the profile does not name. Not asked.")
        if self._key and target.scheme != "https" and not hosts.is_loopback(target.host):
            raise InvalidRequest(f"The key is sent over https only, and the profile names http://{target.host}.")
        return self._key

    async def whole(self, incoming: Incoming) -> HttpResponse:
        """Reads the rest of an opened answer. Raises `ResponseLost`, `InvalidResponse`."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._gathered(incoming)
        except TimeoutError:
            raise _too_slow(incoming.host, PATIENCE) from None

    async def _gathered(self, incoming: Incoming) -> HttpResponse:
        body = bytearray()
        async for chunk in incoming.chunks():
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                size = f"more than {MAX_ANSWER_BYTES >> 20} MiB"
                raise InvalidResponse(f"{incoming.host} answered with {size}.", status=incoming.status)
        if len(body) < LARGE_BYTES:
            return self.answer(incoming, bytes(body))
        return await asyncio.to_thread(lambda: self.answer(incoming, bytes(body)))

    def answer(self, incoming: Incoming, body: bytes) -> HttpResponse:
        """An opened answer with `body`, without the key, because some services repeat the key in their errors."""
        headers = {
            name.decode("ascii").lower(): self.hidden(value).decode("latin-1") for name, value in incoming.headers.raw
        }
        return HttpResponse(incoming.host, incoming.status, headers, self.hidden(body))

    def hidden(self, body: bytes) -> bytes:
        """`body` without the key."""
        return self._key.hide(body) if self._key else body

    async def _opened(self, target: httpx.URL, *, is_kept: bool) -> httpx.AsyncClient:
        """The client for a request. A request that may cost money uses a new connection.

        On a used connection there may be a stray answer, which would be read as the answer to the next request.
        """
        kind = (target.scheme == "https", is_kept)
        async with self._opening:
            if kind not in self._clients:
                own = {host for _, host, _ in self._pinned if hosts.is_loopback(host)}
                # A client for plain http trusts no certificate at all, so that it cannot be used for TLS by mistake.
                trust = await trusted(self._transport) if kind[0] else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                self._clients[kind] = opened(
                    self._user_agent, {*hosts.LOOPBACK, *own}, self._transport, trust, is_kept=is_kept
                )
            return self._clients[kind]


class _Key(httpx.Auth):
    """Adds the key to a request at the last moment, so that no variable in a traceback contains it."""

    def __init__(self, authorization: str) -> None:
        if not (authorization.isascii() and authorization.isprintable()):
            raise InvalidRequest("The key holds characters that no header can carry.")
        self._header = authorization.strip()
        self._secrets = [one.encode() for one in redact.spellings(self._header.rpartition(" ")[2])]

    def __repr__(self) -> str:
        return "<key>"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._header
        yield request

    def hide(self, body: bytes) -> bytes:
        """`body` without the key."""
        for secret in self._secrets:
            body = body.replace(secret, redact.MARK.encode())
        return body


def _built(
    client: httpx.AsyncClient,
    method: str,
    target: httpx.URL,
    content: Content,
    headers: Mapping[str, str],
    silence: float | None,
) -> httpx.Request:
    """The request. Its headers are checked here, because a fault while sending would look like a lost answer."""
    for name, value in headers.items():
        check_header(name, value)
    stripped = {name: value.strip() for name, value in headers.items()}
    timeout = httpx.Timeout(**TIMEOUT.as_dict() | ({"read": silence} if silence else {}))
    return client.build_request(method, target, content=content, headers=stripped, timeout=timeout)


def _date(text: str) -> datetime | None:
    """The time in a `Date` header; None if it has none."""
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


@lru_cache(1024)  # A request that waits is asked for at the same address again and again.
def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        host = parsed.host  # It is decoded here, where it can fail.
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ForeignHost(f"{url[:200]!r} is not a web address: {reason(error)}.") from None
    if parsed.scheme not in ("http", "https") or not _is_host(host) or not 0 < (parsed.port or 1) < 2**16:
        raise ForeignHost(f"{url[:200]!r} is not a web address.")
    return parsed.copy_with(userinfo=b"", fragment=None)


def _is_host(host: str) -> bool:
    """Whether a name or address can be looked up."""
    labels = host.removesuffix(".").split(".")
    return ":" in host or all(0 < len(label.encode()) < 64 for label in labels)


def _next_target(target: httpx.URL, location: str, hops: int) -> httpx.URL:
    """The target of a redirect; raises `ForeignHost` if it is not an address, or after too many redirects."""
    if hops >= MAX_REDIRECTS:
        raise ForeignHost(f"{target.host} redirects without end.")
    try:
        return _parsed(str(target.join(location)))
    except (httpx.InvalidURL, UnicodeError, ForeignHost):
        raise ForeignHost(f"{target.host} redirects to {location[:200]!r}, which is not a web address.") from None


def _origin(url: httpx.URL) -> Origin:
    return (url.scheme, url.host, url.port)


def _too_slow(host: str, patience: float | None) -> ResponseLost:
    return ResponseLost(f"{host} gave no whole answer in {patience:g} seconds.")
