"""Answers that services and relays really give, each with the end that it must have (protocol §2.5, §9.3)."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.engine_process import Engine, lab, running
from support.raw_service import RawAnswer, RawService, scripted

from faldeck.engine import transitions
from faldeck.job import Job, State

FIELD = Path(__file__).parents[3] / "shared" / "field" / "answers.json"
MODEL = "acme/lake"
ID = "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11"
PICTURE = {"images": [{"url": "http://127.0.0.1:9/a.png"}]}
NO_PATH = {"detail": "Path /text-to-video not found"}
COMPLETED: RawAnswer = (200, {}, {"status": "COMPLETED", "request_id": ID})


class Script:
    """What a service answers to a submit, at its status page, at its result, and in the account's list."""

    def __init__(
        self,
        *,
        submit: RawAnswer = (200, {}, {"request_id": ID, "status": "IN_QUEUE"}),
        status: RawAnswer = COMPLETED,
        result: RawAnswer | list[RawAnswer] = (200, {}, PICTURE),
        listed: RawAnswer = (200, {}, {"items": []}),
    ) -> None:
        self._submit, self._status, self._list = submit, status, listed
        self._results = list(result) if isinstance(result, list) else [result]

    def __call__(self, method: str, path: str) -> RawAnswer:
        if method == "POST":
            return self._submit
        if path.startswith("/api/"):
            return self._list
        if "/status/stream" in path:
            return 405, {}, {"detail": "Method Not Allowed"}
        if "/status" in path:
            return self._status
        return self._results.pop(0) if len(self._results) > 1 else self._results[0]


async def ended(script: Script, folder: Path, **options: Any) -> tuple[Job, Engine, RawService, Any]:
    """How a job ends whose service answers so; with what was asked, and its result."""
    async with (
        scripted(script) as service,
        running(lab(service.url), folder, download="manual") as engine,
    ):
        job = await engine.until(await engine.submit(MODEL, None, **options))
        return job, engine, service, (await engine.body(job)).result


def own(**headers: str) -> dict[str, str]:
    """The headers by which a model's own answer can be told."""
    return headers or {"x-fal-billable-units": "0", "x-fal-request-id": ID}


@pytest.mark.skipif(not FIELD.is_file(), reason="the folder of answers from the field is not beside this checkout")
async def test_every_answer_from_the_field_has_its_end(tmp_path: Path) -> None:
    for number, case in enumerate(json.loads(FIELD.read_text())):
        said = json.loads(json.dumps(case).replace("<the request's id>", ID).replace("<id>", ID))
        parts: dict[str, Any] = {}
        if "submit" in said:
            parts["submit"] = tuple(said["submit"])
        if "result" in said:
            parts["result"] = tuple(said["result"])
        if "status_answer" in said:
            parts["status"] = tuple(said["status_answer"])
        if said.get("status", {}).get("status") == "IN_QUEUE":
            continue
        if "status" in said:
            parts["status"] = (200, {}, said["status"])
        job, engine, service, _ = await ended(Script(**parts), tmp_path / str(number))

        want = case["want"]
        expected = next(state for state in ("failed", "completed", "expired") if state in want)
        assert (job.state.value, service.count("POST")) == (expected, 1), case["case"]
        words = [said["result"][2].get("message") or said["result"][2]["detail"]] if "result" in said else []
        if job.error and words and isinstance(words[0], str):
            assert job.error.message == words[0], case["case"]
        assert engine.troubles == [], case["case"]


@pytest.mark.parametrize(
    ("status", "headers", "body", "words"),
    [
        (404, own(), NO_PATH, "Path /text-to-video not found"),
        (404, own(), {"detail": "Not Found"}, "Not Found"),
        (404, {}, {"error": "Error", "message": "Path /quality not found"}, "Path /quality not found"),
        (404, {"x-fal-billable-units": "0"}, {"detail": "No such voice"}, "No such voice"),
        (401, own(), {"detail": "The vendor wants a key"}, "The vendor wants a key"),
        (403, own(), {"detail": "Your organization must be verified"}, "Your organization must be verified"),
        (429, own(), {"detail": "The vendor is busy"}, "The vendor is busy"),
        (410, own(), {"detail": "This voice is gone"}, "This voice is gone"),
        (402, own(), {"error": {"message": "The vendor wants money"}}, "The vendor wants money"),
    ],
)
async def test_the_models_own_refusal_ends_the_job_in_its_words_and_pauses_nobody(
    status: int, headers: dict[str, str], body: Any, words: str, tmp_path: Path
) -> None:
    job, engine, service, _ = await ended(Script(result=(status, headers, body)), tmp_path)

    assert (job.state, job.error and job.error.message) == (State.FAILED, words)
    assert job.error is not None and job.error.status == status
    assert service.count("GET", f"/requests/{ID}") == 1
    assert engine.troubles == []


@pytest.mark.parametrize("status", [401, 403, 429])
async def test_a_status_that_tells_of_the_error_makes_the_refusal_the_models_own(status: int, tmp_path: Path) -> None:
    told = {"status": "COMPLETED", "request_id": ID, "error": f"Unexpected status code: {status}"}
    script = Script(status=(200, {}, told), result=(status, {}, {"detail": "The vendor says no"}))
    job, engine, _, _ = await ended(script, tmp_path)

    assert (job.state, job.error and job.error.message) == (State.FAILED, "The vendor says no")
    assert engine.troubles == []


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_that_nothing_shows_to_be_the_models_own_is_about_the_key(status: int, tmp_path: Path) -> None:
    refusal: RawAnswer = (status, {}, {"detail": "invalid key credentials"})
    job, engine, service, _ = await ended(Script(result=[refusal, (200, {}, PICTURE)]), tmp_path)

    assert (job.state, service.count("POST")) == (State.COMPLETED, 1)
    assert engine.troubles != []


@pytest.mark.parametrize("body", [{"detail": "Request not found"}, {"status": "NOT_FOUND"}])
async def test_a_request_that_the_queue_has_forgotten_has_expired_whatever_the_headers_say(
    body: Any, tmp_path: Path
) -> None:
    job, _, service, _ = await ended(Script(result=(404, own(), body)), tmp_path)

    assert job.state is State.EXPIRED
    assert service.count("GET", "/by-endpoint") > 0


@pytest.mark.parametrize("status", [402, 407, 410, 413, 451])
async def test_a_refusal_on_the_way_to_a_result_is_asked_past(status: int, tmp_path: Path) -> None:
    refusals: list[RawAnswer] = [(status, {}, {"detail": "Not here"})] * 5
    job, _, service, result = await ended(Script(result=[*refusals, (200, {}, PICTURE)]), tmp_path)

    assert (job.state, result) == (State.COMPLETED, PICTURE)
    assert service.count("POST") == 1


@pytest.mark.parametrize("status", [402, 407, 410, 413, 451])
async def test_a_result_that_is_refused_for_long_can_be_asked_for_later(status: int, tmp_path: Path) -> None:
    script = Script(result=(status, {}, {"detail": "Not here"}))
    async with scripted(script) as service, running(lab(service.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(MODEL))
        assert (job.state, job.error and job.error.status) == (State.EXPIRED, status)
        service.says = Script()
        await engine.supervisor.look_up_again(job)
        job = await engine.until(job, lambda job: job.state is State.COMPLETED)

        assert (await engine.body(job)).result == PICTURE
        assert service.count("POST") == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"detail": "too dark"}, "too dark"),
        ({"error": {"message": "no credit", "type": "one_api_error"}}, "no credit"),
        (
            {"success": False, "error": [{"code": 2001, "message": "no credit"}, {"message": "ask us"}]},
            "no credit; ask us",
        ),
        ({"error": {"code": "BILLING_ERROR"}}, "BILLING_ERROR"),
        ({"error": "upstream is away"}, "upstream is away"),
    ],
)
async def test_an_error_with_a_good_code_is_a_failure_at_once(body: Any, words: str, tmp_path: Path) -> None:
    at_result, _, service, _ = await ended(Script(result=(200, {}, body)), tmp_path / "result")
    at_submit, _, gateway, _ = await ended(Script(submit=(200, {}, body)), tmp_path / "submit")

    assert (at_result.state, at_result.error and at_result.error.message) == (State.FAILED, words)
    assert (at_submit.state, at_submit.error and at_submit.error.message) == (State.FAILED, words)
    assert service.count("GET", f"/requests/{ID}") == 1
    assert gateway.asked == [("POST", f"/queue/{MODEL}")]


@pytest.mark.parametrize(
    ("headers", "body", "result"),
    [
        ({"x-fal-request-id": ID}, PICTURE, PICTURE),
        ({}, PICTURE, PICTURE),
        (
            {},
            {"created": 1, "data": [{"url": "http://127.0.0.1:9/a.png"}]},
            {"created": 1, "data": [{"url": "http://127.0.0.1:9/a.png"}]},
        ),
        ({}, {"output": "a lake"}, {"output": "a lake"}),
        ({"x-fal-request-id": ID}, {"caption": "a lake"}, {"caption": "a lake"}),
        (
            {},
            {"request_id": ID, "video": {"url": "http://127.0.0.1:9/a.mp4"}},
            {"request_id": ID, "video": {"url": "http://127.0.0.1:9/a.mp4"}},
        ),
        ({}, {"request_id": ID, "status": "COMPLETED", "result": PICTURE}, PICTURE),
    ],
)
async def test_a_result_in_the_answer_to_a_submit_is_the_result(
    headers: dict[str, str], body: Any, result: Any, tmp_path: Path
) -> None:
    async with (
        scripted(Script(submit=(200, headers, body))) as service,
        running(lab(service.url), tmp_path, download="manual") as engine,
    ):
        job = await engine.until(await engine.submit(MODEL))

        assert (job.state, (await engine.body(job)).result) == (State.COMPLETED, result)
        assert service.asked == [("POST", f"/queue/{MODEL}")]
        assert transitions.ANSWERS_DIRECTLY in await engine.logs(job)


@pytest.mark.parametrize(
    "body",
    [
        {"id": "task-1", "status": "queued"},
        {"code": 0, "message": "ok", "data": {"task_id": "task-1"}},
        {"success": True},
        {"status": "IN_QUEUE"},
    ],
)
async def test_an_answer_that_says_neither_where_to_ask_nor_what_came_is_unconfirmed(body: Any, tmp_path: Path) -> None:
    job, _, service, _ = await ended(Script(submit=(200, {}, body)), tmp_path)

    assert (job.state, service.count("POST")) == (State.UNCONFIRMED, 1)


@pytest.mark.parametrize("extra", [{"model": "x"}, {"eta": 3, "meta": {"queue": "a"}}, {"queue_position": 0}])
async def test_an_answer_with_a_request_id_and_no_output_is_followed(extra: Any, tmp_path: Path) -> None:
    job, _, service, result = await ended(Script(submit=(200, {}, {"request_id": ID, **extra})), tmp_path)

    assert (job.state, job.request_id, result) == (State.COMPLETED, ID, PICTURE)
    assert service.count("GET", "/status") > 0


@pytest.mark.parametrize("status", [400, 422])
async def test_a_status_page_that_says_for_the_third_time_that_it_is_over_is_believed(
    status: int, tmp_path: Path
) -> None:
    refusal: RawAnswer = (status, {}, {"detail": "This request cannot be continued"})
    job, _, service, _ = await ended(Script(status=refusal, result=(404, {}, {"detail": "Not Found"})), tmp_path)

    assert (job.state, job.error and job.error.message) == (State.FAILED, "This request cannot be continued")
    assert service.count("GET", "/status") == 3


async def test_a_result_that_is_there_counts_more_than_a_status_page_that_refuses(tmp_path: Path) -> None:
    job, _, _, result = await ended(Script(status=(422, {}, {"detail": "Unprocessable"})), tmp_path)

    assert (job.state, result) == (State.COMPLETED, PICTURE)


async def test_a_status_page_that_says_expired_has_the_account_asked_first(tmp_path: Path) -> None:
    gone: RawAnswer = (410, {}, {"detail": "Request has expired"})
    past = {
        "request_id": ID,
        "endpoint_id": MODEL,
        "status_code": 200,
        "ended_at": "2026-01-01",
        "json_output": PICTURE,
    }
    kept, _, _, result = await ended(Script(status=gone, listed=(200, {}, {"items": [past]})), tmp_path / "kept")
    lost, _, service, _ = await ended(Script(status=gone), tmp_path / "lost")

    assert (kept.state, result) == (State.COMPLETED, PICTURE)
    assert (lost.state, service.count("GET", "/status")) == (State.EXPIRED, 3)
    assert service.count("GET", "/by-endpoint") > 0


async def test_a_status_page_that_says_still_in_progress_with_a_bad_code_is_no_refusal(tmp_path: Path) -> None:
    says = Script(status=(400, {}, {"detail": "Request is still in progress"}))
    async with scripted(says) as service, running(lab(service.url), tmp_path, download="manual") as engine:
        job = await engine.until(await engine.submit(MODEL), lambda job: job.state is State.RUNNING)
        service.says = Script()
        job = await engine.until(job)

    assert job.state is State.COMPLETED


@pytest.mark.parametrize("word", ["FAILURE", "FAILED", "ERROR"])
async def test_a_status_of_failure_is_one_however_good_the_result_looks(word: str, tmp_path: Path) -> None:
    told = {"status": word, "request_id": ID, "error": "too dark"}
    job, _, _, result = await ended(Script(status=(200, {}, told)), tmp_path / "told")
    silent, _, _, _ = await ended(Script(status=(200, {}, {"status": word})), tmp_path / "silent")

    assert (job.state, job.error and job.error.message) == (State.FAILED, "too dark")
    assert (silent.state, silent.error and silent.error.message) == (State.FAILED, f"The service says {word}.")
    assert result == PICTURE, "what came is kept"
    assert job.outputs == ()


async def test_the_words_beside_a_status_error_are_the_results_own(tmp_path: Path) -> None:
    told = {"status": "COMPLETED", "request_id": ID, "error": "Unexpected status code: 422"}
    problem = {"loc": ["body", "prompt"], "msg": "too wet", "type": "content_policy_violation"}
    job, _, _, _ = await ended(Script(status=(200, {}, told), result=(422, {}, {"detail": [problem]})), tmp_path)

    assert (job.state, job.error and job.error.message) == (State.FAILED, "prompt: too wet")


@pytest.mark.parametrize("status", [521, 523, 525, 526])
@pytest.mark.parametrize("mode", ["queue", "sync"])
async def test_a_submit_that_did_not_reach_its_origin_is_sent_again(status: int, mode: str, tmp_path: Path) -> None:
    page = b"<html>Web server is down</html>"
    head = f"HTTP/1.1 {status} Down\r\ncontent-type: text/html\r\ncontent-length: {len(page)}\r\n\r\n".encode()
    posts = iter([head + page, head + page])
    good = Script(submit=(200, {}, PICTURE if mode == "sync" else {"request_id": ID}))
    async with (
        scripted(lambda method, path: next(posts, b"") or good(method, path)) as service,
        running(lab(service.url), tmp_path, download="manual") as engine,
    ):
        job = await engine.until(await engine.submit(MODEL, **({} if mode == "queue" else {"mode": mode})))

    assert (job.state, service.count("POST")) == (State.COMPLETED, 3)


async def test_an_error_in_plain_text_is_told_as_one_short_line(tmp_path: Path) -> None:
    text = b"Invalid request\r\n" + b"and more of it " * 100
    head = f"HTTP/1.1 400 Bad\r\ncontent-type: text/plain\r\ncontent-length: {len(text)}\r\n\r\n".encode()
    job, _, _, _ = await ended(Script(submit=head + text), tmp_path)

    assert job.state is State.FAILED and job.error is not None
    assert job.error.message.startswith("Invalid request and more of it")
    assert len(job.error.message) == 300


async def test_a_direct_call_that_the_model_refuses_pauses_nobody(tmp_path: Path) -> None:
    refusal: RawAnswer = (403, {"x-fal-billable-units": "0"}, {"detail": "Your organization must be verified"})
    job, engine, service, _ = await ended(Script(submit=refusal), tmp_path, mode="sync")

    assert (job.state, job.error and job.error.message) == (State.FAILED, "Your organization must be verified")
    assert (service.count("POST"), engine.troubles) == (1, [])


@pytest.mark.parametrize("mode", ["queue", "sync"])
async def test_a_submit_that_is_answered_elsewhere_may_have_been_accepted(mode: str, tmp_path: Path) -> None:
    elsewhere = b"HTTP/1.1 303 See Other\r\nLocation: /done\r\nContent-Length: 0\r\n\r\n"
    job, _, service, _ = await ended(Script(submit=elsewhere), tmp_path, mode=mode)

    assert (job.state, service.count("POST")) == (State.UNCONFIRMED, 1)
