"""The catalogue, its schemas and prices, and the account's requests (protocol §6 and §7)."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest
from support.emulator import Emulator
from support.emulator_caller import LAKE, Caller

from fal_emulator.models import CATALOGUE
from fal_emulator.openapi import document
from fal_emulator.plan import RequestPlan

OVER = RequestPlan(queued=1, running=2)
SKETCH = "demo/sketch/fast"
REQUESTS = "/api/v1/models/requests/by-endpoint"


@pytest.fixture
def caller(emulator: Emulator) -> Iterator[Caller]:
    """A caller of the shared emulator."""
    with Caller(emulator) as caller:
        yield caller


@pytest.fixture
def alone(start_emulator: Any) -> Iterator[Caller]:
    """A caller of an emulator nobody else has sent requests to."""
    with Caller(start_emulator()) as caller:
        yield caller


def listed(caller: Caller, **params: Any) -> list[str]:
    """The endpoint ids of one page."""
    return [model["endpoint_id"] for model in caller.http.get("/api/v1/models", params=params).json()["models"]]


def test_all_pages_together_are_the_whole_catalogue(caller: Caller) -> None:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = caller.http.get("/api/v1/models", params={"limit": 4, "cursor": cursor}).json()
        found += [model["endpoint_id"] for model in page["models"]]
        cursor = page["next_cursor"]
        assert page["has_more"] is (cursor is not None)

    assert found == [model.endpoint_id for model in CATALOGUE]
    assert len(found) == len(set(found)) >= 12


def test_the_catalogue_needs_no_key_and_prices_do(caller: Caller) -> None:
    caller.http.headers.pop("Authorization")

    assert caller.http.get("/api/v1/models").status_code == 200
    answer = caller.http.get("/api/v1/models/pricing", params={"endpoint_id": SKETCH})
    assert answer.status_code == 401
    assert answer.json() == {"error": {"type": "authorization_error", "message": "Authentication required"}}


def test_models_are_found_by_words_category_status_and_id(caller: Caller) -> None:
    assert "demo/tune/text-to-music" in listed(caller, q="melody")
    assert listed(caller, category="text-to-3d") == ["demo/terra/text-to-3d"]
    assert listed(caller, status="deprecated") == ["demo/sketch"]
    assert listed(caller, endpoint_id=["demo/sketch", SKETCH]) == ["demo/sketch", SKETCH]
    assert listed(caller, endpoint_id=f"demo/sketch,{SKETCH}") == ["demo/sketch", SKETCH]


@pytest.mark.parametrize(
    ("query", "code", "kind"),
    [
        ({"endpoint_id": "demo/nothing"}, 404, "not_found"),
        ({"limit": 0}, 400, "validation_error"),
        ({"cursor": "???"}, 400, "validation_error"),
        ({"status": "asleep"}, 400, "validation_error"),
    ],
)
def test_a_wrong_question_is_answered_in_the_platforms_own_shape(
    caller: Caller, query: dict[str, Any], code: int, kind: str
) -> None:
    answer = caller.http.get("/api/v1/models", params=query)

    assert (answer.status_code, answer.json()["error"]["type"]) == (code, kind)


def test_prices_are_those_of_the_models_asked_for(caller: Caller) -> None:
    params = {"endpoint_id": [SKETCH, "demo/clarity/upscale"]}

    prices = caller.http.get("/api/v1/models/pricing", params=params).json()["prices"]

    assert prices[0] == {"endpoint_id": SKETCH, "unit_price": 0.003, "unit": "megapixels", "currency": "USD"}
    assert len(prices) == 2


def test_a_schema_is_the_same_wherever_it_is_asked_for(caller: Caller) -> None:
    params = {"endpoint_id": SKETCH, "expand": "openapi-3.0"}

    alone = caller.http.get("/site/api/openapi/queue/openapi.json", params={"endpoint_id": SKETCH}).json()

    assert caller.http.get("/api/v1/models", params=params).json()["models"][0]["openapi"] == alone
    assert alone["info"]["x-fal-metadata"]["endpointId"] == SKETCH


def test_an_unknown_schema_is_null(caller: Caller) -> None:
    answer = caller.http.get("/site/api/openapi/queue/openapi.json?endpoint_id=demo/nothing")

    assert (answer.status_code, answer.text) == (404, "null")


def test_a_thumbnail_is_a_picture(caller: Caller) -> None:
    url = caller.http.get("/api/v1/models").json()["models"][0]["metadata"]["thumbnail_url"]

    assert caller.http.get(url).content.startswith(b"\x89PNG")


@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.endpoint_id)
def test_every_document_has_the_envelope_of_the_real_ones(model: Any) -> None:
    whole = document(model, "http://site")

    path = f"/{model.endpoint_id}"
    assert set(whole["paths"]) == {
        path,
        f"{path}/requests/{{request_id}}",
        f"{path}/requests/{{request_id}}/status",
        f"{path}/requests/{{request_id}}/cancel",
    }
    body = whole["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = whole["components"]["schemas"][body.rsplit("/", 1)[-1]]
    assert schema["x-fal-order-properties"] == list(schema["properties"])
    assert set(schema.get("required", ())) <= set(schema["properties"])


@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.endpoint_id)
def test_every_result_is_what_its_schema_promises(caller: Caller, model: Any) -> None:
    examples = {"image_url": "https://example.org/a.png", "images_data_url": "https://example.org/a.zip"}
    voice = caller.finish("demo/voice/text-to-speech", {"text": "hi"}).json()["audio"]["url"]
    given = {
        field.name: field.schema.get("examples", [examples.get(field.name, voice)])[0]
        for field in model.inputs
        if field.is_required
    } | ({"failure": "none"} if model.endpoint_id == "demo/mishap/any" else {})
    request_id = caller.place(model.endpoint_id, OVER, given, age=10)

    answer = caller.request(request_id)

    assert answer.status_code == 200
    whole = document(model, "http://site")
    content = whole["paths"][f"/{model.endpoint_id}/requests/{{request_id}}"]["get"]["responses"]["200"]["content"]
    schema = content["application/json"]["schema"] | {"components": whole["components"]}
    jsonschema.validate(answer.json(), schema)
    assert float(answer.headers["x-fal-billable-units"]) > 0


def test_the_requests_of_a_model_are_listed_with_what_went_in_and_out(alone: Caller) -> None:
    request_id = alone.place(SKETCH, OVER, LAKE, age=10)
    alone.place("demo/poster/vector", OVER, LAKE, age=10)

    params = {"endpoint_id": SKETCH, "expand": "payloads"}
    [item] = alone.http.get(REQUESTS, params=params).json()["items"]

    assert (item["request_id"], item["status_code"], item["duration"]) == (request_id, 200, 2.0)
    assert item["json_input"] == LAKE
    assert item["json_output"]["images"][0]["url"].startswith(f"{alone.emulator.url}/cdn/")
    sent, started, ended = (datetime.fromisoformat(item[f"{word}_at"]) for word in ("sent", "started", "ended"))
    assert (started - sent, ended - started) == (timedelta(seconds=1), timedelta(seconds=2))


def test_a_request_under_way_is_listed_without_an_end(alone: Caller) -> None:
    alone.place(SKETCH, RequestPlan(queued=0, running=1e6), LAKE)

    [item] = alone.http.get(REQUESTS, params={"endpoint_id": SKETCH, "expand": "payloads"}).json()["items"]

    assert (item["ended_at"], item["status_code"], item["duration"], item["json_output"]) == (None, None, None, None)


def test_only_the_requests_of_the_time_asked_for_are_listed(alone: Caller) -> None:
    ages = [10, 7200, 2 * 86400]
    ids = [alone.place(SKETCH, OVER, LAKE, age=age) for age in ages]

    def found(**params: Any) -> list[str]:
        answer = alone.http.get(REQUESTS, params={"endpoint_id": SKETCH} | params)
        return [item["request_id"] for item in answer.raise_for_status().json()["items"]]

    hour_ago = datetime.fromtimestamp(time.time() - 3600, UTC).isoformat()
    assert found() == ids[:2]
    assert found(start=hour_ago) == ids[:1]
    assert found(end=hour_ago) == ids[1:2]
    assert found(start="2020-01-01") == ids
    assert found(request_id=ids[2]) == ids[2:]


def test_requests_are_listed_by_how_they_ended_and_in_pages(alone: Caller) -> None:
    good = alone.place(SKETCH, OVER, LAKE, age=30)
    bad = alone.place(SKETCH, OVER, {}, age=20)
    broken = alone.place("demo/mishap/any", OVER, {"failure": "crash"}, age=10)
    both = {"endpoint_id": f"{SKETCH},demo/mishap/any"}

    for status, request_id in (("success", good), ("user_error", bad), ("error", broken)):
        items = alone.http.get(REQUESTS, params=both | {"status": status}).json()["items"]
        assert [item["request_id"] for item in items] == [request_id]

    first = alone.http.get(REQUESTS, params=both | {"limit": 2}).json()
    second = alone.http.get(REQUESTS, params=both | {"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [item["request_id"] for item in first["items"] + second["items"]] == [broken, bad, good]
    assert second["next_cursor"] is None


def test_requests_are_listed_for_named_models_only(caller: Caller) -> None:
    answer = caller.http.get(REQUESTS)

    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "validation_error")
