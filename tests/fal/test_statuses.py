"""What a queue says of a request, in the official words and in those of relays."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldeck.fal import errors
from faldeck.fal.responses import HttpResponse
from faldeck.fal.statuses import MAX_LOG_MESSAGE, MAX_LOGS, output_of, status_of
from faldeck.fal.values import Completed, Log, Queued, Running

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
STATUS_KEYS = ["status", "queue_position", "logs", "metrics", "error", "error_type", "detail", "request_id", "result"]


def answer(body: object, status: int = 200) -> HttpResponse:
    return HttpResponse("queue.fal.run", status, {}, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "IN_QUEUE", "queue_position": 3, "logs": None, "metrics": {}}, Queued(3)),
        ({"status": "IN_QUEUE"}, Queued()),
        ({"status": "IN_PROGRESS", "logs": []}, Running()),
        ({"status": "COMPLETED", "metrics": {"inference_time": 1.44}}, Completed(inference_seconds=1.44)),
        ({"status": "COMPLETED", "metrics": {"inference_time": None}}, Completed()),
        ({"status": "COMPLETED", "metrics": None}, Completed()),
        (
            {"status": "COMPLETED", "error": "Runner disconnected", "error_type": "runner_disconnected"},
            Completed(error="Runner disconnected", error_type="runner_disconnected"),
        ),
        ({"status": "completed", "detail": "too dark"}, Completed(error="too dark")),
        ({"status": "COMPLETED", "result": {"video": {"url": "u"}}}, Completed(output={"video": {"url": "u"}})),
        ({"status": "succeeded"}, Completed()),
        ({"status": "DONE"}, Completed()),
        ({"status": "TIMEOUT"}, Completed(error="The service says TIMEOUT.", has_failed=True)),
        ({"status": "rejected", "error": "nsfw"}, Completed(error="nsfw", has_failed=True)),
        ({"status": "WARMING_UP"}, Queued(unknown_word="WARMING_UP")),
        ({"status": "FAILURE"}, Completed(error="The service says FAILURE.")),
        ({"status": "FAILED", "error": {"message": "no"}}, Completed(error="no")),
        ({"status": "ERROR", "detail": [{"msg": "bad"}]}, Completed(error="bad")),
        ({"status": "CANCELLED"}, Completed(error="The service says CANCELLED.", error_type="client_cancelled")),
        ({"status": "CANCELED"}, Completed(error="The service says CANCELED.", error_type="client_cancelled")),
    ],
)
def test_every_word_has_its_meaning(body: Any, status: object) -> None:
    assert status_of(answer(body)) == status


@pytest.mark.parametrize("body", [{}, [], None, "IN_QUEUE", {"status": 5}, {"error": {"message": "no such thing"}}])
def test_an_answer_without_a_word_is_unreadable(body: object) -> None:
    with pytest.raises(errors.InvalidResponse):
        status_of(answer(body))


@pytest.mark.parametrize(
    ("logs", "read"),
    [
        (None, ()),
        ([], ()),
        ({}, ()),
        (7, ()),
        (
            [{"timestamp": "2026-02-18T06:42:27.123456", "message": "a", "labels": {"level": "INFO", "source": "gw"}}],
            (Log("2026-02-18T06:42:27.123456", "INFO", "a", "gw"),),
        ),
        (
            [{"message": "b", "level": "STDERR", "source": "USER", "timestamp": "t", "labels": {"level": "INFO"}}],
            (Log("t", "STDERR", "b", "USER"),),
        ),
        ([{"message": "c", "timestamp": "t"}], (Log("t", "", "c"),)),
        ({"message": "alone"}, (Log("", "", "alone"),)),
        (["bare", None, 5, {"message": None}], (Log("", "", "bare"), Log("", "", ""))),
    ],
)
def test_logs_of_every_shape_are_read(logs: object, read: tuple[Log, ...]) -> None:
    assert status_of(answer({"status": "IN_PROGRESS", "logs": logs})).logs == read


def test_logs_are_bounded_and_the_newest_stay() -> None:
    logs = [{"message": f"{number}"} for number in range(MAX_LOGS + 5)] + [{"message": "x" * 10 * MAX_LOG_MESSAGE}]
    read = status_of(answer({"status": "IN_PROGRESS", "logs": logs})).logs
    assert len(read) == MAX_LOGS
    assert read[-1].message == "x" * MAX_LOG_MESSAGE


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"detail": "Request is still in progress", "request_id": "r", "status_url": "u"}),
        (422, {"detail": "Request is still in progress"}),
        (404, {"detail": "Request is IN PROGRESS"}),
        (200, {"detail": "Request is still in progress"}),
        (200, {"error": {"message": "still in progress"}}),
        (200, {"status": "IN_QUEUE", "request_id": "r", "queue_position": 0}),
        (202, {"status": "IN_PROGRESS"}),
        (200, {"status": "COMPLETED", "request_id": "r", "response_url": "u", "logs": None, "metrics": {}}),
        (200, {"status": "IN_PROGRESS", "request": {"prompt": "a lake"}, "timings": {}}),
        (200, {"status": "IN_QUEUE", "images": [], "video": None, "request": {"prompt": "a lake"}}),
    ],
)
def test_a_result_that_is_asked_for_too_early_means_wait(status: int, body: object) -> None:
    with pytest.raises(errors.NotReady):
        output_of(answer(body, status))


@pytest.mark.parametrize(
    "body",
    [
        {"images": [], "status": "COMPLETED", "request_id": "r"},
        {"status": "great"},
        {"detail": "a drawing of a work", "text": "a lake"},
        {"error": None, "output": "a lake"},
        {"message": "a lake"},
        {},
        [],
        None,
        "text",
        {"output": "in progress"},
    ],
)
def test_every_other_body_is_the_output(body: object) -> None:
    assert output_of(answer(body)) == body


def test_an_output_inside_a_status_body_is_unwrapped() -> None:
    body = {"status": "COMPLETED", "request_id": "r", "result": {"video": {"url": "u"}}}
    assert output_of(answer(body)) == {"video": {"url": "u"}}


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ({"status": "FAILURE", "request_id": "r", "detail": "too dark"}, errors.ErrorResponse, "too dark"),
        ({"status": "CANCELLED", "request_id": "r"}, errors.Cancelled, "The service says CANCELLED."),
        ({"error": {"message": "quota", "type": "one_api_error"}}, errors.ErrorResponse, "quota"),
        ({"status": "COMPLETED", "request_id": "r", "detail": "too dark"}, errors.ErrorResponse, "too dark"),
        ({"detail": "too dark"}, errors.ErrorResponse, "too dark"),
        (
            {"detail": [{"loc": ["body", "prompt"], "msg": "Field required"}]},
            errors.ErrorResponse,
            "prompt: Field required",
        ),
        ({"error": "Error", "message": "Path /quality not found"}, errors.ErrorResponse, "Path /quality not found"),
        ({"success": False, "error": [{"code": 2001, "message": "no credit"}]}, errors.ErrorResponse, "no credit"),
        ({"error": {"code": "BILLING_ERROR"}}, errors.ErrorResponse, "BILLING_ERROR"),
        ({"code": 401, "message": "no such token", "data": None}, errors.ErrorResponse, "no such token"),
        ({"output": "", "partial": False, "error": "too dark"}, errors.ErrorResponse, "too dark"),
        ({"detail": "too dark", "request": {"prompt": "a lake"}, "request_id": "r"}, errors.ErrorResponse, "too dark"),
    ],
)
def test_a_failure_with_a_good_code_is_a_failure(body: object, kind: type[errors.ErrorResponse], message: str) -> None:
    with pytest.raises(kind, match=message):
        output_of(answer(body))


def test_a_field_that_speaks_of_progress_is_a_failure_all_the_same() -> None:
    problem = {
        "loc": ["body", "prompt"],
        "msg": "a fight in progress is not allowed",
        "type": "content_policy_violation",
    }
    with pytest.raises(errors.Invalid):
        output_of(answer({"detail": [problem]}, 422))


@given(st.dictionaries(st.sampled_from(STATUS_KEYS), ANYTHING))
def test_no_status_breaks_the_reader(body: dict[str, Any]) -> None:
    try:
        status = status_of(answer(body))
    except errors.InvalidResponse:
        return
    assert isinstance(status, Queued | Running | Completed)


@given(st.dictionaries(st.sampled_from(STATUS_KEYS), ANYTHING), st.sampled_from([200, 202, 400, 422, 500]))
def test_no_result_breaks_the_reader(body: dict[str, Any], status: int) -> None:
    try:
        output_of(answer(body, status))
    except errors.FalError as error:
        assert error.message
