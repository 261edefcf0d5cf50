"""The queue of a service: submit, status, status stream, result, cancel (protocol §2)."""

import json
import re
from collections.abc import AsyncGenerator, Mapping

from faldeck.fal import answers
from faldeck.fal.answers import Answer, granted, text_of
from faldeck.fal.endpoint import QueueAddress, below, with_query
from faldeck.fal.errors import FalError, NotFound, NotOffered, Unreadable, Unsendable
from faldeck.fal.http import PATIENCE, Http
from faldeck.fal.lifecycle import lifecycle_header
from faldeck.fal.sse import Decoder, Lines
from faldeck.fal.statuses import output_of, status_of
from faldeck.fal.values import Cancellation, Completed, Request, Result, Status, SubmitOptions, Submitted

RESULT_PATIENCE = 3600.0
"""Seconds for a whole result: 100 MB over a slow line."""

SLOWEST_LINE = 20_000
"""Bytes a second that an upload of arguments (with media inlined) may be expected to reach."""
MAX_URL = 4_000

_STREAM_REFUSALS = {401, 403, 429, 500, 502, 503, 504}
_NO_REQUEST = re.compile(r"\brequest\b|NOT_FOUND", re.IGNORECASE)
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

    def restored(
        self,
        endpoint_id: str,
        request_id: str,
        status_url: str | None,
        response_url: str | None,
        cancel_url: str | None,
    ) -> Request:
        """A request from what was kept of it, even if the profile's address has changed. Raises `Unsendable`."""
        return self._address.restored(endpoint_id, request_id, status_url, response_url, cancel_url)

    async def submit(
        self, endpoint_id: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> Submitted:
        """Post one request, once. It costs money.

        `NotSent` and `Unsendable` mean that the service has not seen it, `Refused` that it did not take it; after
        `AnswerLost` and `Unreadable` it may have.
        """
        options = options or SubmitOptions()
        url = with_query(self._address.submit_url(endpoint_id), _submit_query(options))
        headers = {"Content-Type": "application/json", **_submit_headers(options)}
        content = _encoded(arguments)
        patience = PATIENCE + len(content) / SLOWEST_LINE
        answer = await self._http.exchange("POST", url, content=content, headers=headers, patience=patience)
        return self._submitted(endpoint_id, granted(answer))

    def _submitted(self, endpoint_id: str, answer: Answer) -> Submitted:
        said = answer.object()
        urls = [text_of(said.get(key), MAX_URL) for key in ("status_url", "response_url", "cancel_url")]
        position = said.get("queue_position")
        try:
            request = self.restored(endpoint_id, text_of(said.get("request_id"), MAX_URL) or "", *urls)
        except Unsendable:
            words = answers.message_of(said) or "no word of why"
            message = f"{answer.host} answered {answer.status} without a usable request id: {words}"
            raise Unreadable(message, status=answer.status) from None
        return Submitted(request, position if isinstance(position, int) else None)

    async def status(self, request: Request, *, logs: bool = True) -> Status:
        """Ask once. `logs` asks for all lines so far (protocol §2.3)."""
        url = with_query(request.status_url, {"logs": "1"} if logs else {})
        answer = await self._http.exchange("GET", url)
        return status_of(granted(answer))

    async def follow(self, request: Request) -> AsyncGenerator[Status, None]:
        """Statuses as the service sends them, each with its new log lines only, up to `Completed` (protocol §2.4).

        May end before `Completed`, when the service closes the stream: ask `status` then. Raises `NotOffered` where
        the service has no stream, and what `status` raises.
        """
        url = with_query(below(request.status_url, "stream"), {"logs": "1"})
        accept = {"Accept": "text/event-stream"}
        async with self._http.open("GET", url, with_key=True, headers=accept) as incoming:
            if not incoming.is_success:
                raise _no_stream(await self._http.whole(incoming))
            if not incoming.headers.get("content-type", "").startswith("text/event-stream"):
                raise NotOffered(f"{incoming.host} has no status stream.")
            lines, decoder = Lines(), Decoder()
            async for chunk in incoming.chunks():
                for line in lines.feed(chunk):
                    if event := decoder.feed(line):
                        status = status_of(self._http.answer(incoming, event.data.encode()))
                        yield status
                        if isinstance(status, Completed):
                            return

    async def result(self, request: Request) -> Result:
        """The output. Raises `NotReady` while there is none, and the `Refused` that a failed request ended with."""
        answer = await self._http.exchange("GET", request.response_url, patience=RESULT_PATIENCE)
        return Result(
            body=output_of(answer),
            status=answer.status,
            request_id=text_of(answer.headers.get("x-fal-request-id")),
            billable_units=text_of(answer.headers.get("x-fal-billable-units")),
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


def _no_stream(answer: Answer) -> FalError:
    """Why a status stream did not open: the service has none, or it has and refuses this one."""
    refused = answers.refusal(answer)
    is_about_the_request = isinstance(refused, NotFound) and _NO_REQUEST.search(refused.message)
    if answer.status in _STREAM_REFUSALS or is_about_the_request:
        return refused
    return NotOffered(f"{answer.host} has no status stream.")


def _encoded(arguments: Mapping[str, object]) -> bytes:
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
    return text_of(said.get("status")) if isinstance(said, dict) else None
