"""What a streamed call has said so far, whichever way its events say it (protocol §3.2). Pure."""

from faldeck.fal.values import JSON, JsonObject

_TEXTS = ("output", "text", "response", "content")


class Transcript:
    """Gathers events. Some services send the text anew with every event, some send what is new in it."""

    def __init__(self) -> None:
        self.text = ""
        """All that was said."""
        self._last: JsonObject | None = None

    def hear(self, event: JsonObject) -> None:
        """One event."""
        said, is_news = _text(event)
        self.text = said if said.startswith(self.text) and not is_news else self.text + said
        self._last = event

    def output(self) -> JsonObject | None:
        """The last event, which is the output; with the whole text where it holds the end of it only."""
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
