"""The platform API role: models, prices and the account's requests (protocol §6.1, §7). Its errors are shape C."""

import base64
import binascii
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from fal_emulator.access import key_for_platform
from fal_emulator.answers import JsonObject, Refusal, Reply, platform_error
from fal_emulator.middleware import origin, respond
from fal_emulator.model import EmulatedModel
from fal_emulator.openapi import document
from fal_emulator.service import RequestProgress, Service

MODELS_PER_PAGE = 50
REQUESTS_PER_PAGE = 50
MOST_REQUESTS_PER_PAGE = 100
MOST_IDS = 50


class PlatformRoutes:
    """The routes below `/api/v1`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[BaseRoute]:
        """The paths this emulator knows; all others are `not_found`."""
        return [
            Route("/models", self.models),
            Route("/models/pricing", self.pricing),
            Route("/models/requests/by-endpoint", self.requests),
            Route("/{rest:path}", self.unknown, methods=["GET", "POST", "PUT", "DELETE"]),
        ]

    async def models(self, request: Request) -> Response:
        """The catalogue: listed, found by id or searched; needs no key."""
        query = request.query_params
        wanted = _listed(request, "endpoint_id")
        models = self._found(wanted) if wanted else list(self._service.models.values())
        words = query.get("q", "").lower().split()
        category, status = query.get("category"), query.get("status")
        if status not in (None, "active", "deprecated"):
            raise Refusal(platform_error("validation_error"))
        models = [
            model
            for model in models
            if all(word in f"{model.name} {model.description} {model.category}".lower() for word in words)
            and category in (None, model.category)
            and status in (None, _status(model))
        ]
        page, cursor = _page(request, models, MODELS_PER_PAGE, most=1000)
        expand = _listed(request, "expand")
        items = [_entry(model, origin(request), with_openapi="openapi-3.0" in expand) for model in page]
        return respond(request, Reply(200, {"models": items, **cursor}))

    async def pricing(self, request: Request) -> Response:
        """Unit prices of the named models; needs a key."""
        key_for_platform(request)
        models = self._found(_required(request, "endpoint_id"))
        prices = [
            {
                "endpoint_id": model.endpoint_id,
                "unit_price": model.price.amount,
                "unit": model.price.unit,
                "currency": "USD",
            }
            for model in models
        ]
        return respond(request, Reply(200, {"prices": prices, "next_cursor": None, "has_more": False}))

    async def requests(self, request: Request) -> Response:
        """The requests to some models in a period, with their inputs and outputs if the query says so."""
        key_for_platform(request)
        endpoint_ids = _required(request, "endpoint_id")
        query = request.query_params
        request_id = query.get("request_id")
        now = time.time()
        back = timedelta(days=90 if request_id else 1).total_seconds()
        start, end = _time(query.get("start"), now - back), _time(query.get("end"), now + 1)
        found = [
            self._service.progress(ticket)
            for ticket in self._service.state.tickets(endpoint_ids, start, end)
            if request_id in (None, ticket.request_id)
        ]
        if status := query.get("status"):
            found = [progress for progress in found if self._outcome(progress) == status]
        by_duration = query.get("sort_by") == "duration"
        found.sort(key=_duration if by_duration else lambda progress: progress.ended_at, reverse=True)
        page, cursor = _page(request, found, REQUESTS_PER_PAGE, most=MOST_REQUESTS_PER_PAGE)
        with_payloads = "payloads" in _listed(request, "expand")
        items = [await self._item(progress, with_payloads=with_payloads) for progress in page]
        return respond(request, Reply(200, {"items": items, **cursor}))

    async def unknown(self, request: Request) -> Response:
        """Any other path."""
        raise Refusal(platform_error("not_found"))

    def _found(self, endpoint_ids: Sequence[str]) -> list[EmulatedModel]:
        unknown = [one for one in endpoint_ids if one not in self._service.models]
        if unknown:
            raise Refusal(platform_error("not_found", f"Endpoint not found: {unknown[0]}"))
        return [self._service.models[one] for one in endpoint_ids]

    def _code(self, progress: RequestProgress) -> int | None:
        """The status code of a request's result; None before it has one."""
        if not progress.is_completed:
            return None
        kept = self._service.state.answer(progress.ticket.request_id)
        failure = kept or self._service.failure(progress)
        return 200 if failure is None else failure.status

    def _outcome(self, progress: RequestProgress) -> str | None:
        code = self._code(progress)
        return None if code is None else "success" if code < 400 else "user_error" if code < 500 else "error"

    async def _item(self, progress: RequestProgress, *, with_payloads: bool) -> JsonObject:
        ticket, is_over = progress.ticket, progress.is_completed
        output = (await self._service.answer(progress)) if with_payloads and is_over else None
        item: JsonObject = {
            "request_id": ticket.request_id,
            "endpoint_id": ticket.endpoint_id,
            "sent_at": _stamp(ticket.submitted_at),
            "started_at": _stamp(min(progress.started_at or progress.ended_at, progress.ended_at)),
            "ended_at": _stamp(progress.ended_at) if is_over else None,
            "status_code": output.status if output else self._code(progress),
            "duration": round(_duration(progress), 6) if is_over else None,
        }
        if with_payloads:
            item["json_input"] = ticket.arguments
            item["json_output"] = output.body if output else None
        return item


def _entry(model: EmulatedModel, origin: str, *, with_openapi: bool) -> JsonObject:
    """A model as the catalogue lists it (protocol §6.1)."""
    site = f"{origin}/site"
    published = f"{model.published}T00:00:00.000Z"
    metadata: JsonObject = {
        "display_name": model.name,
        "category": model.category,
        "description": model.description,
        "status": _status(model),
        "tags": list(model.tags),
        "updated_at": published,
        "is_favorited": None,
        "thumbnail_url": f"{site}/thumbnails/{model.endpoint_id}.png",
        "model_url": f"{origin}/run/{model.endpoint_id}",
        "license_type": "commercial",
        "date": published,
        "highlighted": False,
        "kind": model.kind,
        "pinned": False,
        "duration_estimate": max(1, round(model.pace.running / 60)),
    }
    if model.group is not None:
        key, label = model.group
        metadata["group"] = {"key": key, "label": label}
    if model.narrate is not None:
        metadata["stream_url"] = f"{site}/models/{model.endpoint_id}/stream"
    entry: JsonObject = {"endpoint_id": model.endpoint_id, "metadata": metadata}
    return entry | ({"openapi": document(model, site)} if with_openapi else {})


def _status(model: EmulatedModel) -> str:
    return "deprecated" if model.is_deprecated else "active"


def _duration(progress: RequestProgress) -> float:
    return progress.ended_at - (progress.started_at or progress.ended_at)


def _listed(request: Request, name: str) -> list[str]:
    """The values of a list parameter, repeated or with commas or both (protocol §7)."""
    values = [value for text in request.query_params.getlist(name) for value in text.split(",") if value]
    if len(values) > MOST_IDS:
        raise Refusal(platform_error("validation_error"))
    return values


def _required(request: Request, name: str) -> list[str]:
    values = _listed(request, name)
    if not values:
        raise Refusal(platform_error("validation_error", f"{name} is required"))
    return values


def _page(request: Request, items: Sequence[Any], usual: int, *, most: int) -> tuple[Sequence[Any], JsonObject]:
    """One page of the items, and what the answer says about the next one."""
    query = request.query_params
    try:
        limit = int(query.get("limit", usual))
        cursor = query.get("cursor", "")
        number = int(base64.b64decode(cursor + "=" * (-len(cursor) % 4))) if cursor else 1
    except (ValueError, binascii.Error) as error:
        raise Refusal(platform_error("validation_error")) from error
    if not 1 <= limit <= most or number < 1:
        raise Refusal(platform_error("validation_error"))
    rest = items[(number - 1) * limit :]
    has_more = len(rest) > limit
    following = base64.b64encode(str(number + 1).encode()).decode().rstrip("=") if has_more else None
    return rest[:limit], {"next_cursor": following, "has_more": has_more}


def _time(text: str | None, usual: float) -> float:
    if text is None:
        return usual
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal(platform_error("validation_error")) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
