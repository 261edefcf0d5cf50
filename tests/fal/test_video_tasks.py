"""The page where gateways take videos as tasks: one POST, and questions by the id of the task (protocol §9.5)."""

import json
from typing import Any

import pytest
from support.far_end import KEY, Far, answer, gateway

from faldeck.fal import errors
from faldeck.fal.gateway import Hosts
from faldeck.fal.values import JSON, Completed, Queued, Running, Status

PAGE = "https://relay.example/v1/video/generations"
HOSTS = Hosts("https://relay.example/fal-ai", videos_url=PAGE, videos_models=("kling-video/v2/text-to-video",))
FILM: JSON = {"video": {"url": "https://files.example/film.mp4"}}


def task(status: str, data: Any = None, **more: Any) -> Any:
    """What the page says of a task."""
    return {"code": "success", "data": {"task_id": "t-1", "status": status, "data": data, **more}}


async def told(body: Any, code: int = 200) -> Status:
    """The status that an answer of the page stands for."""
    service = gateway(Far(answer({"task_id": "t-1", "status": "queued"}), answer(body, code)), HOSTS)
    return await service.status((await service.submit_video("fal-ai/kling-video/v2/text-to-video", {})).request)


async def test_a_task_is_made_with_one_post_by_the_name_that_the_gateway_has_for_the_model() -> None:
    far = Far(answer({"id": "video_1", "task_id": "t/1?", "status": "queued"}))
    submitted = await gateway(far, HOSTS).submit_video("fal-ai/kling-video/v2/text-to-video", {"prompt": "a lake"})

    assert far.asked == [("POST", PAGE)]
    assert json.loads(far.requests[0].content) == {"model": "kling-video/v2/text-to-video", "prompt": "a lake"}
    assert far.keys == [f"Bearer {KEY}"]
    assert submitted.request.request_id == "t/1?"
    assert submitted.request.status_url == f"{PAGE}/t%2F1%3F"


async def test_what_was_kept_of_a_task_leads_back_to_its_page() -> None:
    far = Far(answer({"task_id": "t-1"}), answer(task("SUCCESS", FILM)))
    service = gateway(far, HOSTS)
    made = (await service.submit_video("kling-video/v2/text-to-video", {})).request
    kept = service.restore(made.endpoint_id, made.request_id, made.status_url, made.response_url, made.cancel_url)

    assert (await service.result(kept)).body == FILM
    assert far.asked[-1] == ("GET", f"{PAGE}/t-1")


@pytest.mark.parametrize("answered", [{}, {"task_id": ""}, {"task_id": "x" * 1_001}, {"task_id": 7}, "queued"])
async def test_an_answer_without_a_task_may_have_been_paid_for(answered: Any) -> None:
    with pytest.raises(errors.InvalidResponse):
        await gateway(Far(answer(answered)), HOSTS).submit_video("a/b", {})


async def test_how_far_a_task_is() -> None:
    assert await told(task("QUEUED")) == await told(task("NOT_START")) == Queued()
    assert await told(task("IN_PROGRESS", {"status": "IN_QUEUE"})) == Running()
    assert await told(task("SUCCESS", FILM)) == Completed(output=FILM)
    assert await told(task("SUCCESS", {"status": "COMPLETED"}, url="https://f.example/a.mp4")) == Completed(
        output={"url": "https://f.example/a.mp4"}
    )
    assert await told(task("UNHEARD_OF")) == Queued(unknown_word="UNHEARD_OF")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (task("FAILED", fail_reason="no credit"), "no credit"),
        (task("FAILURE", {"detail": "Request cancelled by the client."}), "Request cancelled by the client."),
        (task("FAILED", {"detail": [{"loc": ["body", "prompt"], "msg": "too wet", "type": "x"}]}), "too wet"),
        (task("FAILED"), "The service says FAILED."),
    ],
)
async def test_a_failed_task_says_why(body: Any, words: str) -> None:
    status = await told(body)
    assert isinstance(status, Completed) and status.error is not None
    assert words in status.error

    service = gateway(Far(answer({"task_id": "t-1"}), answer(body)), HOSTS)
    with pytest.raises(errors.ErrorResponse, match=words.replace(".", r"\.")):
        await service.result((await service.submit_video("a/b", {})).request)


async def test_a_task_that_is_not_done_has_no_result_yet() -> None:
    service = gateway(Far(answer({"task_id": "t-1"}), answer(task("IN_PROGRESS"))), HOSTS)
    with pytest.raises(errors.NotReady):
        await service.result((await service.submit_video("a/b", {})).request)


@pytest.mark.parametrize("body", [{"code": "task_not_exist", "message": "no such task"}, [], {"data": {}}, "<html>"])
async def test_what_tells_of_no_task_is_no_status(body: Any) -> None:
    with pytest.raises(errors.InvalidResponse):
        await told(body)


async def test_a_task_cannot_be_cancelled_and_nothing_is_asked_for_it() -> None:
    far = Far(answer({"task_id": "t-1"}))
    service = gateway(far, HOSTS)
    request = (await service.submit_video("a/b", {})).request
    with pytest.raises(errors.NotSupported, match="cannot cancel"):
        await service.cancel(request)
    assert len(far.requests) == 1


async def test_without_such_a_page_nothing_is_sent() -> None:
    far = Far(answer({}))
    with pytest.raises(errors.NotSupported, match="videos_url"):
        await gateway(far).submit_video("a/b", {})
    assert far.requests == []
