"""The run role: synchronous and streamed calls (protocol §3.1, §3.2)."""

import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from fal_emulator.access import key_for_app
from fal_emulator.answers import JsonObject
from fal_emulator.files import localised
from fal_emulator.middleware import body_of, lifetime_of, origin, respond
from fal_emulator.model import app_id
from fal_emulator.service import RequestProgress, Service, model_request


class RunRoutes:
    """The routes of the host for direct calls."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[BaseRoute]:
        """The paths. One that ends in `/stream` is a streamed call."""
        return [
            Route("/{endpoint_id:path}/stream", self.stream, methods=["POST"]),
            Route("/{endpoint_id:path}", self.call, methods=["POST"]),
        ]

    async def call(self, request: Request) -> Response:
        """Wait until the model is done, then answer with its output."""
        progress = await self._accept(request)
        await self._service.pause(progress.ticket.plan.running)
        answer = await self._service.answer(self._service.progress(progress.ticket))
        return respond(request, answer)

    async def stream(self, request: Request) -> Response:
        """The output as events, while the model works; the last one is the whole output (protocol §10.2, 22)."""
        progress = await self._accept(request)
        failure = self._service.failure(progress)
        if failure is not None:
            return respond(request, failure)
        return StreamingResponse(
            self._events(request, progress),
            media_type="text/event-stream",
            headers={"x-fal-request-id": progress.ticket.request_id},
        )

    async def _accept(self, request: Request) -> RequestProgress:
        endpoint_id = request.path_params["endpoint_id"]
        key = key_for_app(request, app_id(endpoint_id))
        model = self._service.model(endpoint_id)
        arguments = await body_of(request)
        lifetime = lifetime_of(request.headers)
        ticket = self._service.accept(model, arguments, key, is_direct=True, expires_after=lifetime)
        return self._service.progress(ticket)

    async def _events(self, request: Request, progress: RequestProgress) -> AsyncIterator[str]:
        ticket = progress.ticket
        model = self._service.models[ticket.endpoint_id]
        if model.narrate is None:
            await self._service.pause(ticket.plan.running)
        else:
            parts: list[JsonObject] = list(model.narrate(model_request(model, ticket, self._service.state)))
            for part in parts:
                await self._service.pause(ticket.plan.running / len(parts))
                yield f"data: {json.dumps(part)}\n\n"
        answer = await self._service.answer(self._service.progress(ticket))
        yield f"data: {localised(json.dumps(answer.body), origin(request))}\n\n"
