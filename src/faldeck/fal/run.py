"""Direct calls: the answer to the POST is the output itself, at once or as a stream (protocol §3.1, §3.2).

Such a call cannot be looked up afterwards: what is lost with the connection is lost.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace

from faldeck.fal import answers, outgoing
from faldeck.fal.endpoint import segments_of
from faldeck.fal.errors import AnswerLost, NotOffered, Refused, Unreadable
from faldeck.fal.http import MAX_ANSWER_BYTES, Http, Incoming
from faldeck.fal.options import SubmitOptions
from faldeck.fal.sse import Decoder, Lines
from faldeck.fal.statuses import output_at_once
from faldeck.fal.transcript import Transcript, failure
from faldeck.fal.values import JSON, Result, Spoken

PATIENCE = 3600.0
"""Seconds that a model may work before it answers."""


class Run:
    """The host of direct calls. Nothing here is sent twice."""

    def __init__(self, http: Http, run_url: str | None) -> None:
        self._http = http
        self._run_url = run_url.rstrip("/") if run_url else None

    async def run(
        self, endpoint_id: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> Result:
        """Post one request, once, and wait for its output, for minutes if need be. It costs money.

        `NotSent` and `Unsendable` mean that the service has not seen it; `Refused` is its end, unless it has no
        `body`; after `AnswerLost` and `Unreadable` it may have run. Raises `NotOffered` without a run host.
        """
        url = self._url(endpoint_id)
        answer = await self._http.exchange(
            "POST",
            url,
            content=outgoing.body(arguments),
            headers=outgoing.headers(options or SubmitOptions()),
            patience=PATIENCE,
            silence=PATIENCE,
        )
        return answers.result(answer, await answers.read(output_at_once, answer))

    async def stream(
        self, endpoint_id: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> AsyncGenerator[Spoken | Result, None]:
        """Post one request, once; gives what it says with every event, and at last the `Result`.

        The path `/stream` is added to the endpoint id unless it is there. Raises as `run` does.
        """
        url = self._url(endpoint_id if endpoint_id.rstrip("/").endswith("/stream") else f"{endpoint_id}/stream")
        headers = {**outgoing.headers(options or SubmitOptions()), "Accept": "text/event-stream"}
        content = outgoing.body(arguments)
        sending = self._http.open("POST", url, with_key=True, content=content, headers=headers, silence=PATIENCE)
        async with sending as incoming:
            is_stream = incoming.headers.get("content-type", "").startswith("text/event-stream")
            if not (incoming.is_success and is_stream):
                answer = await self._http.whole(incoming)
                yield answers.result(answer, await answers.read(output_at_once, answer))
                return
            async for news in self._heard(incoming):
                yield news

    async def _heard(self, incoming: Incoming) -> AsyncGenerator[Spoken | Result, None]:
        """The events of a stream; those that are no JSON objects, such as `[DONE]`, say nothing."""
        transcript, lines, decoder = Transcript(), Lines(), Decoder()
        events = size = 0
        async for chunk in incoming.chunks():
            size += len(chunk)
            if size > MAX_ANSWER_BYTES:
                raise Unreadable(f"{incoming.host} streams without end.", status=incoming.status)
            for line in lines.feed(chunk):
                if (event := decoder.feed(line)) and isinstance(body := self._body(incoming, event.data), dict):
                    transcript.hear(body)
                    events += 1
                    yield Spoken(transcript.text, events)
        if (output := transcript.output()) is None:
            raise AnswerLost(f"{incoming.host} ended its stream without a word.")
        yield answers.result(self._http.answer(incoming, b""), output)

    def _body(self, incoming: Incoming, data: str) -> JSON:
        """An event's JSON, None for what is none. Raises `Refused` where it is an error."""
        answer = self._http.answer(incoming, data.encode())
        try:
            event = output_at_once(answer)
        except Unreadable:
            return None
        if isinstance(event, dict) and (body := failure(event)) is not None:
            told = answers.refusal(replace(answer, body=json.dumps(body).encode()))
            named = event.get("node_id")
            where = f"{named[:100]}: " if isinstance(named, str) else ""
            # With the code of the stream: that of a node is no judgement on the caller's key.
            raise Refused(
                f"{where}{told.message}",
                status=answer.status,
                error_type=told.error_type,
                problems=told.problems,
                body=event,
            )
        return event

    def _url(self, endpoint_id: str) -> str:
        if self._run_url is None:
            raise NotOffered("This profile names no host for direct calls (run_url).")
        return "/".join([self._run_url, *segments_of(endpoint_id)])
