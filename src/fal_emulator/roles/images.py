"""The OpenAI Images page that gateways offer beside their queue (protocol §9.4). Only relays have it."""

import base64
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from fal_emulator.access import key_of_scheme
from fal_emulator.answers import JsonObject, Refusal, Reply
from fal_emulator.files import MARK
from fal_emulator.middleware import body_of, faults_in, respond
from fal_emulator.relays import full_id, gateway_error, relay_in
from fal_emulator.service import Service

_SIZE = re.compile(r"(?P<width>\d{1,9})x(?P<height>\d{1,9})")


class ImagesRoutes:
    """The routes below `/v1/images`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[BaseRoute]:
        """The paths."""
        return [Route("/generations", self.generate, methods=["POST"])]

    async def generate(self, request: Request) -> Response:
        """Wait for the pictures, then answer with them."""
        if relay_in(faults_in(request)) is None:
            raise Refusal(gateway_error(404, "Invalid URL (POST /v1/images/generations)"))
        key = key_of_scheme(request, "Bearer")
        body = await body_of(request)
        if not isinstance(body, dict):
            raise Refusal(gateway_error(400, "The body must be an object"))
        arguments, packed = _arguments(body), body.get("response_format") == "b64_json"
        ticket = self._service.accept(
            self._service.model(full_id(str(body.get("model", "")))), arguments, key, is_direct=True
        )
        await self._service.pause(ticket.plan.running)
        progress = self._service.progress(ticket)
        answer = await self._service.answer(progress)
        if answer.status != 200:
            return respond(request, gateway_error(answer.status, _message(answer)))
        data = [self._picture(image, packed) for image in answer.body["images"]]
        created = int(progress.ended_at)
        return respond(request, Reply(200, {"created": created, "data": data}, {"x-fal-request-id": ticket.request_id}))

    def _picture(self, image: JsonObject, packed: bool) -> JsonObject:
        if not packed:
            return {"url": image["url"]}
        path = image["url"].removeprefix(MARK)
        content = self._service.state.location(path).read_bytes()
        return {"b64_json": base64.b64encode(content).decode()}


def _arguments(body: JsonObject) -> JsonObject:
    """The model's own fields. OpenAI's names replace those that are missing (protocol §9.4)."""
    fields = {name: value for name, value in body.items() if name not in ("model", "n", "size", "response_format")}
    if "n" in body:
        fields.setdefault("num_images", body["n"])
    if size := _SIZE.fullmatch(str(body.get("size", ""))):
        fields.setdefault("image_size", {side: int(pixels) for side, pixels in size.groupdict().items()})
    return fields


def _message(answer: Reply) -> str:
    detail: Any = answer.body.get("detail") if isinstance(answer.body, dict) else None
    return detail if isinstance(detail, str) else "; ".join(item["msg"] for item in detail or ())
