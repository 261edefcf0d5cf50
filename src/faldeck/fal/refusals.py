"""What the answer of a refused request says: whether it is an error, and the `ErrorResponse` that it means. Pure."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import islice

from faldeck.fal import errors
from faldeck.fal.errors import ErrorResponse, InvalidResponse, Problem
from faldeck.fal.responses import HttpResponse, count_of, is_html, parse, text_of
from faldeck.fal.values import JSON, JsonObject

MAX_MESSAGE = 2_000
"""The most characters of a message."""
MAX_LINE = 300
"""The most characters of an error in plain text."""
MAX_PROBLEMS = 100

_BAD_KEY_OR_BAD_DAY = {401, 403, 429}
"""Errors about the key or the moment. Any other refusal is about the request."""
_ERROR_KEYS = ("detail", "error", "errors", "fault", "exception")
"""The members of a body that hold an error (protocol §4.1, §6.4, §9)."""
_ERROR_WORD_KEYS = (
    "error_description",
    "error_message",
    "error_msg",
    "err_msg",
    "errmsg",
    "errorMessage",
    "faultstring",
)
"""The members of a body that hold the words of an error and nothing else."""
_BESIDE_AN_ERROR = {
    *_ERROR_KEYS,
    *_ERROR_WORD_KEYS,
    *("error_type", "error_code", "message", "messages", "msg", "code", "type", "title", "param", "hint", "docs"),
    *(
        "errcode",
        "err_code",
        "ret",
        "retcode",
        "errorType",
        "errorCode",
        "__type",
        "instance",
        "metadata",
        "extensions",
    ),
    *("status", "statusCode", "status_code", "state", "success", "ok", "timestamp", "path", "trace_id", "traceId"),
    *("id", "task_id", "taskId", "job_id", "jobId", "object", "created", "created_at", "model"),
    *("traceback", "stack", "trace", "help", "more_info", "documentation_url", "retry_after"),
    *("request_id", "requestId", "gateway_request_id", "response_url", "status_url", "cancel_url"),
    *("details", "description", "reason", "fault", "request", "logs", "metrics", "timings"),
}
"""The members that a body may have if it is only an error."""
_WORD_KEYS = (
    *("detail", "message", "msg", "error_description", "error_message", "errormessage", "error_msg", "errmsg"),
    *("err_msg", "faultstring", "error", "errors", "fault", "exception", "details", "description", "reason", "title"),
)
"""Where the words of an error stand, in lower case, the best first."""
_ENVELOPES = ("data", "response", "body")
_WRAPPERS = (*_ENVELOPES, "result")
"""Objects that hold the whole error in some gateways."""
_CODE_KEYS = ("errcode", "err_code", "error_code", "ret", "retcode")
"""Codes of errors alone: any number but 0 is one."""
_HTTP_KEYS = ("code", "status", "statusCode", "status_code")
"""Codes that may also say that all is well: an error is 400 or more, or below 0."""
_BAD_CODE = (
    r"(?i)(?=[\w.-]{1,60}\Z).*(?:error|fail|invalid|insufficient|denied|forbidden|unauthori[sz]ed|quota|limit|exceeded"
    r"|not.?found|balance|billing|exception|throttl)"
)
"""The code of an error that is a word. `re` compiles it, and the next, with the first error: most runs see none."""
_FAILED_STATES = ("error", "fail", "failed", "failure", "rejected", "denied")
_REFUSING = (
    r"(?i)forbidden|denied|unauthori[sz]ed"
    r"|not (?:found|allowed|supported|enabled|available|permitted|authori[sz]ed|valid)"
    r"|invalid|insufficient|exceed|limit|quota|expired|unknown|missing|error|fail|\bno (?:api.?)?key|bad request"
)
"""The words of a refusal."""
_ERROR_PHRASES = {one.phrase.lower() for one in HTTPStatus if one >= 400}
_GOOD_WORDS = {"ok", "success", "succeeded", "successful", "accepted", "queued", "done"}
_NO_WORDS = {
    *_GOOD_WORDS,
    "error",
    "fail",
    "failed",
    "failure",
    "true",
    "false",
    *(one.phrase.lower() for one in HTTPStatus),
}
"""Messages that only say that something went wrong."""
_FIRST_INSTANT = 1e9
"""A wait of more seconds than this is a moment in Unix time."""

_BY_STATUS: dict[int, type[ErrorResponse]] = {
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    422: errors.Invalid,
    429: errors.Busy,
    499: errors.Cancelled,
    503: errors.Busy,
    **dict.fromkeys((521, 523, 525, 526), errors.Busy),
}


def raise_for_error(answer: HttpResponse) -> HttpResponse:
    """`answer` if it is a success; otherwise raises its `ErrorResponse`.

    Raises `InvalidResponse` for 303: what was posted was taken, and the answer is elsewhere.
    """
    if answer.status == HTTPStatus.SEE_OTHER:
        raise InvalidResponse(_plain(answer), status=answer.status)
    if not answer.is_success:
        raise refusal(answer)
    return answer


def refusal(answer: HttpResponse) -> ErrorResponse:
    """The error in an answer, in any of the shapes of protocol §4.1, §6.4, §9 and §9.3."""
    line: str | None = None
    try:
        body = parse(answer.body)
    except ValueError:
        body, line = None, _line(answer)
    payload: JsonObject = body if isinstance(body, dict) else {"errors" if isinstance(body, list) else "detail": body}
    detail = _inner(payload)
    problems = _problems(payload.get("detail"))
    kind = _BY_STATUS.get(answer.status, errors.ServerError if answer.status >= 500 else ErrorResponse)
    return kind(
        _message(payload, problems) or line or _plain(answer),
        status=answer.status,
        error_type=_error_type(answer, payload, detail, problems),
        problems=problems,
        retry_after=_retry_after(answer.headers),
        request_id=answer.headers.get("x-fal-request-id") or text_of(detail.get("request_id")),
        billable_units=text_of(answer.headers.get("x-fal-billable-units")),
        is_user_timeout=answer.headers.get("x-fal-request-timeout-type") == "user",
        wants_retry=_wants_retry(answer.headers),
        is_from_runner=bool(answer.headers.get("x-fal-served-from")),
        body=body,
    )


def is_error(body: JSON) -> bool:
    """Whether a body is only an error, with any status code (protocol §9.3)."""
    if isinstance(body, str):
        return body.strip().lower().rstrip(".") in _ERROR_PHRASES
    if isinstance(body, list):
        return bool(body) and all(isinstance(one, dict) and {"loc", "msg"} <= one.keys() for one in body)
    if not isinstance(body, dict):
        return False
    filled = {key for key, value in body.items() if not _is_empty(value)}
    wrapper = next((key for key in _ENVELOPES if key in filled), None)
    if wrapper and filled - {wrapper} <= _BESIDE_AN_ERROR:
        return is_error(body[wrapper]) and not isinstance(body[wrapper], str)
    if filled & set(_ERROR_KEYS):
        return filled <= _BESIDE_AN_ERROR
    words = message_of(body)
    is_told = filled <= _BESIDE_AN_ERROR and words is not None and words.lower().rstrip(".!") not in _GOOD_WORDS
    is_denied = has_error_code(body) or (not filled.isdisjoint(_ERROR_WORD_KEYS) and not _says_zero(body))
    return is_told and is_denied


def _is_empty(value: JSON) -> bool:
    """Whether a value says nothing: false, zero, empty, or an object of such values."""
    return not value or (isinstance(value, dict) and not any(value.values()))


def has_error_code(body: JsonObject) -> bool:
    """Whether the codes and states in a body say that it is an error."""
    code = text_of(body.get("code")) or text_of(body.get("__type"))
    states = (text_of(body.get(key)) or "" for key in ("status", "state", "result"))
    return (
        (code is not None and re.match(_BAD_CODE, code) is not None)
        or any(_is_bad_number(body.get(key), least=400) for key in _HTTP_KEYS)
        or any(_is_bad_number(body.get(key), least=1) for key in _CODE_KEYS)
        or any(state.lower() in _FAILED_STATES for state in states)
        or False in (body.get("success"), body.get("ok"))
    )


def _says_zero(body: JsonObject) -> bool:
    """Whether a code in a body says that all is well."""
    return any(body.get(key) in (0, "0") for key in (*_CODE_KEYS, *_HTTP_KEYS) if body.get(key) is not False)


def _is_bad_number(value: JSON, *, least: int) -> bool:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value):
        value = int(value)
    return isinstance(value, int) and not isinstance(value, bool) and (value >= least or value < 0)


def refuses(body: JSON) -> bool:
    """Whether a body that names no request is the refusal of one: an error, or a text in the words of a refusal."""
    if isinstance(body, list):
        return bool(body) and all(is_error(one) for one in body[:MAX_PROBLEMS])
    if not isinstance(body, dict):
        return isinstance(body, str) and re.search(_REFUSING, body) is not None
    filled = {key for key, value in body.items() if not _is_empty(value)}
    words = message_of(body) if filled <= {*_BESIDE_AN_ERROR, "result"} else None
    return is_error(body) or (words is not None and (has_error_code(body) or re.search(_REFUSING, words) is not None))


def check_key_answer(answer: HttpResponse) -> bool:
    """True if the answer to a free request shows that the key is good, False if it only does not refuse it.

    Raises its `ErrorResponse` if that is about the key or the moment, and `InvalidResponse` for a web page.
    """
    if answer.status in _BAD_KEY_OR_BAD_DAY or answer.status >= 500 or 300 <= answer.status < 400:
        raise refusal(answer)
    if is_html(answer.body):
        raise InvalidResponse(f"{answer.host} answers with a web page: is the address right?", status=answer.status)
    return answer.is_success


def message_of(payload: JsonObject) -> str | None:
    """The message in a body that is, or may be, an error."""
    return _message(payload, _problems(payload.get("detail")))


def _message(payload: JsonObject, problems: tuple[Problem, ...]) -> str | None:
    if problems:
        return "; ".join(map(_sentence, problems))[:MAX_MESSAGE]
    named = {key.lower(): value for key, value in payload.items()}
    wrapped = (named.get(key) for key in _WRAPPERS)
    places = (
        *map(named.get, _WORD_KEYS),
        *(value for value in wrapped if isinstance(value, dict)),
        named.get("status"),
    )
    words = list(filter(None, map(_words, places)))
    return next((one for one in words if one.lower().rstrip(".") not in _NO_WORDS), next(iter(words), None))


def _words(value: JSON) -> str | None:
    """The message of an error: a text, an object with a message or a code, or a list of these."""
    if isinstance(value, list):
        return "; ".join(filter(None, map(_words, value[:MAX_PROBLEMS])))[:MAX_MESSAGE] or None
    if isinstance(value, dict):
        named = {key.lower(): inner for key, inner in value.items()}
        message = next(filter(None, map(_words, map(named.get, (*_WORD_KEYS, "code", "type")))), None)
        return message or (f"error {code}" if (code := count_of(value.get("code"))) else _words_of_fields(value))
    return text_of(value, MAX_MESSAGE)


def _words_of_fields(errors_by_field: JsonObject) -> str | None:
    """The words of an error that names fields, each with a list of what is wrong with it."""
    problems = (
        f"{field[:200]}: {_words(wrong)}"
        for field, wrong in islice(errors_by_field.items(), MAX_PROBLEMS)
        if isinstance(wrong, list) and _words(wrong)
    )
    return "; ".join(problems)[:MAX_MESSAGE] or None


def _inner(payload: JsonObject) -> JsonObject:
    """The object with the details of an error; the first if there are several."""
    inner = payload.get("error") or payload.get("errors")
    first = inner[0] if isinstance(inner, list) and inner else inner
    return first if isinstance(first, dict) else payload


def _line(answer: HttpResponse) -> str | None:
    """An error in plain text, on one line; None for a web page, broken JSON or bytes that are not text."""
    if answer.body.lstrip()[:1] in (b"<", b"{", b"[", b"") or b"\0" in answer.body:
        return None
    return " ".join(answer.body[: 4 * MAX_LINE].decode("utf-8", "replace").split())[:MAX_LINE] or None


def _sentence(problem: Problem) -> str:
    where = ".".join(str(step) for step in problem.loc if step != "body")
    return f"{where}: {problem.message}" if where else problem.message


def _plain(answer: HttpResponse) -> str:
    try:
        phrase = f" ({HTTPStatus(answer.status).phrase})"
    except ValueError:
        phrase = ""
    where = answer.headers.get("location")
    to = f" and points to {where[:200]}, which is not followed" if where else ""
    return f"{answer.host} answered {answer.status}{phrase}{to}."


def _problems(detail: JSON) -> tuple[Problem, ...]:
    entries = detail if isinstance(detail, list) else []
    return tuple(_problem(entry) for entry in entries[:MAX_PROBLEMS] if isinstance(entry, dict))


def _problem(entry: JsonObject) -> Problem:
    loc = entry.get("loc")
    steps = loc if isinstance(loc, list) else []
    return Problem(
        loc=tuple(step if isinstance(step, int) else str(step)[:200] for step in steps[:32]),
        message=text_of(entry.get("msg"), 500) or text_of(entry.get("message"), 500) or "not accepted",
        type=text_of(entry.get("type")) or "",
    )


def _error_type(
    answer: HttpResponse, payload: JsonObject, detail: JsonObject, problems: tuple[Problem, ...]
) -> str | None:
    return (
        text_of(payload.get("error_type"))
        or text_of(answer.headers.get("x-fal-error-type"))
        or text_of(detail.get("type"))
        or text_of(detail.get("code"))
        or (str(code) if (code := count_of(detail.get("code"))) else None)
        or (problems[0].type or None if problems else None)
    )


def _wants_retry(headers: Mapping[str, str]) -> bool | None:
    header = headers.get("x-fal-needs-retry", headers.get("x-fal-retryable", "")).lower()
    return {"1": True, "true": True, "0": False, "false": False}.get(header)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    header = headers.get("retry-after") or headers.get("x-ratelimit-reset")
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        return _seconds_until(header)
    if not math.isfinite(seconds):
        return None
    # Some write the instant instead of the pause.
    return max(seconds - datetime.now(UTC).timestamp() if seconds > _FIRST_INSTANT else seconds, 0.0)


def _seconds_until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
