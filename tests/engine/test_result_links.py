"""What is fetched of a result: its files, and nothing that a text cites or a service repeats (rule 6)."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.engine_process import content, running
from support.raw_service import PNG, CompletedService, SilentHost, http

from faldeck.job import FileState, State

OWN = {"images": [{"url": "{url}/a.png"}]}


@pytest.mark.parametrize(
    "beside",
    [
        {"prompt": "{there}/in.png"},
        {"image_url": "{there}/in.png"},
        {"inputs": {"image_url": "{there}/in.png"}},
        {"request": {"images": [{"url": "{there}/in.png", "content_type": "image/png"}]}},
        {"citations": [{"url": "{there}/photo.jpg", "title": "t"}]},
        {"output": "see", "citations": ["{there}/photo.jpg"]},
        {"results": [{"url": "{there}/article", "title": "x", "thumbnail": {"url": "{there}/t.jpg"}}]},
        {"search_results": [{"url": "{there}/photo.jpg"}]},
        {"choices": [{"message": {"annotations": [{"url_citation": {"url": "{there}/a.pdf", "title": "t"}}]}}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "{there}/in.png"}}]}]},
        {"model": {"name": "x", "url": "{there}/x"}},
        {"webhook_url": "{there}/hook"},
        {"source_image": {"url": "{there}/in.png", "width": 64}},
    ],
)
async def test_a_host_that_a_result_only_speaks_of_is_never_asked(tmp_path: Path, beside: Any) -> None:
    with SilentHost().serving() as there:
        spoken = json.loads(json.dumps(beside).replace("{there}", there.url))
        with CompletedService({**OWN, **spoken}, {"/a.png": [http()]}).serving() as service:
            async with running(service.profile(), tmp_path) as engine:
                job = await engine.until(await engine.submit("some/model", {"prompt": "a lake"}))
        assert there.connections == 0

    assert content(job) == [PNG]
    assert service.fetched == ["/a.png"]


@pytest.mark.parametrize(
    "answer",
    [
        {"output": "see the page", "citations": [{"url": "{there}/a", "title": "t"}]},
        {"results": [{"url": "{there}/article.png", "title": "x"}]},
        {"text": "a cat", "image_url": "{there}/in.png"},
    ],
)
async def test_a_text_that_cites_links_has_no_files(tmp_path: Path, answer: Any) -> None:
    with SilentHost().serving() as there:
        spoken = json.loads(json.dumps(answer).replace("{there}", there.url))
        with CompletedService(spoken).serving() as service:
            async with running(service.profile(), tmp_path) as engine:
                job = await engine.until(await engine.submit("some/model", {"prompt": "a lake"}))
        assert there.connections == 0

    assert (job.state, job.outputs) == (State.COMPLETED, ())


async def test_what_was_sent_is_not_fetched_back_wherever_it_stands_in_the_result(tmp_path: Path) -> None:
    result = {"video": {"url": "{url}/o.mp4"}, "first_frame": {"url": "{url}/in.png"}, "image_url": "{url}/in.png"}
    with CompletedService(result, {"/o.mp4": [http(kind="video/mp4")], "/in.png": [http()]}).serving() as service:
        async with running(service.profile(), tmp_path) as engine:
            sent = {"prompt": "go", "image_url": f"{service.url}/in.png"}
            job = await engine.until(await engine.submit("some/model", sent))

    assert [output.at for output in job.outputs] == ["video"]
    assert service.fetched == ["/o.mp4"]


async def test_a_link_on_the_services_own_host_is_a_file_under_any_name(tmp_path: Path) -> None:
    result = {"final": "{url}/files/out", "stems": {"vocals": "{url}/v.wav"}, "status_url": "{url}/s"}
    answers = {"/files/out": [http()], "/v.wav": [http(b"RIFF....WAVE", kind="audio/wav")]}
    with CompletedService(result, answers).serving() as service:
        async with running(service.profile(), tmp_path) as engine:
            job = await engine.until(await engine.submit("some/model", {"prompt": "go"}))

    assert [(output.at, output.state) for output in job.outputs] == [
        ("final", FileState.SAVED),
        ("stems.vocals", FileState.SAVED),
    ]


async def test_a_described_file_on_another_host_is_fetched(tmp_path: Path) -> None:
    with CompletedService({}, {"/x": [http()]}).serving() as store:
        result = {"made": {"url": f"{store.url}/x", "content_type": "image/png"}}
        with CompletedService(result).serving() as service:
            async with running(service.profile(), tmp_path) as engine:
                job = await engine.until(await engine.submit("some/model", {"prompt": "go"}))

    assert [output.state for output in job.outputs] == [FileState.SAVED]
    assert store.fetched == ["/x"]
