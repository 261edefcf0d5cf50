"""Who may call: which keys are accepted (protocol §1), and which web pages and host names.

Any key is accepted, unless the emulator was started with one key. Two keys are special, for tests: `locked` is an
account without credit, `invalid` is a wrong key.

A browser lets any web page send requests to this machine. `Origin` says which page sent one; `Host` says which name it
used, which a page that points its own name here (DNS rebinding) cannot change.
"""

import hashlib
import hmac
import ipaddress
import secrets
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from fal_emulator.answers import ACCOUNT_LOCKED, Refusal, Reply, plain, platform_error
from fal_emulator.relays import gateway_error, relay_in
from fal_emulator.state import fingerprint

INVALID = plain(401, "invalid key credentials")


def key_of(request: Request, missing: Reply, schemes: tuple[str, ...] = ("Key", "Bearer")) -> str:
    """The fingerprint of the request's key; raises `Refusal` with `missing` if it has none."""
    authorization = request.headers.get("authorization", "")
    scheme, _, key = authorization.partition(" ")
    if scheme not in schemes or not key.strip():
        raise Refusal(missing)
    if key == "locked":
        raise Refusal(ACCOUNT_LOCKED)
    only_key: str = request.app.state.only_key
    if key == "invalid" or (only_key and not hmac.compare_digest(key.encode(), only_key.encode())):
        raise Refusal(INVALID)
    return fingerprint(authorization)


def key_for_app(request: Request, app: str) -> str:
    """The key of an inference call; a relay requires its own scheme before it (protocol §9.1)."""
    if relay := relay_in(request.scope["fal_emulator.faults"]):
        return key_of_scheme(request, relay.scheme)
    detail = f'Cannot access application "{app}". Authentication is required to access this application.'
    return key_of(request, plain(401, detail))


def key_of_scheme(request: Request, scheme: str) -> str:
    """The key of a call to a relay, which must come after the word `scheme`."""
    return key_of(request, gateway_error(401, "Invalid token"), (scheme,))


def key_for_storage(request: Request) -> str:
    """The key of a storage call."""
    return key_of(request, plain(401, "Authorization header is required"))


def key_for_platform(request: Request) -> str:
    """The key of a platform call, whose refusals have a shape of their own (protocol §6.4)."""
    try:
        return key_of(request, platform_error("authorization_error"))
    except Refusal as refusal:
        kind = "access_denied" if refusal.answer.status == 403 else "authorization_error"
        raise Refusal(platform_error(kind)) from refusal


def new_token(request: Request) -> str:
    """A token that may be sent instead of the key (protocol §5.1)."""
    name = secrets.token_hex(16)
    return f"emulator-{name}-{_signature(request, name)}"


def require_token(request: Request) -> None:
    """Raises `Refusal` for a storage call without a token. Any token is accepted, unless there is only one key."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise Refusal(plain(401, "Authorization header is required"))
    name, _, signature = token.removeprefix("emulator-").partition("-")
    if request.app.state.only_key and not hmac.compare_digest(signature.encode(), _signature(request, name).encode()):
        raise Refusal(INVALID)


def _signature(request: Request, name: str) -> str:
    only_key: str = request.app.state.only_key
    return hmac.new(only_key.encode(), name.encode(), hashlib.sha256).hexdigest()


_WILDCARDS = ("0.0.0.0", "::", "")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_in(text: str) -> str:
    """The origin of a URL, such as `https://page.example`; raises ValueError if it has none."""
    try:
        parts = urlsplit(text.strip())
        scheme, host, port = parts.scheme.lower(), host_of(text.strip()), parts.port
    except ValueError:
        scheme, host, port = "", "", None
    if not scheme or not host:
        raise ValueError(f"{text!r} is not an origin such as https://page.example")
    return f"{scheme}://{host}" if port in (None, _DEFAULT_PORTS.get(scheme)) else f"{scheme}://{host}:{port}"


def host_of(url: str) -> str:
    """The host of a URL in lower case, without its port; empty if it has none."""
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
    """The outermost middleware: refuses requests from pages, and for host names, that are not allowed."""

    def __init__(self, app: ASGIApp, allowed: Iterable[str] = (), host: str = "") -> None:
        """`allowed` are origins beside those of this machine; `host` is the address of the server.

        Raises ValueError for an invalid origin.
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
        """Why a request is refused; empty if it is not."""
        host = headers.get("host")
        if host is not None and not self._is_known_host(host_of(f"http://{host}")):
            return f"This emulator does not serve the host {host[:200]!r}. {_hint(f'http://{host[:200]}')}"
        origin = headers.get("origin")
        if origin is None:
            # Images and scripts of a page have no Origin, but they say that the page is of another site.
            is_cross_site = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
            is_page_itself = headers.get("sec-fetch-dest") == "document"
            origin = headers.get("referer", "") if is_cross_site and not is_page_itself else None
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
    """An origin in the form of `--allow-origin`; a page may hide its own."""
    try:
        return origin_in(origin[:200])
    except ValueError:
        return "an unknown origin"


def _hint(origin: str) -> str:
    return f"It does when it is started with: --allow-origin {origin}"
