"""What a streamed call has said so far, whichever way its events say it (protocol §3.2). Pure."""

from faldeck.fal.values import JSON, JsonObject

_TEXTS = ("output", "text", "response", "content")


_STEPS = ("submit", "completion")
"""What a workflow tells of its nodes; each names one."""


class Transcript:
    """Gathers events. Some services send the text anew with every event, some send what is new in it.

    A workflow tells of its nodes meanwhile; of such a stream, the event `output` alone is the result.
    """

    def __init__(self) -> None:
        self.text = ""
        """All that was said."""
        self._last: JsonObject | None = None
        self._is_workflow = False
        self._output: JsonObject | None = None

    def hear(self, event: JsonObject) -> None:
        """One event."""
        kind = event.get("type")
        self._is_workflow |= kind in _STEPS and "node_id" in event
        if kind == "output" and (self._is_workflow or isinstance(event.get("output"), dict)):
            output = event.get("output")
            self._is_workflow, self._output = True, output if isinstance(output, dict) else {"output": output}
        if self._is_workflow:
            return
        said, is_news = _text(event)
        self.text = said if said.startswith(self.text) and not is_news else self.text + said
        self._last = event

    def output(self) -> JsonObject | None:
        """The last event, which is the output; with the whole text where it holds the end of it only.

        None where nothing was said, or a workflow has not come to its output.
        """
        if self._is_workflow:
            return self._output
        if self._last is None or _text(self._last)[0] == self.text:
            return self._last
        return {**self._last, "output": self.text}


def _text(event: JsonObject) -> tuple[str, bool]:
    """The text in an event: a member of its own, or the one of a chat's choice; and whether it is news by its name."""
    for name in _TEXTS:
        if isinstance(said := event.get(name), str):
            return said, False
    if isinstance(said := event.get("delta"), str):
        return said, True
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    return _in_choice(choice) if isinstance(choice, dict) else ("", False)


def _in_choice(choice: JsonObject) -> tuple[str, bool]:
    places: tuple[JSON, ...] = (choice.get("delta"), choice.get("message"), choice)
    for place in places:
        said = place.get("content", place.get("text")) if isinstance(place, dict) else None
        if isinstance(said, str):
            return said, place is choice.get("delta")
    return "", False


def failure(event: JsonObject) -> JSON:
    """The body of the error that an event of a workflow tells of; None for every other event."""
    if event.get("type") != "error":
        return None
    error = event.get("error")
    body = error.get("body") if isinstance(error, dict) else None
    is_told = isinstance(body, dict | str) and body
    return body if is_told else {"detail": event.get("message") or error or "The workflow failed."}
