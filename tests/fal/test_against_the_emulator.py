"""The gateway and a served fal service, over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
from support.emulator import Emulator

from faldeck.fal import errors
from faldeck.fal.gateway import Gateway, Hosts
from faldeck.fal.submit_options import SubmitOptions
from faldeck.fal.values import Cancellation, Completed, RequestHandle, Result, Status, StreamProgress, SubmitReceipt

MODEL = "demo/sketch/fast"
ARGUMENTS = {"prompt": "a lake", "image_size": "square", "seed": 7}


def hosts_of(emulator: Emulator) -> Hosts:
    return Hosts(
        queue_url=f"{emulator.url}/queue",
        run_url=f"{emulator.url}/run",
        rest_url=f"{emulator.url}/rest",
        api_url=f"{emulator.url}/api/v1",
        schema_url=f"{emulator.url}/site/api/openapi/queue/openapi.json",
    )


@pytest.fixture
async def service(emulator: Emulator) -> AsyncIterator[Gateway]:
    async with Gateway(hosts_of(emulator), "Key any:key") as gateway:
        yield gateway


async def followed(service: Gateway, request: RequestHandle) -> Status:
    """The last status, from the stream and, where that is cut short, by asking."""
    statuses = [status async for status in service.follow(request)]
    return statuses[-1] if isinstance(statuses[-1], Completed) else await completed(service, request)


async def completed(service: Gateway, request: RequestHandle) -> Status:
    """The last status, by asking."""
    while True:
        if isinstance(status := await service.status(request), Completed):
            return status
        await asyncio.sleep(0.01)


async def test_a_request_lives_from_submit_to_a_file_on_disk(service: Gateway, emulator: Emulator) -> None:
    submitted = await service.submit(MODEL, ARGUMENTS, SubmitOptions(priority="normal"))
    assert isinstance(submitted, SubmitReceipt)
    last = await followed(service, submitted.request)
    assert isinstance(last, Completed)
    assert last.error is None
    result = await service.result(submitted.request)
    assert isinstance(result.body, dict)
    assert result.body["seed"] == 7
    assert result.request_id == submitted.request.request_id
    assert float(result.billable_units or 0) > 0
    assert len(emulator.posts(MODEL)) == 1


async def test_a_file_is_resumed_where_it_broke_off(service: Gateway) -> None:
    submitted = await service.submit(MODEL, ARGUMENTS)
    assert isinstance(submitted, SubmitReceipt)
    await followed(service, submitted.request)
    body = (await service.result(submitted.request)).body
    match body:
        case {"images": [{"url": str(url), "file_size": int(size)}]}:
            pass
        case _:
            pytest.fail(f"no picture in {body}")
    async with service.download(url) as whole:
        content = b"".join([chunk async for chunk in whole.chunks])
    async with service.download(url, offset=100, etag=whole.etag) as rest:
        assert (rest.offset, rest.total) == (100, size)
        assert b"".join([chunk async for chunk in rest.chunks]) == content[100:]
    async with service.download(url, offset=size) as nothing:
        assert [chunk async for chunk in nothing.chunks] == []
    assert content.startswith(b"\x89PNG")
    assert len(content) == size == whole.total


async def test_an_upload_comes_back_as_it_was(service: Gateway, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"line\n" * 100_000)
    url = await service.upload(path, lifecycle=3600)
    async with service.download(url) as download:
        assert b"".join([chunk async for chunk in download.chunks]) == b"line\n" * 100_000
        assert (download.content_type or "").startswith("text/plain")


async def test_the_catalogue_the_schema_and_the_price_are_told(service: Gateway) -> None:
    found = [model async for page in service.models(page_size=1) for model in page.models]
    assert MODEL in {model.endpoint_id for model in found}
    assert "paths" in await service.schema(MODEL)
    assert [price.unit for price in await service.prices([MODEL, "no/such"])] == ["megapixels"]
    with pytest.raises(errors.NotFound):
        await service.schema("no/such")


async def test_an_unknown_request_is_not_found(service: Gateway) -> None:
    unknown = service.handle(MODEL, "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11")
    for call in (service.status, service.result):
        with pytest.raises(errors.NotFound):
            await call(unknown)
    with pytest.raises(errors.NotFound):
        await anext(service.follow(unknown))
    assert await service.cancel(unknown) is Cancellation.NOT_FOUND


async def test_a_waiting_request_is_cancelled(service: Gateway, emulator: Emulator) -> None:
    emulator.faults("slow-queue=600")
    submitted = await service.submit(MODEL, ARGUMENTS)
    assert isinstance(submitted, SubmitReceipt)
    with pytest.raises(errors.NotReady):
        await service.result(submitted.request)
    assert await service.cancel(submitted.request) is Cancellation.REQUESTED
    last = await followed(service, submitted.request)
    assert isinstance(last, Completed)
    with pytest.raises(errors.Cancelled):
        await service.result(submitted.request)
    assert await service.cancel(submitted.request) is Cancellation.TOO_LATE


async def test_a_bad_input_names_its_field(service: Gateway) -> None:
    submitted = await service.submit(MODEL, {"prompt": "x", "num_images": 99})
    assert isinstance(submitted, SubmitReceipt)
    await followed(service, submitted.request)
    with pytest.raises(errors.Invalid) as caught:
        await service.result(submitted.request)
    assert [problem.loc for problem in caught.value.problems] == [("body", "num_images")]
    assert caught.value.billable_units == "0"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("drop-before@submit", errors.ResponseLost),
        ("drop-after@submit", errors.ResponseLost),
        ("429@submit", errors.Busy),
        ("503@submit", errors.Busy),
        ("nginx@submit", errors.ServerError),
        ("html@submit", errors.InvalidResponse),
        ("locked", errors.Forbidden),
    ],
)
async def test_a_submit_under_a_fault_is_sent_once(
    service: Gateway, emulator: Emulator, fault: str, kind: type[errors.FalError]
) -> None:
    emulator.faults(fault)
    with pytest.raises(kind):
        await service.submit(MODEL, ARGUMENTS)
    assert len(emulator.posts(MODEL)) == 1


async def test_a_wish_to_wait_is_heard(service: Gateway, emulator: Emulator) -> None:
    emulator.faults("429@submit")
    with pytest.raises(errors.Busy) as caught:
        await service.submit(MODEL, ARGUMENTS)
    assert caught.value.retry_after == 1


async def test_a_file_that_stops_half_way_is_not_taken_for_whole(service: Gateway, emulator: Emulator) -> None:
    submitted = await service.submit(MODEL, ARGUMENTS)
    assert isinstance(submitted, SubmitReceipt)
    await followed(service, submitted.request)
    emulator.faults("truncate@result")
    with pytest.raises((errors.ResponseLost, errors.InvalidResponse)):
        await service.result(submitted.request)


@pytest.mark.parametrize(
    ("relay", "scheme", "base"),
    [("relay-a", "Bearer", "queue"), ("relay-a,result-only", "Bearer", "queue"), ("relay-b", "Key", "queue/fal-ai")],
)
async def test_a_relay_that_names_the_official_host_serves_the_whole_life(
    emulator: Emulator, relay: str, scheme: str, base: str
) -> None:
    emulator.faults(relay)
    async with Gateway(Hosts(f"{emulator.url}/{base}"), f"{scheme} sk-relay") as service:
        submitted = await service.submit("demo/sketch/fast" if base == "queue" else "sketch/fast", ARGUMENTS)
        assert isinstance(submitted, SubmitReceipt)
        assert submitted.request.status_url.startswith(f"{emulator.url}/queue/")
        with pytest.raises(errors.NotSupported):
            await anext(service.follow(submitted.request))
        await completed(service, submitted.request)
        assert (await service.result(submitted.request)).status == 200


async def test_a_relay_that_cannot_cancel_says_so(emulator: Emulator) -> None:
    emulator.faults("relay-b,slow-queue=600")
    async with Gateway(Hosts(f"{emulator.url}/queue/fal-ai"), "Key sk-relay") as service:
        submitted = await service.submit("sketch/fast", ARGUMENTS)
        assert isinstance(submitted, SubmitReceipt)
        with pytest.raises(errors.NotSupported, match="cannot cancel"):
            await service.cancel(submitted.request)


async def test_a_direct_call_and_a_stream_are_answered_by_the_run_host(service: Gateway, emulator: Emulator) -> None:
    result = await service.run(MODEL, ARGUMENTS)
    assert isinstance(result.body, dict) and result.body["seed"] == 7
    news = [one async for one in service.stream("demo/scribe/chat", {"prompt": "the sea"})]
    said = [one.text for one in news if isinstance(one, StreamProgress)]
    assert len(said) > 10
    assert all(later.startswith(earlier) for earlier, later in pairwise(said))
    assert isinstance(last := news[-1], Result) and isinstance(last.body, dict)
    assert last.body["output"] == said[-1]
    assert last.request_id is not None
    assert [line["path"] for line in emulator.requests(path="/run/")] == [
        f"/run/{MODEL}",
        "/run/demo/scribe/chat/stream",
    ]


@pytest.mark.parametrize(
    ("key", "kind"),
    [("Key invalid", errors.Unauthorized), ("Key locked", errors.Forbidden), (None, errors.Unauthorized)],
)
@pytest.mark.parametrize("has_platform", [True, False])
async def test_a_bad_key_is_found_out_for_free(
    emulator: Emulator, key: str | None, kind: type[errors.FalError], has_platform: bool
) -> None:
    hosts = hosts_of(emulator)
    async with Gateway(hosts if has_platform else hosts._replace(api_url=None), key) as service:
        with pytest.raises(kind):
            await service.check_key()
    assert emulator.posts() == []


async def test_a_good_key_passes(service: Gateway) -> None:
    await service.check_key()


async def test_where_nobody_listens_nothing_was_sent(unused_tcp_port: int) -> None:
    async with Gateway(Hosts(f"http://127.0.0.1:{unused_tcp_port}"), "Key any:key") as service:
        with pytest.raises(errors.NotSent, match="No connection"):
            await service.submit(MODEL, ARGUMENTS)


async def test_an_unknown_host_was_sent_nothing() -> None:
    async with Gateway(Hosts("https://queue.invalid"), "Key any:key") as service:
        with pytest.raises(errors.NotSent, match=r"queue\.invalid"):
            await service.submit(MODEL, ARGUMENTS)


async def test_a_closed_gateway_opens_again(service: Gateway) -> None:
    await service.check_key()
    await service.aclose()
    await service.check_key()


async def test_this_machine_is_not_asked_through_a_proxy(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_tcp_port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{unused_tcp_port}")
    async with Gateway(hosts_of(emulator), "Key any:key") as service:
        await service.check_key()


async def test_the_rest_of_the_world_is_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    async with server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with Gateway(Hosts("https://queue.invalid"), "Key any:canary-canary") as service:
            with pytest.raises(errors.NotSent, match=r"queue\.invalid"):
                await service.submit(MODEL, ARGUMENTS)
    assert asked[0].startswith(b"CONNECT queue.invalid:443 ")
    assert b"canary" not in b"".join(asked)
