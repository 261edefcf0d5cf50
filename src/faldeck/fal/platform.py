"""The platform API: prices, past requests and the test of the key (protocol §1, §7); and the catalogue (§6)."""

import time
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple, TypedDict, Unpack
from urllib.parse import urlencode

from faldeck import money
from faldeck.fal.errors import InvalidResponse, NotFound, NotSupported
from faldeck.fal.refusals import check_key_answer, raise_for_error
from faldeck.fal.responses import count_of, number_of, text_of
from faldeck.fal.transport import HttpClient
from faldeck.fal.urls import PUBLIC_API, PUBLIC_SCHEMA, Hosts, QueueAddress
from faldeck.fal.values import JSON, PRICES_AT_ONCE, JsonObject, Model, ModelPage, PastRequest, Price

MAX_PAGES = 100

_ANY_ENDPOINT = "fal-ai/flux/dev"


class PastRequestFilters(TypedDict, total=False):
    """Which of the account's requests to an endpoint to list."""

    start: str | None
    """ISO 8601; by default 24 hours ago."""
    end: str | None
    """ISO 8601, exclusive."""
    request_id: str | None


class PlatformApi:
    """One account at the platform API. Only `check_key` works without that API."""

    def __init__(self, http: HttpClient, hosts: Hosts, address: QueueAddress) -> None:
        self._http = http
        self._api_url = hosts.api_url.rstrip("/") if hosts.api_url else None
        self._address = address

    async def prices(self, endpoint_ids: Sequence[str]) -> tuple[Price, ...]:
        """The prices of these endpoints for this account, without those that the service does not know.

        Raises `NotSupported` without a platform API, and `Unauthorized` without a key.
        """
        prices: list[Price] = []
        for start in range(0, len(endpoint_ids), PRICES_AT_ONCE):
            prices += await self._prices(list(endpoint_ids[start : start + PRICES_AT_ONCE]))
        return tuple(prices)

    async def _prices(self, endpoint_ids: list[str]) -> list[Price]:
        # Whether one unknown id fails the whole call is not published, so a failed call is halved (protocol §6.1).
        try:
            payload = await self._get("/models/pricing", [("endpoint_id", name) for name in endpoint_ids], exact=True)
        except NotFound:
            if len(endpoint_ids) == 1:
                return []
            middle = len(endpoint_ids) // 2
            return await self._prices(endpoint_ids[:middle]) + await self._prices(endpoint_ids[middle:])
        return [price for entry in _entries(payload, "prices") if (price := _price(entry)) is not None]

    async def past_requests(
        self, endpoint_id: str, *, payloads: bool = False, **filters: Unpack[PastRequestFilters]
    ) -> AsyncGenerator[PastRequest, None]:
        """This account's requests to an endpoint, the one that ended last first.

        `payloads` asks for inputs and outputs too. Raises `NotSupported` without a platform API, `Forbidden` if the key
        may not see them.
        """
        chosen = {"endpoint_id": endpoint_id, **filters}
        fixed = [(name, str(value)) for name, value in chosen.items() if value is not None]
        fixed += [("limit", "100")] + ([("expand", "payloads")] if payloads else [])
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            page = [("cursor", cursor)] if cursor else []
            payload = await self._get("/models/requests/by-endpoint", fixed + page)
            for entry in _entries(payload, "items"):
                if (past := _past_request(entry)) is not None:
                    yield past
            following = text_of(payload.get("next_cursor"), 2_000)
            if following is None or following == cursor or not payload.get("has_more", True):
                return
            cursor = following

    async def check_key(self) -> bool:
        """Tests the key, free of charge; raises `Unauthorized` or `Forbidden` if it is refused.

        Asks for a price or, without a platform API, for the status of a request that does not exist (protocol §1).
        False if the key was not refused, but the host may accept any key on that page.
        """
        from uuid import uuid4

        unknown = self._address.handle(_ANY_ENDPOINT, str(uuid4())).status_url
        price = f"{self._api_url}/models/pricing?{urlencode({'endpoint_id': _ANY_ENDPOINT})}"
        answer = await self._http.exchange("GET", price if self._api_url else unknown)
        return check_key_answer(answer)

    async def _get(self, path: str, query: list[tuple[str, str]], *, exact: bool = False) -> JsonObject:
        if self._api_url is None:
            raise NotSupported(
                "This profile names no platform API (api_url), so there are no prices and no request list."
            )
        answer = await self._http.exchange("GET", f"{self._api_url}{path}?{urlencode(query)}")
        return raise_for_error(answer).object(exact=exact)


def _entries(payload: JsonObject, key: str) -> list[JsonObject]:
    entries = payload.get(key)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _price(entry: JsonObject) -> Price | None:
    endpoint_id, unit_price = text_of(entry.get("endpoint_id")), money.decimal_of(entry.get("unit_price"))
    if endpoint_id is None or unit_price is None:
        return None
    return Price(endpoint_id, unit_price, text_of(entry.get("unit")) or "", text_of(entry.get("currency")) or "USD")


def _past_request(entry: JsonObject) -> PastRequest | None:
    if (request_id := text_of(entry.get("request_id"))) is None:
        return None
    return PastRequest(
        request_id=request_id,
        endpoint_id=text_of(entry.get("endpoint_id")) or "",
        sent_at=text_of(entry.get("sent_at")) or "",
        started_at=text_of(entry.get("started_at")) or "",
        ended_at=text_of(entry.get("ended_at")),
        status_code=count_of(entry.get("status_code")),
        duration_seconds=number_of(entry.get("duration")),
        arguments=entry.get("json_input"),
        output=entry.get("json_output"),
    )


MAX_CATALOGUE_PAGES = 1_000
"""The most pages that are read of a catalogue."""


class ModelFilters(TypedDict, total=False):
    """Which models to list; all of them without a filter."""

    query: str | None
    category: str | None
    status: str | None
    """`active` or `deprecated`."""
    endpoint_ids: Sequence[str]
    """At most 50."""
    page_size: int | None


class ModelApi:
    """The catalogue of a service; the public one if the profile names none."""

    def __init__(self, http: HttpClient, hosts: Hosts) -> None:
        self._http = http
        self._models_url = f"{(hosts.api_url or PUBLIC_API).rstrip('/')}/models"
        self._schema_url = hosts.schema_url or PUBLIC_SCHEMA
        self._with_key = hosts.api_url is not None

    async def models(
        self, *, cursor: str | None = None, **filters: Unpack[ModelFilters]
    ) -> AsyncGenerator[ModelPage, None]:
        """The catalogue page by page, from `cursor` on. Raises `ErrorResponse`, also between pages."""
        names = {"query": "q", "page_size": "limit"}
        chosen = [("endpoint_id", endpoint_id) for endpoint_id in filters.pop("endpoint_ids", ())]
        fixed = [(names.get(name, name), str(value)) for name, value in filters.items() if value is not None] + chosen
        for _ in range(MAX_CATALOGUE_PAGES):
            page = await self._page(fixed + ([("cursor", cursor)] if cursor else []))
            yield page
            if page.next_cursor is None or page.next_cursor == cursor:
                return
            cursor = page.next_cursor

    async def _page(self, query: list[tuple[str, str]]) -> ModelPage:
        url = f"{self._models_url}?{urlencode(query)}" if query else self._models_url
        answer = await self._http.exchange("GET", url, with_key=self._with_key)
        payload = raise_for_error(answer).object()
        entries = payload.get("models")
        if not isinstance(entries, list):
            raise InvalidResponse(f"{answer.host} answered without a list of models.", status=answer.status)
        models = tuple(model for entry in entries if (model := _model(entry)) is not None)
        next_cursor = text_of(payload.get("next_cursor"), 2_000)
        return ModelPage(models, next_cursor if payload.get("has_more", True) else None)

    async def schema(self, endpoint_id: str) -> JsonObject:
        """The OpenAPI document of an endpoint (protocol §6.5). Raises `NotFound` if it has none."""
        url = f"{self._schema_url}?{urlencode({'endpoint_id': endpoint_id})}"
        answer = await self._http.exchange("GET", url, with_key=False)
        if answer.status == 404 or (answer.is_success and answer.body.strip() == b"null"):
            raise NotFound(f"There is no schema of {endpoint_id}.", status=404)
        return raise_for_error(answer).object()


def _model(entry: JSON) -> Model | None:
    """One entry; None without a valid endpoint id, which is the only part that every entry has."""
    endpoint_id = text_of(entry.get("endpoint_id")) if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or endpoint_id is None or not endpoint_id.isprintable():
        return None
    about = _object(entry.get("metadata"))
    group = _object(about.get("group"))
    tags = about.get("tags")
    return Model(
        endpoint_id=endpoint_id,
        name=_text(about, "display_name"),
        category=_text(about, "category"),
        description=_text(about, "description"),
        tags=tuple(tag[:100] for tag in tags[:100] if isinstance(tag, str)) if isinstance(tags, list) else (),
        is_deprecated=about.get("status") == "deprecated",
        published_at=_text(about, "date"),
        updated_at=_text(about, "updated_at"),
        thumbnail_url=_text(about, "thumbnail_url"),
        model_url=_text(about, "model_url"),
        group_key=_text(group, "key"),
        group_label=_text(group, "label"),
        license_type=_text(about, "license_type"),
        license_url=_text(about, "github_url"),
        kind=_text(about, "kind"),
        duration_minutes=number_of(about.get("duration_estimate")),
    )


def _object(value: JSON) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(about: JsonObject, key: str) -> str:
    return text_of(about.get(key), 5_000) or ""


class ProbeResult(NamedTuple):
    """A host that answered."""

    status: int
    seconds: float
    """From the request to the head of the answer."""
    skew_seconds: float | None
    """How far the clock of this machine is ahead of the host's; None if the host does not give the time."""


class HostProbe:
    """Tests whether the hosts of one service answer."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def probe(self, url: str) -> ProbeResult:
        """Requests `url` and reads only the head of the answer. Raises `NotSent`, `ResponseLost`."""
        start = time.monotonic()
        async with self._http.open("GET", url, with_key=False) as incoming:
            seconds = time.monotonic() - start
            return ProbeResult(incoming.status, seconds, _skew(incoming.headers.get("date", "")))


def _skew(date: str) -> float | None:
    try:
        return (datetime.now(UTC) - parsedate_to_datetime(date).astimezone(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
