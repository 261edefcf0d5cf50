"""The queue of a service: submit, status, status stream, result, cancel (protocol §2)."""

import json
from collections.abc import AsyncGenerator, Mapping

from faldeck.fal import answers
from faldeck.fal.answers import Answer
from faldeck.fal.endpoint import QueueAddress, below, with_query
from faldeck.fal.errors import NotOffered, Unreadable, Unsendable
from faldeck.fal.http import Http
from faldeck.fal.lifecycle import lifecycle_header
from faldeck.fal.sse import Decoder, Lines
from faldeck.fal.statuses import output_of, status_of
from faldeck.fal.values import JSON, Cancellation, Completed, Request, Result, Status, SubmitOptions, Submitted

RESULT_PATIENCE = 3600.0
"""Seconds for a whole result: 100 MB over a slow line."""

_STREAM_REFUSALS = (401, 403, 429)
_CANCEL_WORDS = {"ALREADY_COMPLETED": Cancellation.TOO_LATE, "NOT_FOUND": Cancellation.NOT_FOUND}
_CANCEL_CODES = {400: Cancellation.TOO_LATE, 409: Cancellation.TOO_LATE, 404: Cancellation.NOT_FOUND}


class Queue:
    """One service's queue. Nothing here is sent twice."""

    def __init__(self, http: Http, address: QueueAddress) -> None:
        self._http = http
        self._address = address

    def named(self, endpoint_id: str, request_id: str) -> Request:
        """A request made elsewhere, by the rule of protocol §2.1. Raises `Unsendable` for ids that are none."""
        return self._address.named(endpoint_id, request_id)

    async def submit(
        self, endpoint_id: str, arguments: Mapping[str, JSON], options: SubmitOptions | None = None
    ) -> Submitted:
        """Post one request, once. It costs money.

        `NotSent` and `Unsendable` mean that the service has not seen it, `Refused` that it did not take it; after
        `AnswerLost` and `Unreadable` it may have.
        """
        options = options or SubmitOptions()
        url = with_query(self._address.submit_url(endpoint_id), _submit_query(options))
        headers = {"Content-Type": "application/json", **_submit_headers(options)}
        answer = await self._http.exchange("POST", url, content=_encoded(arguments), headers=headers)
        if not answer.is_success:
            raise answers.refusal(answer)
        said = answer.object()
        request_id = answers.text_of(said.get("request_id"))
        if request_id is None:
            words = answers.message_of(said) or "no word of why"
            message = f"{answer.host} answered {answer.status} without a request id: {words}"
            raise Unreadable(message, status=answer.status)
        position = said.get("queue_position")
        request = self._address.answered(endpoint_id, request_id, said)
        return Submitted(request, position if isinstance(position, int) else None)

    async def status(self, request: Request, *, logs: bool = True) -> Status:
        """Ask once. `logs` asks for all lines so far (protocol §2.3)."""
        url = with_query(request.status_url, {"logs": "1"} if logs else {})
        answer = await self._http.exchange("GET", url)
        if not answer.is_success:
            raise answers.refusal(answer)
        return status_of(answer)

    async def follow(self, request: Request) -> AsyncGenerator[Status, None]:
        """Statuses as the service sends them, each with its new log lines only, up to `Completed` (protocol §2.4).

        May end before `Completed`, when the service closes the stream: ask `status` then. Raises `NotOffered` where
        the service has no stream, and what `status` raises.
        """
        url = with_query(below(request.status_url, "stream"), {"logs": "1"})
        accept = {"Accept": "text/event-stream"}
        async with self._http.open("GET", url, with_key=True, headers=accept) as incoming:
            if incoming.status in _STREAM_REFUSALS or (incoming.status >= 500 and incoming.status != 501):
                raise answers.refusal(await self._http.whole(incoming))
            if not incoming.headers.get("content-type", "").startswith("text/event-stream"):
                raise NotOffered(f"{incoming.host} has no status stream.")
            lines, decoder = Lines(), Decoder()
            async for chunk in incoming.chunks():
                for line in lines.feed(chunk):
                    if (event := decoder.feed(line)) is None:
                        continue
                    answer = Answer(incoming.host, incoming.status, {}, event.data.encode())
                    status = status_of(answer)
                    yield status
                    if isinstance(status, Completed):
                        return

    async def result(self, request: Request) -> Result:
        """The output. Raises `NotReady` while there is none, and the `Refused` that a failed request ended with."""
        answer = await self._http.exchange("GET", request.response_url, patience=RESULT_PATIENCE)
        return Result(
            body=output_of(answer),
            status=answer.status,
            request_id=answers.text_of(answer.headers.get("x-fal-request-id")),
            billable_units=answers.text_of(answer.headers.get("x-fal-billable-units")),
            headers=answers.own_headers(answer),
        )

    async def cancel(self, request: Request) -> Cancellation:
        """Ask the service to stop; what became of it, `status` and `result` say (protocol §2.6)."""
        answer = await self._http.exchange("PUT", request.cancel_url)
        word = _cancel_word(answer)
        if word in _CANCEL_WORDS:
            return _CANCEL_WORDS[word]
        if answer.is_success:
            return Cancellation.REQUESTED
        if answer.status in _CANCEL_CODES:
            return _CANCEL_CODES[answer.status]
        if answer.status in (405, 501):
            raise NotOffered(f"{answer.host} cannot cancel.")
        raise answers.refusal(answer)


def _encoded(arguments: Mapping[str, JSON]) -> bytes:
    try:
        return json.dumps(dict(arguments), allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise Unsendable(f"The arguments are no JSON: {error}.") from error


def _submit_query(options: SubmitOptions) -> dict[str, str]:
    query = {"fal_webhook": options.webhook, "fal_max_queue_length": options.max_queue_length}
    return {name: str(value) for name, value in query.items() if value is not None}


def _submit_headers(options: SubmitOptions) -> dict[str, str]:
    """The headers of protocol §2.2; the start timeout under its old and its new name."""
    own: dict[str, str | None] = {
        "X-Fal-Request-Timeout": _text(options.start_timeout),
        "X-Fal-Request-Start-Timeout": _text(options.start_timeout),
        "X-Fal-Queue-Priority": options.priority,
        "X-Fal-Runner-Hint": options.runner_hint,
        "X-Fal-No-Retry": "1" if options.no_retry else None,
        "X-Fal-Store-IO": None if options.store_io is None else str(int(options.store_io)),
        "X-Fal-Object-Lifecycle-Preference": lifecycle_header(options.lifecycle),
    }
    return {**options.headers, **{name: value for name, value in own.items() if value is not None}}


def _text(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:g}"


def _cancel_word(answer: Answer) -> str | None:
    try:
        said = answers.parse(answer.body)
    except ValueError:
        return None
    return answers.text_of(said.get("status")) if isinstance(said, dict) else None
