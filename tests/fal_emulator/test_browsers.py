"""What lets an allowed page of another site call the emulator (protocol §10.2, 27)."""

from collections.abc import Callable, Iterator

import pytest
from support.emulator import Emulator
from support.emulator_caller import LAKE, Caller

PAGE = {"Origin": "https://page.example"}
TOLD = {"x-fal-request-id", "x-fal-billable-units", "etag"}


@pytest.fixture
def caller(start_emulator: Callable[..., Emulator]) -> Iterator[Caller]:
    """A caller of an emulator that lets the page in."""
    with Caller(start_emulator(allowed_origins=[PAGE["Origin"]])) as caller:
        yield caller


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/queue/demo/sketch/fast"),
        ("PUT", "/queue/demo/sketch/requests/x/cancel"),
        ("POST", "/run/demo/sketch/fast/stream"),
        ("PUT", "/cdn/files/b/0000/x.png"),
        ("GET", "/api/v1/models"),
    ],
)
def test_a_page_may_call_every_role(caller: Caller, method: str, path: str) -> None:
    wanted = "authorization,content-type,x-fal-store-io,x-fal-object-lifecycle"
    asking = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": wanted}

    answer = caller.http.options(path, headers=PAGE | asking)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    assert answer.headers["access-control-allow-headers"] == wanted


@pytest.mark.parametrize("fault", ["", "429", "nginx"])
def test_a_page_may_read_an_answer_and_what_went_wrong(caller: Caller, fault: str) -> None:
    answer = caller.http.post("/queue/demo/sketch/fast", json=LAKE, headers=PAGE | {"X-Emulator-Fault": fault})

    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert set(answer.headers["access-control-expose-headers"].split(", ")) == TOLD


def test_a_page_may_read_a_stream_and_a_file(caller: Caller) -> None:
    submitted = caller.submit("demo/sketch/fast", LAKE)

    stream = caller.http.get(f"{submitted['status_url']}/stream", headers=PAGE)
    url = caller.http.get(submitted["response_url"]).json()["images"][0]["url"]
    file = caller.http.get(url, headers=PAGE)

    assert "COMPLETED" in stream.text
    assert {answer.headers["access-control-allow-origin"] for answer in (stream, file)} == {"*"}
