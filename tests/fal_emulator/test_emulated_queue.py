"""The queue role as plain HTTP shows it (protocol §2, checklist in §10.2)."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from typing import Any

import httpx
import pytest
from support.emulator import Emulator
from support.emulator_caller import LAKE, Caller

from fal_emulator.plan import RequestPlan
from fal_emulator.state import EmulatorState, fingerprint

WAITING = RequestPlan(queued=1e6, running=1, ahead=3)
RUNNING = RequestPlan(queued=0, running=1e6)
OVER = RequestPlan(queued=0, running=1)


@pytest.fixture
def caller(emulator: Emulator) -> Iterator[Caller]:
    """A caller of the shared emulator."""
    with Caller(emulator) as caller:
        yield caller


def test_a_submit_says_where_the_request_lives(emulator: Emulator, caller: Caller) -> None:
    body = caller.submit("demo/reel/v2/text-to-video", {"prompt": "waves"})

    address = f"{emulator.url}/queue/demo/reel/requests/{body['request_id']}"
    assert body == {
        "status": "IN_QUEUE",
        "request_id": body["request_id"],
        "response_url": address,
        "status_url": f"{address}/status",
        "cancel_url": f"{address}/cancel",
        "queue_position": 4,
        "logs": None,
        "metrics": {},
    }


def test_a_workflow_lives_under_three_segments(emulator: Emulator, caller: Caller) -> None:
    body = caller.submit("workflows/demo/postcard", {"prompt": "a lake", "greeting": "hi"})

    assert body["response_url"].startswith(f"{emulator.url}/queue/workflows/demo/postcard/requests/")


@pytest.mark.parametrize("app", ["demo/sketch", "demo/sketch/fast", "some/other"])
@pytest.mark.parametrize("ending", ["", "/", "/response", "/response/"])
def test_a_result_is_found_by_its_id_under_any_path(caller: Caller, app: str, ending: str) -> None:
    request_id = caller.place("demo/sketch/fast", OVER, LAKE, age=10)

    assert caller.http.get(f"/queue/{app}/requests/{request_id}{ending}").json()["prompt"] == "a lake"
    assert caller.http.get(f"/queue/{app}/requests/{request_id}/status/").status_code == 200


def test_the_status_of_a_waiting_request(caller: Caller) -> None:
    answer = caller.request(caller.place("demo/sketch/fast", WAITING), "/status")

    assert answer.status_code == 202
    body = answer.json()
    assert (body["status"], body["queue_position"], body["logs"], body["metrics"]) == ("IN_QUEUE", 3, None, {})
    assert body["status_url"] == body["response_url"] + "/status"


def test_the_status_of_a_running_request(caller: Caller) -> None:
    answer = caller.request(caller.place("demo/sketch/fast", RUNNING), "/status")

    assert answer.status_code == 202
    assert answer.json()["status"] == "IN_PROGRESS"
    assert "queue_position" not in answer.json()


def test_the_status_of_a_completed_request_tells_the_time_it_took(caller: Caller) -> None:
    answer = caller.request(caller.place("demo/sketch/fast", OVER, LAKE, age=10), "/status")

    assert answer.status_code == 200
    assert answer.json()["status"] == "COMPLETED"
    assert answer.json()["metrics"] == {"inference_time": 1.0}
    assert "error" not in answer.json()


@pytest.mark.parametrize(
    ("logs", "are_told"),
    [("1", True), ("true", True), ("True", True), ("0", False), ("false", False), ("False", False), (None, False)],
)
def test_logs_come_when_asked_for_in_any_form(caller: Caller, logs: str | None, are_told: bool) -> None:
    request_id = caller.place("demo/sketch/fast", OVER, LAKE, age=10)

    body = caller.request(request_id, "/status", **({"logs": logs} if logs else {})).json()

    assert isinstance(body["logs"], list) is are_told


def test_a_log_entry_has_both_known_shapes(caller: Caller) -> None:
    request_id = caller.place("demo/sketch/fast", OVER, LAKE, age=10)

    entry = caller.request(request_id, "/status", logs=1).json()["logs"][0]

    assert entry["message"] == "Warm runner found"
    assert (entry["level"], entry["source"]) == ("INFO", "USER")
    assert (entry["labels"]["level"], entry["labels"]["fal_request_id"]) == ("INFO", request_id)
    assert "+" not in entry["timestamp"]


def test_half_a_character_in_an_input_breaks_no_answer(caller: Caller) -> None:
    answer = caller.finish("demo/scribe/chat", None, content=b'{"prompt": "lakes \\ud800"}')

    assert answer.status_code == 200
    listed = caller.http.get("/api/v1/models/requests/by-endpoint", params={"endpoint_id": "demo/scribe/chat"})
    assert listed.status_code == 200


def test_a_result_asked_too_early_is_refused(caller: Caller) -> None:
    request_id = caller.place("demo/sketch/fast", RUNNING, LAKE)

    answer = caller.request(request_id)

    assert answer.status_code == 400
    assert answer.json()["detail"] == "Request is still in progress"
    assert answer.json()["status_url"].endswith(f"{request_id}/status")


def test_a_result_is_the_bare_output_and_stays_the_same(caller: Caller) -> None:
    request_id = caller.place("demo/sketch/fast", OVER, LAKE, age=10)

    first, second = (caller.request(request_id) for _ in range(2))

    assert first.json() == second.json()
    assert set(first.json()) == {"images", "timings", "seed", "has_nsfw_concepts", "prompt"}
    assert first.headers["x-fal-request-id"] == request_id
    assert first.headers["x-fal-billable-units"] == "1"


def test_a_bad_input_is_taken_and_fails_at_the_result(caller: Caller) -> None:
    submitted = caller.submit("demo/sketch/fast", {"num_images": 9, "image_size": "huge"})

    last = caller.follow(submitted)[-1]
    assert (last["status"], last.get("error")) == ("COMPLETED", None)
    answer = caller.http.get(submitted["response_url"])
    assert answer.status_code == 422
    assert answer.headers["x-fal-billable-units"] == "0"
    faults = {tuple(item["loc"]): item for item in answer.json()["detail"]}
    assert set(faults) == {("body", "prompt"), ("body", "num_images"), ("body", "image_size")}
    assert faults["body", "num_images"]["ctx"] == {"le": 4}
    assert faults["body", "num_images"]["url"].endswith("#less_than_equal")


def test_an_empty_body_is_an_empty_input(caller: Caller) -> None:
    assert caller.http.post("/queue/demo/sketch/fast").status_code == 200


def test_a_body_that_is_no_json_is_a_bad_request(caller: Caller) -> None:
    answer = caller.http.post("/queue/demo/sketch/fast", content=b"{")

    assert (answer.status_code, answer.json()["error_type"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "content",
    [
        b'{"prompt": "a lake", "seed": NaN}',
        b'{"prompt": "a lake", "seed": -Infinity}',
        b'{"prompt": "a lake", "seed": 1e999}',
        b'{"prompt": "a lake", "seed": 1' + b"0" * 9999 + b"}",
        b'{"prompt": "\xed\xa0\x80"}',
        b'{"anything": ' + b"[" * 3000 + b"]" * 3000 + b"}",
        b'{"tree": ' + b'{"branches": [' * 500 + b"]}" * 500 + b"}",
    ],
    ids=["nan", "infinity", "beyond floats", "endless", "half a character", "deep lists", "deep objects"],
)
def test_a_body_that_no_answer_could_repeat_is_a_bad_request(caller: Caller, content: bytes) -> None:
    answer = caller.http.post("/queue/demo/every/field", content=content)

    assert (answer.status_code, answer.json()["error_type"]) == (400, "bad_request")


def test_a_body_as_deep_as_is_taken_comes_back(caller: Caller) -> None:
    tree: dict[str, Any] = {}
    for _ in range(49):
        tree = {"branches": [tree]}

    answer = caller.finish("demo/every/field", {"prompt": "a heron", "tree": tree})

    assert answer.json()["received"]["tree"] == tree


def test_whole_numbers_may_be_written_with_a_point(caller: Caller) -> None:
    size = {"width": 64.0, "height": 48.0}

    answer = caller.finish("demo/sketch/fast", LAKE | {"image_size": size, "num_images": 2.0, "seed": 5.0})

    assert answer.json()["seed"] == 5
    assert [(image["width"], image["height"]) for image in answer.json()["images"]] == [(64, 48)] * 2


def test_a_number_beyond_all_floats_is_a_fault_like_any_other(caller: Caller) -> None:
    answer = caller.finish("demo/sketch/trainer", {"images_data_url": "a", "trigger_word": "b", "steps": 10**400})

    assert answer.status_code == 422
    assert [(fault["loc"][-1], fault["type"]) for fault in answer.json()["detail"]] == [("steps", "less_than_equal")]


def test_a_cancelled_request_is_completed_and_its_result_says_so(caller: Caller) -> None:
    request_id = caller.place("demo/sketch/fast", WAITING, LAKE)

    answer = caller.http.put(f"/queue/demo/sketch/requests/{request_id}/cancel")

    assert (answer.status_code, answer.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
    status = caller.request(request_id, "/status").json()
    assert (status["status"], status["error_type"]) == ("COMPLETED", "client_cancelled")
    result = caller.request(request_id)
    assert (result.status_code, result.json()["detail"]) == (499, "Request cancelled by the client.")


def test_a_model_that_does_not_heed_a_cancel_gives_its_result(caller: Caller) -> None:
    plan = RequestPlan(queued=0, running=5, heeds_cancel=False)
    request_id = caller.place("demo/sketch/fast", plan, LAKE, age=10, cancelled=2)

    assert caller.request(request_id).status_code == 200


def test_what_is_over_cannot_be_cancelled(caller: Caller) -> None:
    answer = caller.http.put(f"/queue/demo/sketch/requests/{caller.place('demo/sketch/fast', OVER, age=10)}/cancel")

    assert (answer.status_code, answer.json()) == (400, {"status": "ALREADY_COMPLETED"})


@pytest.mark.parametrize("path", ["", "/status", "/status/stream"])
def test_an_unknown_request_is_not_found(caller: Caller, path: str) -> None:
    answer = caller.http.get(f"/queue/demo/sketch/requests/nobody-knows{path}")

    assert (answer.status_code, answer.json()["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("page", "endpoint_id", "detail"),
    [
        ("queue", "demo/nothing", 'Application "nothing" not found'),
        ("run", "demo/nothing", 'Application "nothing" not found'),
        ("run", "demo/sketch/wild", "Path /wild not found"),
    ],
)
def test_an_unknown_model_is_not_found(caller: Caller, page: str, endpoint_id: str, detail: str) -> None:
    answer = caller.http.post(f"/{page}/{endpoint_id}", json={})

    assert (answer.status_code, answer.json()["detail"]) == (404, detail)


def test_a_path_that_an_app_does_not_have_is_taken_by_the_queue_and_is_the_result_404(caller: Caller) -> None:
    answer = caller.finish("demo/sketch/wild", LAKE)
    request_id = answer.headers["x-fal-request-id"]

    assert (answer.status_code, answer.json()) == (404, {"detail": "Path /wild not found"})
    assert answer.headers["x-fal-billable-units"] == "0"
    assert caller.http.get(f"/queue/demo/sketch/requests/{request_id}/status").json()["status"] == "COMPLETED"


@pytest.mark.parametrize("header", ["X-Fal-Request-Timeout", "X-Fal-Request-Start-Timeout"])
def test_a_request_that_does_not_start_in_time_is_a_timeout_of_the_caller(caller: Caller, header: str) -> None:
    answer = caller.finish("demo/reel/v2/text-to-video", {"prompt": "waves"}, headers={header: "2.0"})

    assert (answer.status_code, answer.json()["error_type"]) == (504, "request_timeout")
    assert answer.headers["x-fal-request-timeout-type"] == "user"


def test_a_queue_longer_than_allowed_refuses(caller: Caller) -> None:
    caller.place("demo/poster/vector", WAITING)

    assert caller.http.post("/queue/demo/poster/vector?fal_max_queue_length=0", json=LAKE).status_code == 429
    assert caller.http.post("/queue/demo/poster/vector?fal_max_queue_length=9", json=LAKE).status_code == 200


@pytest.mark.parametrize("number", ["²", "1" * 5000, "-1", "many"])
def test_a_limit_and_a_line_that_are_no_numbers_are_as_if_not_given(caller: Caller, number: str) -> None:
    caller.place("demo/poster/vector", WAITING)

    submitted = caller.http.post("/queue/demo/poster/vector", params={"fal_max_queue_length": number}, json=LAKE)
    assert submitted.status_code == 200
    log = caller.http.get("/emulator/requests", params={"after": number})
    assert log.json()[0]["id"] == 1


def test_a_stream_tells_every_new_line_once_and_ends(caller: Caller) -> None:
    submitted = caller.submit("demo/reel/v2/text-to-video", {"prompt": "waves"})

    told = caller.follow(submitted, logs=1)

    statuses = [event["status"] for event in told]
    # On a busy machine it may have started before the stream is opened.
    assert tuple(dict.fromkeys(statuses)) in (("IN_QUEUE", "IN_PROGRESS", "COMPLETED"), ("IN_PROGRESS", "COMPLETED"))
    assert statuses.count("COMPLETED") == 1
    lines = [entry["message"] for event in told for entry in event["logs"]]
    whole = caller.http.get(submitted["status_url"], params={"logs": 1}).json()["logs"]
    assert lines == [entry["message"] for entry in whole]
    assert any("100%" in line for line in lines)


def test_a_stream_learns_of_a_cancel_made_in_another_process(caller: Caller, emulator: Emulator) -> None:
    request_id = caller.place("demo/sketch/fast", WAITING)

    with caller.http.stream("GET", f"/queue/demo/sketch/requests/{request_id}/status/stream") as stream:
        lines = (line for line in stream.iter_lines() if line)
        assert '"IN_QUEUE"' in next(lines)
        with closing(EmulatorState(emulator.state)) as elsewhere:
            elsewhere.cancel(request_id, time.time())
        assert json.loads(next(lines).removeprefix("data: "))["error_type"] == "client_cancelled"


def test_large_results_are_forgotten_after_six_minutes_and_small_ones_after_an_hour(caller: Caller) -> None:
    def code(age: float, **arguments: Any) -> int:
        request_id = caller.place("demo/sketch/fast", OVER, LAKE | arguments, age=age)
        return caller.request(request_id).status_code

    # With its files inside, a result is large.
    assert code(300, sync_mode=True, image_size="square_hd") == 200
    assert code(400, sync_mode=True, image_size="square_hd") == 404
    assert code(400) == 200
    assert code(3700) == 404


def test_every_answer_has_a_request_id_and_json_says_it_is(caller: Caller) -> None:
    for answer in (
        caller.http.post("/queue/demo/nothing", json={}),
        caller.http.get("/queue/demo/sketch/requests/x/status"),
        caller.http.post("/run/demo/sketch/fast", json={}),
        caller.http.get("/api/v1/nothing"),
        caller.http.delete("/queue/demo/sketch/fast"),
    ):
        assert answer.headers["x-fal-request-id"]
        assert answer.headers["content-type"] == "application/json"
        assert answer.status_code not in (408, 409, 429)


@pytest.mark.parametrize(
    ("authorization", "code", "words"),
    [
        (None, 401, 'Cannot access application "demo/sketch"'),
        ("Basic abc", 401, "Authentication is required"),
        ("Key invalid", 401, "invalid key credentials"),
        ("Key locked", 403, "User is locked"),
        ("Bearer anything", 200, ""),
    ],
)
def test_any_key_opens_and_none_does_not(emulator: Emulator, authorization: str | None, code: int, words: str) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    with httpx.Client(verify=False) as http:
        answer = http.post(f"{emulator.url}/queue/demo/sketch/fast", json=LAKE, headers=headers)

    assert answer.status_code == code
    assert words in answer.json().get("detail", "")


def test_the_log_tells_which_key_was_sent_but_not_the_key(emulator: Emulator, caller: Caller) -> None:
    caller.submit("demo/sketch/fast", LAKE)

    [line] = emulator.posts("demo/sketch/fast")
    assert line["key"] == fingerprint("Key any:key")
    assert line["status"] == 200
    assert "any:key" not in json.dumps(line)


def test_a_direct_call_answers_with_the_output(caller: Caller) -> None:
    answer = caller.http.post("/run/demo/sketch/fast", json=LAKE)

    assert answer.json()["prompt"] == "a lake"
    assert answer.headers["x-fal-billable-units"] == "1"
    request_id = answer.headers["x-fal-request-id"]
    assert caller.request(request_id, "/status").status_code == 404


def test_a_streamed_call_ends_with_the_whole_output(caller: Caller) -> None:
    answer = caller.http.post("/run/demo/scribe/chat/stream", json={"prompt": "the sea"})

    assert answer.headers["content-type"].startswith("text/event-stream")
    parts = [json.loads(line[6:]) for line in answer.text.splitlines() if line]
    assert all(later["output"].startswith(sooner["output"]) for sooner, later in pairwise(parts))
    assert (parts[0]["partial"], parts[-1]["partial"]) == (True, False)
