"""A job goes to another machine as one line of text, whatever a chat program does to it."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime

import pytest

from faldeck.app import paste
from faldeck.app.paste import Pasted, job_line
from faldeck.job import Body, Job, State
from faldeck.schema.json_value import InvalidValue

REQUEST_ID = "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11"
KEY = "0f1e2d3c-1111-2222-3333-444455556666:0123456789abcdef0123456789abcdef"
BODY = Body({"prompt": "a fox in snow, 雪, with a “long” prompt, " * 5, "seed": 2**60, "image_url": "https://x/a.png"})
JOB = Job(
    id="6gvmi9p62ve1i",
    profile="work",
    endpoint_id="fal-ai/flux/dev",
    state=State.COMPLETED,
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
    request_id=REQUEST_ID,
)
LINE = job_line.write(JOB, BODY)
PASTED = Pasted(BODY.arguments, "fal-ai/flux/dev", request_id=REQUEST_ID)


def test_the_line_is_plain_text_and_comes_back_whole() -> None:
    assert LINE.startswith("faldeck:") and LINE.isascii() and not any(map(str.isspace, LINE))
    assert paste.is_code(LINE)
    assert paste.request(LINE) == job_line.read(LINE) == PASTED


@pytest.mark.parametrize(
    "sent",
    [
        "\n".join(textwrap.wrap(LINE, 40)),
        "\r\n".join(textwrap.wrap(LINE, 72)),
        "\n".join(f"> {part}" for part in textwrap.wrap(LINE, 60)),
        "\n    ".join(textwrap.wrap(LINE, 33)),
        f"Look at this: {LINE} It is nice.",
        f"<{LINE}>",
        f"`{LINE}`",
        f"\ufeff\u200b{LINE[:50]}\u200b{LINE[50:]}\u00a0",
    ],
    ids=["wrapped", "wrapped in a mail", "quoted", "indented", "in a sentence", "in brackets", "as code", "invisible"],
)
def test_what_chat_programs_do_to_it_does_no_harm(sent: str) -> None:
    assert paste.request(sent) == PASTED


def test_a_job_that_was_not_sent_has_no_request() -> None:
    line = job_line.write(JOB._replace(request_id=None), BODY)

    assert job_line.read(line) == Pasted(BODY.arguments, "fal-ai/flux/dev")


def test_no_key_and_no_profile_goes_along() -> None:
    arguments: dict[str, object] = {"prompt": f"my key is {KEY}", "api_key": KEY, "headers": {"a": KEY}}

    found = job_line.read(job_line.write(JOB._replace(options={"headers": {"x": KEY}}), Body(arguments)))

    assert KEY not in str(found) and "work" not in str(found) and "api_key" not in found.arguments


@pytest.mark.parametrize("place", [12, len(LINE) // 2, len(LINE) - 4])
def test_a_line_with_a_missing_or_wrong_character_is_refused(place: int) -> None:
    other = "A" if LINE[place] != "A" else "B"
    for text in (LINE[:place] + LINE[place + 1 :], LINE[:place] + other + LINE[place + 1 :]):
        with pytest.raises(InvalidValue, match="is damaged"):
            paste.request(text)


def test_a_line_that_is_cut_off_says_so() -> None:
    with pytest.raises(InvalidValue, match="is cut off"):
        paste.request(LINE[:-20])


def test_an_input_that_does_not_fit_is_left_to_the_accounts_list() -> None:
    large = Body({"prompt": "".join(chr(0x4E00 + 7 * n % 20_000) for n in range(30_000))})

    assert job_line.read(job_line.write(JOB, large)) == Pasted({}, "fal-ai/flux/dev", request_id=REQUEST_ID)
    with pytest.raises(job_line.TooLong, match="too large"):
        job_line.write(JOB._replace(request_id=None), large)


def test_a_line_that_unpacks_without_end_is_refused() -> None:
    bomb = job_line._packed({"model": "a/b", "input": {"prompt": " " * (job_line.LARGEST_INPUT + 10)}})

    with pytest.raises(InvalidValue, match="is damaged"):
        job_line.read(bomb)


@pytest.mark.parametrize("text", ["faldeck: a deck for fal.ai in the terminal", "faldeck:", "see faldeck:jobs."])
def test_the_name_of_the_program_is_no_line(text: str) -> None:
    assert not job_line.is_line(text)
