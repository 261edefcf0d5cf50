"""The service behind all roles: accepts requests, gives their status, and makes their results on demand."""

import asyncio
import hashlib
import json
import logging
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fal_emulator import files
from fal_emulator.answers import CRASHED, JsonObject, Refusal, Reply, details, request_error
from fal_emulator.fields import components_of
from fal_emulator.model import EmulatedModel, MadeFile, ModelRequest, ModelTiming, UnitPrice, app_id
from fal_emulator.plan import EndReason, QueueStatus, RequestPlan, RunnerLine, StatusChange, log, moment, timeline
from fal_emulator.relays import own_id
from fal_emulator.state import EmulatorState, Ticket
from fal_emulator.validation import faults_of, prepared

RETENTION = 3600.0
"""Seconds for which a small result is kept (protocol §2.7)."""
RETENTION_OF_LARGE = 360.0
LARGE = 10_000
"""Bytes from which a result is large."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class RequestProgress:
    """The progress of a request at one moment. Times are Unix seconds."""

    ticket: Ticket
    changes: Sequence[StatusChange]
    now: float

    @property
    def latest(self) -> StatusChange:
        """The state the request is in."""
        return moment(self.changes, self.now - self.ticket.submitted_at)

    @property
    def is_completed(self) -> bool:
        """Whether it has ended, in any way."""
        return self.latest.status is QueueStatus.COMPLETED

    @property
    def ended_at(self) -> float:
        """When the request ends or has ended."""
        return self.ticket.submitted_at + self.changes[-1].at

    @property
    def started_at(self) -> float | None:
        """When its last run starts; None if it never starts."""
        starts = [change.at for change in self.changes if change.status is QueueStatus.IN_PROGRESS]
        return self.ticket.submitted_at + starts[-1] if starts else None


class Service:
    """The models, the state and the clock, which all roles share. `speed` divides every duration of new requests."""

    def __init__(self, state: EmulatorState, models: Sequence[EmulatedModel], speed: float) -> None:
        self.state = state
        self.speed = speed
        self.closing = asyncio.Event()
        """Set when the server wants to end."""
        self.models = {model.endpoint_id: model for model in models}
        self._apps = {app_id(endpoint_id) for endpoint_id in self.models}

    async def pause(self, seconds: float) -> bool:
        """Wait, but not longer than the server runs; True if the server ends."""
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def model(self, endpoint_id: str) -> EmulatedModel:
        """The model of that id, which may have the owner that relays sell under.

        Raises `Refusal` with 404 and the missing part (protocol §2.2, §3.1).
        """
        model = self.queued(endpoint_id)
        if model.endpoint_id not in self.models:
            raise Refusal(_no_path(model.endpoint_id))
        return model

    def queued(self, endpoint_id: str) -> EmulatedModel:
        """The model that a queued request runs: a path that its app does not have ends in the app's own 404.

        Raises `Refusal` with 404 if there is no such app (protocol §2.1).
        """
        endpoint_id = own_id(endpoint_id)
        if endpoint_id in self.models:
            return self.models[endpoint_id]
        if app_id(endpoint_id) in self._apps:
            return _without_path(endpoint_id)
        detail = f'Application "{endpoint_id.rsplit("/", 1)[-1]}" not found'
        raise Refusal(Reply(404, {"detail": detail}, {"x-fal-billable-units": "0"}))

    def accept(
        self,
        model: EmulatedModel,
        arguments: Any,
        key: str,
        *,
        start_timeout: float | None = None,
        retries: int = 0,
        delay: float = 0,
        is_direct: bool = False,
        expires_after: float | None = None,
    ) -> Ticket:
        """Accept a request and decide its plan. The input is not checked here (protocol §2.2)."""
        pace = model.pace
        # Two inputs take different times, but the same input always the same.
        jitter = random.Random(json.dumps(arguments)).uniform(0.9, 1.1)
        plan = RequestPlan(
            queued=0 if is_direct else pace.queued * jitter + delay,
            running=pace.running * jitter,
            ahead=0 if is_direct else pace.ahead,
            retries=retries,
            start_timeout=start_timeout,
            heeds_cancel=pace.heeds_cancel,
        ).scaled(self.speed)
        now = time.time()
        ticket = Ticket(
            str(uuid.uuid4()),
            model.endpoint_id,
            arguments,
            plan,
            key,
            now,
            is_direct=is_direct,
            expires_after=expires_after,
        )
        self.state.add_ticket(ticket, started_at=now + plan.queued)
        return ticket

    def start_waiting(self) -> int:
        """Start every waiting request now; gives their number."""
        now = time.time()
        waiting = self.state.waiting_tickets(now)
        for ticket in waiting:
            self.state.replan(ticket, replace(ticket.plan, queued=now - ticket.submitted_at), started_at=now)
        return len(waiting)

    def progress(self, ticket: Ticket) -> RequestProgress:
        """The progress of a request now."""
        cancelled = None if ticket.cancelled_at is None else ticket.cancelled_at - ticket.submitted_at
        return RequestProgress(ticket, timeline(ticket.plan, cancelled), time.time())

    def log(self, progress: RequestProgress) -> list[tuple[float, RunnerLine]]:
        """All log lines of a request with Unix times, including future ones."""
        script = self.queued(progress.ticket.endpoint_id).pace.script
        lines = log(progress.changes, script, progress.ticket.plan.running)
        return [(progress.ticket.submitted_at + offset, line) for offset, line in lines]

    def failure(self, progress: RequestProgress) -> Reply | None:
        """The error of a request; None if it makes an output. No output is made here."""
        ending = progress.changes[-1].ending
        if ending in (EndReason.CANCELLED, EndReason.START_TIMEOUT):
            answer = request_error(ending)
            by_caller = {"x-fal-request-timeout-type": "user"} if ending is EndReason.START_TIMEOUT else {}
            return replace(answer, headers={**answer.headers, **by_caller})
        ticket = progress.ticket
        model = self.queued(ticket.endpoint_id)
        components = components_of(model)
        faults = faults_of(ticket.arguments, model.inputs, components)
        if faults:
            return details(faults)
        return model.fails(prepared(ticket.arguments, model.inputs, components))

    async def answer(self, progress: RequestProgress) -> Reply:
        """The result of a completed request, made at the first call and stored.

        It has the request id, unless it is a page of the load balancer, which does not know it.
        """
        ticket = progress.ticket
        answer = self.state.answer(ticket.request_id)
        if answer is None:
            answer = self.failure(progress)
            if answer is None:
                answer = await asyncio.to_thread(self._render, progress)
            self.state.keep_answer(ticket.request_id, answer)
        if answer.content_type != "application/json":
            return answer
        return replace(answer, headers={**answer.headers, "x-fal-request-id": ticket.request_id})

    def is_forgotten(self, progress: RequestProgress, answer: Reply) -> bool:
        """Whether the queue no longer keeps this result (protocol §2.7)."""
        is_large = len(json.dumps(answer.body)) >= LARGE
        return progress.now > progress.ended_at + (RETENTION_OF_LARGE if is_large else RETENTION)

    def _render(self, progress: RequestProgress) -> Reply:
        """The output of the model. An exception in a model is a crash of the app, and is logged."""
        ticket = progress.ticket
        lifetime = ticket.expires_after
        expires_at = None if lifetime is None else progress.ended_at + lifetime
        try:
            return render(self.models[ticket.endpoint_id], ticket, self.state, expires_at)
        except Exception:  # noqa: BLE001 (whatever breaks a model ends its request, and nothing else)
            _LOG.exception("%s broke at request %s", ticket.endpoint_id, ticket.request_id)
            return CRASHED


def _without_path(endpoint_id: str) -> EmulatedModel:
    """The model for a path that its app does not have."""

    def render(request: ModelRequest) -> JsonObject:
        raise Refusal(_no_path(endpoint_id))

    return EmulatedModel(
        endpoint_id,
        name=endpoint_id,
        category="unknown",
        description="",
        inputs=(),
        outputs=(),
        render=render,
        pace=ModelTiming(queued=0.5, running=0.03),
        price=UnitPrice(0, "requests"),
        fails=lambda arguments: _no_path(endpoint_id),
    )


def _no_path(endpoint_id: str) -> Reply:
    path = endpoint_id.removeprefix(app_id(endpoint_id))
    return Reply(404, {"detail": f"Path {path} not found"}, {"x-fal-billable-units": "0"})


def model_request(model: EmulatedModel, ticket: Ticket, state: EmulatorState) -> ModelRequest:
    """A stored request in the form that models take. Its input must be valid."""
    arguments = prepared(ticket.arguments, model.inputs, components_of(model))
    seed = arguments.get("seed")
    return ModelRequest(
        arguments,
        seed if isinstance(seed, int) else _seed_of(ticket.arguments),
        lambda url: files.fetched(url, state),
        ticket.plan.running,
    )


def render(model: EmulatedModel, ticket: Ticket, state: EmulatorState, expires_at: float | None) -> Reply:
    """The answer to a valid request. It also writes its files; the same request writes the same files."""
    request = model_request(model, ticket, state)
    try:
        output = model.render(request)
    except Refusal as refusal:
        return refusal.answer
    units = model.units(request, output)
    count = 0

    def keep(media: MadeFile) -> dict[str, Any]:
        nonlocal count
        name = f"{ticket.request_id}-{count}.{media.extension}"
        count += 1
        if request.arguments.get("sync_mode") is True:
            return files.file_object(media, files.data_uri(media), None)
        path = files.address(ticket.request_id, name)
        state.add_file(path, media.content_type, media.data, expires_at)
        return files.file_object(media, files.MARK + path, path.rsplit("/", 1)[-1])

    return Reply(200, files.stored(output, keep), {"x-fal-billable-units": f"{units:g}"})


def _seed_of(arguments: Any) -> int:
    text = json.dumps(arguments, sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
