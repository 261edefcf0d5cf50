"""Reads the answers of a queue: as a `Status`, as an output, or as an error. Pure.

Relays use other words and codes for the same things; protocol §9.3 lists those that are understood.
"""

import re

from faldeck.fal import errors, refusals, responses
from faldeck.fal.errors import ErrorResponse, InvalidResponse, NotReady
from faldeck.fal.responses import HttpResponse
from faldeck.fal.values import JSON, Completed, JsonObject, Log, Queued, Running, Status

MAX_LOGS = 10_000
MAX_LOG_MESSAGE = 20_000
MAX_LOG_TEXT = 1_000_000
"""The most characters of logs that are read of one answer, newest lines first."""

_CANCELLED_WORDS = {"CANCELED", "CANCELLED"}
_FAILED_WORDS = {
    *("FAILURE", "FAILED", "FAIL", "ERROR", "REJECTED", "ABORTED", "TIMEOUT", "TIMED_OUT", "EXPIRED"),
    *_CANCELLED_WORDS,
}
_STATUS_KEYS = {
    *("status", "request_id", "gateway_request_id", "response_url", "status_url", "cancel_url"),
    *("queue_position", "logs", "metrics", "timings", "error", "error_type", "detail", "result", "request"),
}
_OUTPUT_KEYS = {
    *(
        "images",
        "image",
        "video",
        "videos",
        "audio",
        "audio_url",
        "audio_file",
        "model_mesh",
        "model_glb",
        "file",
        "files",
    ),
    *("text", "output", "outputs", "result", "results", "response", "content", "choices"),
}
"""Usual names of outputs (protocol §2.5)."""
_TICKET_KEYS = _STATUS_KEYS | {
    *("id", "task_id", "taskId", "job_id", "jobId", "requestId", "object", "created", "created_at", "createdAt"),
    *("model", "code", "message", "msg", "success", "ok", "type", "state", "data", "url", "urls", "eta", "position"),
}
"""The members of an answer that only says that a request was accepted."""
_DONE_WORDS = {"SUCCESS", "SUCCEEDED", "SUCCEED", "COMPLETED", "COMPLETE", "DONE", "FINISHED"}
_WAITING_WORDS = {"QUEUED", "SUBMITTED", "NOT_START", "IN_QUEUE"}
_PENDING_WORDS = {"IN_QUEUE", "IN_PROGRESS"}
_WORDS_OF_ANY_CODE = _PENDING_WORDS | {"COMPLETED"}
"""Status words that count with any code. A word of failure beside an error code may come from the gateway itself."""
_FORGOTTEN = re.compile(
    r"NOT_FOUND|(?:the |this )?request\b(?: id)?(?: [\w'\"-]+){0,3}? (?:not found|not known|unknown|expired|not exist)",
    re.IGNORECASE,
)
"""How a queue says that it no longer has a request (protocol §2.3, §2.5)."""
_NO_PATH = re.compile(r"\b(?:path|route|endpoint)\b.*\bnot found", re.IGNORECASE | re.DOTALL)
"""How an app says that it has no such sub-path (protocol §2.5)."""


def status_at(answer: HttpResponse) -> Status:
    """The status in the answer of a status page. Raises `ErrorResponse`, `InvalidResponse`."""
    if answer.is_success:
        return status_of(answer)
    refused = refusals.refusal(answer)
    if isinstance(refused.body, dict) and _word(refused.body) in _WORDS_OF_ANY_CODE:
        return status_of(answer)
    if answer.status == 400 and not refused.problems and _is_in_progress(refused.message):
        return Running()
    raise refused


def status_of(answer: HttpResponse) -> Status:
    """The status in the body of an answer or a stream event. Raises `InvalidResponse`."""
    payload = answer.object()
    word = responses.text_of(payload.get("status"))
    if word is None:
        words = refusals.message_of(payload) or "no word of why"
        raise InvalidResponse(f"{answer.host} answered {answer.status} without a status: {words}", status=answer.status)
    logs = _logs(payload.get("logs"))
    match word.upper():
        case done if done in _DONE_WORDS:
            error, kind = _error(payload), responses.text_of(payload.get("error_type"))
            return Completed(logs, _inference_seconds(payload), error, kind, payload.get("result"))
        case failed if failed in _FAILED_WORDS:
            words = _error(payload) or refusals.message_of({**payload, "status": None}) or f"The service says {word}."
            return Completed(logs, None, words, _failure_type(payload, failed), has_failed=True)
        case "IN_PROGRESS":
            return Running(logs)
        case "IN_QUEUE":
            return Queued(responses.count_of(payload.get("queue_position")), logs)
        case _:
            return Queued(responses.count_of(payload.get("queue_position")), logs, unknown_word=word)


def task_of(answer: HttpResponse) -> Status:
    """The status of a gateway's video task, which holds its output (protocol §9.5).

    Raises `ErrorResponse`, `InvalidResponse`.
    """
    payload = refusals.raise_for_error(answer).object()
    task = payload.get("data")
    word = _word(task) if isinstance(task, dict) else ""
    if not isinstance(task, dict) or not word:
        words = refusals.message_of(payload) or "no word of why"
        raise InvalidResponse(f"{answer.host} answered {answer.status} without a task: {words}", status=answer.status)
    inner = task.get("data")
    if word in _DONE_WORDS:
        output = inner if isinstance(inner, dict) and not _is_status(inner) else None
        return Completed(output=output or {name: task[name] for name in ("url",) if task.get(name)} or inner)
    if word in _FAILED_WORDS:
        reason = responses.text_of(task.get("fail_reason"), refusals.MAX_MESSAGE) or _error(task)
        message = reason or (_error(inner) if isinstance(inner, dict) else None)
        words = message or f"The service says {word}."
        return Completed((), None, words, _failure_type(task, word), has_failed=True)
    if word == "IN_PROGRESS":
        return Running()
    return Queued(unknown_word="" if word in _WAITING_WORDS else word)


def output_of(answer: HttpResponse) -> JSON:
    """The output in the answer to a result request, with any code (protocol §2.5).

    Raises `NotReady` if the answer says so in any form, the `ErrorResponse` of a failed request, `InvalidResponse`.
    """
    if not answer.is_success:
        refused = refusals.refusal(answer)
        if not refused.problems and (_is_in_progress(refused.message) or _is_pending(refused.body)):
            raise _not_ready(answer)
        raise refused
    body = answer.json()
    if not isinstance(body, dict):
        if refusals.is_error(body):
            raise refusals.refusal(answer)
        return body
    if _is_status(body):
        return _output_in_place(answer, body)
    if refusals.is_error(body):
        raise refusals.refusal(answer)
    return body


def is_own(refused: ErrorResponse, request_id: str | None) -> bool:
    """Whether a refused result is the answer of the model itself, and not about the key, the address or the moment.

    Such an answer has the request id, the runner or the billed units, or says that the app has no such path. An answer
    with a success code is the model's too (protocol §9.3).
    """
    if not isinstance(refused.body, dict) or is_forgotten(refused):
        return False
    has_id = request_id is not None and refused.request_id == request_id
    is_no_path = isinstance(refused, errors.NotFound) and _NO_PATH.search(refused.message) is not None
    return is_billed(refused) or has_id or is_no_path or refused.status < 300


def is_billed(refused: ErrorResponse) -> bool:
    """Whether an error has billed units or a runner, which only errors of the model itself have."""
    return refused.billable_units is not None or refused.is_from_runner


def is_forgotten(refused: ErrorResponse) -> bool:
    """Whether a refusal says that the queue does not have the request, or no longer."""
    return refused.status in (404, 410) and _FORGOTTEN.match(refused.message) is not None


def output_at_once(answer: HttpResponse) -> JSON:
    """The output in the answer to a direct call (protocol §3.1, §9.4).

    Raises the `ErrorResponse` of a failed call, even if it has a 2xx code, and `InvalidResponse`.
    """
    body = refusals.raise_for_error(answer).json()
    if refusals.is_error(body):
        raise refusals.refusal(answer)
    return body


def output_of_submit(answer: HttpResponse, payload: JsonObject) -> JSON:
    """The output in the answer to a submit, if the gateway calls the model directly (protocol §9.3).

    None if the answer is not an output: it says where to ask for one, or cannot be understood.
    """
    is_pending = _word(payload) in _PENDING_WORDS | _WAITING_WORDS
    if is_pending or any(responses.text_of(payload.get(key)) for key in ("status_url", "response_url")):
        return None
    if _word(payload) in _DONE_WORDS and payload.get("result"):
        return payload["result"]
    more = {key: value for key, value in payload.items() if key not in _TICKET_KEYS and value not in (None, "", [], {})}
    is_run = any(name in answer.headers for name in ("x-fal-request-id", "x-fal-billable-units"))
    has_id = responses.text_of(payload.get("request_id")) is not None
    is_output = bool(more) and not has_id and (is_run or not _OUTPUT_KEYS.isdisjoint(more))
    return payload if is_output or any(map(_holds_file, (*more.values(), payload.get("data")))) else None


def _holds_file(value: JSON) -> bool:
    """Whether a value contains the address or the bytes of a file."""
    if isinstance(value, list):
        return any(map(_holds_file, value))
    if not isinstance(value, dict):
        return False
    is_file = any(responses.text_of(value.get(key)) for key in ("url", "b64_json"))
    return is_file or any(map(_holds_file, value.values()))


def _is_status(body: JsonObject) -> bool:
    """Whether a body has only members of a status. Before the end, it may also have an empty output."""
    is_pending = _is_pending(body)
    filled = {key for key, value in body.items() if not (is_pending and value in (None, "", [], {}))}
    return filled <= _STATUS_KEYS


def _is_pending(body: JSON) -> bool:
    return isinstance(body, dict) and _word(body) in _PENDING_WORDS


def _word(payload: JsonObject) -> str:
    return (responses.text_of(payload.get("status")) or "").upper()


def _output_in_place(answer: HttpResponse, payload: JsonObject) -> JSON:
    """The output of a body without an output member."""
    word, error = _word(payload), _error(payload)
    if error and _is_in_progress(error):
        raise _not_ready(answer)
    has_failed = word == "COMPLETED" and error and "result" not in payload
    if has_failed or word in _FAILED_WORDS:
        kind = errors.Cancelled if word in _CANCELLED_WORDS else ErrorResponse
        message = error or f"The service says {word}."
        raise kind(message, status=answer.status, error_type=_failure_type(payload, word), body=payload)
    if word not in _PENDING_WORDS and refusals.is_error(payload):
        raise refusals.refusal(answer)
    if "request_id" not in payload and word not in _PENDING_WORDS:
        return payload
    if word == "COMPLETED" and "result" in payload:
        return payload["result"]
    if word:
        raise _not_ready(answer)
    return payload


def _is_in_progress(words: str) -> bool:
    return "in progress" in words.lower()


def _not_ready(answer: HttpResponse) -> NotReady:
    return NotReady(f"{answer.host} says that the request is still in progress.")


def _error(payload: JsonObject) -> str | None:
    return refusals.message_of({key: payload[key] for key in ("error", "errors", "detail") if key in payload})


def _failure_type(payload: JsonObject, word: str) -> str | None:
    return responses.text_of(payload.get("error_type")) or ("client_cancelled" if word in _CANCELLED_WORDS else None)


def _inference_seconds(payload: JsonObject) -> float | None:
    metrics = payload.get("metrics")
    return responses.number_of(metrics.get("inference_time")) if isinstance(metrics, dict) else None


def _logs(logs: JSON) -> tuple[Log, ...]:
    entries = [logs] if isinstance(logs, dict | str) else logs if isinstance(logs, list) else []
    read: list[Log] = []
    room = MAX_LOG_TEXT
    for entry in reversed(entries[-MAX_LOGS:]):
        if isinstance(entry, dict | str) and entry:
            log = _log(entry)
            room -= len(log.message)
            if room < 0:
                break
            read.append(log)
    return tuple(reversed(read))


def _log(entry: JsonObject | str) -> Log:
    if isinstance(entry, str):
        return Log("", "", entry[:MAX_LOG_MESSAGE])
    labels = entry.get("labels")
    inner = labels if isinstance(labels, dict) else {}
    message = entry.get("message")
    return Log(
        timestamp=responses.text_of(entry.get("timestamp"), 64) or "",
        level=responses.text_of(entry.get("level")) or responses.text_of(inner.get("level")) or "",
        message=message[:MAX_LOG_MESSAGE] if isinstance(message, str) else "",
        source=responses.text_of(entry.get("source")) or responses.text_of(inner.get("source")),
    )
