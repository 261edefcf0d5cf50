"""The queue of a service: submit, status, status stream, result, cancel (protocol §2)."""

import re
from collections.abc import AsyncGenerator, Mapping

from faldeck.fal import refusals, responses, submit_options
from faldeck.fal.errors import (
    ErrorResponse,
    FalError,
    InvalidRequest,
    InvalidResponse,
    NotFound,
    NotReady,
    NotSupported,
)
from faldeck.fal.refusals import raise_for_error
from faldeck.fal.responses import HttpResponse, count_of, text_of
from faldeck.fal.sse import Decoder, Lines
from faldeck.fal.statuses import is_own, output_of, output_of_submit, status_at, status_of
from faldeck.fal.submit_options import SubmitOptions
from faldeck.fal.transport import PATIENCE, HttpClient
from faldeck.fal.urls import QueueAddress, below, with_query
from faldeck.fal.values import (
    Cancellation,
    Completed,
    JsonObject,
    RequestHandle,
    Result,
    Running,
    Status,
    SubmitReceipt,
)

RESULT_PATIENCE = 3600.0
"""Seconds for a whole result: 100 MB over a slow connection."""
MAX_URL = 4_000
MAX_STREAM_BYTES = 32 * 2**20
"""The longest status stream: hours of logs. After that the request is polled."""

_STREAM_REFUSALS = {401, 403, 410, 429, 500, 502, 503, 504}
_NO_PAGE = {404, 405, 501}
_NOT_ABOUT_THE_REQUEST = {401, 402, 403, 404, 405, 407, 408, 410, 413, 429, 451, 501}
_NO_REQUEST = re.compile(r"\brequest\b|NOT_FOUND", re.IGNORECASE)
_CANCEL_WORDS = {"ALREADY_COMPLETED": Cancellation.TOO_LATE, "NOT_FOUND": Cancellation.NOT_FOUND}
_CANCEL_CODES = {400: Cancellation.TOO_LATE, 409: Cancellation.TOO_LATE, 404: Cancellation.NOT_FOUND}


class QueueClient:
    """The queue of one service. Nothing is sent twice."""

    def __init__(self, http: HttpClient, address: QueueAddress) -> None:
        self._http = http
        self._address = address
        self._has_status_pages = True
        """False once the service has shown that it answers about results alone (protocol §9.1 A)."""

    async def submit(
        self, endpoint_id: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> SubmitReceipt | Result:
        """Posts one request, once. It costs money. Gives the `Result` if the gateway answers with it at once.

        After `NotSent` and `InvalidRequest` the service has not seen it; `ErrorResponse`: it was not accepted.
        After `ResponseLost` and `InvalidResponse` it may have been accepted.
        """
        options = options or SubmitOptions()
        url = with_query(self._address.submit_url(endpoint_id), submit_options.query(options))
        headers = submit_options.headers(options)
        content = submit_options.body(arguments)
        patience = PATIENCE + len(content) / submit_options.SLOWEST_LINE
        answer = await self._http.exchange("POST", url, content=content, headers=headers, patience=patience)
        return self._submitted(endpoint_id, raise_for_error(answer))

    def _submitted(self, endpoint_id: str, answer: HttpResponse) -> SubmitReceipt | Result:
        body = answer.json()
        if not isinstance(body, dict):
            if refusals.refuses(body):
                raise refusals.refusal(answer)
            raise InvalidResponse(
                f"{answer.host} answered {answer.status} without a JSON object.", status=answer.status
            )
        has_place = any(text_of(body.get(key)) for key in ("status_url", "response_url"))
        if not has_place and _is_refused(body):
            raise refusals.refusal(answer)
        if (output := output_of_submit(answer, body)) is not None:
            return responses.result(answer, output)
        ticket, request_id = _ticket(body)
        urls = [text_of(ticket.get(key), MAX_URL) for key in ("status_url", "response_url", "cancel_url")]
        try:
            request = self._address.restore(endpoint_id, request_id, *urls)
        except InvalidRequest:
            words = refusals.message_of(body) or "no word of why"
            message = f"{answer.host} answered {answer.status} without a usable request id: {words}"
            raise InvalidResponse(message, status=answer.status) from None
        return SubmitReceipt(request, count_of(ticket.get("queue_position")))

    async def status(self, request: RequestHandle, *, logs: bool = True) -> Status:
        """Asks once. `logs` asks for all log lines so far (protocol §2.3).

        A relay without a status page is asked for the result instead, which tells only `Running` or `Completed`.
        """
        if self._has_status_pages:
            url = with_query(request.status_url, {"logs": "1"} if logs else {})
            answer = await self._http.exchange("GET", url)
            try:
                return await responses.read(status_at, answer)
            except (ErrorResponse, InvalidResponse) as error:
                if answer.status not in _NO_PAGE and not answer.is_success:
                    raise
                missing = error
            try:
                status = await self._status_by_result(request)
            except ErrorResponse:
                raise missing from None
            # A web page may be a relay's way of saying so, or that of a network which asks to be signed in to.
            self._has_status_pages = isinstance(missing, InvalidResponse)
            return status
        return await self._status_by_result(request)

    async def _status_by_result(self, request: RequestHandle) -> Status:
        try:
            await self.result(request)
        except NotReady:
            return Running()
        except ErrorResponse as error:
            is_said = error.status not in _NOT_ABOUT_THE_REQUEST or is_own(error, request.request_id)
            if error.body is None or not is_said:
                raise
        return Completed()

    async def follow(self, request: RequestHandle) -> AsyncGenerator[Status, None]:
        """Statuses as the service sends them, each with its new log lines only, up to `Completed` (protocol §2.4).

        May end before `Completed`, if the service closes the stream: then ask `status`. Raises `NotSupported` if the
        service has no stream, and what `status` raises.
        """
        url = with_query(below(request.status_url, "stream"), {"logs": "1"})
        accept = {"Accept": "text/event-stream"}
        async with self._http.open("GET", url, with_key=True, headers=accept) as incoming:
            if not incoming.is_success:
                raise _no_stream(await self._http.whole(incoming))
            if not incoming.headers.get("content-type", "").startswith("text/event-stream"):
                raise NotSupported(f"{incoming.host} has no status stream.")
            lines, decoder = Lines(), Decoder()
            answer = self._http.answer(incoming, b"")
            size = 0
            async for chunk in incoming.chunks():
                size += len(chunk)
                if size > MAX_STREAM_BYTES:
                    raise InvalidResponse(f"{incoming.host} streams without end.", status=incoming.status)
                for line in lines.feed(chunk):
                    if event := decoder.feed(line):
                        status = status_of(answer._replace(body=self._http.hidden(event.data.encode())))
                        yield status
                        if isinstance(status, Completed):
                            return

    async def result(self, request: RequestHandle) -> Result:
        """The output. Raises `NotReady` before there is one, and the `ErrorResponse` of a failed request."""
        answer = await self._http.exchange("GET", request.response_url, patience=RESULT_PATIENCE)
        return responses.result(answer, await responses.read(output_of, answer))

    async def cancel(self, request: RequestHandle) -> Cancellation:
        """Asks the service to stop. `status` and `result` tell whether it has stopped (protocol §2.6)."""
        answer = await self._http.exchange("PUT", request.cancel_url)
        word = _cancel_word(answer)
        if word in _CANCEL_WORDS:
            return _CANCEL_WORDS[word]
        if answer.is_success:
            if responses.is_html(answer.body):
                raise InvalidResponse(f"{answer.host} answered the cancel with a web page.", status=answer.status)
            return Cancellation.REQUESTED
        refused = refusals.refusal(answer)
        if answer.status in _NO_PAGE and not _NO_REQUEST.search(refused.message):
            raise NotSupported(f"{answer.host} cannot cancel: the request goes on to its end.")
        if answer.status in _CANCEL_CODES:
            return _CANCEL_CODES[answer.status]
        raise refused


def _is_refused(payload: JsonObject) -> bool:
    """Whether an answer to a submit that names no place to ask at is an error; some gateways give errors an id."""
    if payload.get("request_id"):
        return refusals.is_error(payload) and (bool(payload.get("error")) or refusals.has_error_code(payload))
    return refusals.is_error(payload) or (not _ticket(payload)[1] and refusals.refuses(payload))


def _ticket(payload: JsonObject) -> tuple[JsonObject, str]:
    """The object of an answer to a submit that holds the request id, and that id; empty where there is none.

    Some gateways wrap the answer, or write the id as a number or in another spelling.
    """
    for place in (payload, *(payload.get(name) for name in ("data", "result", "response"))):
        if isinstance(place, dict):
            for value in (place.get("request_id"), place.get("requestId")):
                is_number = isinstance(value, int) and not isinstance(value, bool)
                if found := str(value) if is_number else text_of(value, MAX_URL):
                    return place, found
    return payload, ""


def _no_stream(answer: HttpResponse) -> FalError:
    """The error for a stream that did not open: the service has none, or it refuses this one."""
    refused = refusals.refusal(answer)
    is_about_the_request = isinstance(refused, NotFound) and _NO_REQUEST.search(refused.message)
    if answer.status in _STREAM_REFUSALS or is_about_the_request:
        return refused
    return NotSupported(f"{answer.host} has no status stream.")


def _cancel_word(answer: HttpResponse) -> str | None:
    try:
        payload = responses.parse(answer.body)
    except ValueError:
        return None
    return text_of(payload.get("status")) if isinstance(payload, dict) else None
