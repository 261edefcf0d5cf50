"""What callers see when something in the emulator breaks (protocol §4.1, shape B), and who is told of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from support.emulator import Emulator
from support.emulator_caller import DROPPED, LAKE, Caller

from fal_emulator.models import CATALOGUE
from fal_emulator.plan import RequestPlan

SKETCH = next(model for model in CATALOGUE if model.endpoint_id == "demo/sketch/fast")
OVER = RequestPlan(queued=0, running=1)
CRASH = {"detail": "Internal Server Error"}


def breaks(given: object) -> Any:
    """Anything a model does, done badly."""
    raise ZeroDivisionError("this model is broken")


@pytest.fixture
def caller(start_emulator: Callable[..., Emulator], monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    """A caller of an emulator with three models that break: at the render, while streaming, at every look."""
    broken = (
        replace(SKETCH, endpoint_id="demo/broken/render", render=breaks),
        replace(SKETCH, endpoint_id="demo/broken/talk", narrate=breaks),
        replace(SKETCH, endpoint_id="demo/broken/look", fails=breaks),
    )
    monkeypatch.setattr("fal_emulator.app.CATALOGUE", (*CATALOGUE, *broken))
    with Caller(start_emulator()) as caller:
        yield caller


def test_a_model_that_breaks_ends_its_request_with_a_crash_for_good(
    caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    submitted = caller.submit("demo/broken/render", LAKE)
    assert caller.follow(submitted)[-1]["status"] == "COMPLETED"

    answers = [caller.http.get(submitted["response_url"]) for _ in range(2)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(500, CRASH)] * 2
    assert {answer.headers["x-fal-request-id"] for answer in answers} == {submitted["request_id"]}
    assert [record.name for record in caplog.records] == ["fal_emulator.service"]
    assert "this model is broken" in caplog.text


def test_a_direct_call_of_a_model_that_breaks_is_a_crash(caller: Caller) -> None:
    answer = caller.http.post("/run/demo/broken/render", json=LAKE)

    assert (answer.status_code, answer.json()) == (500, CRASH)
    assert answer.headers["x-fal-request-id"]


def test_whatever_else_breaks_is_answered_with_an_id_and_told_to_the_developer(
    caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    answer = caller.http.post("/run/demo/broken/look", json=LAKE)

    assert (answer.status_code, answer.json()) == (500, CRASH)
    assert answer.headers["content-type"] == "application/json"
    [line] = caller.emulator.requests(path="/run/")
    assert (line["status"], line["request_id"]) == (500, answer.headers["x-fal-request-id"])
    assert "this model is broken" in caplog.text


def test_the_platform_breaks_in_its_own_shape(caller: Caller) -> None:
    caller.http.post("/run/demo/broken/look", json=LAKE)

    answer = caller.http.get("/api/v1/models/requests/by-endpoint", params={"endpoint_id": "demo/broken/look"})

    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "server_error")


def test_a_relay_breaks_in_the_words_of_its_kind(caller: Caller) -> None:
    caller.emulator.faults("relay-a")
    caller.http.headers["Authorization"] = "Bearer sk-relay"

    answer = caller.request(caller.place("demo/broken/look", OVER, LAKE, age=10), "/status")

    assert (answer.status_code, answer.json()["error"]["message"]) == (500, "Internal Server Error")


def test_an_answer_that_breaks_on_its_way_breaks_off(caller: Caller) -> None:
    with pytest.raises(DROPPED):
        caller.http.post("/run/demo/broken/talk/stream", json=LAKE)


def test_a_caller_whose_address_of_us_makes_no_sense_is_answered_too(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fal_emulator.middleware.origin", breaks)

    answer = caller.http.get("/emulator/health")

    assert (answer.status_code, answer.json()) == (500, CRASH)
    assert answer.headers["x-fal-request-id"]
