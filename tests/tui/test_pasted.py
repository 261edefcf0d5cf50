"""Requests written elsewhere: what is pasted becomes the form's input."""

from __future__ import annotations

import pytest

from faldeck.schema.jsonvalue import Invalid
from faldeck.tui.pasted import arguments

FOX = {"prompt": "a fox's den", "seed": 7}


@pytest.mark.parametrize(
    "text",
    [
        '{"prompt": "a fox\'s den", "seed": 7}',
        """curl --request POST --url https://queue.fal.run/fal-ai/flux/dev \\
             --header "Authorization: Key $FAL_KEY" --data '{"prompt": "a fox'\\''s den", "seed": 7}'""",
        """result = fal_client.subscribe("fal-ai/flux/dev", arguments={"prompt": "a fox's den", "seed": 7})""",
        """const result = await fal.subscribe("fal-ai/flux/dev", {
             input: { prompt: "a fox's den", seed: 7, },
             logs: true,
           });""",
    ],
    ids=["json", "curl", "python", "javascript"],
)
def test_a_request_written_elsewhere_is_read(text: str) -> None:
    assert arguments(text) == FOX


@pytest.mark.parametrize(
    "text",
    ["[1]", "hello", "curl https://example.org", "input: {", "curl 'unclosed", '{"a": }', "arguments={1: 2"],
)
def test_what_is_no_request_says_so(text: str) -> None:
    with pytest.raises(Invalid):
        arguments(text)


def test_braces_and_quotes_inside_texts_do_not_count() -> None:
    text = """fal.subscribe("x/y", { input: { prompt: "a } in \\" a text", n: 1 } })"""
    assert arguments(text) == {"prompt": 'a } in " a text', "n": 1}


def test_whole_numbers_stay_exact() -> None:
    assert arguments('{"seed": 16000000000000000001}') == {"seed": 16_000_000_000_000_000_001}
