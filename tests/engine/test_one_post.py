"""What comes instead of a good answer to a submit, on the wire itself, is never a reason to post it again."""

from pathlib import Path

import pytest
from support.engine_process import Line, lab, running
from support.raw_service import RawAnswer, on_the_wire, scripted

from faldeck.fal.errors import FalError, NotSent
from faldeck.fal.gateway import Gateway, Hosts
from faldeck.fal.values import Queued, SubmitReceipt
from faldeck.job import State

MODEL = "acme/lake"
ID = "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11"
TAKEN: RawAnswer = (200, {}, {"request_id": ID})
WAITING: RawAnswer = (202, {}, {"status": "IN_QUEUE", "request_id": ID})
BUSY: RawAnswer = (503, {"retry-after": "0"}, {"detail": "later"})


def redirect(location: bytes) -> bytes:
    """A redirect to anything."""
    return b"HTTP/1.1 307 Elsewhere\r\ncontent-length: 0\r\nlocation: " + location + b"\r\n\r\n"


@pytest.mark.parametrize("unasked", [BUSY, TAKEN, (429, {}, {"detail": "slowly"})])
async def test_an_answer_that_nobody_asked_for_is_not_read_as_that_to_the_submit(unasked: RawAnswer) -> None:
    said = on_the_wire(WAITING) + on_the_wire(unasked)
    async with scripted(lambda method, path: TAKEN if method == "POST" else said) as service:
        gateway = Gateway(Hosts(f"{service.url}/queue"), "Key any:key")
        async with gateway:
            assert isinstance(await gateway.status(gateway.handle(MODEL, "other")), Queued)
            submitted = await gateway.submit(MODEL, {"prompt": "a lake"})

    assert isinstance(submitted, SubmitReceipt) and submitted.request.request_id == ID
    assert service.count("POST") == 1


@pytest.mark.parametrize(
    "answer",
    [
        redirect(b"http://[x/"),
        redirect(b"http://host:99999/"),
        redirect(b"\xff\xfe://\xff"),
        redirect(b"http://a..b/"),
        redirect(b"http://xn--a/"),
        redirect(b"http://" + b"a" * 70 + b"/"),
        redirect(b"ftp://elsewhere/"),
        b"HTTP/1.1 200 \xff\xfe\r\ncontent-length: 2\r\nx-\xff: \xff\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\ncontent-length: 11\r\n\r\n{}",
        b"HTTP/9.9 whatever\r\n\r\n",
        b"\xff" * 100 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=\xff\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}",
    ],
)
async def test_an_answer_that_cannot_be_read_is_no_reason_to_post_again(answer: bytes) -> None:
    async with (
        scripted(lambda method, path: answer) as service,
        Gateway(Hosts(f"{service.url}/queue"), "Key any:key") as gateway,
    ):
        with pytest.raises(FalError) as caught:
            await gateway.submit(MODEL, {"prompt": "a lake"})

    assert not isinstance(caught.value, NotSent)
    assert service.count("POST") == 1


async def test_a_fault_of_decoding_an_answer_leaves_the_job_unconfirmed(tmp_path: Path) -> None:
    line = Line(UnicodeDecodeError("idna", b"x", 0, 1, "an odd address"))
    async with running(lab("http://127.0.0.1:9"), tmp_path, line=line) as engine:
        job = await engine.until(await engine.submit(MODEL), lambda job: job.state is State.UNCONFIRMED)

    assert "may have been accepted" in job.notice
    assert [request.method for request in line.requests].count("POST") == 1
