"""Answers that are small on the line and gigabytes in memory: refused by name, and never unfolded whole."""

import asyncio
import gzip
import json
import tracemalloc
import zlib

import httpx
import pytest
from support.far_end import OFFICIAL, Far, answer, gateway, request, stream

from faldeck.fal import download, errors, queue, responses, transport
from faldeck.fal.gateway import Gateway
from faldeck.fal.incoming import PIECE_BYTES, Inflate, Undecodable
from faldeck.fal.transport import MAX_ANSWER_BYTES

MIB = 2**20
GOOD = json.dumps({"images": [], "seed": 7}).encode()


def packed(body: bytes, coding: str) -> httpx.Response:
    """An answer whose body is `body` as it travels."""
    return httpx.Response(200, headers={"content-encoding": coding}, stream=httpx.ByteStream(body))


def deflated(body: bytes) -> bytes:
    """Without the header that the standard wants."""
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(body) + stream.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(GOOD, mtime=0)),
        ("GZIP ", gzip.compress(GOOD, mtime=0)),
        ("deflate", zlib.compress(GOOD)),
        ("deflate", deflated(GOOD)),
        ("identity", GOOD),
    ],
)
async def test_what_was_asked_for_is_decompressed(coding: str, body: bytes) -> None:
    far = Far(packed(body, coding))

    result = await gateway(far).result(request())

    assert result.body == {"images": [], "seed": 7}
    assert far.requests[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "gzip,gzip,gzip", "x-gzip-of-my-own"])
async def test_what_was_not_asked_for_is_not_unfolded(coding: str) -> None:
    bomb = gzip.compress(gzip.compress(bytes(64 * MIB), mtime=0))
    with pytest.raises(errors.InvalidResponse, match="cannot be decompressed"):
        await gateway(Far(packed(bomb, coding))).result(request())


async def test_a_body_that_is_not_what_it_says_is_named() -> None:
    with pytest.raises(errors.InvalidResponse, match="cannot be decompressed"):
        await gateway(Far(packed(b"<html>", "gzip"))).result(request())


async def test_a_compressed_answer_is_as_bounded_as_any_other() -> None:
    bomb = gzip.compress(bytes(2 * MAX_ANSWER_BYTES), mtime=0)
    service = gateway(Far(packed(bomb, "gzip")))
    tracemalloc.start()
    try:
        with pytest.raises(errors.InvalidResponse, match="more than 128 MiB"):
            await service.result(request())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < MAX_ANSWER_BYTES * 5 // 4


def test_a_few_bytes_become_many_only_a_piece_at_a_time() -> None:
    pieces = [len(piece) for piece in Inflate("gzip").pieces(gzip.compress(bytes(8 * MIB), mtime=0))]

    assert sum(pieces) == 8 * MIB
    assert max(pieces) <= PIECE_BYTES


@pytest.mark.parametrize("unit", [b"[]", b"{}", b"0", b'{"a":0}', b'"x"'])
def test_millions_of_values_are_refused_before_they_fill_the_memory(
    unit: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses, "MAX_VALUES", 10_000)
    with pytest.raises(ValueError, match="millions of values"):
        responses.parse(b"[" + (unit + b",") * 20_000 + b"0]")

    assert responses.parse(b"[" + b",".join([unit] * 3_000) + b"]")


def test_a_long_text_is_one_value_whatever_stands_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "MAX_VALUES", 10_000)
    table = 'a,"[{",\\' * 20_000

    assert responses.parse(json.dumps({"output": table}).encode()) == {"output": table}


async def test_a_large_answer_leaves_the_screen_alive() -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0)
            beats += 1

    heart = asyncio.create_task(beat())
    body = json.dumps({"images": [{"url": "data:image/png;base64," + "A" * 32 * MIB}]}).encode()
    await gateway(Far(packed(gzip.compress(body, 1, mtime=0), "gzip"))).result(request())
    heart.cancel()

    assert beats > 32 * MIB // PIECE_BYTES


async def test_a_status_with_numbers_that_are_none_and_keys_twice_is_read() -> None:
    body = b'{"status":"COMPLETED","status":"IN_QUEUE","queue_position":1e400,"metrics":{"inference_time":NaN}}'
    status = await gateway(Far(packed(body, "identity"))).status(request())

    assert status == await gateway(Far(answer({"status": "IN_QUEUE"}))).status(request())


async def test_a_status_stream_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MAX_STREAM_BYTES", 10_000)
    flood = stream('data: {"status":"IN_PROGRESS"}\n\n' * 1_000)
    heard = []
    with pytest.raises(errors.InvalidResponse, match="streams without end"):
        async for status in gateway(Far(flood)).follow(request()):
            heard.append(status)

    assert len(heard) <= 1_000


@pytest.mark.parametrize("ask", ["status", "follow"])
async def test_an_answer_whose_head_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch, ask: str) -> None:
    class Drip(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError("it never comes")

    monkeypatch.setattr(transport, "PATIENCE", 0.01)
    service = Gateway(OFFICIAL, None, transport=Drip())
    with pytest.raises(errors.ResponseLost, match=r"no whole answer in 0\.01 seconds"):
        if ask == "status":
            await service.status(request())
        else:
            await anext(service.follow(request()))


async def test_a_file_that_drips_is_taken_for_a_broken_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "SLOW_SECONDS", 0.0)
    async with gateway(Far(httpx.Response(200, content=b"a drop"))).download("https://x.example/f.png") as file:
        with pytest.raises(errors.ResponseLost, match="sends less than"):
            [chunk async for chunk in file.chunks]


@pytest.mark.parametrize("more", [bytes(4 * MIB), gzip.compress(GOOD, mtime=0)])
async def test_what_comes_after_the_end_of_a_compressed_body_is_not_gathered(more: bytes) -> None:
    whole = Inflate("gzip")
    assert b"".join(whole.pieces(gzip.compress(GOOD, mtime=0))) == GOOD
    with pytest.raises(Undecodable):
        list(whole.pieces(more))
    with pytest.raises(errors.InvalidResponse, match="cannot be decompressed"):
        await gateway(Far(packed(gzip.compress(GOOD, mtime=0) + more, "gzip"))).result(request())
