"""Calls that are answered with their output: at once, as a stream, in the OpenAI Images form."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from support.far_end import KEY, OFFICIAL, Far, answer, gateway, stream

from faldeck.fal import errors
from faldeck.fal.gateway import Hosts
from faldeck.fal.submit_options import SubmitOptions
from faldeck.fal.values import RequestHandle, Result, StreamProgress

IMAGES = Hosts("", images_url="https://relay.example/v1/images/generations")
CHAT = "fal-ai/any-llm"


async def heard(far: Far) -> tuple[list[str], Any]:
    """What a streamed call said with every event, and its output."""
    said: list[str] = []
    async for news in gateway(far).stream(CHAT, {"prompt": "x"}):
        if isinstance(news, Result):
            return said, news.body
        said.append(news.text)
    raise AssertionError("the stream ended without a result")


def events(*bodies: object) -> httpx.Response:
    """A stream of events."""
    return stream("".join(f"data: {json.dumps(body)}\n\n" for body in bodies))


async def test_a_direct_call_is_answered_with_its_output() -> None:
    far = Far(answer({"images": []}, x_fal_request_id="r1", x_fal_billable_units="2"))
    result = await gateway(far).run("fal-ai/flux/dev", {"prompt": "x"}, SubmitOptions(start_timeout=9))

    assert (result.body, result.request_id, result.billable_units) == ({"images": []}, "r1", "2")
    assert far.asked == [("POST", "https://fal.run/fal-ai/flux/dev")]
    assert far.requests[0].headers["x-fal-request-timeout"] == "9"
    assert far.keys == [f"Key {KEY}"]


async def test_a_model_may_work_for_minutes_before_it_answers() -> None:
    far = Far(answer({}))
    await gateway(far).run("fal-ai/flux/dev", {})

    assert far.requests[0].extensions["timeout"]["read"] >= 600


@pytest.mark.parametrize(
    ("far_answer", "kind"),
    [
        (answer({"detail": "Application not found"}, 404), errors.NotFound),
        (answer({"detail": "busy", "error_type": "concurrent_requests_limit"}, 429), errors.Busy),
        (answer({"error": {"message": "no quota", "type": "quota", "code": "q", "param": ""}}), errors.ErrorResponse),
        (answer({"detail": [{"loc": ["body", "prompt"], "msg": "too long", "type": "x"}]}, 422), errors.Invalid),
        (httpx.Response(200, content=b"<html>"), errors.InvalidResponse),
        (httpx.ReadTimeout("slow"), errors.ResponseLost),
        (httpx.ConnectError("no route"), errors.NotSent),
    ],
)
@pytest.mark.parametrize("call", ["run", "stream", "create_images"])
async def test_what_goes_wrong_with_a_direct_call_has_a_name(
    call: str, far_answer: httpx.Response | Exception, kind: type[errors.FalError]
) -> None:
    far = Far(far_answer)
    service = gateway(far, IMAGES if call == "create_images" else OFFICIAL)
    with pytest.raises(kind) as caught:
        if call == "stream":
            async for _ in service.stream(CHAT, {}):
                pass
        else:
            await getattr(service, call)(CHAT, {})

    assert caught.value.message
    assert len(far.requests) == 1


async def test_a_text_that_is_sent_anew_with_every_event_grows() -> None:
    said, output = await heard(
        Far(events({"output": "The", "partial": True}, {"output": "The sea", "partial": True}, {"output": "The sea."}))
    )

    assert said == ["The", "The sea", "The sea."]
    assert output == {"output": "The sea."}


async def test_a_text_that_is_sent_in_pieces_is_put_together() -> None:
    said, output = await heard(Far(events({"output": "The"}, {"output": " sea"}, {"output": "", "finish": "stop"})))

    assert said[-1] == "The sea"
    assert output == {"output": "The sea", "finish": "stop"}


async def test_a_chat_stream_ends_with_the_whole_text() -> None:
    pieces: list[object] = [{"choices": [{"delta": {"content": piece}}]} for piece in ("The", " sea")]
    far = Far(
        stream("".join(f"data: {json.dumps(one)}\n\n" for one in [*pieces, {"choices": []}]) + "data: [DONE]\n\n")
    )
    _said, output = await heard(far)

    assert output == {"choices": [], "output": "The sea"}
    assert far.asked == [("POST", f"https://fal.run/{CHAT}/stream")]


async def test_a_stream_without_text_still_has_its_output() -> None:
    said, output = await heard(Far(events({"progress": 0.5}, {"images": [{"url": "https://x.example/a.png"}]})))

    assert said == ["", ""]
    assert output == {"images": [{"url": "https://x.example/a.png"}]}


async def test_a_stream_may_be_answered_at_once() -> None:
    assert await heard(Far(answer({"output": "x"}))) == ([], {"output": "x"})


async def test_an_error_in_a_stream_is_the_end_of_the_call() -> None:
    far = Far(events({"output": "The"}, {"error": "the runner was lost", "error_type": "runner_disconnected"}))
    with pytest.raises(errors.ErrorResponse, match="runner was lost"):
        await heard(far)


@pytest.mark.parametrize("text", ["", ": ping\n\n", "data: [DONE]\n\n", "data: 7\n\n"])
async def test_a_stream_that_says_nothing_may_have_run(text: str) -> None:
    with pytest.raises(errors.ResponseLost):
        await heard(Far(stream(text)))


async def test_a_stream_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faldeck.fal.direct.MAX_ANSWER_BYTES", 1_000)
    with pytest.raises(errors.InvalidResponse, match="without end"):
        await heard(Far(events(*[{"output": "x" * 100}] * 20)))


async def test_pictures_are_asked_for_in_the_words_of_openai_too() -> None:
    body = {"created": 1760000000, "data": [{"url": "https://v3b.fal.media/files/b/0a11c0de/x.jpg"}]}
    far = Far(answer(body))
    arguments = {"prompt": "x", "num_images": 2, "image_size": {"width": 64, "height": 48}}
    result = await gateway(far, IMAGES).create_images("flux-pro/kontext/text-to-image", arguments)

    sent = json.loads(far.requests[0].content)
    assert sent == {"model": "flux-pro/kontext/text-to-image", "n": 2, "size": "64x48", **arguments}
    assert result.body == body
    assert far.asked == [("POST", IMAGES.images_url)]
    assert far.keys == [f"Bearer {KEY}"]


async def test_the_key_of_the_images_page_goes_to_no_other_host() -> None:
    far = Far(answer({"data": []}))
    relay = Hosts("https://queue.example/fal-ai", images_url="https://images.example/v1/images/generations")
    await gateway(far, relay).create_images("a/b", {})

    elsewhere = "https://images.example/v1/images/r"
    lure = RequestHandle("r", "a/b", elsewhere, elsewhere, elsewhere)
    with pytest.raises(errors.ForeignHost):
        await gateway(far, relay).result(lure)
    assert len(far.requests) == 1


async def test_a_profile_that_names_only_an_images_page_has_no_queue() -> None:
    far = Far(answer({}))
    service = gateway(far, IMAGES)
    for call in (service.submit("fal-ai/flux", {}), service.run("fal-ai/flux", {})):
        with pytest.raises(errors.NotSupported, match="names no"):
            await call
    with pytest.raises(errors.NotSupported, match="images_url"):
        await gateway(far).create_images("fal-ai/flux", {})
    assert far.requests == []


@pytest.mark.parametrize(
    "webhook",
    [
        *("", "ftp://x.example", "example.com/hook", "https://x.example/a b", "https://\n", "https://", "https:///x"),
        *("http://x.example", "http://127.0.0.1.x.example/", "https://me:word@x.example/", "https://[::1", "https://é"),
        *("https://x.example/\x1b]0;x\x07", "javascript:alert(1)", "https://x.example/" + "x" * 3_000),
    ],
)
def test_a_webhook_must_be_a_web_address(webhook: str) -> None:
    with pytest.raises(errors.InvalidRequest, match="webhook"):
        SubmitOptions(webhook=webhook)


@pytest.mark.parametrize("text", [lambda n: str(n), lambda n: "x" * n], ids=["anew", "in pieces"])
async def test_every_event_is_told(text: Callable[[int], str]) -> None:
    news = [one async for one in gateway(Far(events(*[{"output": text(n)} for n in range(1, 4)]))).stream(CHAT, {})]

    assert [one.events for one in news if isinstance(one, StreamProgress)] == [1, 2, 3]
    assert isinstance(news[-1], Result)


NODES = (
    {"type": "submit", "node_id": "draw", "app_id": "acme/draw", "request_id": "r-2"},
    {"type": "completion", "node_id": "draw", "output": {"images": [{"url": "https://v3b.fal.media/half.png"}]}},
)


async def test_only_the_output_of_a_workflow_is_its_result() -> None:
    output = {"video": {"url": "https://v3b.fal.media/whole.mp4"}}
    _, body = await heard(Far(events(*NODES, {"type": "output", "output": output})))
    assert body == output


async def test_a_workflow_that_ends_without_an_output_has_no_result() -> None:
    with pytest.raises(errors.ResponseLost):
        await heard(Far(events(*NODES)))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"status": 422, "body": {"detail": [{"loc": ["body", "prompt"], "msg": "too wet"}]}}, "draw: prompt: too wet"),
        ({"status": 403, "body": {"detail": "no access"}}, "draw: no access"),
        ({"status": 500, "body": None}, "draw: it broke"),
        (None, "draw: it broke"),
    ],
)
async def test_an_error_of_a_workflow_ends_it_in_its_words(error: Any, words: str) -> None:
    broken = {"type": "error", "node_id": "draw", "message": "it broke", "error": error}
    with pytest.raises(errors.ErrorResponse) as caught:
        await heard(Far(events(NODES[0], broken)))
    assert (type(caught.value), caught.value.message) == (errors.ErrorResponse, words)
