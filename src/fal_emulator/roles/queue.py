"""The queue role: submit, status, status stream, result and cancel (protocol §2)."""

import json
import math
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from fal_emulator.access import key_for_app
from fal_emulator.answers import JsonObject, Refusal, Reply, plain, request_error
from fal_emulator.middleware import body_of, faults_in, lifetime_of, number_in, origin, respond
from fal_emulator.model import app_id
from fal_emulator.plan import QueueStatus, RunnerLine
from fal_emulator.relays import OFFICIAL_HOST, relay_in, resold_id
from fal_emulator.service import RequestProgress, Service

STREAM_TICK = 0.4
"""Seconds after which a stream looks whether another process has changed its request."""
KEEP_ALIVE = 15.0


class QueueRoutes:
    """The routes of the queue host."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[BaseRoute]:
        """The paths, under the app id as well as under the full endpoint id (protocol §2.1)."""
        one = "/{app:path}/requests/{request_id}"
        return [
            Route(f"{one}/status/stream", self.stream),
            Route(f"{one}/status", self.status),
            Route(f"{one}/cancel", self.cancel, methods=["PUT"]),
            Route(f"{one}/response", self.result),
            Route(one, self.result),
            Route("/{endpoint_id:path}", self.submit, methods=["POST"]),
        ]

    async def submit(self, request: Request) -> Response:
        """Accept a request. Its input is not checked here (protocol §2.2)."""
        endpoint_id = request.path_params["endpoint_id"]
        key = key_for_app(request, app_id(endpoint_id))
        model = self._service.queued(endpoint_id)
        arguments = await body_of(request)
        self._refuse_when_full(request, app_id(endpoint_id))
        faults = faults_in(request)
        ticket = self._service.accept(
            model,
            arguments,
            key,
            start_timeout=_start_timeout(request),
            retries=int(faults.value("retry", "submit")),
            delay=faults.value("slow-queue", "submit"),
            expires_after=lifetime_of(request.headers),
        )
        progress = self._service.progress(ticket)
        body = self._addresses(request, progress)
        body |= {"status": "IN_QUEUE", "queue_position": ticket.plan.ahead, "logs": None, "metrics": {}}
        return respond(request, Reply(200, _as_told(request, body), {"x-fal-request-id": ticket.request_id}))

    async def status(self, request: Request) -> Response:
        """The status of the request: 202 until it is completed, then 200 (protocol §2.3)."""
        progress = self._progress(request)
        logs = self._logs(progress, since=-math.inf) if _wants_logs(request) else None
        is_relay = relay_in(faults_in(request)) is not None
        code = 200 if progress.is_completed or is_relay else 202
        body = self._status_body(request, progress, logs)
        return respond(request, Reply(code, body, {"x-fal-request-id": progress.ticket.request_id}))

    async def stream(self, request: Request) -> Response:
        """The status as server-sent events, each with the log lines that are new (protocol §2.4)."""
        progress = self._progress(request)
        headers = {"x-fal-request-id": progress.ticket.request_id, "cache-control": "no-cache"}
        return StreamingResponse(self._events(request, progress), media_type="text/event-stream", headers=headers)

    async def result(self, request: Request) -> Response:
        """The model's own answer once there is one (protocol §2.5)."""
        progress = self._progress(request)
        faults = faults_in(request)
        if not progress.is_completed or faults.strike("early-result", "result"):
            body = {"detail": "Request is still in progress", **self._addresses(request, progress)}
            relay = relay_in(faults)
            early_code = relay.early_code if relay else 400
            return respond(request, Reply(200 if progress.is_completed else early_code, body))
        answer = await self._service.answer(progress)
        if faults.strike("expired", "result") or self._service.is_forgotten(progress, answer):
            return respond(request, plain(404, "Request not found"))
        return respond(request, answer)

    async def cancel(self, request: Request) -> Response:
        """Ask a request to stop. The status shows later whether it did (protocol §2.6)."""
        progress = self._progress(request)
        if progress.is_completed:
            return respond(request, Reply(400, {"status": "ALREADY_COMPLETED"}))
        self._service.state.cancel(progress.ticket.request_id, time.time())
        return respond(request, Reply(202, {"status": "CANCELLATION_REQUESTED"}))

    def _progress(self, request: Request) -> RequestProgress:
        """The request named in the path, found by its id alone; raises `Refusal` with 404 if there is none."""
        key_for_app(request, app_id(request.path_params["app"]))
        ticket = self._service.state.ticket(request.path_params["request_id"])
        if ticket is None or ticket.is_direct:
            raise Refusal(Reply(404, {"status": "NOT_FOUND", "detail": "Request not found"}))
        return self._service.progress(ticket)

    def _refuse_when_full(self, request: Request, app: str) -> None:
        limit = number_in(request, "fal_max_queue_length")
        if limit is not None and self._service.state.waiting(app, time.time()) > limit:
            raise Refusal(plain(429, f"Queue of {app} is full"))

    def _addresses(self, request: Request, progress: RequestProgress) -> JsonObject:
        """The URL of a request: under the app id, even if another path was used (protocol §10.2, 2)."""
        relay = relay_in(faults_in(request))
        base = f"{origin(request)}/queue" if relay is None else OFFICIAL_HOST
        ticket = progress.ticket
        endpoint_id = resold_id(ticket.endpoint_id) if relay else ticket.endpoint_id
        response = f"{base}/{app_id(endpoint_id)}/requests/{ticket.request_id}"
        return {
            "request_id": ticket.request_id,
            "response_url": response,
            "status_url": f"{response}/status",
            "cancel_url": f"{response}/cancel",
        }

    def _status_body(self, request: Request, progress: RequestProgress, logs: list[JsonObject] | None) -> JsonObject:
        latest = progress.latest
        body = self._addresses(request, progress)
        body |= {"status": latest.status, "logs": logs, "metrics": {}}
        if latest.status is QueueStatus.IN_QUEUE:
            body["queue_position"] = latest.ahead
        if latest.status is QueueStatus.COMPLETED:
            body |= self._outcome(request, progress)
        return _as_told(request, body)

    def _outcome(self, request: Request, progress: RequestProgress) -> JsonObject:
        """The other members of a completed status: the time used, and a platform error if there was one."""
        failure = self._service.failure(progress)
        outcome: JsonObject = {}
        if progress.started_at is not None:
            outcome["metrics"] = {"inference_time": round(progress.ended_at - progress.started_at, 3)}
        if failure is not None and isinstance(failure.body, dict) and "error_type" in failure.body:
            outcome |= {"error": failure.body["detail"], "error_type": failure.body["error_type"]}
        relay = relay_in(faults_in(request))
        if failure is not None and relay and relay.failure_word:
            outcome["status"] = relay.failure_word
        return outcome

    def _logs(self, progress: RequestProgress, since: float) -> list[JsonObject]:
        lines = self._service.log(progress)
        return [_log_entry(at, line, progress) for at, line in lines if since < at <= progress.now]

    async def _events(self, request: Request, progress: RequestProgress) -> AsyncIterator[str]:
        """One event for every change and every new log line, until the request is completed."""
        has_logs = _wants_logs(request)
        told_until = -math.inf
        spoke_at = time.time()
        last_state: tuple[QueueStatus, int] | None = None
        while True:
            logs = self._logs(progress, told_until) if has_logs else None
            state = (progress.latest.status, progress.latest.ahead)
            if logs or state != last_state:
                yield f"data: {json.dumps(self._status_body(request, progress, logs))}\n\n"
                told_until, last_state, spoke_at = progress.now, state, time.time()
            elif time.time() - spoke_at > KEEP_ALIVE:
                yield ": ping\n\n"
                spoke_at = time.time()
            if progress.is_completed or await self._service.pause(self._until_news(progress, has_logs)):
                return
            ticket = self._service.state.ticket(progress.ticket.request_id)
            if ticket is None:
                return
            progress = self._service.progress(ticket)

    def _until_news(self, progress: RequestProgress, has_logs: bool) -> float:
        """Seconds until the next change of the plan, at most `STREAM_TICK`, and enough not to loop without a pause."""
        times = [progress.ticket.submitted_at + change.at for change in progress.changes]
        if has_logs:
            times += [at for at, _ in self._service.log(progress)]
        coming = [at - progress.now for at in times if at > progress.now]
        return max(0.002, min([STREAM_TICK, *coming]))


def _start_timeout(request: Request) -> float | None:
    """The start timeout of the caller, in seconds. The newer header wins (protocol §2.2)."""
    headers = request.headers
    text = headers.get("x-fal-request-start-timeout", headers.get("x-fal-request-timeout"))
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if seconds <= 0.1:
        raise Refusal(request_error("bad_request"))
    return seconds


def _wants_logs(request: Request) -> bool:
    return request.query_params.get("logs", "").lower() in ("1", "true")


def _as_told(request: Request, body: JsonObject) -> JsonObject:
    """A body without the members that the emulated relay leaves out."""
    relay = relay_in(faults_in(request))
    return {name: value for name, value in body.items() if relay is None or name not in relay.unsaid}


def _log_entry(at: float, line: RunnerLine, progress: RequestProgress) -> JsonObject:
    """A log line in both of its known shapes at once (protocol §2.3)."""
    time_of_line = datetime.fromtimestamp(at, UTC)
    ticket = progress.ticket
    labels = {
        "level": line.level,
        "source": "gateway" if line.source == "USER" else line.source,
        "isolate_source": line.source,
        "logged_at": time_of_line.isoformat(timespec="microseconds"),
        "fal_request_id": ticket.request_id,
        "fal_endpoint": ticket.endpoint_id,
        "app": app_id(ticket.endpoint_id),
    }
    return {
        "timestamp": time_of_line.replace(tzinfo=None).isoformat(timespec="microseconds"),
        "message": line.message,
        "level": line.level,
        "source": line.source,
        "labels": labels,
    }
