"""The middleware around all roles: applies faults, answers for an app that fails, logs every exchange.

The second half of the file reads what requests hold: bodies, numbers, JSON, lifecycle headers. A dropped connection is
a real one: `server` offers its transport under `DISCONNECT`, and the middleware closes it without an answer.
"""

import json
import logging
import math
import re
import time
import uuid
from collections.abc import Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fal_emulator.answers import (
    ACCOUNT_LOCKED,
    CRASHED,
    TOO_LARGE,
    Refusal,
    Reply,
    ingress_page,
    plain,
    platform_error,
    request_error,
)
from fal_emulator.faults import FaultRules
from fal_emulator.files import localised
from fal_emulator.relays import closed_door, shaped
from fal_emulator.service import Service
from fal_emulator.state import LoggedExchange, fingerprint

DISCONNECT = "fal_emulator.disconnect"
"""The ASGI extension that closes a connection: a function that takes whether to drop unsent bytes."""

FAULT_HEADER = "x-emulator-fault"
"""A request header with a fault specification for this one request."""

MOST_BODY_BYTES = 256 * 1024**2
"""Bytes of the largest body that is read as a whole: an input with inline files."""

_LOG = logging.getLogger(__name__)

_OPERATIONS = (
    ("stream", re.compile(r"GET /queue/.+/requests/[^/]+/status/stream")),
    ("status", re.compile(r"GET /queue/.+/requests/[^/]+/status")),
    ("cancel", re.compile(r"PUT /queue/.+/requests/[^/]+/cancel")),
    ("result", re.compile(r"GET /queue/.+/requests/[^/]+(/response)?")),
    ("submit", re.compile(r"POST /queue/.+")),
    ("images", re.compile(r"POST /v1/images/.+")),
    ("videos", re.compile(r"(POST|GET) /v1/video/.+")),
    ("run", re.compile(r"(POST|GET) /run/.+")),
    ("file", re.compile(r"(GET|HEAD) /cdn/.+")),
    ("upload", re.compile(r"(POST|PUT) /(cdn|rest)/.+")),
    ("catalogue", re.compile(r"(GET|POST) /(api|site)/.+")),
)

_LOGGED_HEADERS = re.compile(
    r"user-agent|accept|content-type|content-length|range|last-event-id|x-emulator-fault|x-fal-(?!cdn-token).+"
    r"|x-app-fal-.+|idempotency-key"
)

_BAD_ANSWERS: dict[str, Reply] = {
    "429": Reply(
        429,
        {"detail": "Too many requests", "error_type": "concurrent_requests_limit"},
        {"retry-after": "1", "x-fal-needs-retry": "1"},
    ),
    "500": request_error("internal_error"),
    "502": request_error("runner_incomplete_response"),
    "503": request_error("runner_scheduling_failure"),
    "504": request_error("startup_timeout"),
    "nginx": ingress_page(502),
    "html": Reply(200, "<!doctype html><title>Welcome</title><p>Sign in.</p>", content_type="text/html"),
    "locked": ACCOUNT_LOCKED,
}
_BAD_PLATFORM_ANSWERS = {
    "429": Reply(429, platform_error("rate_limited").body, {"retry-after": "1"}),
    "500": platform_error("server_error"),
    "locked": platform_error("access_denied"),
}


def operation(method: str, path: str) -> str | None:
    """The operation of a request, one of `faults.OPERATIONS`; None outside the service's own paths."""
    line = f"{method} {path}"
    return next((name for name, pattern in _OPERATIONS if pattern.fullmatch(line)), None)


def origin(request: Request) -> str:
    """The address that the caller used for the emulator, without a slash at its end."""
    return f"{request.url.scheme}://{request.url.netloc}"


def faults_in(request: Request) -> FaultRules:
    """The faults that apply to this request."""
    faults: FaultRules = request.scope["fal_emulator.faults"]
    return faults


async def body_of(request: Request) -> Any:
    """The JSON body of a call, an empty object if there is none (protocol §10.2, 19)."""
    raw = await bytes_of(request)
    try:
        return parse_json(raw.decode("utf-8-sig") or "{}")
    except ValueError as error:
        raise Refusal(request_error("bad_request")) from error


async def bytes_of(request: Request) -> bytes:
    """The body of a call; raises Refusal for more than `MOST_BODY_BYTES`."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BODY_BYTES:
            raise Refusal(TOO_LARGE)
    return bytes(raw)


def number_in(request: Request, name: str) -> int | None:
    """The whole number of a query parameter; None for anything else, and for one that is too large for the database."""
    text = request.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def respond(request: Request, answer: Reply) -> Response:
    """An answer as a response, with the URLs of its files."""
    headers = dict(answer.headers)
    if answer.content_type != "application/json":
        return Response(str(answer.body), answer.status, headers, answer.content_type)
    text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    return Response(localised(text, origin(request)), answer.status, headers, "application/json")


class ServiceMiddleware:
    """The middleware around all roles. The rules of `faults` may be replaced while it runs."""

    def __init__(self, app: ASGIApp, service: Service, faults: FaultRules) -> None:
        self._faults = faults
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope["path"]) > 1:
            scope["path"] = scope["path"].rstrip("/")
        headers = Headers(scope=scope)
        try:
            rules = [*FaultRules.parse(headers.get(FAULT_HEADER, "")), *self._faults]
        except ValueError as error:
            await respond(Request(scope), plain(400, str(error)))(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, headers, FaultRules(rules, self._faults.dice), self._service)
        scope["fal_emulator.faults"] = exchange.faults
        try:
            await exchange.serve(self._app)
        except ClientDisconnect:
            pass
        except Exception:
            if exchange.is_settled:
                raise
            _LOG.exception("%s %s broke", scope["method"], scope["path"])
            await exchange.answer_for_failure()
        finally:
            exchange.record(None)


class _Exchange:
    """One request on its way through the middleware."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers, faults: FaultRules, service: Service
    ) -> None:
        self.faults = faults
        self._scope = scope
        self._receive = receive
        self._send = send
        self._headers = headers
        self._service = service
        self._operation = operation(scope["method"], scope["path"])
        self._is_platform = scope["path"].startswith("/api/")
        self._fault: str | None = None
        self._arrived = time.time()
        self.is_settled = False
        """Whether an answer has begun, or the connection was closed without one."""

    async def serve(self, app: ASGIApp) -> None:
        """Answer the request, or produce a fault."""
        if self._operation is None:
            await app(self._scope, self._receive, self._deliver)
        elif self._applies("drop-before"):
            await self._disconnect()
        elif closed := closed_door(self.faults, self._operation, self._scope["method"], self._scope["path"]):
            await respond(Request(self._scope), closed)(self._scope, self._receive, self._deliver)
        else:
            if delay := self.faults.value("slow", self._operation):
                await self._service.pause(delay)
            await (self._bad_answer() or app)(self._scope, self._receive, self._faulty_send())

    async def answer_for_failure(self) -> None:
        """Answer for an app that raised, in the error shape of its role (protocol §4.1)."""
        answer = platform_error("server_error") if self._is_platform else shaped(Request(self._scope), CRASHED)
        # Not with `respond`: it needs the address of the request, which may be the cause.
        await JSONResponse(answer.body, answer.status)(self._scope, self._receive, self._deliver)

    def record(self, status: int | None, request_id: str | None = None) -> None:
        """Log the exchange, once; requests for the emulator's own pages are not logged."""
        if self.is_settled:
            return
        self.is_settled = True
        if self._scope["path"].startswith("/emulator/"):
            return
        authorization = self._headers.get("authorization")
        self._service.state.record(
            LoggedExchange(
                self._arrived,
                self._scope["method"],
                self._scope["path"],
                self._scope["query_string"].decode("latin-1"),
                status,
                request_id,
                self._fault,
                {name: value for name, value in self._headers.items() if _LOGGED_HEADERS.fullmatch(name)},
                None if authorization is None else fingerprint(authorization),
            )
        )

    def _applies(self, fault: str) -> bool:
        if self.faults.strike(fault, self._operation) is None:
            return False
        self._fault = fault
        return True

    def _bad_answer(self) -> Response | None:
        for fault, answer in _BAD_ANSWERS.items():
            if self._applies(fault):
                worded = _BAD_PLATFORM_ANSWERS.get(fault, answer) if self._is_platform else answer
                return respond(Request(self._scope), worded)
        return None

    def _faulty_send(self) -> Send:
        if self._applies("drop-after"):
            return self._send_nothing
        if self._applies("truncate"):
            return self._send_half
        return self._deliver

    async def _deliver(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type") != "text/html; charset=utf-8":
                headers.setdefault("x-fal-request-id", str(uuid.uuid4()))
            headers.setdefault("x-robots-tag", "noindex")
            headers.setdefault("access-control-allow-origin", "*")
            self.record(message["status"], headers.get("x-fal-request-id"))
        await self._send(message)

    async def _send_nothing(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.record(None, MutableHeaders(scope=message).get("x-fal-request-id"))
        elif not message.get("more_body"):
            await self._disconnect()

    async def _send_half(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._deliver(message)
        elif body := message.get("body"):
            half = body[: max(1, len(body) // 2)]
            await self._send({"type": "http.response.body", "body": half, "more_body": True})
            await self._disconnect(unsent_too=False)

    async def _disconnect(self, *, unsent_too: bool = True) -> None:
        """Close the connection at once and wait until it is gone."""
        self.record(None)
        extensions: MutableMapping[str, Any] = self._scope.get("extensions") or {}
        disconnect: Callable[[bool], None] | None = extensions.get(DISCONNECT)
        if disconnect is None:
            raise ConnectionResetError("the emulator dropped this connection")
        disconnect(unsent_too)
        while (await self._receive())["type"] != "http.disconnect":
            pass
        raise ClientDisconnect


MAX_DEPTH = 100
"""How deep lists and objects may be nested: more than any schema needs."""


def parse_json(text: str) -> Any:
    """The document in a text; half of a surrogate pair becomes a question mark, because UTF-8 cannot write it.

    Raises ValueError for text that is not JSON, is nested too deeply, or has a number that a double cannot hold.
    """
    try:
        document: Any = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if _is_too_deep(document):
        raise ValueError("too deep")
    if "\\ud" in text.lower():
        document = json.loads(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"))
    return document


def _is_too_deep(document: Any) -> bool:
    level: list[Any] = [[document]]
    for _ in range(MAX_DEPTH + 1):
        inside = (item for outer in level for item in (outer.values() if isinstance(outer, dict) else outer))
        level = [item for item in inside if isinstance(item, dict | list)]
    return bool(level)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a JSON number")
    return number


_LIFECYCLE_HEADERS = ("x-fal-object-lifecycle", "x-fal-object-lifecycle-preference")


def lifetime_of(headers: Headers) -> float | None:
    """Seconds until the files expire; None to keep them. Raises `Refusal` for an invalid header."""
    text = next((headers[name] for name in _LIFECYCLE_HEADERS if name in headers), None)
    if text is None:
        return None
    try:
        preference = parse_json(text)
        seconds = preference.get("expiration_duration_seconds")
        return None if seconds is None else float(seconds)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise Refusal(request_error("bad_request")) from error
