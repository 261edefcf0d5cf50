"""From error answers to what they mean."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from faldeck.fal import errors
from faldeck.fal.errors import Problem
from faldeck.fal.refusals import MAX_MESSAGE, MAX_PROBLEMS, is_error, refusal, refuses
from faldeck.fal.responses import HttpResponse

RESPONSES = Path(__file__).parents[3] / "shared" / "responses"


def refused(body: object, status: int = 422, **headers: str) -> errors.ErrorResponse:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return refusal(
        HttpResponse("queue.fal.run", status, {name.replace("_", "-"): v for name, v in headers.items()}, text)
    )


def test_a_validation_error_names_the_fields() -> None:
    error = refused(
        {
            "detail": [
                {"loc": ["body", "prompt"], "msg": "field required", "type": "value_error.missing"},
                {"loc": ["body", "loras", 0, "path"], "msg": "too long", "type": "sequence_too_long", "ctx": {}},
                {"loc": ["body"], "msg": "No media", "type": "no_media_generated"},
            ]
        },
        x_fal_billable_units="0",
        x_fal_request_id="r-1",
    )
    assert isinstance(error, errors.Invalid)
    assert error.message == "prompt: field required; loras.0.path: too long; No media"
    assert error.problems[1] == Problem(("body", "loras", 0, "path"), "too long", "sequence_too_long")
    assert (error.error_type, error.billable_units, error.request_id) == ("value_error.missing", "0", "r-1")


@pytest.mark.parametrize(
    ("status", "body", "kind", "message", "error_type"),
    [
        (401, {"detail": "invalid key credentials"}, errors.Unauthorized, "invalid key credentials", None),
        (403, {"detail": "User is locked."}, errors.Forbidden, "User is locked.", None),
        (404, {"status": "NOT_FOUND"}, errors.NotFound, "NOT_FOUND", None),
        (422, {"detail": "Bad image"}, errors.Invalid, "Bad image", None),
        (499, {"detail": "gone", "error_type": "client_cancelled"}, errors.Cancelled, "gone", "client_cancelled"),
        (503, {"detail": "lost", "error_type": "runner_disconnected"}, errors.Busy, "lost", "runner_disconnected"),
        (504, {"detail": "late", "error_type": "request_timeout"}, errors.ServerError, "late", "request_timeout"),
        (429, {"error": {"type": "rate_limited", "message": "Slowly"}}, errors.Busy, "Slowly", "rate_limited"),
        (
            400,
            {"error": {"message": "No model", "type": "", "code": "m_1", "param": None}},
            errors.ErrorResponse,
            "No model",
            "m_1",
        ),
        (500, {"error": "boom"}, errors.ServerError, "boom", None),
        (500, {"message": "boom"}, errors.ServerError, "boom", None),
        (500, {"detail": {"msg": "boom"}}, errors.ServerError, "boom", None),
    ],
)
def test_every_shape_of_error_is_understood(
    status: int, body: Any, kind: type[errors.ErrorResponse], message: str, error_type: str | None
) -> None:
    error = refused(body, status)
    assert type(error) is kind
    assert (error.status, error.message, error.error_type, error.body) == (status, message, error_type, body)


@pytest.mark.parametrize("body", [b"<html>nginx</html>", b"", b"null", b"[]", b'{"detail": []}', b'{"detail": null}'])
def test_an_error_without_words_says_its_code(body: bytes) -> None:
    assert refused(body, 502).message == "queue.fal.run answered 502 (Bad Gateway)."
    assert refused(body, 799).message == "queue.fal.run answered 799."


def test_a_redirect_is_refused_and_says_where_it_points() -> None:
    assert (
        "https://elsewhere.example/ , which is not".replace(" ,", ",")
        in refused(b"", 307, location="https://elsewhere.example/").message
    )


def test_an_ingress_fault_has_no_body() -> None:
    assert refused(b"<html>nginx</html>", 502).body is None


def test_error_texts_are_bounded() -> None:
    entry = {"loc": ["body", *range(1_000)], "msg": "x" * 100_000, "type": "y" * 100_000}
    error = refused({"detail": [entry] * (MAX_PROBLEMS + 5)})
    assert len(error.message) <= MAX_MESSAGE
    assert len(error.problems) == MAX_PROBLEMS
    assert len(error.problems[0].message) + len(error.problems[0].loc) + len(error.problems[0].type) < 1_000
    assert len(refused({"detail": "x" * 100_000}).message) <= MAX_MESSAGE


@pytest.mark.parametrize(
    "detail",
    [[None, 1, "x"], [{}], [{"loc": None, "msg": 5, "type": []}], [{"loc": [None, True, 1.5, {}]}], {"a": 1}, 7],
)
def test_strange_details_are_still_errors(detail: object) -> None:
    assert refused({"detail": detail}).message


@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7), ("0.5", 0.5), ("-3", 0), ("soon", None), ("nan", None), ("1e999", None), ("", None)]
)
def test_the_wished_pause_is_read_from_numbers(said: str, seconds: float | None) -> None:
    assert refused({}, 429, retry_after=said).retry_after == seconds
    assert refused({}, 429, x_ratelimit_reset=said).retry_after == seconds


def test_the_wished_pause_is_read_from_dates() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    assert 500 < (refused({}, 503, retry_after=later).retry_after or 0) <= 600
    assert refused({}, 503, retry_after="Wed, 21 Oct 2015 07:28:00 GMT").retry_after == 0


@pytest.mark.parametrize(
    ("headers", "wants_retry"),
    [
        ({"x_fal_needs_retry": "1"}, True),
        ({"x_fal_needs_retry": "0"}, False),
        ({"x_fal_retryable": "True"}, True),
        ({"x_fal_retryable": "false"}, False),
        ({}, None),
    ],
)
def test_whether_trying_again_may_help_is_told(headers: dict[str, str], wants_retry: bool | None) -> None:
    assert refused({}, 500, **headers).wants_retry is wants_retry


def test_the_callers_own_timeout_is_told_apart() -> None:
    assert refused({}, 504, x_fal_request_timeout_type="user").is_user_timeout
    assert not refused({}, 504).is_user_timeout


@pytest.mark.skipif(not RESPONSES.is_dir(), reason="the folder of recorded answers is not beside this checkout")
def test_every_recorded_error_gives_its_own_words() -> None:
    for path in sorted(RESPONSES.glob("error-*.json")):
        error = refused(path.read_bytes(), int(path.name[6:9]))
        assert error.message, path.name
        assert "answered" not in error.message, path.name
        assert error.status != 422 or error.problems or isinstance(error.body, dict), path.name


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"error": {"message": "no credit"}}}, "no credit"),
        ({"error": {"details": "no credit"}}, "no credit"),
        ({"error": "invalid_token", "error_description": "The token has expired"}, "The token has expired"),
        ({"fault": {"faultstring": "Rate limit", "detail": {"errorcode": "policies.quota"}}}, "Rate limit"),
        ({"Message": "User is not authorized"}, "User is not authorized"),
        (
            {"errors": {"prompt": ["is required"], "seed": ["is no number", "is odd"]}},
            "prompt: is required; seed: is no number; is odd",
        ),
        ({"detail": {"error": "inner"}}, "inner"),
        ({"error_code": 17, "error_msg": "no credit"}, "no credit"),
        ({"errcode": 40001, "errmsg": "no credit"}, "no credit"),
        ({"status": "error", "reason": "no credit"}, "no credit"),
        ({"ok": False, "description": "no credit"}, "no credit"),
        ({"errorMessage": "out of memory", "errorType": "Runtime.ExitError"}, "out of memory"),
        ({"data": {"error": "inner"}}, "inner"),
    ],
)
def test_an_error_is_told_in_its_own_words_wherever_they_stand(body: object, words: str) -> None:
    assert refused(body, 400).message == words


@pytest.mark.parametrize(
    "body",
    [
        {"error": "invalid_token", "error_description": "expired"},
        {"errcode": 40001, "errmsg": "no credit"},
        {"error_code": 17, "error_msg": "no credit"},
        {"ok": False, "description": "no credit"},
        {"success": False, "reason": "no credit"},
        {"code": "insufficient_quota", "message": "no credit"},
    ],
)
def test_an_error_with_a_good_code_is_one_in_every_spelling(body: Any) -> None:
    assert is_error(body)


@pytest.mark.parametrize(
    "body",
    [
        {"description": "a lake"},
        {"errcode": 0, "errmsg": "ok"},
        {"reason": "it is late"},
        {"code": "accepted", "message": "wait"},
        {"code": "if error: fail()", "message": "done"},
        {"details": "a lake"},
    ],
)
def test_an_output_that_only_sounds_like_an_error_is_none(body: Any) -> None:
    assert not is_error(body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"statusCode": 429, "message": "Rate limit is exceeded."}, "Rate limit is exceeded."),
        (
            {"type": "about:blank", "title": "Payment", "status": 402, "detail": "No money", "instance": "/x"},
            "No money",
        ),
        ({"__type": "ThrottlingException", "message": "Too many"}, "Too many"),
        ({"code": -1, "msg": "quota exceeded", "data": {}}, "quota exceeded"),
        ({"code": "500", "message": "internal", "data": {"images": None}}, "internal"),
        ({"ret": 1, "err_msg": "bad sign"}, "bad sign"),
        ({"status": "failed", "message": "no capacity", "task_id": "x"}, "no capacity"),
        ({"fault": {"faultstring": "Quota violation", "detail": {"errorcode": "x"}}}, "Quota violation"),
        ({"data": {"error": {"message": "bad"}}, "code": 0, "message": "success"}, "bad"),
        ([{"loc": ["body", "prompt"], "msg": "Field required", "type": "missing"}], "Field required"),
        ("Internal Server Error", "Internal Server Error"),
    ],
)
def test_an_error_of_any_gateway_is_told_from_an_output(body: Any, words: str) -> None:
    assert is_error(body)
    answer = HttpResponse("relay.example", 200, {}, json.dumps(body).encode())
    assert words in refusal(answer).message


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Hello there"},
        {"code": "print(1)", "message": "here is the code"},
        {"code": 200, "message": "ok"},
        {"status": "ok", "message": "done"},
        {"ret": 1, "msg": "OK"},
        {"success": False, "images": [{"url": "https://v3b.fal.media/a.png"}]},
        {"title": "A fox", "description": "It failed to jump"},
        {"data": [{"url": "https://v3b.fal.media/a.png"}]},
        {"data": {"images": []}},
        ["a", "b"],
        "an error of judgement",
        None,
    ],
)
def test_an_output_is_never_told_as_an_error(body: Any) -> None:
    assert not is_error(body)


@pytest.mark.parametrize(
    ("body", "is_refused"),
    [
        ({"message": "Forbidden"}, True),
        ({"result": "error", "reason": "no such model"}, True),
        ("model is not enabled", True),
        ([{"error": {"code": 400, "message": "bad"}}], True),
        ({"message": "Your request was queued"}, False),
        ({"status": "IN_QUEUE"}, False),
        ("queued", False),
        (None, False),
    ],
)
def test_an_answer_without_an_id_that_speaks_of_a_refusal_is_one(body: Any, is_refused: bool) -> None:
    assert refuses(body) is is_refused
