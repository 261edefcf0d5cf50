"""A plain HTTP caller of the emulator: submits, follows a request to its end, or puts one into the state."""

import json
import time
import uuid
from contextlib import closing
from typing import Any, Self

import httpx

from fal_emulator.plan import RequestPlan
from fal_emulator.state import EmulatorState, Ticket
from support.emulator import Emulator

KEY = "Key any:key"

LAKE: dict[str, Any] = {"prompt": "a lake", "image_size": {"width": 64, "height": 48}}
"""An input that is painted in no time."""

DROPPED = (httpx.RemoteProtocolError, httpx.ReadError)
"""What a caller notices of a closed connection: its end, or a reset if the service has not read all that was sent."""


class Caller:
    """Talks to one emulator with a key; a context manager."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.http = httpx.Client(base_url=emulator.url, headers={"Authorization": KEY}, verify=False, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def submit(self, endpoint_id: str, arguments: Any, **options: Any) -> dict[str, Any]:
        """The body that answers a submit."""
        answer = self.http.post(f"/queue/{endpoint_id}", json=arguments, **options)
        body: dict[str, Any] = answer.raise_for_status().json()
        return body

    def follow(self, submitted: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
        """All events of a request's status stream, which ends with the request."""
        lines = self.http.get(f"{submitted['status_url']}/stream", params=params).text.splitlines()
        return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]

    def finish(self, endpoint_id: str, arguments: Any, **options: Any) -> httpx.Response:
        """The answer to the result of a request that is over."""
        submitted = self.submit(endpoint_id, arguments, **options)
        self.follow(submitted)
        return self.http.get(submitted["response_url"])

    def place(
        self,
        endpoint_id: str,
        plan: RequestPlan,
        arguments: Any = None,
        *,
        age: float = 0,
        cancelled: float | None = None,
    ) -> str:
        """Put a request with any plan into the state, submitted `age` seconds ago; gives its id."""
        submitted_at = time.time() - age
        request_id = str(uuid.uuid4())
        cancelled_at = None if cancelled is None else submitted_at + cancelled
        ticket = Ticket(request_id, endpoint_id, arguments or {}, plan, "key", submitted_at, cancelled_at)
        with closing(EmulatorState(self.emulator.state)) as state:
            state.add_ticket(ticket, submitted_at + plan.queued)
        return request_id

    def request(self, request_id: str, path: str = "", **params: Any) -> httpx.Response:
        """GET a page of a request of the sketch app."""
        return self.http.get(f"/queue/demo/sketch/requests/{request_id}{path}", params=params)
