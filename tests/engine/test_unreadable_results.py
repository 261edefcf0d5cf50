"""Results that are refused or cannot be read for ever: the wait ends, and nothing that was paid is lost."""

from pathlib import Path

import pytest
from support.engine_process import lab, running
from support.raw_service import scripted
from test_field_answers import ID, MODEL, PICTURE, Script, ended

from faldeck.job import State


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nOK",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 4\r\n\r\n\x89PNG",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
    ],
)
async def test_a_result_that_is_never_json_ends_the_wait_and_can_be_asked_for_later(
    answer: bytes, tmp_path: Path
) -> None:
    script = Script(result=answer)
    async with scripted(script) as service, running(lab(service.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(MODEL))
        assert (job.state, job.error and job.error.status) == (State.EXPIRED, int(answer[9:12]))
        assert "No result could be read" in str(job.error)
        service.says = Script()
        await engine.supervisor.look_up_again(job)
        job = await engine.until(job, lambda job: job.state is State.COMPLETED)

        assert (await engine.body(job)).result == PICTURE
        assert service.count("POST") == 1


async def test_a_service_that_answers_only_plain_text_keeps_nobody_waiting(tmp_path: Path) -> None:
    text = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nOK"
    job, _, service, _ = await ended(Script(status=text, result=text), tmp_path)

    assert (job.state, service.count("POST")) == (State.EXPIRED, 1)


async def test_a_failure_whose_result_is_no_json_is_told_in_the_words_of_the_status(tmp_path: Path) -> None:
    told = {"status": "COMPLETED", "request_id": ID, "error": "The runner ran out of memory"}
    script = Script(status=(200, {}, told), result=b"HTTP/1.1 204 No Content\r\n\r\n")
    job, *_ = await ended(script, tmp_path)

    assert (job.state, job.error and job.error.message) == (State.FAILED, "The runner ran out of memory")


@pytest.mark.parametrize("answer", ["302 Found", "418 Teapot", "500 Internal Server Error", "409 Conflict"])
async def test_a_result_that_is_refused_in_plain_text_for_long_can_be_asked_for_later(
    answer: str, tmp_path: Path
) -> None:
    text = f"HTTP/1.1 {answer}\r\nContent-Type: text/plain\r\nLocation: /x\r\nContent-Length: 4\r\n\r\noops".encode()
    job, _, service, _ = await ended(Script(result=text), tmp_path)

    assert (job.state, service.count("POST")) == (State.EXPIRED, 1)
    assert job.error is not None and "refuses to give the result" in job.error.message


async def test_a_failure_whose_result_is_refused_in_plain_text_is_told_at_last(tmp_path: Path) -> None:
    told = {"status": "COMPLETED", "request_id": ID, "error": "Unexpected status code: 401"}
    text = b"HTTP/1.1 401 Unauthorized\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\nvendor says no"
    job, engine, *_ = await ended(Script(status=(200, {}, told), result=text), tmp_path)

    assert (job.state, job.error and job.error.message) == (State.FAILED, "vendor says no")
    assert engine.troubles == []
