"""The HTTP client as this program uses it: proxies and authorities of the environment, no cookies, short waits."""

import asyncio
import errno
import ssl
from collections.abc import Iterable
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from faldeck.fal.errors import NotSent, Unsendable
from faldeck.fal.inflate import CODINGS

LOCATION = "faldeck.location"
"""The extension of a response that holds the address it redirects to."""

TIMEOUT = httpx.Timeout(60.0, connect=15.0, pool=60.0)
"""Seconds for one step; a stream's keep-alive comes every 15 (protocol §2.4)."""


async def trusted(transport: httpx.AsyncBaseTransport | None) -> ssl.SSLContext | bool:
    """The authorities that are trusted; not read where a `transport` stands in place of the network.

    Raises `Unsendable` where the environment names certificates that cannot be used, `NotSent` where they cannot be
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

    `own_hosts` are on this machine, as `hosts.LOOPBACK` is. Raises `Unsendable` where the environment names a proxy
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
        raise Unsendable(
            "The environment names a SOCKS proxy, which needs one more package: pip install 'httpx[socks]'"
        ) from None
    except (ValueError, httpx.InvalidURL):
        # Its own words would repeat the address, in which a password may stand.
        raise Unsendable("HTTPS_PROXY, HTTP_PROXY or ALL_PROXY holds no address of a proxy.") from None


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
        raise Unsendable(f"SSL_CERT_FILE or SSL_CERT_DIR names no certificates: {reason[:200]}.") from error
