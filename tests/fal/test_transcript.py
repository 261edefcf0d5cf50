"""What a streamed call has said: whether its events tell the text anew or only what is new in it."""

import pytest

from faldeck.fal.direct import Transcript
from faldeck.fal.values import JsonObject


def heard(*events: JsonObject) -> Transcript:
    """A transcript of the events."""
    transcript = Transcript()
    for event in events:
        transcript.add_event(event)
    return transcript


def test_a_text_that_is_told_anew_is_told_once() -> None:
    assert heard({"output": "a"}, {"output": "a fox"}).text == "a fox"


@pytest.mark.parametrize("shape", ["delta", "choices"])
def test_news_is_appended_even_where_it_begins_as_all_did(shape: str) -> None:
    def said(text: str) -> JsonObject:
        return {"delta": text} if shape == "delta" else {"choices": [{"delta": {"content": text}}]}

    transcript = heard(said("1"), said("1"), said("0"))
    assert transcript.text == "110"
    output = transcript.output()
    assert output is not None and output["output"] == "110"
