"""What the platform knows of the account: prices, past requests, whether the key is good (protocol §1, §7)."""

from collections.abc import AsyncGenerator, Sequence
from urllib.parse import urlencode
from uuid import uuid4

from faldeck.fal import answers
from faldeck.fal.answers import count_of, number_of, text_of
from faldeck.fal.endpoint import QueueAddress
from faldeck.fal.errors import NotFound, NotOffered
from faldeck.fal.hosts import Hosts
from faldeck.fal.http import Http
from faldeck.fal.listings import PastRequest, Price
from faldeck.fal.values import JsonObject

MAX_IDS = 50
"""Endpoint ids that one call takes (protocol §7)."""
MAX_PAGES = 100

_ANY_ENDPOINT = "fal-ai/flux/dev"


class Platform:
    """One account, through the platform API; only `check_key` works without it."""

    def __init__(self, http: Http, hosts: Hosts, address: QueueAddress) -> None:
        self._http = http
        self._api_url = hosts.api_url.rstrip("/") if hosts.api_url else None
        self._address = address

    async def prices(self, endpoint_ids: Sequence[str]) -> tuple[Price, ...]:
        """What these endpoints cost this account; those that the service does not know are left out.

        Raises `NotOffered` without a platform API, and `Unauthorized` without a key.
        """
        prices: list[Price] = []
        for start in range(0, len(endpoint_ids), MAX_IDS):
            prices += await self._prices(list(endpoint_ids[start : start + MAX_IDS]))
        return tuple(prices)

    async def _prices(self, endpoint_ids: list[str]) -> list[Price]:
        # Whether one unknown id fails the whole call is not published, so a failed call is halved (protocol §6.1).
        try:
            said = await self._get("/models/pricing", [("endpoint_id", name) for name in endpoint_ids])
        except NotFound:
            if len(endpoint_ids) == 1:
                return []
            middle = len(endpoint_ids) // 2
            return await self._prices(endpoint_ids[:middle]) + await self._prices(endpoint_ids[middle:])
        return [price for entry in _entries(said, "prices") if (price := _price(entry)) is not None]

    async def past_requests(
        self,
        endpoint_id: str,
        *,
        start: str | None = None,
        end: str | None = None,
        request_id: str | None = None,
        payloads: bool = False,
    ) -> AsyncGenerator[PastRequest, None]:
        """This account's requests to an endpoint, newest end first, of the last 24 hours unless `start` says else.

        Times are ISO 8601, `end` is exclusive. `payloads` asks for inputs and outputs. Raises `NotOffered` without a
        platform API, `Forbidden` where the key may not see them.
        """
        chosen = {"endpoint_id": endpoint_id, "start": start, "end": end, "request_id": request_id}
        fixed = [(name, value) for name, value in chosen.items() if value is not None]
        fixed += [("limit", "100")] + ([("expand", "payloads")] if payloads else [])
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            page = [("cursor", cursor)] if cursor else []
            said = await self._get("/models/requests/by-endpoint", fixed + page)
            for entry in _entries(said, "items"):
                if (past := _past_request(entry)) is not None:
                    yield past
            following = text_of(said.get("next_cursor"), 2_000)
            if following is None or following == cursor or not said.get("has_more", True):
                return
            cursor = following

    async def check_key(self) -> bool:
        """Find out for free whether the key is good; raises `Unauthorized` or `Forbidden` if it is not.

        Asks for a price, or, without a platform API, for the status of a request that nobody made (protocol §1).
        False where the key is merely not refused, which a host without such a page may do for any key.
        """
        unknown = self._address.named(_ANY_ENDPOINT, str(uuid4())).status_url
        price = f"{self._api_url}/models/pricing?{urlencode({'endpoint_id': _ANY_ENDPOINT})}"
        answer = await self._http.exchange("GET", price if self._api_url else unknown)
        return answers.takes_key(answer)

    async def _get(self, path: str, query: list[tuple[str, str]]) -> JsonObject:
        if self._api_url is None:
            raise NotOffered(
                "This profile names no platform API (api_url), so there are no prices and no request list."
            )
        answer = await self._http.exchange("GET", f"{self._api_url}{path}?{urlencode(query)}")
        return answers.granted(answer).object()


def _entries(said: JsonObject, key: str) -> list[JsonObject]:
    entries = said.get(key)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _price(entry: JsonObject) -> Price | None:
    endpoint_id, unit_price = text_of(entry.get("endpoint_id")), number_of(entry.get("unit_price"))
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
