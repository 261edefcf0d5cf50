"""A transport of httpx that is a whole service; a test replaces the answers that it is about."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

URL = "http://127.0.0.1:9"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)
REQUEST_ID = "r-1"

Answer = httpx.Response | Awaitable[httpx.Response] | None


class Far(httpx.AsyncBaseTransport):
    """Answers as `says` does; where that gives None, as a service whose one request is done and made one picture."""

    def __init__(self, says: Callable[[httpx.Request], Answer] = lambda request: None) -> None:
        self.requests: list[httpx.Request] = []
        self._says = says

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._says(request)
        if isinstance(answer, Awaitable):
            answer = await answer
        return good(request) if answer is None else answer

    def asked(self, end: str, method: str = "GET") -> int:
        """How often something was asked for whose path ends so."""
        return sum(request.method == method and request.url.path.endswith(end) for request in self.requests)


def good(request: httpx.Request) -> httpx.Response:
    """What a service answers whose one request is done; without streams or an account's list."""
    path = request.url.path
    if request.method == "POST":
        return said({"request_id": REQUEST_ID, "status": "IN_QUEUE"})
    if path.startswith("/api/"):
        return said({"error": {"type": "not_found", "message": "Resource not found"}}, 404)
    if path.endswith("/stream"):
        return said({"detail": "Method Not Allowed"}, 405)
    if path.endswith("/status"):
        return said({"status": "COMPLETED", "request_id": REQUEST_ID})
    if "/requests/" in path:
        return said({"images": [{"url": f"{URL}/file.png"}]})
    return httpx.Response(200, content=PICTURE)


def said(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    """A JSON answer; header names are written with underscores."""
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


def waiting() -> httpx.Response:
    """The status of a request that is not done."""
    return said({"status": "IN_QUEUE", "request_id": REQUEST_ID, "queue_position": 0}, 202)


def listed(*requests: dict[str, Any]) -> httpx.Response:
    """A page of the account's list (protocol §7)."""
    return said({"items": list(requests), "next_cursor": None, "has_more": False})


def is_result(request: httpx.Request) -> bool:
    """Whether the result of a request is asked for."""
    return request.method == "GET" and request.url.path.endswith(f"/requests/{REQUEST_ID}")


def is_list(request: httpx.Request) -> bool:
    """Whether the account's list is asked for."""
    return request.url.path.endswith("/models/requests/by-endpoint")
