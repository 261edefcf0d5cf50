"""The web-site role: the OpenAPI documents of the models, and a picture for each (protocol §6.3)."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from fal_emulator.answers import Reply
from fal_emulator.art.painting import paint, png
from fal_emulator.middleware import origin, respond
from fal_emulator.openapi import document
from fal_emulator.relays import own_id
from fal_emulator.service import Service

THUMBNAIL = (320, 240)
"""Its width and height in pixels."""


class SiteRoutes:
    """The routes of the web site; none needs a key."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[BaseRoute]:
        """The paths."""
        return [
            Route("/api/openapi/queue/openapi.json", self.schema),
            Route("/thumbnails/{endpoint_id:path}.png", self.thumbnail),
        ]

    async def schema(self, request: Request) -> Response:
        """The document of one model; for an unknown one the body is `null`."""
        model = self._service.models.get(own_id(request.query_params.get("endpoint_id", "")))
        if model is None:
            return respond(request, Reply(404, None))
        return respond(request, Reply(200, document(model, f"{origin(request)}/site")))

    async def thumbnail(self, request: Request) -> Response:
        """A small picture for a model, painted from its id."""
        model = self._service.model(request.path_params["endpoint_id"])
        picture = await asyncio.to_thread(paint, model.description, len(model.endpoint_id), *THUMBNAIL)
        return Response(png(picture), media_type="image/png")
