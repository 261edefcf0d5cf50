"""Who may call at all: programs on this machine, and pages whose origin is allowed.

A browser lets any web page send requests to this machine. `Origin` tells which page asks; `Host` tells by which name
it has found us, which a page that points its own name here (DNS rebinding) cannot change.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_WILDCARDS = ("0.0.0.0", "::", "")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_in(text: str) -> str:
    """The origin in a URL, such as `https://page.example`; raises ValueError for what names none."""
    try:
        parts = urlsplit(text.strip())
        scheme, host, port = parts.scheme.lower(), host_of(text.strip()), parts.port
    except ValueError:
        scheme, host, port = "", "", None
    if not scheme or not host:
        raise ValueError(f"{text!r} is not an origin such as https://page.example")
    return f"{scheme}://{host}" if port in (None, _DEFAULT_PORTS.get(scheme)) else f"{scheme}://{host}:{port}"


def host_of(url: str) -> str:
    """The host of a URL in lower case, without its port; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        if ":" in host:
            address = ipaddress.ip_address(host)
        elif host.replace(".", "").isalnum():
            # The resolver also reads 127.1 and 2130706433 as addresses; ipaddress does not.
            address = ipaddress.ip_address(socket.inet_aton(host))
        else:
            return False
    except (ValueError, OSError):
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


class OriginCheck:
    """The outermost middleware: refuses requests of pages, and of names, that are not allowed."""

    def __init__(self, app: ASGIApp, allowed: Iterable[str] = (), host: str = "") -> None:
        """`allowed` are origins beside those of this machine; `host` is the address that is listened at.

        Raises ValueError for what is no origin.
        """
        self._app = app
        self._origins = frozenset(map(origin_in, allowed))
        listening = () if host in _WILDCARDS else (host.lower(),)
        self._hosts = frozenset((*map(host_of, self._origins), *listening))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        fault = self._fault(Headers(scope=scope)) if scope["type"] == "http" else ""
        served = JSONResponse({"detail": fault}, 403) if fault else self._app
        await served(scope, receive, send)

    def _fault(self, headers: Headers) -> str:
        """Why a request is refused; empty where it is not."""
        host = headers.get("host")
        if host is not None and not self._is_known_host(host_of(f"http://{host}")):
            return f"This emulator does not serve the host {host[:200]!r}. {_hint(f'http://{host[:200]}')}"
        origin = headers.get("origin")
        if origin is None:
            # Pictures and scripts of a page come without an origin, and say only that it is another site's.
            is_foreign = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
            is_page_itself = headers.get("sec-fetch-dest") == "document"
            origin = headers.get("referer", "") if is_foreign and not is_page_itself else None
        if origin is None or self._is_allowed(origin):
            return ""
        page = _shown(origin)
        return f"This emulator is closed to pages of {page}. {_hint(page)}"

    def _is_known_host(self, host: str) -> bool:
        return bool(host) and (is_loopback(host) or host in self._hosts)

    def _is_allowed(self, origin: str) -> bool:
        try:
            return origin_in(origin) in self._origins or self._is_own(origin)
        except ValueError:
            return False

    def _is_own(self, origin: str) -> bool:
        """Whether an origin is one of this machine."""
        return urlsplit(origin).scheme in ("http", "https") and is_loopback(host_of(origin))


def _shown(origin: str) -> str:
    """An origin as a person would allow it; pages may keep theirs to themselves."""
    try:
        return origin_in(origin[:200])
    except ValueError:
        return "an unknown origin"


def _hint(origin: str) -> str:
    return f"It does when it is started with: --allow-origin {origin}"
