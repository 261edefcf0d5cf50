"""A service that answers anything at all: never a crash, never a hang, and nothing of it reaches a terminal raw."""

import asyncio
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.engine_process import FAST, LAKE, lab, running
from support.fuzzing import thorough

from faldeck.app import wording
from faldeck.engine import transitions
from faldeck.fal.errors import Backoff
from faldeck.fal.values import Log
from faldeck.history import LogLine
from faldeck.history.export import document
from faldeck.job import FileState, Job
from faldeck.schema import json_value

PACE = replace(FAST, backoff=Backoff(first=0.001, cap=0.002, longest=0.002), paused=0.002, looks=(0.001,))
URL = "http://127.0.0.1:9"
REQUEST = f"{URL}/queue/demo/sketch/requests/r-1"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)
RAW = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

NASTY = st.sampled_from(
    ["\x1b]0;pwned\x07", "\x1b[2J", "\u202egnp.exe", "[bold]x[/]", "\x00", "\r\n\r\n", "../../etc/passwd", "\x9b31m"]
)
TEXTS = st.one_of(NASTY, st.text(max_size=20), st.just("x" * 5_000), st.just("IN_PROGRESS"), st.just("COMPLETED"))
NUMBERS = st.one_of(st.integers(), st.just(10**400), st.floats(allow_nan=True), st.booleans())
LEAVES = st.one_of(st.none(), NUMBERS, TEXTS)
KEYS = st.one_of(
    st.sampled_from(["status", "detail", "error", "error_type", "logs", "metrics", "queue_position", "inference_time"]),
    st.sampled_from(
        ["request_id", "response_url", "status_url", "cancel_url", "items", "models", "msg", "loc", "type"]
    ),
    st.sampled_from(["images", "data", "url", "file_name", "width", "height", "file_size", "content_type", "b64_json"]),
    st.sampled_from(["message", "timestamp", "labels", "level", "output", "choices", "delta"]),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=12,
)
BOMBS = st.sampled_from(
    [
        b"[" * 100_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b'{"status":"IN_QUEUE","status":"COMPLETED","queue_position":1e400,"metrics":{"inference_time":NaN}}',
        b'{"status":"COMPLETED","metrics":{"inference_time":' + b"9" * 400 + b"}}",
        b'{"queue_position":' + b"9" * 5_000 + b',"status":"IN_QUEUE"}',
        b'{"images":[{"url":"http://127.0.0.1:9/\\ud800.png","file_name":"\\udfff/../..","width":1e999}]}',
        b'{"detail":"\\ud83d\xff\xfe"}',
        b"\xff\xfe\x00",
        b"<html>" + b"a" * 10_000,
        b"data: {}\n\n" * 50 + b"data: " + b"x" * 100_000,
        b"",
        b"null",
    ]
)
BODIES = st.one_of(BOMBS, st.binary(max_size=60), TREES.map(lambda tree: json.dumps(tree).encode()))
HEADERS = st.dictionaries(
    st.one_of(
        st.sampled_from(["content-type", "content-length", "content-range", "retry-after", "location", "date"]),
        st.sampled_from(["x-fal-billable-units", "x-fal-request-id", "x-fal-error-type", "x-fal-needs-retry"]),
    ),
    st.one_of(
        st.sampled_from(
            ["text/event-stream", "nan", "1e400", "-5", "Tue, 99 Foo 0000", "Mon, 01 Jan 0001 00:00:00 +2359"]
        ),
        st.sampled_from(["https://evil.example/", "bytes 9-1/0", "9" * 30, "x" * 60_000, "\x1b[2J", "é"]),
    ),
    max_size=3,
)
CODES = st.sampled_from(
    [200, 200, 200, 201, 202, 204, 206, 302, 400, 401, 404, 405, 409, 416, 422, 429, 499, 500, 502, 503]
)
ANSWERS = st.tuples(CODES, HEADERS, BODIES)


def good(request: httpx.Request) -> httpx.Response:
    """What a service answers that is what it should be."""
    path = request.url.path
    if path.startswith("/api/"):
        return httpx.Response(404, json={"error": {"type": "not_found", "message": "Resource not found"}})
    if path.startswith("/run/"):
        return httpx.Response(200, json={"images": [{"url": f"{URL}/file.png"}]})
    if request.method == "POST":
        return httpx.Response(200, json={"request_id": "r-1", "response_url": REQUEST, "status": "IN_QUEUE"})
    if path.endswith(("/status", "/stream")):
        return httpx.Response(200, json={"status": "COMPLETED"})
    if "/requests/" in path:
        return httpx.Response(200, json={"images": [{"url": f"{URL}/file.png"}]})
    return httpx.Response(200, content=PICTURE)


class Mad(httpx.AsyncBaseTransport):
    """Gives its answers in order, whatever is asked; then it comes to its senses."""

    def __init__(self, answers: list[tuple[int, dict[str, str], bytes]]) -> None:
        self._answers: Iterator[tuple[int, dict[str, str], bytes]] = iter(answers)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for code, headers, body in self._answers:
            raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
            return httpx.Response(code, headers=raw, stream=httpx.ByteStream(body))
        return good(request)


async def lived(
    folder: Path, mode: str, answers: list[tuple[int, dict[str, str], bytes]]
) -> tuple[Job, dict[str, object]]:
    """The job at its end, and all that is told of it."""
    async with running(lab(URL), folder, line=Mad(answers), pace=PACE) as engine, asyncio.timeout(20):
        job = await engine.until(await engine.submit("demo/sketch/fast", LAKE, mode=mode))
        lines = await engine.logs(job)
        assert not engine.troubles
        for text in [job.title, job.progress, wording.notice(job), *(line.message for line in lines)]:
            assert not RAW.search(text)
        if job.error:
            assert not RAW.search(job.error.message)
        return job, document(job, await engine.body(job))


@pytest.mark.parametrize("mode", ["queue", "sync", "stream"])
@thorough(40)
@given(answers=st.lists(ANSWERS, max_size=8))
def test_whatever_a_service_answers_a_job_comes_to_an_end(mode: str, answers: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        job, told = asyncio.run(lived(Path(folder), mode, answers))

        assert job.state.is_final
        written = json_value.ascii_text(told)
        assert not {"NaN", "Infinity"} & set(
            re.findall(r"\b(?:NaN|Infinity)\b", re.sub(r'"(?:[^"\\]|\\.)*"', "", written))
        )
        json.loads(written)
        for output in job.outputs:
            assert output.path is None or Path(output.path).resolve().is_relative_to(Path(folder).resolve())
            assert output.state is not FileState.SAVED or Path(output.path or "").is_file()


async def test_only_so_many_files_of_a_result_are_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transitions, "MAX_OUTPUTS", 2)
    files = json.dumps({"images": [{"url": f"{URL}/{name}.png"} for name in "abcde"]}).encode()
    async with running(lab(URL), tmp_path, line=Mad([(200, {}, files)]), pace=PACE) as engine:
        job = await engine.until(await engine.submit("demo/sketch/fast", LAKE, mode="sync"))
        (line,) = await engine.logs(job)
        body = await engine.body(job)

    assert [output.state for output in job.outputs] == [FileState.SAVED, FileState.SAVED]
    assert line.message == "The result names 5 files; 2 of them are fetched."
    assert str(body.result).count(".png") == 5


def test_a_job_keeps_no_endless_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transitions, "MAX_LINES", 100)
    seen: Counter[LogLine] = Counter()
    kept = [
        line
        for start in range(0, 1_000, 50)
        for line in transitions.new_lines([Log("", "", f"line {n}") for n in range(start, start + 50)], seen)
    ]

    assert [line.message for line in kept[:100]] == [f"line {n}" for n in range(100)]
    assert kept[100:] == [transitions.NO_MORE_LINES]
