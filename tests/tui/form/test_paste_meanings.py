"""What a pasted text means for a form: its arguments, a request for another model, or plain text. No screen."""

from __future__ import annotations

import pytest

from faldeck.app.paste import Pasted, job_line
from faldeck.job import Body, Job, State, now
from faldeck.job_ids import new_id
from faldeck.schema.document import from_components
from faldeck.schema.json_value import InvalidValue
from faldeck.tui.form import pasting
from faldeck.tui.form.state import FormState

SKETCH = "demo/sketch/fast"
LAKE = {"prompt": "a lake", "num_images": 2}
COMPONENTS: dict[str, object] = {
    "Input": {
        "type": "object",
        "properties": {
            "prompt": {"type": "string"},
            "num_images": {"type": "integer"},
            "seed": {"type": "integer"},
            "image_url": {"type": "string"},
        },
    }
}


@pytest.fixture
def state() -> FormState:
    return FormState(from_components(SKETCH, "Input", COMPONENTS), {})


@pytest.mark.parametrize(
    "text",
    [
        '{"prompt": "a lake", "num_images": 2}',
        '{"input": {"prompt": "a lake", "num_images": 2}}',
        """curl https://queue.fal.run/demo/sketch/fast -d '{"prompt": "a lake", "num_images": 2}'""",
        """fal_client.run("demo/sketch/fast", arguments={"prompt": "a lake", "num_images": 2})""",
        """await fal.subscribe("demo/sketch/fast", {\n  input: {\n prompt: 'a lake', num_images: 2 } })""",
    ],
    ids=["json", "wrapped", "curl", "python", "javascript"],
)
def test_a_request_for_the_open_form_gives_its_arguments(text: str, state: FormState) -> None:
    assert pasting.interpret(text, state, SKETCH, ()) == LAKE


@pytest.mark.parametrize("is_open", [True, False])
def test_a_request_for_another_model_is_given_as_it_is(is_open: bool, state: FormState) -> None:
    text = """fal_client.run("demo/mishap/any", arguments={"prompt": "a lake"})"""
    request = pasting.interpret(text, state if is_open else None, SKETCH if is_open else "", ())
    assert isinstance(request, Pasted)
    assert request.endpoint_id == "demo/mishap/any"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (f'await fal.subscribe("{SKETCH}", {{ input: {{ prompt, image_url: url }} }});', "say what prompt and url are"),
        ("curl https://fal.run/a/b -H 'Authorization: Key 0f1e2d3c4b5a:99' -F f=@x", "sends a form or a file"),
        ("Authorization: Key 0f1e2d3c4b5a:99", "has no request"),
        ('{"prompt": "a fox", "image_url": url}', "does not say what url is"),
        ('{"prompt": "a fox", "seed": 1', "not valid JSON"),
    ],
)
def test_a_request_that_is_not_understood_is_an_error(text: str, missing: str, state: FormState) -> None:
    with pytest.raises(InvalidValue) as error:
        pasting.interpret(text, state, SKETCH, ())
    message = pasting.error_message(error.value)
    assert missing in message and message.startswith("The pasted text ")
    assert "0f1e2d3c4b5a" not in message


@pytest.mark.parametrize("text", ["a fox in the snow", '{"scene": "a lake"}', "[1, 2]", "{a lake}", ""])
def test_other_texts_are_plain_text(text: str, state: FormState) -> None:
    assert pasting.interpret(text, state, SKETCH, ()) is None


def test_an_input_without_a_model_is_plain_text_where_no_form_is_open() -> None:
    assert pasting.interpret('{"prompt": "a lake"}', None, "", ()) is None


@pytest.mark.parametrize("request_id", ["6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11", None])
def test_the_line_of_a_job_is_a_request_and_one_that_was_sent_fills_no_form(
    state: FormState, request_id: str | None
) -> None:
    job = Job(
        id=new_id(), profile="fal", endpoint_id=SKETCH, state=State.QUEUED, created_at=now(), request_id=request_id
    )
    line = job_line.write(job, Body(dict(LAKE)))

    asked = Pasted(LAKE, SKETCH, request_id=request_id or "")
    assert pasting.interpret(line, None, "", ()) == asked
    assert pasting.interpret(line, state, SKETCH, ()) == (asked if request_id else LAKE)


def test_a_document_about_a_request_is_told_and_never_fills_a_form(state: FormState) -> None:
    text = '{"url": "https://queue.fal.run/demo/sketch/fast", "method": "POST", "jsonBody": "{}"}'
    with pytest.raises(InvalidValue, match="no field of this model"):
        pasting.interpret(text, state, SKETCH, ())
