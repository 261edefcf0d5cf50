"""A transport of httpx that gives prepared answers and keeps the requests, for tests of `faldeck.fal`."""

from collections.abc import Callable
from typing import Any

import httpx

from faldeck.fal.gateway import Gateway, Hosts
from faldeck.fal.values import RequestHandle

KEY = "0f1e2d3c-canary:5ecre7ca9a7y"
ID = "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11"
OFFICIAL = Hosts(
    queue_url="https://queue.fal.run",
    run_url="https://fal.run",
    rest_url="https://rest.fal.ai",
    api_url="https://api.fal.ai/v1",
    schema_url="https://fal.ai/api/openapi/queue/openapi.json",
)

Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Far:
    """One step for each request, in order; the last one again and again."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        if isinstance(step, Exception):
            raise step
        return step(request) if callable(step) else step

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Method and URL of every request."""
        return [(request.method, str(request.url)) for request in self.requests]

    @property
    def keys(self) -> list[str | None]:
        """The Authorization of every request."""
        return [request.headers.get("authorization") for request in self.requests]


def gateway(far: Far, hosts: Hosts = OFFICIAL, authorization: str | None = f"Key {KEY}") -> Gateway:
    """A gateway whose service is `far`."""
    return Gateway(hosts, authorization, transport=httpx.MockTransport(far))


def answer(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    """A JSON answer; header names are written with underscores."""
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


def stream(text: str) -> httpx.Response:
    """A whole event stream."""
    return httpx.Response(200, content=text.encode(), headers={"content-type": "text/event-stream; charset=utf-8"})


def accepted(host: str = "https://queue.fal.run") -> dict[str, Any]:
    """What a queue answers to a submit (protocol §2.2)."""
    url = f"{host}/fal-ai/flux/requests/{ID}"
    urls = {"response_url": url, "status_url": f"{url}/status", "cancel_url": f"{url}/cancel"}
    return {"status": "IN_QUEUE", "request_id": ID, **urls, "queue_position": 2, "logs": None, "metrics": {}}


def request(hosts: Hosts = OFFICIAL) -> RequestHandle:
    """A request that the service knows."""
    return gateway(Far(answer({})), hosts).handle("fal-ai/flux/dev", ID)
