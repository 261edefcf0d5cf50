"""The web-site role: the OpenAPI documents of the models, and a picture for each (protocol §6.3)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from faldeck.emulator.answers import Answer
from faldeck.emulator.openapi import document
from faldeck.emulator.service import Service
from faldeck.emulator.wire import origin, respond


class Site:
    """The routes of the web site; none needs a key."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[BaseRoute]:
        """The paths."""
        return [Route("/api/openapi/queue/openapi.json", self.schema)]

    async def schema(self, request: Request) -> Response:
        """The document of one model; for an unknown one the body is `null`."""
        model = self._service.models.get(request.query_params.get("endpoint_id", ""))
        if model is None:
            return respond(request, Answer(404, None))
        return respond(request, Answer(200, document(model, f"{origin(request)}/site")))
