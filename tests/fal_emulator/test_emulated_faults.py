"""What goes wrong on demand: for one request by its header, or for the whole service."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.emulator import Emulator
from support.emulator_caller import DROPPED, LAKE, Caller

from fal_emulator.answers import MODEL_ERRORS, REQUEST_ERRORS
from fal_emulator.faults import FAULTS, FaultRules
from fal_emulator.plan import RequestPlan

OVER = RequestPlan(queued=0, running=1)
SKETCH = "demo/sketch/fast"


@pytest.fixture
def caller(emulator: Emulator) -> Iterator[Caller]:
    """A caller of the shared emulator."""
    with Caller(emulator) as caller:
        yield caller


def with_fault(specification: str) -> dict[str, dict[str, str]]:
    """The options of a request that meets a fault."""
    return {"headers": {"X-Emulator-Fault": specification}}


def test_a_submit_dropped_before_it_is_taken_leaves_nothing(caller: Caller) -> None:
    with pytest.raises(DROPPED):
        caller.submit(SKETCH, LAKE, **with_fault("drop-before"))

    [line] = caller.emulator.posts(SKETCH)
    assert (line["status"], line["request_id"], line["fault"]) == (None, None, "drop-before")


def test_a_submit_dropped_after_it_is_taken_runs(caller: Caller) -> None:
    with pytest.raises(DROPPED):
        caller.submit(SKETCH, LAKE, **with_fault("drop-after"))

    [line] = caller.emulator.posts(SKETCH)
    assert (line["status"], line["fault"]) == (None, "drop-after")
    assert caller.request(line["request_id"], "/status").json()["status"] in ("IN_QUEUE", "IN_PROGRESS", "COMPLETED")


@pytest.mark.parametrize(
    ("fault", "code"), [("429", 429), ("500", 500), ("502", 502), ("503", 503), ("504", 504), ("locked", 403)]
)
def test_the_service_refuses_in_its_own_words(caller: Caller, fault: str, code: int) -> None:
    answer = caller.http.post(f"/queue/{SKETCH}", json=LAKE, **with_fault(fault))  # type: ignore[arg-type]

    assert answer.status_code == code
    assert isinstance(answer.json()["detail"], str)
    assert ("retry-after" in answer.headers) is (fault == "429")


def test_what_waits_starts_when_there_are_runners(caller: Caller) -> None:
    caller.emulator.hold_jobs()
    submitted = caller.submit(SKETCH, LAKE)
    assert caller.http.get(submitted["status_url"]).json()["status"] == "IN_QUEUE"

    caller.emulator.start_jobs()

    assert caller.follow(submitted)[-1]["status"] == "COMPLETED"


def test_the_load_balancer_has_no_request_id(caller: Caller) -> None:
    answer = caller.http.get("/api/v1/models", headers={"X-Emulator-Fault": "nginx"})

    assert answer.status_code == 502
    assert "nginx" in answer.text
    assert "x-fal-request-id" not in answer.headers


def test_the_platform_refuses_in_its_own_shape(caller: Caller) -> None:
    answer = caller.http.get("/api/v1/models", headers={"X-Emulator-Fault": "429"})

    assert (answer.status_code, answer.json()["error"]["type"]) == (429, "rate_limited")
    assert answer.headers["retry-after"] == "1"


def test_an_early_result_says_it_is_in_progress_with_200(caller: Caller) -> None:
    request_id = caller.place(SKETCH, OVER, LAKE, age=10)
    caller.emulator.faults("early-result=1x")

    first, second = caller.request(request_id), caller.request(request_id)

    assert (first.status_code, first.json()["detail"]) == (200, "Request is still in progress")
    assert second.json()["prompt"] == "a lake"


def test_a_lost_runner_sends_the_request_back(caller: Caller) -> None:
    submitted = caller.submit("demo/reel/v2/image-to-video", {"prompt": "p", "image_url": "x"}, **with_fault("retry=1"))

    lines = [entry["message"] for event in caller.follow(submitted, logs=1) for entry in event["logs"]]

    assert lines.count("Runner lost, the request goes back to the queue") == 1
    assert lines.count("Reading the first frame") == 2
    assert caller.http.get(submitted["response_url"]).status_code == 200


def test_a_file_cut_off_half_way_is_shorter_than_announced(caller: Caller) -> None:
    url = caller.finish(SKETCH, LAKE).json()["images"][0]["url"]
    caller.emulator.faults("truncate@file=1x")

    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        caller.http.get(url)
    assert caller.http.get(url).content.startswith(b"\x89PNG")


def test_expired_results_and_files_are_gone(caller: Caller) -> None:
    submitted = caller.submit(SKETCH, LAKE)
    caller.follow(submitted)
    url = caller.http.get(submitted["response_url"]).json()["images"][0]["url"]
    caller.emulator.faults("expired")

    assert caller.http.get(submitted["response_url"]).status_code == 404
    assert caller.http.get(url).status_code == 404


def test_a_slow_answer_is_late(caller: Caller) -> None:
    caller.emulator.faults("slow@status=5")
    request_id = caller.place(SKETCH, OVER, LAKE, age=10)

    with pytest.raises(httpx.ReadTimeout):
        caller.http.get(f"/queue/demo/sketch/requests/{request_id}/status", timeout=0.05)


def test_a_slow_queue_keeps_the_request_waiting(caller: Caller) -> None:
    submitted = caller.submit(SKETCH, LAKE, **with_fault("slow-queue=1e9"))

    assert caller.http.get(submitted["status_url"]).json()["status"] == "IN_QUEUE"


def test_a_stream_that_breaks_off_ends_without_its_last_event(caller: Caller) -> None:
    request_id = caller.place(SKETCH, RequestPlan(queued=1e6, running=1), LAKE)
    caller.emulator.faults("truncate@stream")

    with pytest.raises(DROPPED):
        caller.request(request_id, "/status/stream")


def test_a_fault_keeps_to_its_operation(caller: Caller) -> None:
    caller.emulator.faults("503@status")

    submitted = caller.submit(SKETCH, LAKE)

    assert caller.http.get(submitted["status_url"]).status_code == 503
    assert caller.request(submitted["request_id"]).status_code != 503


def test_rules_are_read_and_told_back() -> None:
    specification = "drop-after@submit=2x, 429=0.25, slow=1.5, relay-a"

    assert [str(rule) for rule in FaultRules.parse(specification)] == specification.split(", ")


@pytest.mark.parametrize("wrong", ["sleepy", "429@lunch", "429=often", "slow=x"])
def test_a_rule_that_makes_no_sense_is_named(wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong.split("@")[-1].split("=")[0]):
        FaultRules.parse(f"drop-before, {wrong}")


def test_a_wrong_rule_is_refused_over_http_too(caller: Caller) -> None:
    answers = [
        caller.http.put("/emulator/faults", content="sleepy"),
        caller.http.post(f"/queue/{SKETCH}", json=LAKE, headers={"X-Emulator-Fault": "sleepy"}),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert all("sleepy" in answer.json()["detail"] for answer in answers)


def test_a_chance_strikes_about_as_often_as_it_says() -> None:
    faults = FaultRules.parse("429=0.25")

    strikes = sum(faults.strike("429", "submit") is not None for _ in range(1000))

    assert 200 < strikes < 300


def failed(caller: Caller, failure: str) -> tuple[httpx.Response, dict[str, Any]]:
    """The result and the status of a request that was told how to fail."""
    request_id = caller.place("demo/mishap/any", OVER, {"failure": failure}, age=10)
    return caller.request(request_id), caller.request(request_id, "/status").json()


@pytest.mark.parametrize("kind", MODEL_ERRORS)
def test_a_model_error_is_told_by_the_result_alone(caller: Caller, kind: str) -> None:
    answer, status = failed(caller, kind)

    [item] = answer.json()["detail"]
    assert (item["type"], item["loc"], item["url"]) == (kind, ["body", "prompt"], f"https://docs.fal.ai/errors#{kind}")
    assert answer.status_code == MODEL_ERRORS[kind].status
    assert answer.headers["x-fal-billable-units"] == "0"
    assert (status["status"], "error" in status) == ("COMPLETED", False)


@pytest.mark.parametrize("kind", REQUEST_ERRORS)
def test_a_request_error_is_told_by_status_and_result(caller: Caller, kind: str) -> None:
    answer, status = failed(caller, kind)

    assert answer.json()["error_type"] == answer.headers["x-fal-error-type"] == status["error_type"] == kind
    assert answer.status_code == REQUEST_ERRORS[kind][0]
    assert answer.json()["detail"] == status["error"]
    assert "x-fal-request-timeout-type" not in answer.headers


@pytest.mark.parametrize(
    ("failure", "code", "detail"),
    [
        ("plain_422", 422, "This input cannot be used"),
        ("pydantic_v1", 422, [["body", "image_url"]]),
        ("pydantic_v2", 422, [["body", "image_url"]]),
        ("several_fields", 422, [["body", "image_url"], ["body", "loras", 0, "path"]]),
        ("crash", 500, "Internal Server Error"),
    ],
)
def test_other_forms_of_failure(caller: Caller, failure: str, code: int, detail: object) -> None:
    answer, _ = failed(caller, failure)

    told = answer.json()["detail"]
    assert answer.status_code == code
    assert (told if isinstance(told, str) else [item["loc"] for item in told]) == detail


def test_a_result_may_be_a_page_of_the_load_balancer(caller: Caller) -> None:
    answer, status = failed(caller, "nginx")

    assert (answer.status_code, status["status"]) == (503, "COMPLETED")
    assert "nginx" in answer.text
    assert "x-fal-request-id" not in answer.headers


def test_every_fault_is_explained() -> None:
    assert all(words and not words.endswith(".") for words in FAULTS.values())
