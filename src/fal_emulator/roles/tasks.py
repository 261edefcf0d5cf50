"""The page of new-api style gateways where videos are submitted as tasks (protocol §9.5). Only relays have it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from fal_emulator.access import key_of_scheme
from fal_emulator.answers import Refusal, Reply
from fal_emulator.middleware import body_of, faults_in, respond
from fal_emulator.plan import QueueStatus
from fal_emulator.relays import full_id, gateway_error, relay_in
from fal_emulator.service import Service

_WORDS = {QueueStatus.IN_QUEUE: "QUEUED", QueueStatus.IN_PROGRESS: "IN_PROGRESS"}


class TasksRoutes:
    """The routes below `/v1/video`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[BaseRoute]:
        """The paths."""
        return [
            Route("/generations", self.submit, methods=["POST"]),
            Route("/generations/{task_id}", self.status, methods=["GET"]),
        ]

    async def submit(self, request: Request) -> Response:
        """Accept a task."""
        key = _key(request)
        body = await body_of(request)
        if not isinstance(body, dict):
            raise Refusal(gateway_error(400, "The body must be an object"))
        arguments = {name: value for name, value in body.items() if name != "model"}
        ticket = self._service.accept(self._service.model(full_id(str(body.get("model", "")))), arguments, key)
        told = {"id": ticket.request_id, "task_id": ticket.request_id, "status": "queued"}
        return respond(request, Reply(200, told, {"x-fal-request-id": ticket.request_id}))

    async def status(self, request: Request) -> Response:
        """The status of a task, and its output."""
        _key(request)
        ticket = self._service.state.ticket(request.path_params["task_id"])
        if ticket is None:
            raise Refusal(gateway_error(404, "task not exist"))
        progress = self._service.progress(ticket)
        task = {"task_id": ticket.request_id, "status": _WORDS.get(progress.latest.status, ""), "data": {}}
        if progress.is_completed:
            answer = await self._service.answer(progress)
            task |= {"status": "SUCCESS" if answer.status == 200 else "FAILED", "data": answer.body}
        return respond(request, Reply(200, {"code": "success", "data": task}))


def _key(request: Request) -> str:
    if relay_in(faults_in(request)) is None:
        raise Refusal(gateway_error(404, f"Invalid URL ({request.method} {request.url.path})"))
    return key_of_scheme(request, "Bearer")
