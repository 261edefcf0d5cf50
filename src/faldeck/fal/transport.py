"""One HTTP client for one profile: the key pinned to its hosts, every answer bounded, every fault translated.

It never retries, never follows a redirect with the key, and never shows the key.
"""

import asyncio
import errno
import logging
import socket
import ssl
import time
from collections.abc import AsyncIterable, AsyncIterator, Generator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeAlias

import httpx

from faldeck.fal.errors import ForeignHost, InvalidRequest, InvalidResponse, NoSuchHost, NotSent, ResponseLost
from faldeck.fal.headers import check
from faldeck.fal.inflate import CODINGS, Inflate, Undecodable
from faldeck.fal.reach import Reach
from faldeck.fal.responses import LARGE_BYTES, HttpResponse
from faldeck.safety import hosts, redact

LOCATION = "faldeck.location"
"""The extension of a response that holds the address it redirects to."""

TIMEOUT = httpx.Timeout(60.0, connect=15.0, pool=60.0)
"""Seconds for one step; a stream's keep-alive comes every 15 (protocol §2.4)."""


async def trusted(transport: httpx.AsyncBaseTransport | None) -> ssl.SSLContext | bool:
    """The authorities that are trusted; not read where a `transport` stands in place of the network.

    Raises `InvalidRequest` where the environment names certificates that cannot be used, `NotSent` where they cannot be
    opened now.
    """
    # Reading the CA bundle takes tens of milliseconds: too long for the event loop of a screen.
    return True if transport else await asyncio.to_thread(_trust)


def opened(
    user_agent: str,
    own_hosts: Iterable[str],
    transport: httpx.AsyncBaseTransport | None,
    trust: ssl.SSLContext | bool,
    *,
    is_kept: bool,
) -> httpx.AsyncClient:
    """A client, with `transport` instead of the network where one is given; `is_kept` uses its connections again.

    `own_hosts` are on this machine, as `hosts.LOOPBACK` is. Raises `InvalidRequest` where the environment names a proxy
    that cannot be used.
    """
    kept = 64 if is_kept else 0
    try:
        return httpx.AsyncClient(
            verify=trust,
            transport=transport,
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=kept, keepalive_expiry=20.0),
            # What is on this machine is never asked through a proxy, which would see the key.
            mounts=dict.fromkeys(f"all://[{host}]" if ":" in host else f"all://{host}" for host in own_hosts),
            event_hooks={"response": [_keep_location]},
            headers={"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": ", ".join(CODINGS)},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )
    except ImportError:
        raise InvalidRequest(
            "The environment names a SOCKS proxy, which needs one more package: pip install 'httpx[socks]'"
        ) from None
    except (ValueError, httpx.InvalidURL):
        # Its own words would repeat the address, in which a password may stand.
        raise InvalidRequest("HTTPS_PROXY, HTTP_PROXY or ALL_PROXY holds no address of a proxy.") from None


async def _keep_location(response: httpx.Response) -> None:
    """Takes the address of a redirect out of the client's sight, which would fail on one that is no URL."""
    if "location" in response.headers:
        response.extensions[LOCATION] = response.headers.pop("location")


def _trust() -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise NotSent(f"No connection now: {error.strerror}.") from error
        reason = error.strerror or str(error)
        raise InvalidRequest(f"SSL_CERT_FILE or SSL_CERT_DIR names no certificates: {reason[:200]}.") from error


MAX_ANSWER_BYTES = 128 * 2**20
"""The largest body held in memory; results with media inlined reach 100 MB."""
MAX_REDIRECTS = 5
PATIENCE = 120.0
"""Seconds for a whole small answer, so that a trickle cannot hold a job for ever."""

_LOG = logging.getLogger(__name__)
_REDIRECTS = (301, 302, 303, 307, 308)
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Faults of making a connection, on which nothing has been written yet."""
_UNHEARD = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, ConnectionError, ValueError)
"""Faults of an exchange that has begun: what was sent may have been received, and what came cannot be read."""

Content: TypeAlias = bytes | AsyncIterable[bytes] | None
Origin: TypeAlias = tuple[str, str, int | None]


class HttpClient:
    """Sends requests; `keyed` are the URLs whose origins may get the key, `authorization` the whole header value."""

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
        self._clients: dict[bool, httpx.AsyncClient] = {}
        """The client that keeps its connections for the next request, and the one that does not."""
        self._opening = asyncio.Lock()
        self._told: tuple[datetime, float] | None = None
        """The time that the service told last, and when that was on the monotonic clock."""

    @property
    def service_time(self) -> datetime | None:
        """What the service's own clock shows now, by the `Date` of its newest answer; None before there was one."""
        if self._told is None:
            return None
        date, heard_at = self._told
        return date + timedelta(seconds=time.monotonic() - heard_at)

    async def aclose(self) -> None:
        """Close every connection; the next call opens new ones."""
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
        """Send one request, once, and read the whole answer, whatever its status.

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
        follow: Reach | None = None,
        silence: float | None = None,
    ) -> AsyncIterator["Incoming"]:
        """Send one request and hand over the answer unread.

        With `follow` it goes along redirects, never with the key; `follow` judges each address before it is asked.

        A service that works before it answers is given `silence` seconds without a byte instead of the usual 60.

        Raises as `exchange` does, here and from `Incoming.chunks`; what the caller raises itself is left alone.
        """
        target = _parsed(url)
        key = self._key_for(target) if with_key else None
        client = await self._opened(is_kept=method != "POST")
        # What is sent with it may take its time.
        patience = None if content is not None else silence or PATIENCE
        hops = 0
        while True:
            request = _built(client, method, target, content, headers or {}, silence)
            if follow:
                request.extensions.update(follow.extensions(target))
            try:
                with _translated(target.host):
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

    async def whole(self, incoming: "Incoming") -> HttpResponse:
        """Read what an opened request answers to its end. Raises `ResponseLost`, `InvalidResponse`."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._gathered(incoming)
        except TimeoutError:
            raise _too_slow(incoming.host, PATIENCE) from None

    async def _gathered(self, incoming: "Incoming") -> HttpResponse:
        body = bytearray()
        async for chunk in incoming.chunks():
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                size = f"more than {MAX_ANSWER_BYTES >> 20} MiB"
                raise InvalidResponse(f"{incoming.host} answered with {size}.", status=incoming.status)
        if len(body) < LARGE_BYTES:
            return self.answer(incoming, bytes(body))
        return await asyncio.to_thread(lambda: self.answer(incoming, bytes(body)))

    def answer(self, incoming: "Incoming", body: bytes) -> HttpResponse:
        """An opened request's answer with `body`, the key taken out: some services repeat it in their errors."""
        hidden = self._key.hide if self._key else bytes
        headers = {
            name.decode("ascii").lower(): hidden(value).decode("latin-1") for name, value in incoming.headers.raw
        }
        return HttpResponse(incoming.host, incoming.status, headers, hidden(body))

    async def _opened(self, *, is_kept: bool) -> httpx.AsyncClient:
        """The client for a request. What may cost goes over a connection of its own.

        On a kept one an answer may lie that nobody asked for, and be read as the answer to what is sent next.
        """
        async with self._opening:
            if not self._clients:
                own = {host for _, host, _ in self._pinned if hosts.is_loopback(host)}
                trust = await trusted(self._transport)
                self._clients = {
                    kept: opened(self._user_agent, {*hosts.LOOPBACK, *own}, self._transport, trust, is_kept=kept)
                    for kept in (True, False)
                }
            return self._clients[is_kept]


class Incoming:
    """An answer whose head has come and whose body has not."""

    def __init__(self, response: httpx.Response) -> None:
        # Below httpx's own decompression, which makes all at once of a chunk what it stands for.
        assert isinstance(response.stream, httpx.AsyncByteStream)
        self._stream = response.stream
        self.host = response.url.host
        self.status = response.status_code
        self.is_success = response.is_success
        self.headers = response.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes, decompressed. Raises `ResponseLost`, `InvalidResponse`."""
        with _translated(self.host, self.status):
            inflate = Inflate(self.headers.get("content-encoding", ""))
            async for chunk in self._stream:
                for piece in inflate.pieces(chunk):
                    yield piece
                    await asyncio.sleep(0)  # One chunk may stand for hundreds of pieces.


class _Key(httpx.Auth):
    """Puts the key on a request at the last moment, so that it is in no variable that a traceback could show."""

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
    """The request, its headers checked here: a fault found while sending could not be told from a lost answer."""
    for name, value in headers.items():
        check(name, value)
    stripped = {name: value.strip() for name, value in headers.items()}
    timeout = httpx.Timeout(**TIMEOUT.as_dict() | ({"read": silence} if silence else {}))
    return client.build_request(method, target, content=content, headers=stripped, timeout=timeout)


def _date(text: str) -> datetime | None:
    """The instant that a `Date` header names; None where it names none."""
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        host = parsed.host  # It is decoded here, where it can fail.
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ForeignHost(f"{url[:200]!r} is no web address: {_reason(error)}.") from None
    if parsed.scheme not in ("http", "https") or not _is_host(host) or not 0 < (parsed.port or 1) < 2**16:
        raise ForeignHost(f"{url[:200]!r} is no web address.")
    return parsed.copy_with(userinfo=b"", fragment=None)


def _is_host(host: str) -> bool:
    """Whether a name or address can be looked up at all."""
    labels = host.removesuffix(".").split(".")
    return ":" in host or all(0 < len(label.encode()) < 64 for label in labels)


def _next_target(target: httpx.URL, location: str, hops: int) -> httpx.URL:
    """Where a redirect leads; raises `ForeignHost` for what is no address, and after too many."""
    if hops >= MAX_REDIRECTS:
        raise ForeignHost(f"{target.host} redirects without end.")
    try:
        return _parsed(str(target.join(location)))
    except (httpx.InvalidURL, UnicodeError, ForeignHost):
        raise ForeignHost(f"{target.host} redirects to {location[:200]!r}, which is no web address.") from None


def _origin(url: httpx.URL) -> Origin:
    return (url.scheme, url.host, url.port)


@contextmanager
def _translated(host: str, status: int = 0) -> Iterator[None]:
    """Turn every fault of the transport into one of ours: the tree in `errors`.

    Only a connection that was not made is told as `NotSent`; whatever goes wrong later is a lost answer, also where it
    is the answer itself that cannot be read.
    """
    try:
        yield
    except _NEVER_LEFT as error:
        _LOG.debug("no connection to %s: %s", host, _reason(error))
        kind = NoSuchHost if _is_unknown_name(error) else NotSent
        raise kind(f"No connection to {host}: {_reason(error)}.") from error
    except Undecodable as error:
        raise InvalidResponse(f"{host} sent a body that cannot be decompressed.", status=status) from error
    except _UNHEARD as error:
        _LOG.debug("%s gave no whole answer: %s", host, _reason(error))
        raise ResponseLost(f"{host} gave no whole answer: {_reason(error)}.") from error


def _is_unknown_name(error: BaseException | None) -> bool:
    """Whether the name service has said that there is no such name, which is more than that it could not be asked."""
    while error is not None:
        if isinstance(error, socket.gaierror):
            return error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        error = error.__cause__ or error.__context__
    return False


def _too_slow(host: str, patience: float | None) -> ResponseLost:
    return ResponseLost(f"{host} gave no whole answer in {patience:g} seconds.")


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200].rstrip(".")
