"""Requests in further programs, clients and gateways: each fills the form of its model, or is told and never typed."""

from __future__ import annotations

import pytest

from faldeck.app import paste
from faldeck.app.paste import is_code, request
from faldeck.schema.json_value import InvalidValue

URL = "https://queue.fal.run/demo/sketch/fast"


@pytest.mark.parametrize(
    "text",
    [
        f"""Invoke-RestMethod -Uri "{URL}" -Method POST -Body '{{"prompt": "a fox"}}'""",
        f"""irm {URL} -Method Post `\n -Headers @{{\n"Authorization"="Key $env:FAL_KEY"\n}} `
-Body "{{`"prompt`":`"a fox`"}}\"""",
        f"""http --raw '{{"prompt":"a fox"}}' POST {URL}""",
        """curl https://app.example/api/fal/proxy -H 'X-Fal-Target-Url: https://queue.fal.run/demo/sketch/fast' \\
  -d '{"prompt":"a fox"}'""",
        """http https://app.example/proxy X-Fal-Target-Url:https://fal.run/demo/sketch/fast prompt='a fox'""",
        """fetch("/api/fal/proxy", {method: "POST",
             headers: {"x-fal-target-url": "https://queue.fal.run/demo/sketch/fast"},
             body: JSON.stringify({prompt: "a fox"})})""",
        """curl https://gateway.ai.cloudflare.com/v1/acc/gw/fal/demo/sketch/fast -d '{"prompt":"a fox"}'""",
        """curl https://litellm.example/fal_ai/demo/sketch/fast -d '{"prompt":"a fox"}'""",
        """curl 'https://router.huggingface.co/fal-ai/demo/sketch/fast?_subdomain=queue' -d '{"prompt":"a fox"}'""",
        f'### submit\n# a comment\nPOST {URL} HTTP/1.1\nContent-Type: application/json\n\n{{"prompt": "a fox"}}',
        """@host = https://queue.fal.run\n@key = x\n\nPOST {{host}}/demo/sketch/fast\nAuthorization: Key {{key}}\n
{"prompt": "a fox"}""",
        """* Connected to queue.fal.run\n> POST /demo/sketch/fast HTTP/2\n> Host: queue.fal.run\n>
{"prompt":"a fox"}""",
        """final output = await fal.subscribe("demo/sketch/fast", input: {"prompt": "a fox"});""",
        """{"name":"run","arguments":{"endpoint_id":"demo/sketch/fast","input":{"prompt":"a fox"}}}""",
        """{"request_id":"r","endpoint_id":"demo/sketch/fast","json_input":{"prompt":"a fox"}}""",
    ],
)
def test_a_request_of_another_dialect_names_its_model_and_input(text: str) -> None:
    found = request(text)
    assert (found.endpoint_id, found.arguments) == ("demo/sketch/fast", {"prompt": "a fox"})


@pytest.mark.parametrize(
    "text", ["./generate.sh --prompt 'a fox' --model demo/sketch/fast", "fal run demo/sketch/fast -p 'a fox'"]
)
def test_a_call_of_an_older_script_is_read_as_a_command(text: str) -> None:
    found = request(text)
    assert is_code(text) and found.endpoint_id == "demo/sketch/fast"
    assert found.words and found.words.for_model[1] == "a fox"


@pytest.mark.parametrize(
    "text",
    [
        "Invoke-RestMethod -Uri $url -Body $body",
        'await generateImage({ model: fal.image("demo/sketch/fast"), prompt: "a fox" })',
        'client.images.generate(model="demo/sketch/fast", prompt="a fox")',
        'client = InferenceClient(provider="fal-ai")\nclient.text_to_image("a fox")',
        f"url: {URL}\nmethod: POST\nbody: a fox",
        "POST {{host}}/demo/sketch/fast\n\n{}",
        './generate.sh --prompt "$P" --model demo/sketch/fast',
        'curl https://gateway.ai.cloudflare.com/v1/acc/gw/fal -d \'{"prompt":"a fox"}\'',
    ],
)
def test_a_request_that_is_not_understood_is_code_and_names_no_wrong_model(text: str) -> None:
    assert is_code(text)
    with pytest.raises(InvalidValue):
        paste.request(text)


@pytest.mark.parametrize(
    "text",
    [
        "a poster: POST OFFICE / 1920",
        "it says\nPUT your/hands up",
        "he says: run.sh is slow",
        "https://queue.fal.run/demo/sketch/fast",
        "prompt: a fox",
    ],
)
def test_a_text_that_only_sounds_like_a_request_is_a_text(text: str) -> None:
    assert not is_code(text)
