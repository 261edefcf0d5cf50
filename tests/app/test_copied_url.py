"""What people copy from a browser or a terminal is read as the model or the request that it names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faldeck.app.copied_url import endpoint_of, page_name, request_of
from faldeck.config.settings import OFFICIAL, RELAY, demo_profile

DEV = "fal-ai/flux/dev"
ID = "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11"
DEMO = demo_profile("http://127.0.0.1:41575")
UNI = replace(RELAY, name="uni", queue_url="https://relay.example/fal-ai")
HUB = replace(RELAY, name="hub", queue_url="https://router.example/fal-ai/fal-ai?_subdomain=queue")
OLD = replace(RELAY, name="old", queue_url="https://old.example/v1")

MODELS = [
    "https://fal.ai/models/fal-ai/flux/dev",
    "https://fal.ai/models/fal-ai/flux/dev/",
    "https://fal.ai/models/fal-ai/flux/dev/playground",
    "https://fal.ai/models/fal-ai/flux/dev/api",
    "https://fal.ai/models/fal-ai/flux/dev/api?platform=http#queue-submit",
    "https://fal.ai/models/fal-ai/flux/dev/llms.txt",
    "https://fal.ai/models/fal-ai/flux/dev/examples",
    f"https://fal.ai/models/fal-ai/flux/dev?share={ID}",
    f"https://fal.ai/models/fal-ai/flux/dev/playground?share={ID}#form",
    "https://www.fal.ai/models/fal-ai/flux/dev",
    "HTTPS://FAL.AI/models/fal-ai/flux/dev",
    "http://fal.ai//models//fal-ai/flux/dev",
    "https://fal.ai/models/fal-ai%2Fflux%2Fdev",
    "https://fal.ai/explore/models/fal-ai/flux/dev",
    "https://queue.fal.run/fal-ai/flux/dev",
    "https://queue.fal.run/fal-ai/flux/dev?fal_webhook=https://me.example/hook",
    "https://fal.run/fal-ai/flux/dev",
    "wss://ws.fal.run/fal-ai/flux/dev",
    "https://queue.falrun.com/fal-ai/flux/dev",
    "https://api.fal.ai/v1/models?endpoint_id=fal-ai/flux/dev&expand=openapi-3.0",
    "https://fal.ai/api/openapi/queue/openapi.json?endpoint_id=fal-ai%2Fflux%2Fdev",
    f"https://queue.fal.run/fal-ai/flux/dev/requests/{ID}/status?logs=1",
    "/models/fal-ai/flux/dev",
    "models/fal-ai/flux/dev/playground",
    "fal-ai/flux/dev",
    "/fal-ai/flux/dev/",
    "fal-ai/flux/dev?share=1",
    "fal-ai/flux/dev#api",
    "fal-ai%2Fflux%2Fdev",
    f"fal-ai/flux/dev/requests/{ID}",
]


@pytest.mark.parametrize("text", [*MODELS, *(model.partition("://")[2] for model in MODELS if "://" in model)])
@pytest.mark.parametrize("around", ["{}", "  {}\n", "<{}>", '"{}"', "\ufeff{}\xa0"])
def test_what_a_browser_shows_is_a_model(text: str, around: str) -> None:
    assert endpoint_of(around.format(text)) == DEV


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("https://fal.ai/models/fal-ai/flux-lora/stream", "fal-ai/flux-lora/stream"),
        ("https://fal.ai/models/fal-ai/lcm", "fal-ai/lcm"),
        ("https://fal.ai/models/acme/api", "acme/api"),
        ("https://fal.ai/models/workflows/me/poster/playground", "workflows/me/poster"),
        ("https://fal.ai/workflows/me/poster", "workflows/me/poster"),
        ("acme/tool/playground", "acme/tool/playground"),
        ("http://127.0.0.1:4444/queue/demo/sketch/fast", "demo/sketch/fast"),
        ("localhost:4444/run/demo/sketch/fast", "demo/sketch/fast"),
    ],
)
def test_an_endpoint_id_loses_nothing_that_is_its_own(text: str, named: str) -> None:
    assert endpoint_of(text) == named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("http://127.0.0.1:41575/queue/demo/sketch/fast", "demo/sketch/fast"),
        ("https://relay.example/fal-ai/flux/dev", "flux/dev"),
        ("relay.example/fal-ai/lcm", "fal-ai/lcm"),
        ("https://router.example/fal-ai/fal-ai/flux/dev?_subdomain=queue", "flux/dev"),
        ("https://old.example/fal-ai/flux/dev", "fal-ai/flux/dev"),
        ("https://old.example/v1/fal-ai/flux/dev", "fal-ai/flux/dev"),
        ("https://other.example/fal-ai/flux/dev", None),
    ],
)
def test_an_address_of_a_profile_is_read_by_its_own_paths(text: str, named: str | None) -> None:
    assert endpoint_of(text, (OFFICIAL, DEMO, UNI, HUB, OLD)) == named


@pytest.mark.parametrize(
    "text",
    [
        "",
        " / ",
        "flux dev",
        "flux",
        "https://fal.ai",
        "https://fal.ai/pricing/models",
        "https://fal.ai/docs/quickstart",
        f"https://fal.ai/dashboard/requests/{ID}",
        "https://example.com/models/fal-ai/flux/dev",
        "https://github.com/fal-ai/fal-js",
        "https://[bad/fal-ai/flux/dev",
        "file:///fal-ai/flux/dev",
        "job:abc#2",
        "../../etc/passwd",
    ],
)
def test_what_names_no_model_is_read_as_none(text: str) -> None:
    assert endpoint_of(text) is None


@pytest.mark.parametrize("scheme", ["https://", ""])
@pytest.mark.parametrize(
    ("text", "endpoint_id"),
    [
        (f"queue.fal.run/fal-ai/flux/requests/{ID}", "fal-ai/flux"),
        (f"queue.fal.run/fal-ai/flux/requests/{ID}/", "fal-ai/flux"),
        (f"queue.fal.run/fal-ai/flux/requests/{ID}/status", "fal-ai/flux"),
        (f"queue.fal.run/fal-ai/flux/requests/{ID}/status?logs=1", "fal-ai/flux"),
        (f"queue.fal.run/fal-ai/flux/requests/{ID}/status/stream", "fal-ai/flux"),
        (f"queue.fal.run/fal-ai/flux/requests/{ID}/cancel", "fal-ai/flux"),
        (f"queue.fal.run/workflows/me/poster/requests/{ID}", "workflows/me/poster"),
        (f"fal.ai/models/fal-ai/flux/dev/requests/{ID}", DEV),
        (f"fal.ai/models/fal-ai/flux/dev/playground?request_id={ID}", DEV),
        (f"fal.ai/models/fal-ai/flux/dev/playground?requestId={ID}", DEV),
        (f"fal.ai/dashboard/requests/{ID}", ""),
        (f"fal.ai/dashboard/requests/{ID}?tab=logs", ""),
        (f"fal.ai/dashboard/requests?request_id={ID}", ""),
        (f"fal.ai/dashboard/requests?selected={ID}", ""),
        (f"fal.ai/dashboard/requests/fal-ai/flux/dev/{ID}", DEV),
        (f"fal.ai/dashboard/requests/{ID}?endpoint_id=fal-ai/flux/dev", DEV),
        (f"api.fal.ai/v1/models/requests/by-endpoint?endpoint_id=fal-ai/flux/dev&request_id={ID}", DEV),
        (f"127.0.0.1:4444/queue/fal-ai/flux/requests/{ID}/status", "fal-ai/flux"),
    ],
)
def test_what_a_browser_shows_is_a_request(scheme: str, text: str, endpoint_id: str) -> None:
    assert request_of(f" {scheme}{text}\n") == (endpoint_id, ID)


def test_a_request_of_an_unknown_service_is_known_by_its_id_alone() -> None:
    assert request_of(f"https://other.example/fal-ai/flux/requests/{ID}/status") == ("", ID)


def test_a_path_without_a_host_is_a_request() -> None:
    assert request_of(f"fal-ai/flux/requests/{ID}/status") == ("fal-ai/flux", ID)


def test_a_request_of_a_relay_keeps_its_odd_id() -> None:
    assert request_of("https://relay.example/fal-ai/flux/requests/a%2Fb/status", (UNI,)) == ("fal-ai/flux", "a/b")


@pytest.mark.parametrize(
    "text",
    [ID, "fal-ai/flux/dev", f"https://fal.ai/models/fal-ai/flux/dev?share={ID}", "https://example.com/x/y"],
)
def test_what_names_no_request_is_read_as_none(text: str) -> None:
    assert request_of(text) is None


@pytest.mark.parametrize(
    "copied",
    ["({})", "[the model]({})", "{}.", "{},", "“{}”", "view-source:{}", "«{}»;"],
)
def test_what_stands_around_an_address_in_a_text_is_no_part_of_it(copied: str) -> None:
    assert endpoint_of(copied.format("https://fal.ai/models/fal-ai/flux/dev")) == "fal-ai/flux/dev"
    found = request_of(copied.format("https://queue.fal.run/fal-ai/flux/requests/0f1e2d3c"))
    assert found == ("fal-ai/flux", "0f1e2d3c")


@pytest.mark.parametrize(
    "page",
    [
        "models/fal-ai/flux/dev/pricing",
        "models/fal-ai/flux/dev/llms-full.txt",
        "models/fal-ai/flux/dev/openapi.json",
        "models/fal-ai/flux/dev.md",
        "playground/fal-ai/flux/dev",
        "en/models/fal-ai/flux/dev",
        "explore/fal-ai/flux/dev",
        "model/fal-ai/flux/dev",
        "docs/model-api-reference/fal-ai/flux/dev",
        "sandbox?model=fal-ai/flux/dev",
        "playground?modelId=fal-ai%2Fflux%2Fdev",
        "pricing?endpoint_ids=fal-ai/flux/dev",
        "dashboard/logs?app=fal-ai/flux/dev",
        "compare?models[]=fal-ai/flux/dev",
        "login?returnTo=%2Fmodels%2Ffal-ai%2Fflux%2Fdev%2Fplayground",
        "login?redirect_to=https://fal.ai/models/fal-ai/flux/dev?share=1",
    ],
)
def test_further_pages_of_a_model_name_it(page: str) -> None:
    assert endpoint_of(f"https://fal.ai/{page}") == "fal-ai/flux/dev"
    assert endpoint_of(f"fal.ai/{page}") == "fal-ai/flux/dev"


def test_pages_elsewhere_that_lead_to_a_model_name_it() -> None:
    page = "https://fal.ai/models/fal-ai/flux/dev"
    assert endpoint_of("https://docs.fal.ai/model-apis/fal-ai/flux/dev") == "fal-ai/flux/dev"
    assert endpoint_of(f"https://web.archive.org/web/2026/{page}/api") == "fal-ai/flux/dev"
    assert endpoint_of(f"https://www.google.com/url?q={page}&sa=D") == "fal-ai/flux/dev"
    assert request_of(f"{page}/playground/{ID}") == ("fal-ai/flux/dev", ID)
    assert request_of(f"https://api.fal.ai/v1/models/requests/{ID}") == ("", ID)


def test_a_page_about_several_models_names_none() -> None:
    assert endpoint_of("https://fal.ai/compare?models=fal-ai/flux/dev,fal-ai/flux/schnell") is None
    assert endpoint_of("https://api.fal.ai/v1/models?endpoint_id=a/b&endpoint_id=c/d") is None


def test_a_page_of_the_documentation_is_known_by_its_name() -> None:
    assert page_name("https://docs.fal.ai/model-api-reference/image-generation-api/flux-dev.md#input") == "flux-dev"
    assert page_name("https://fal.ai/models/fal-ai/flux/dev") == page_name("https://fal.ai") == page_name("a/b") == ""
