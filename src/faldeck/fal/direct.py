"""Direct calls: the answer to the POST is the output itself, at once or as a stream (protocol §3.1, §3.2).

Such a call cannot be looked up later: if the connection breaks, its output is lost.
"""

import json
from collections.abc import AsyncGenerator, Mapping

from faldeck.fal import refusals, responses, submit_options
from faldeck.fal.errors import ErrorResponse, InvalidResponse, NotSupported, ResponseLost
from faldeck.fal.incoming import Incoming
from faldeck.fal.sse import Decoder, Lines
from faldeck.fal.statuses import output_at_once
from faldeck.fal.submit_options import SubmitOptions
from faldeck.fal.transport import MAX_ANSWER_BYTES, HttpClient
from faldeck.fal.urls import segments_of
from faldeck.fal.values import JSON, JsonObject, Result, StreamProgress

_TEXTS = ("output", "text", "response", "content")


_STEPS = ("submit", "completion")
"""The events of a workflow about its nodes. Each names a node."""


class Transcript:
    """Collects the events of a stream. Some services repeat the whole text in every event, others send what is new.

    A workflow also sends events about its nodes. In such a stream only the event `output` is the result.
    """

    def __init__(self) -> None:
        self.text = ""
        """The whole text so far."""
        self._last: JsonObject | None = None
        self._is_workflow = False
        self._output: JsonObject | None = None

    def add_event(self, event: JsonObject) -> None:
        """One event."""
        kind = event.get("type")
        self._is_workflow |= kind in _STEPS and "node_id" in event
        if kind == "output" and (self._is_workflow or isinstance(event.get("output"), dict)):
            output = event.get("output")
            self._is_workflow, self._output = True, output if isinstance(output, dict) else {"output": output}
        if self._is_workflow:
            return
        text, is_news = _text(event)
        self.text = text if text.startswith(self.text) and not is_news else self.text + text
        self._last = event

    def output(self) -> JsonObject | None:
        """The last event, which is the output; with the whole text if the event has only the end of it.

        None without any event, or if a workflow has not reached its output.
        """
        if self._is_workflow:
            return self._output
        if self._last is None or _text(self._last)[0] == self.text:
            return self._last
        return {**self._last, "output": self.text}


def _text(event: JsonObject) -> tuple[str, bool]:
    """The text in an event, as a member or in a chat's choice; and whether it is only the new part, by its name."""
    for name in _TEXTS:
        if isinstance(text := event.get(name), str):
            return text, False
    if isinstance(text := event.get("delta"), str):
        return text, True
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    return _in_choice(choice) if isinstance(choice, dict) else ("", False)


def _in_choice(choice: JsonObject) -> tuple[str, bool]:
    places: tuple[JSON, ...] = (choice.get("delta"), choice.get("message"), choice)
    for place in places:
        text = place.get("content", place.get("text")) if isinstance(place, dict) else None
        if isinstance(text, str):
            return text, place is choice.get("delta")
    return "", False


def failure(event: JsonObject) -> JSON:
    """The body of the error in an event of a workflow; None for any other event."""
    if event.get("type") != "error":
        return None
    error = event.get("error")
    body = error.get("body") if isinstance(error, dict) else None
    is_told = isinstance(body, dict | str) and body
    return body if is_told else {"detail": event.get("message") or error or "The workflow failed."}


CALL_SECONDS = 3600.0
"""Seconds that a model may take before it answers."""


class DirectClient:
    """The host of direct calls. Nothing is sent twice."""

    def __init__(self, http: HttpClient, run_url: str | None) -> None:
        self._http = http
        self._run_url = run_url.rstrip("/") if run_url else None

    async def run(
        self, endpoint_id: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> Result:
        """Posts one request, once, and waits for its output, for minutes if necessary. It costs money.

        After `NotSent` and `InvalidRequest` the service has not seen it. An `ErrorResponse` with a `body` is its end.
        After `ResponseLost` and `InvalidResponse` it may have run. Raises `NotSupported` without a run host.
        """
        url = self._url(endpoint_id)
        answer = await self._http.exchange(
            "POST",
            url,
            content=submit_options.body(arguments),
            headers=submit_options.headers(options or SubmitOptions()),
            patience=CALL_SECONDS,
            silence=CALL_SECONDS,
        )
        return responses.result(answer, await responses.read(output_at_once, answer))

    async def stream(
        self, endpoint_id: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> AsyncGenerator[StreamProgress | Result, None]:
        """Posts one request, once; gives its progress with every event, and at last the `Result`.

        The path `/stream` is added to the endpoint id unless it is there. Raises what `run` raises.
        """
        url = self._url(endpoint_id if endpoint_id.rstrip("/").endswith("/stream") else f"{endpoint_id}/stream")
        headers = {**submit_options.headers(options or SubmitOptions()), "Accept": "text/event-stream"}
        content = submit_options.body(arguments)
        sending = self._http.open("POST", url, with_key=True, content=content, headers=headers, silence=CALL_SECONDS)
        async with sending as incoming:
            is_stream = incoming.headers.get("content-type", "").startswith("text/event-stream")
            if not (incoming.is_success and is_stream):
                answer = await self._http.whole(incoming)
                yield responses.result(answer, await responses.read(output_at_once, answer))
                return
            async for news in self._heard(incoming):
                yield news

    async def _heard(self, incoming: Incoming) -> AsyncGenerator[StreamProgress | Result, None]:
        """The events of a stream, without those that are not JSON objects, such as `[DONE]`."""
        transcript, lines, decoder = Transcript(), Lines(), Decoder()
        events = size = 0
        async for chunk in incoming.chunks():
            size += len(chunk)
            if size > MAX_ANSWER_BYTES:
                raise InvalidResponse(f"{incoming.host} streams without end.", status=incoming.status)
            for line in lines.feed(chunk):
                if (event := decoder.feed(line)) and isinstance(body := self._body(incoming, event.data), dict):
                    transcript.add_event(body)
                    events += 1
                    yield StreamProgress(transcript.text, events)
        if (output := transcript.output()) is None:
            raise ResponseLost(f"{incoming.host} ended its stream without a word.")
        yield responses.result(self._http.answer(incoming, b""), output)

    def _body(self, incoming: Incoming, data: str) -> JSON:
        """The JSON of an event, None if it is not JSON. Raises `ErrorResponse` if it is an error."""
        answer = self._http.answer(incoming, data.encode())
        try:
            event = output_at_once(answer)
        except InvalidResponse:
            return None
        if isinstance(event, dict) and (body := failure(event)) is not None:
            refused = refusals.refusal(answer._replace(body=json.dumps(body).encode()))
            named = event.get("node_id")
            where = f"{named[:100]}: " if isinstance(named, str) else ""
            # With the code of the stream: the code of a node says nothing about the caller's key.
            raise ErrorResponse(
                f"{where}{refused.message}",
                status=answer.status,
                error_type=refused.error_type,
                problems=refused.problems,
                body=event,
            )
        return event

    def _url(self, endpoint_id: str) -> str:
        if self._run_url is None:
            raise NotSupported("This profile names no host for direct calls (run_url).")
        return "/".join([self._run_url, *segments_of(endpoint_id)])
