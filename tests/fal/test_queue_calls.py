"""Submit, status, stream, result and cancel, as they look on the wire."""

import asyncio
import json
from contextlib import aclosing
from typing import Any

import httpx
import pytest
from support.far_end import ID, OFFICIAL, Far, accepted, answer, gateway, request, stream

from faldeck.fal import errors, transport
from faldeck.fal.gateway import Hosts
from faldeck.fal.submit_options import SubmitOptions
from faldeck.fal.values import Cancellation, Completed, Log, Queued, Running, Status, SubmitReceipt

URL = f"https://queue.fal.run/fal-ai/flux/requests/{ID}"


async def test_a_submit_posts_the_arguments_themselves() -> None:
    far = Far(answer(accepted()))
    submitted = await gateway(far).submit("fal-ai/flux/dev", {"prompt": "füchse 🦊", "seed": 2**64}, SubmitOptions())
    assert isinstance(submitted, SubmitReceipt)
    assert far.asked == [("POST", "https://queue.fal.run/fal-ai/flux/dev")]
    assert json.loads(far.requests[0].content) == {"prompt": "füchse 🦊", "seed": 2**64}
    assert submitted.position == 2
    assert submitted.request.status_url == f"{URL}/status"


async def test_the_options_are_headers_and_query() -> None:
    far = Far(answer(accepted()))
    options = SubmitOptions(
        webhook="https://me.example/hook?a=1&b=2",
        priority="low",
        start_timeout=30,
        runner_hint="session-7",
        lifecycle=3600,
        max_queue_length=5,
        no_retry=True,
        store_io=False,
        headers={"X-App-Fal-Disable-Fallback": "true"},
    )
    await gateway(far).submit("fal-ai/flux/dev", {}, options)
    [sent] = far.requests
    assert dict(sent.url.params) == {"fal_webhook": "https://me.example/hook?a=1&b=2", "fal_max_queue_length": "5"}
    assert {name: text for name, text in sent.headers.items() if name.startswith("x-")} == {
        "x-fal-request-timeout": "30",
        "x-fal-request-start-timeout": "30",
        "x-fal-queue-priority": "low",
        "x-fal-runner-hint": "session-7",
        "x-fal-no-retry": "1",
        "x-fal-store-io": "0",
        "x-fal-object-lifecycle-preference": '{"expiration_duration_seconds": 3600}',
        "x-app-fal-disable-fallback": "true",
    }


async def test_a_plain_submit_sends_no_option() -> None:
    far = Far(answer(accepted()))
    await gateway(far).submit("fal-ai/flux/dev", {})
    assert not [name for name in far.requests[0].headers if name.startswith("x-")]
    assert not far.requests[0].url.query


@pytest.mark.parametrize(
    "options",
    [
        {"start_timeout": 0.1},
        {"start_timeout": float("nan")},
        {"lifecycle": 0},
        {"headers": {"authorization": "Key x"}},
        {"headers": {"Host": "x"}},
    ],
)
def test_options_that_no_service_can_take_are_not_made(options: dict[str, Any]) -> None:
    with pytest.raises(errors.InvalidRequest):
        SubmitOptions(**options)


@pytest.mark.parametrize(
    ("endpoint_id", "arguments"),
    [("flux", {}), ("fal-ai/flux", {"scale": float("nan")}), ("fal-ai/flux", {"file": object()})],
)
async def test_what_cannot_be_sent_is_not_sent(endpoint_id: str, arguments: dict[str, object]) -> None:
    far = Far(answer(accepted()))
    with pytest.raises(errors.InvalidRequest):
        await gateway(far).submit(endpoint_id, arguments)
    assert far.requests == []


@pytest.mark.parametrize(
    ("hint", "headers"),
    [("a\r\nX-Evil: 1", {}), ("ü", {}), (None, {"X Y": "1"}), (None, {"X": "\x1b]0;x\x07"})]
    + [(None, {name: "Key a:b"}) for name in ("Authorization", "proxy-authorization", "Cookie", "X-API-Key")],
)
def test_a_header_that_cannot_be_sent_or_may_not_be_kept_is_no_option(
    hint: str | None, headers: dict[str, str]
) -> None:
    with pytest.raises(errors.InvalidRequest, match=r"The header"):
        SubmitOptions(runner_hint=hint, headers=headers)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (httpx.ConnectError("refused"), errors.NotSent),
        (httpx.ConnectTimeout("late"), errors.NotSent),
        (httpx.PoolTimeout("full"), errors.NotSent),
        (httpx.ProxyError("407"), errors.NotSent),
        (httpx.ReadTimeout("late"), errors.ResponseLost),
        (httpx.WriteTimeout("late"), errors.ResponseLost),
        (httpx.ReadError("reset"), errors.ResponseLost),
        (httpx.WriteError("reset"), errors.ResponseLost),
        (httpx.RemoteProtocolError("garbage"), errors.ResponseLost),
        (httpx.LocalProtocolError("garbage"), errors.ResponseLost),
        (answer({}, 500), errors.ServerError),
        (answer({}, 429), errors.Busy),
        (answer({}, 307, location="https://queue.fal.run/other"), errors.ErrorResponse),
        (httpx.Response(200, html="<h1>Welcome</h1>"), errors.InvalidResponse),
        (answer({"status": "IN_QUEUE"}), errors.InvalidResponse),
        (answer({**accepted(), "request_id": ".."}), errors.InvalidResponse),
        (answer({**accepted(), "request_id": "x" * 9_000}), errors.InvalidResponse),
        (answer([ID]), errors.InvalidResponse),
    ],
)
async def test_whatever_happens_to_a_submit_it_is_posted_once(fault: Any, kind: type[errors.FalError]) -> None:
    far = Far(fault, answer(accepted()))
    with pytest.raises(errors.FalError) as caught:
        await gateway(far).submit("fal-ai/flux/dev", {"prompt": "x"})
    assert type(caught.value) is kind
    assert len(far.requests) == 1


async def test_a_submit_that_was_accepted_without_an_id_says_what_came() -> None:
    far = Far(answer({"message": "thank you"}))
    with pytest.raises(errors.InvalidResponse, match="thank you"):
        await gateway(far).submit("fal-ai/flux/dev", {})


async def test_a_strange_url_does_not_lose_an_accepted_request() -> None:
    strange = {"status_url": "https://evil.example/collect", "cancel_url": 5}
    far = Far(answer({**accepted(), **strange}), answer({"status": "IN_PROGRESS"}))
    service = gateway(far)
    submitted = await service.submit("fal-ai/flux/dev", {})
    assert isinstance(submitted, SubmitReceipt)
    assert submitted.request.request_id == ID
    assert submitted.request.cancel_url == f"{URL}/cancel"
    await service.status(submitted.request)
    assert far.asked[1] == ("GET", f"{URL}/status?logs=1")


async def test_a_relay_that_names_the_official_host_is_asked_itself() -> None:
    relay = Hosts("https://relay.example/")
    far = Far(answer(accepted()), answer({"status": "IN_PROGRESS"}))
    service = gateway(far, relay, "Bearer sk-relay")
    submitted = await service.submit("fal-ai/flux/dev", {})
    assert isinstance(submitted, SubmitReceipt)
    await service.status(submitted.request)
    assert far.asked[1] == ("GET", f"https://relay.example/fal-ai/flux/requests/{ID}/status?logs=1")
    assert far.keys == ["Bearer sk-relay"] * 2


@pytest.mark.parametrize("code", [200, 202])
async def test_a_status_is_asked_with_logs(code: int) -> None:
    far = Far(answer({"status": "IN_QUEUE", "queue_position": 4}, code))
    assert await gateway(far).status(request()) == Queued(4)
    assert far.asked == [("GET", f"{URL}/status?logs=1")]


async def test_a_status_can_be_asked_without_logs() -> None:
    far = Far(answer({"status": "IN_QUEUE"}))
    await gateway(far).status(request(), logs=False)
    assert far.asked == [("GET", f"{URL}/status")]


async def test_the_query_of_a_status_url_stays() -> None:
    router = Hosts("https://router.example/fal-ai/fal-ai?_subdomain=queue")
    far = Far(answer({"status": "IN_QUEUE"}))
    await gateway(far, router).status(request(router))
    assert far.requests[0].url.query == b"_subdomain=queue&logs=1"


async def test_a_stream_gives_statuses_up_to_the_end() -> None:
    far = Far(
        stream(
            'data: {"status":"IN_QUEUE","queue_position":1}\n\n: keep-alive\n\n'
            'data: {"status":"IN_PROGRESS","logs":[{"message":"a"}]}\n\n'
            'data: {"status":"COMPLETED"}\n\n'
            'data: {"status":"IN_QUEUE"}\n\n'
        )
    )
    seen = [status async for status in gateway(far).follow(request())]
    assert seen == [Queued(1), Running((Log("", "", "a"),)), Completed()]
    assert far.asked == [("GET", f"{URL}/status/stream?logs=1")]
    assert far.requests[0].headers["accept"] == "text/event-stream"


async def test_a_stream_that_closes_early_just_ends() -> None:
    far = Far(stream('data: {"status":"IN_PROGRESS"}\n\n'))
    assert [status async for status in gateway(far).follow(request())] == [Running()]


async def test_a_stream_that_breaks_says_so_after_what_it_gave() -> None:
    async def broken() -> Any:
        yield b'data: {"status":"IN_PROGRESS"}\n\n'
        raise httpx.ReadError("reset")

    far = Far(httpx.Response(200, content=broken(), headers={"content-type": "text/event-stream"}))
    seen: list[Status] = []
    with pytest.raises(errors.ResponseLost):
        async for status in gateway(far).follow(request()):
            seen.append(status)
    assert seen == [Running()]


async def test_what_the_follower_raises_itself_is_left_alone() -> None:
    far = Far(stream('data: {"status":"IN_PROGRESS"}\n\n'))
    with pytest.raises(OSError, match="disk full"):
        async with aclosing(gateway(far).follow(request())) as statuses:
            async for _ in statuses:
                raise OSError("disk full")


@pytest.mark.parametrize(
    "without",
    [
        httpx.Response(404, html="<h1>404</h1>"),
        answer({"detail": "Not Found"}, 404),
        answer({"detail": "Path /requests/x/status/stream not found"}, 404),
        answer({}, 405),
        answer({}, 501),
        answer({}, 302, location="https://elsewhere.example"),
        answer({"status": "IN_PROGRESS"}),
    ],
)
async def test_a_service_without_a_stream_is_told_apart(without: httpx.Response) -> None:
    with pytest.raises(errors.NotSupported):
        await anext(gateway(Far(without)).follow(request()))


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (answer({"detail": "invalid key credentials"}, 401), errors.Unauthorized),
        (answer({"detail": "slowly"}, 429), errors.Busy),
        (httpx.Response(502, html="<h1>nginx</h1>"), errors.ServerError),
        (answer({"status": "NOT_FOUND"}, 404), errors.NotFound),
        (answer({"detail": "Request not found"}, 404), errors.NotFound),
    ],
)
async def test_a_stream_that_is_refused_is_no_missing_stream(
    refusal: httpx.Response, kind: type[errors.FalError]
) -> None:
    with pytest.raises(kind):
        await anext(gateway(Far(refusal)).follow(request()))


async def test_a_result_is_the_bare_output_and_what_it_cost() -> None:
    output = {"images": [{"url": "https://v3b.fal.media/files/b/x.png"}], "seed": 1234567890123456789}
    headers = {"x_fal_billable_units": "2.0", "x_fal_request_id": ID, "x_fal_cdn_token": "secret", "server": "x"}
    result = await gateway(Far(answer(output, 200, **headers))).result(request())
    assert result.body == output
    assert (result.status, result.billable_units, result.request_id) == (200, "2.0", ID)
    assert result.headers == {"x-fal-billable-units": "2.0", "x-fal-request-id": ID}


async def test_a_result_that_is_not_ready_means_wait() -> None:
    far = Far(answer({"detail": "Request is still in progress", "request_id": ID}, 400))
    with pytest.raises(errors.NotReady):
        await gateway(far).result(request())


async def test_a_failed_request_raises_what_it_ended_with() -> None:
    problem = {"loc": ["body", "prompt"], "msg": "Field required", "type": "missing"}
    far = Far(answer({"detail": [problem]}, 422, x_fal_billable_units="0"))
    with pytest.raises(errors.Invalid, match="prompt: Field required") as caught:
        await gateway(far).result(request())
    assert caught.value.billable_units == "0"


async def test_an_answer_beyond_all_bounds_is_not_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER_BYTES", 1_000)
    taken: list[int] = []

    async def far_too_long() -> Any:
        for number in range(1_000):
            taken.append(number)
            yield b"x" * 100

    with pytest.raises(errors.InvalidResponse, match="more than"):
        await gateway(Far(httpx.Response(200, content=far_too_long()))).result(request())
    assert len(taken) <= 12


async def test_an_answer_that_never_ends_is_given_up() -> None:
    async def trickle() -> Any:
        while True:
            await asyncio.sleep(0.001)
            yield b" "

    far = Far(httpx.Response(200, content=trickle()))
    with pytest.raises(errors.ResponseLost, match="no whole answer"):
        await gateway(far)._http.exchange("GET", URL, patience=0.02)


async def test_a_body_that_cannot_be_decompressed_is_unreadable() -> None:
    far = Far(lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")))
    with pytest.raises(errors.InvalidResponse, match="decompressed"):
        await gateway(far).result(request())


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        (answer({"status": "OK"}), Cancellation.REQUESTED),
        (answer({"status": "CANCELLATION_REQUESTED"}, 202), Cancellation.REQUESTED),
        (answer({"success": True}), Cancellation.REQUESTED),
        (httpx.Response(204), Cancellation.REQUESTED),
        (answer({"status": "ALREADY_COMPLETED"}, 400), Cancellation.TOO_LATE),
        (answer({"status": "ALREADY_COMPLETED"}, 200), Cancellation.TOO_LATE),
        (answer({"detail": "done"}, 400), Cancellation.TOO_LATE),
        (answer({"status": "NOT_FOUND"}, 404), Cancellation.NOT_FOUND),
    ],
)
async def test_a_cancel_is_answered_in_three_ways(said: httpx.Response, meaning: Cancellation) -> None:
    far = Far(said)
    assert await gateway(far).cancel(request()) is meaning
    assert far.asked == [("PUT", f"{URL}/cancel")]
    assert far.requests[0].content == b""


async def test_a_web_page_is_no_answer_to_a_cancel() -> None:
    with pytest.raises(errors.InvalidResponse, match="web page"):
        await gateway(Far(httpx.Response(200, html="<p>ok"))).cancel(request())


async def test_a_service_that_cannot_cancel_is_told_apart() -> None:
    with pytest.raises(errors.NotSupported):
        await gateway(Far(answer({}, 405))).cancel(request())


async def test_a_refused_cancel_is_an_error() -> None:
    with pytest.raises(errors.Forbidden):
        await gateway(Far(answer({"detail": "not yours"}, 403))).cancel(request())


def test_a_kept_request_follows_a_service_that_moved() -> None:
    service = gateway(Far(answer({})), Hosts("http://127.0.0.1:2/queue"))
    old = f"http://127.0.0.1:1/queue/fal-ai/flux/requests/{ID}"
    restored = service.restore("fal-ai/flux/dev", ID, f"{old}/status", old, None)
    assert restored == service.handle("fal-ai/flux/dev", ID)


def test_the_official_request_is_named_by_rule() -> None:
    assert request(OFFICIAL).cancel_url == f"{URL}/cancel"


@pytest.mark.parametrize(
    ("said", "request_id"),
    [
        ({"requestId": ID}, ID),
        ({"request_id": 1234567890123456789}, "1234567890123456789"),
        ({"code": 0, "data": {"request_id": ID, "queue_position": 0}}, ID),
        ({"success": True, "result": {"requestId": ID}}, ID),
    ],
)
async def test_the_id_of_a_paid_request_is_found_however_it_is_wrapped(said: object, request_id: str) -> None:
    receipt = await gateway(Far(answer(said))).submit("fal-ai/flux/dev", {"prompt": "a fox"})
    assert isinstance(receipt, SubmitReceipt)
    assert receipt.request.request_id == request_id
    assert receipt.request.response_url.endswith(f"/fal-ai/flux/requests/{request_id}")
