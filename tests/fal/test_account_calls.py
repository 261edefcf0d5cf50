"""The catalogue and the account: pages, schemas, prices, past requests, the test of a key."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.far_end import ID, OFFICIAL, Far, answer, gateway

from faldeck.fal import errors, platform
from faldeck.fal.gateway import Hosts
from faldeck.fal.values import Model, PastRequest, Price

SHARED = Path(__file__).parents[3] / "shared"
RELAY = Hosts("https://relay.example/")
PRICE = {"endpoint_id": "fal-ai/flux/dev", "unit_price": 0.025, "unit": "megapixels", "currency": "USD"}


def page(*endpoint_ids: str, cursor: str | None = None) -> httpx.Response:
    entries = [{"endpoint_id": endpoint_id} for endpoint_id in endpoint_ids]
    return answer({"models": entries, "next_cursor": cursor, "has_more": cursor is not None})


async def listed(far: Far, **options: Any) -> list[str]:
    return [model.endpoint_id async for page in gateway(far).models(**options) for model in page.models]


async def test_the_catalogue_comes_page_by_page() -> None:
    far = Far(page("a/1", "a/2", cursor="Mg"), page("a/3"))
    assert await listed(far) == ["a/1", "a/2", "a/3"]
    assert [url for _, url in far.asked] == ["https://api.fal.ai/v1/models", "https://api.fal.ai/v1/models?cursor=Mg"]


async def test_the_catalogue_can_be_gone_on_with_and_filtered() -> None:
    far = Far(page("a/1", cursor="Mw"), page("a/2"))
    await listed(far, cursor="Mg", query="flux & co", category="llm", status="active", endpoint_ids=["a/1", "a/2"])
    assert far.requests[0].url.params.multi_items() == [
        ("q", "flux & co"),
        ("category", "llm"),
        ("status", "active"),
        ("endpoint_id", "a/1"),
        ("endpoint_id", "a/2"),
        ("cursor", "Mg"),
    ]
    assert far.requests[1].url.params["cursor"] == "Mw"


async def test_a_catalogue_that_points_to_itself_ends() -> None:
    far = Far(page("a/1", cursor="Mg"))
    assert await listed(far) == ["a/1", "a/1"]


async def test_a_catalogue_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "MAX_CATALOGUE_PAGES", 5)
    numbers = iter(range(100))
    far = Far(lambda _: page("a/1", cursor=f"{next(numbers)}"))
    assert len(await listed(far)) == 5


async def test_an_entry_is_read_with_all_it_tells() -> None:
    metadata = {
        "display_name": "FLUX.1 [dev]",
        "category": "text-to-image",
        "description": "Fast.\n",
        "status": "deprecated",
        "tags": ["new", None],
        "updated_at": "2026-01-26T21:44:11.395Z",
        "date": "2024-11-25T00:00:00.000Z",
        "thumbnail_url": "https://x.example/t.webp",
        "model_url": "https://fal.run/fal-ai/flux/dev",
        "license_type": "research",
        "group": {"key": "flux-1", "label": "Text to Image"},
        "kind": "inference",
        "duration_estimate": 2,
    }
    body = {
        "models": [{"endpoint_id": "fal-ai/flux/dev", "metadata": metadata}, {"metadata": {}}, 5],
        "next_cursor": None,
    }
    [listing] = [page async for page in gateway(Far(answer(body))).models()]
    assert listing.models == (
        Model(
            "fal-ai/flux/dev",
            name="FLUX.1 [dev]",
            category="text-to-image",
            description="Fast.",
            tags=("new",),
            is_deprecated=True,
            published_at="2024-11-25T00:00:00.000Z",
            updated_at="2026-01-26T21:44:11.395Z",
            thumbnail_url="https://x.example/t.webp",
            model_url="https://fal.run/fal-ai/flux/dev",
            group_key="flux-1",
            group_label="Text to Image",
            license_type="research",
            kind="inference",
            duration_minutes=2.0,
        ),
    )


@pytest.mark.parametrize(
    "metadata", [None, [], "x", {"tags": "x", "group": [], "duration_estimate": "soon", "date": 5}]
)
async def test_an_entry_needs_no_more_than_its_id(metadata: object) -> None:
    body = {"models": [{"endpoint_id": "a/b", "metadata": metadata}], "next_cursor": None}
    [listing] = [page async for page in gateway(Far(answer(body))).models()]
    assert listing.models == (Model("a/b"),)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of recorded answers is not beside this checkout")
async def test_every_recorded_page_is_read_whole() -> None:
    for path in (SHARED / "responses").glob("models-search__*.json"):
        recorded = path.read_bytes()
        service = gateway(Far(httpx.Response(200, content=recorded)))
        first = await anext(service.models())
        assert len(first.models) == len(json.loads(recorded)["models"]) > 0, path.name
        assert all(model.name and model.category for model in first.models), path.name


async def test_what_is_no_catalogue_is_unreadable() -> None:
    with pytest.raises(errors.InvalidResponse, match="list of models"):
        await listed(Far(answer({"items": []})))


async def test_a_schema_is_the_document_itself() -> None:
    far = Far(answer({"openapi": "3.0.4"}))
    assert await gateway(far).schema("fal-ai/flux/dev") == {"openapi": "3.0.4"}
    assert far.asked == [
        ("GET", "https://fal.ai/api/openapi/queue/openapi.json?endpoint_id=fal-ai%2Fflux%2Fdev"),
    ]


@pytest.mark.parametrize("nothing", [httpx.Response(404, content=b"null"), httpx.Response(200, content=b"null\n")])
async def test_a_model_without_a_schema_is_not_found(nothing: httpx.Response) -> None:
    with pytest.raises(errors.NotFound, match="no schema of a/b"):
        await gateway(Far(nothing)).schema("a/b")


@pytest.mark.parametrize("broken", [httpx.Response(200, html="<p>"), answer([]), httpx.Response(200, content=b'{"a":')])
async def test_a_broken_schema_is_unreadable(broken: httpx.Response) -> None:
    with pytest.raises(errors.InvalidResponse):
        await gateway(Far(broken)).schema("a/b")


async def test_prices_are_asked_for_fifty_at_a_time() -> None:
    far = Far(answer({"prices": [PRICE]}))
    prices = await gateway(far).prices([f"a/{number}" for number in range(120)])
    assert [len(sent.url.params.get_list("endpoint_id")) for sent in far.requests] == [50, 50, 20]
    assert prices[0] == Price("fal-ai/flux/dev", Decimal("0.025"), "megapixels", "USD")


async def test_an_unknown_model_does_not_hide_the_price_of_the_others() -> None:
    def service(request: httpx.Request) -> httpx.Response:
        ids = request.url.params.get_list("endpoint_id")
        if "a/unknown" in ids:
            return answer({"error": {"type": "not_found", "message": "Resource not found"}}, 404)
        return answer({"prices": [{**PRICE, "endpoint_id": endpoint_id} for endpoint_id in ids]})

    ids = ["a/1", "a/2", "a/unknown", "a/3"]
    prices = await gateway(Far(service)).prices(ids)
    assert [price.endpoint_id for price in prices] == ["a/1", "a/2", "a/3"]


@pytest.mark.parametrize("entry", [{}, {"endpoint_id": "a/b"}, {"endpoint_id": "a/b", "unit_price": "free"}, 5])
async def test_a_price_without_a_number_is_none(entry: object) -> None:
    assert await gateway(Far(answer({"prices": [entry]}))).prices(["a/b"]) == ()


async def test_a_profile_without_a_platform_has_no_prices() -> None:
    far = Far(answer({}))
    with pytest.raises(errors.NotSupported, match="api_url"):
        await gateway(far, RELAY).prices(["a/b"])
    with pytest.raises(errors.NotSupported, match="api_url"):
        await anext(gateway(far, RELAY).past_requests("a/b"))
    assert far.requests == []


async def test_past_requests_come_with_their_payloads() -> None:
    item = {
        "request_id": ID,
        "endpoint_id": "fal-ai/flux/dev",
        "sent_at": "2026-08-01T10:00:01Z",
        "started_at": "2026-08-01T10:00:05Z",
        "ended_at": None,
        "status_code": None,
        "duration": None,
        "json_input": {"prompt": "x"},
    }
    ended = {**item, "request_id": "r2", "ended_at": "2026-08-01T10:00:08Z", "status_code": 200, "duration": 2.9}
    far = Far(
        answer({"items": [item, 5], "next_cursor": "c2", "has_more": True}),
        answer({"items": [ended], "next_cursor": None, "has_more": False}),
    )
    past = [one async for one in gateway(far).past_requests("fal-ai/flux/dev", start="2026-08-01", payloads=True)]
    assert past[0] == PastRequest(
        request_id=ID,
        endpoint_id="fal-ai/flux/dev",
        sent_at="2026-08-01T10:00:01Z",
        started_at="2026-08-01T10:00:05Z",
        ended_at=None,
        status_code=None,
        duration_seconds=None,
        arguments={"prompt": "x"},
    )
    assert (past[1].request_id, past[1].status_code, past[1].duration_seconds) == ("r2", 200, 2.9)
    first, second = (dict(sent.url.params) for sent in far.requests)
    assert first == {"endpoint_id": "fal-ai/flux/dev", "start": "2026-08-01", "limit": "100", "expand": "payloads"}
    assert second == {**first, "cursor": "c2"}


async def test_a_key_is_tested_with_a_price() -> None:
    far = Far(answer({"prices": [PRICE]}))
    await gateway(far).check_key()
    assert far.asked == [("GET", "https://api.fal.ai/v1/models/pricing?endpoint_id=fal-ai%2Fflux%2Fdev")]


async def test_a_key_is_good_where_the_model_is_gone() -> None:
    await gateway(Far(answer({"error": {"type": "not_found", "message": "no"}}, 404))).check_key()


async def test_a_key_without_a_platform_is_tested_with_a_request_that_nobody_made() -> None:
    far = Far(answer({"status": "NOT_FOUND"}, 404))
    await gateway(far, RELAY).check_key()
    [(method, url)] = far.asked
    assert method == "GET"
    assert url.startswith("https://relay.example/fal-ai/flux/requests/")


async def test_a_key_of_an_images_page_is_tested_by_looking_at_the_page() -> None:
    page = Hosts("", images_url="https://relay.example/v1/images/generations")
    far = Far(answer({"error": {"message": "Method not allowed"}}, 405))
    assert not await gateway(far, page).check_key()
    assert far.asked == [("GET", page.images_url)]


async def test_only_a_good_answer_shows_that_a_key_is_taken() -> None:
    assert await gateway(Far(answer({"prices": [PRICE]}))).check_key()
    assert not await gateway(Far(answer({"status": "NOT_FOUND"}, 404)), RELAY).check_key()


@pytest.mark.parametrize("status", [200, 404])
async def test_a_web_page_says_nothing_of_a_key(status: int) -> None:
    far = Far(httpx.Response(status, content=b"<!doctype html><title>Console</title>"))
    with pytest.raises(errors.InvalidResponse, match="is the address right"):
        await gateway(far, RELAY).check_key()


@pytest.mark.parametrize("hosts", [OFFICIAL, RELAY])
@pytest.mark.parametrize(
    ("status", "kind"), [(401, errors.Unauthorized), (403, errors.Forbidden), (500, errors.ServerError)]
)
async def test_a_bad_key_is_told_from_a_bad_day(hosts: Hosts, status: int, kind: type[errors.FalError]) -> None:
    with pytest.raises(kind):
        await gateway(Far(answer({"detail": "no"}, status)), hosts).check_key()
