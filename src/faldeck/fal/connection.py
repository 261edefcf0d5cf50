"""Opens the httpx clients of a service: certificates, proxies, timeouts, no cookies."""

import asyncio
import errno
import ssl
import sys
from collections.abc import Iterable
from http.cookiejar import CookieJar
from typing import Any

import httpx

from faldeck.fal.errors import InvalidRequest, NotSent
from faldeck.fal.incoming import CODINGS

LOCATION = "faldeck.location"
"""The extension of a response that holds the address of its redirect."""

TIMEOUT = httpx.Timeout(60.0, connect=15.0, pool=60.0)
"""Seconds for one step. A stream sends a keep-alive every 15 seconds (protocol §2.4)."""

try:
    import sniffio as _sniffio  # type: ignore[import-not-found, unused-ignore]  # noqa: F401
except ImportError:
    # The pool of httpx tries this import for every request, and Python searches all folders for it each time.
    sys.modules["sniffio"] = None  # type: ignore[assignment]


async def trusted(transport: httpx.AsyncBaseTransport | None) -> ssl.SSLContext | bool:
    """The certificate authorities to trust. They are not read if a `transport` replaces the network.

    Raises `InvalidRequest` if the environment names certificates that cannot be used, `NotSent` if they cannot be
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
    """A client; a `transport` replaces the network. With `is_kept` it uses connections again.

    `own_hosts` are names of this machine, beside `hosts.LOOPBACK`. Raises `InvalidRequest` if the environment names a
    proxy that cannot be used.
    """
    keepalive = 64 if is_kept else 0
    try:
        return httpx.AsyncClient(
            verify=trust,
            transport=transport,
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=keepalive, keepalive_expiry=20.0),
            # Hosts on this machine are not asked through a proxy, which would see the key.
            mounts=dict.fromkeys(f"all://[{host}]" if ":" in host else f"all://{host}" for host in own_hosts),
            event_hooks={"response": [_keep_location]},
            headers={"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": ", ".join(CODINGS)},
            cookies=_NoCookies(),
        )
    except ImportError:
        raise InvalidRequest(
            "The environment names a SOCKS proxy, which needs one more package: pip install 'httpx[socks]'"
        ) from None
    except (ValueError, httpx.InvalidURL):
        # The message of httpx would repeat the address, which may contain a password.
        raise InvalidRequest("HTTPS_PROXY, HTTP_PROXY or ALL_PROXY does not hold the address of a proxy.") from None


class _NoCookies(CookieJar):
    """Takes no cookie, and so has none to send. Reading them takes a twentieth of a poll."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        pass


async def _keep_location(response: httpx.Response) -> None:
    """Hides the address of a redirect from httpx, which would fail if it is not a URL."""
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
