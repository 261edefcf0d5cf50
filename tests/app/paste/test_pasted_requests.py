"""Requests written elsewhere: what is pasted becomes the form's input."""

from __future__ import annotations

import pytest

from faldeck.app.paste import is_code, request
from faldeck.schema.json_value import InvalidValue

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
    assert request(text).arguments == FOX


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        "hello",
        "curl https://example.org",
        "curl https://example.org -d @body.json",
        "input: {",
        "curl 'unclosed",
        '{"a": }',
        "arguments={1: 2",
        'fal.subscribe("x/y", { input: { prompt: words } })',
        "input: " + "{a: " * 5_000,
    ],
)
def test_what_is_no_request_says_so(text: str) -> None:
    with pytest.raises(InvalidValue):
        request(text)


def test_braces_and_quotes_inside_texts_do_not_count() -> None:
    text = """fal.subscribe("x/y", { input: { prompt: "a } in \\" a text", n: 1 } })"""
    assert request(text).arguments == {"prompt": 'a } in " a text', "n": 1}


def test_whole_numbers_stay_exact() -> None:
    assert request('{"seed": 16000000000000000001}').arguments == {"seed": 16_000_000_000_000_000_001}


@pytest.mark.parametrize(
    ("text", "endpoint_id"),
    [
        ("""curl -X POST https://queue.fal.run/fal-ai/flux/dev -H 'X: y' -d'{"n": 1}'""", "fal-ai/flux/dev"),
        ("curl https://relay.example/fal-ai/flux/dev --data='{\"n\": 1}'", "fal-ai/flux/dev"),
        (
            """handler = await fal_client.submit_async(\n    "fal-ai/flux/dev",\n    arguments={"n": 1})""",
            "fal-ai/flux/dev",
        ),
        ("""await fal.queue.submit('fal-ai/flux/dev', { input: { n: 1 }, webhookUrl: null })""", "fal-ai/flux/dev"),
        ("""const input = { n: 1 };""", ""),
        ("""{"n": 1}""", ""),
    ],
)
def test_a_request_says_which_model_it_is_for(text: str, endpoint_id: str) -> None:
    assert request(text).endpoint_id == endpoint_id
    assert request(text).arguments == {"n": 1}


def test_code_is_read_as_its_language_means_it() -> None:
    python = """fal_client.run("x/y", arguments={
        "prompt": "one "
                  'two',  # joined
        "loras": [{"path": "a", "scale": 1.5e-3},],
        "size": (1, 2), "ok": True, "none": None, "long": \"\"\"a
b\"\"\"})"""
    assert request(python).arguments == {
        "prompt": "one two",
        "loras": [{"path": "a", "scale": 0.0015}],
        "size": [1, 2],
        "ok": True,
        "none": None,
        "long": "a\nb",
    }
    javascript = r"""fal.subscribe("x/y", { input: {
        prompt: `one, two: three`, // a comment, with: colons
        'quoted-key': 'it\'s \ud83e\udd8a \u{1F98A}', n: .5, m: 1_000, no: false, gone: null,
    } })"""
    assert request(javascript).arguments == {
        "prompt": "one, two: three",
        "quoted-key": "it's 🦊 🦊",
        "n": 0.5,
        "m": 1000,
        "no": False,
        "gone": None,
    }


def test_a_prompt_is_not_taken_for_code() -> None:
    assert not is_code("arguments = {about: love}")
    assert not is_code('{"prompt": "a fox"}')
    assert is_code('fal.subscribe("x/y", { input: { n: words } })')


@pytest.mark.parametrize(
    "text",
    [
        "https://queue.fal.run/fal-ai/flux/dev",
        "fal.run/fal-ai/flux/dev",
        "https://queue.fal.run/fal-ai/flux/requests/019e5a52-1d0e-4c39-9a55-0d6a8f6e2c11/status",
        "a poster that says queue.fal.run in large letters",
    ],
)
def test_the_address_of_a_host_is_no_call_of_a_client(text: str) -> None:
    assert not is_code(text)


@pytest.mark.parametrize(
    "text",
    [
        'await fal.run("fal-ai/flux/dev", {})',
        "const r = await fal.subscribe<Out>(model, { input })",
        "fal\n  .queue\n  .submit(id, {})",
        "fal.storage.upload(file)",
        "fal.config({ credentials })",
    ],
)
def test_a_call_of_a_client_is_one_whatever_its_form(text: str) -> None:
    assert is_code(text)


PLAIN = 'curl -X POST https://fal.run/demo/sketch/fast -H "Authorization: Key a:b" -d \'{"prompt": "a fox"}\''
HTTP = 'POST /demo/sketch/fast HTTP/1.1\nHost: fal.run\nAuthorization: Key a:b\n\n{"prompt": "a fox"}'


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.replace(" ", "\xa0"),
        PLAIN.replace(" -", "\u2009-"),
        PLAIN.replace('"', "”").replace("'", "’"),
        "\n".join(f"> {line}" for line in PLAIN.replace(" -", " \\\n  -").split("\n")),
        PLAIN.replace("'", '"').replace('"prompt": "a fox"', '\\"prompt\\": \\"a fox\\"').replace(" -", " ^\r\n -"),
        HTTP.replace("\n", "\r\n"),
        "fal_client.run(“demo/sketch/fast”, arguments={“prompt”: “a fox”})",
    ],
)
def test_what_a_page_or_a_mail_program_made_of_a_request_is_still_one(text: str) -> None:
    assert is_code(text)
    found = request(text)
    assert (found.endpoint_id, found.arguments) == ("demo/sketch/fast", {"prompt": "a fox"})


def test_the_quotes_of_a_prompt_stay_as_they_are() -> None:
    found = request('fal_client.run("demo/sketch/fast", arguments={"prompt": "a sign: “fox”\xa0!"})')
    assert found.arguments == {"prompt": "a sign: “fox”\xa0!"}
