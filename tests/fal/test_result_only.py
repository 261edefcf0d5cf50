"""Relays that answer about results and have no status page (protocol §9.1 A)."""

import httpx
import pytest
from support.far_end import Far, Step, answer, gateway, request

from faldeck.fal import errors
from faldeck.fal.values import Completed, Queued, Running, Status

NO_PAGE = answer({"error": {"message": "Invalid URL (GET /fal-ai/flux/requests/x/status)", "code": ""}}, 404)
WAITING = answer({"detail": "Request is still in progress"}, 400)
OUTPUT = answer({"images": []})
WEB_PAGE = httpx.Response(200, content=b"<!doctype html><title>Console</title>")


def paths(far: Far) -> list[str]:
    """The last word of every path that was asked for: `status`, or `result` for the request itself."""
    return ["status" if sent.url.path.endswith("/status") else "result" for sent in far.requests]


async def asked(far: Far, times: int) -> list[Status]:
    """What a gateway says when asked for a request's status so many times."""
    service = gateway(far)
    return [await service.status(request()) for _ in range(times)]


@pytest.mark.parametrize("no_page", [NO_PAGE, answer({}, 405), answer("Not Found", 404)])
async def test_where_there_is_no_status_page_the_result_is_asked_for(no_page: httpx.Response) -> None:
    far = Far(no_page, WAITING, WAITING, OUTPUT)

    assert await asked(far, 3) == [Running(), Running(), Completed()]
    assert paths(far) == ["status", "result", "result", "result"]


async def test_a_web_page_in_the_place_of_a_status_proves_nothing() -> None:
    far = Far(WEB_PAGE, WAITING, answer({"status": "IN_QUEUE", "queue_position": 3}, 202))

    assert await asked(far, 2) == [Running(), Queued(3)]
    assert paths(far) == ["status", "result", "status"]


@pytest.mark.parametrize(
    "ended",
    [
        OUTPUT,
        answer({"detail": [{"loc": ["body"], "msg": "no"}]}, 422),
        answer({"status": "FAILURE"}),
        answer({"status": "COMPLETED", "request_id": "r", "detail": "no"}),
    ],
)
async def test_a_request_that_has_ended_any_way_is_completed(ended: httpx.Response) -> None:
    assert await asked(Far(NO_PAGE, ended), 1) == [Completed()]


async def test_an_unknown_request_is_not_taken_for_a_missing_page() -> None:
    far = Far(answer({"detail": "Request not found"}, 404), answer({"detail": "Request not found"}, 404), WAITING)
    with pytest.raises(errors.NotFound, match="Request not found"):
        await asked(far, 1)
    assert paths(far) == ["status", "result"]


async def test_a_service_with_status_pages_keeps_them() -> None:
    far = Far(answer({"status": "IN_QUEUE", "queue_position": 3}, 202))

    assert await asked(far, 2) == [Queued(3), Queued(3)]
    assert paths(far) == ["status", "status"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (httpx.ReadError("reset"), errors.ResponseLost),
        (httpx.ConnectError("no route"), errors.NotSent),
        (httpx.Response(502, content=b"<html>nginx"), errors.ServerError),
        (answer({"error": {"message": "slow down"}}, 429), errors.Busy),
        (answer({"error": {"message": "bad key"}}, 401), errors.Unauthorized),
    ],
)
async def test_a_fault_on_the_way_to_the_result_is_no_end(fault: Step, kind: type[errors.FalError]) -> None:
    service = gateway(Far(NO_PAGE, WAITING, fault))
    await service.status(request())
    with pytest.raises(kind):
        await service.status(request())
