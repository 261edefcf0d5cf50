"""Answers as values, and the errors of the service in the shapes its clients know (protocol §4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]

ERROR_DOCS = "https://docs.fal.ai/errors#"


@dataclass(frozen=True)
class Reply:
    """A status code, a body and the headers that matter; `content_type` other than JSON takes a text body."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


class Refusal(Exception):
    """A request cannot be served. It has the answer to send."""

    def __init__(self, answer: Reply) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True)
class ModelError:
    """One row of the model errors (protocol §4.2)."""

    status: int
    message: str
    ctx: JsonObject = field(default_factory=dict)
    needs_retry: bool | None = None


_ARCHIVES = [".zip", ".tar", ".tar.gz"]

MODEL_ERRORS: dict[str, ModelError] = {
    "internal_server_error": ModelError(500, "The model stopped unexpectedly", needs_retry=True),
    "generation_timeout": ModelError(504, "The generation took longer than allowed", needs_retry=True),
    "downstream_service_error": ModelError(400, "A service behind this model failed", needs_retry=False),
    "downstream_service_unavailable": ModelError(500, "A service behind this model is away", needs_retry=True),
    "content_policy_violation": ModelError(422, "The input was flagged by the content checker"),
    "no_media_generated": ModelError(422, "The model produced nothing for this input"),
    "image_too_small": ModelError(422, "The image is too small", {"min_height": 256, "min_width": 256}),
    "image_too_large": ModelError(422, "The image is too large", {"max_height": 4096, "max_width": 4096}),
    "image_load_error": ModelError(422, "The image cannot be read"),
    "file_download_error": ModelError(422, "The file cannot be downloaded"),
    "face_detection_error": ModelError(422, "No face was found in the image"),
    "feature_not_supported": ModelError(422, "This combination of settings is not supported"),
    "file_too_large": ModelError(422, "The file is too large", {"max_size": 10_485_760}),
    "greater_than": ModelError(422, "Input should be greater than 0", {"gt": 0}),
    "greater_than_equal": ModelError(422, "Input should be greater than or equal to 1", {"ge": 1}),
    "less_than": ModelError(422, "Input should be less than 100", {"lt": 100}),
    "less_than_equal": ModelError(422, "Input should be less than or equal to 50", {"le": 50}),
    "multiple_of": ModelError(422, "Input should be a multiple of 8", {"multiple_of": 8}),
    "sequence_too_short": ModelError(422, "The list is too short", {"min_length": 2}),
    "sequence_too_long": ModelError(422, "The list is too long", {"max_length": 4}),
    "one_of": ModelError(422, "The value is none of those allowed", {"expected": ["red", "green"]}),
    "invalid_archive": ModelError(422, "The archive cannot be opened", {"supported_extensions": _ARCHIVES}),
    "archive_file_count_below_minimum": ModelError(
        422,
        "The archive holds too few files",
        {"min_count": 4, "provided_count": 1, "supported_extensions": [".png", ".jpg"]},
    ),
    "archive_file_count_exceeds_maximum": ModelError(
        422,
        "The archive holds too many files",
        {"max_count": 50, "provided_count": 64, "supported_extensions": [".png", ".jpg"]},
    ),
    "audio_duration_too_long": ModelError(
        422, "The audio is too long", {"max_duration": 30, "provided_duration": 61.5}
    ),
    "audio_duration_too_short": ModelError(
        422, "The audio is too short", {"min_duration": 3, "provided_duration": 0.8}
    ),
    "video_duration_too_long": ModelError(
        422, "The video is too long", {"max_duration": 10, "provided_duration": 24.0}
    ),
    "video_duration_too_short": ModelError(
        422, "The video is too short", {"min_duration": 2, "provided_duration": 1.2}
    ),
    "unsupported_audio_format": ModelError(
        422, "This audio format is not supported", {"supported_formats": ["wav", "mp3"]}
    ),
    "unsupported_image_format": ModelError(
        422, "This image format is not supported", {"supported_formats": ["png", "jpeg"]}
    ),
    "unsupported_video_format": ModelError(
        422, "This video format is not supported", {"supported_formats": ["mp4", "webm"]}
    ),
}

REQUEST_ERRORS: dict[str, tuple[int, str]] = {
    "request_timeout": (504, "Request timed out"),
    "startup_timeout": (504, "Runner did not start in time"),
    "runner_scheduling_failure": (503, "No runner could be scheduled"),
    "runner_connection_timeout": (503, "Runner did not answer in time"),
    "runner_disconnected": (503, "Runner disconnected"),
    "runner_connection_refused": (503, "Runner refused the connection"),
    "runner_connection_error": (503, "Runner connection failed"),
    "runner_incomplete_response": (502, "Runner broke off its response"),
    "runner_server_error": (500, "Runner crashed"),
    "client_disconnected": (499, "Client disconnected"),
    "client_cancelled": (499, "Request cancelled by the client."),
    "bad_request": (400, "Bad request"),
    "internal_error": (500, "Internal error"),
    "concurrent_requests_limit": (429, "Too many concurrent requests"),
}

PLATFORM_ERRORS: dict[str, tuple[int, str]] = {
    "validation_error": (400, "Invalid request parameters"),
    "authorization_error": (401, "Authentication required"),
    "access_denied": (403, "Access denied"),
    "not_found": (404, "Resource not found"),
    "rate_limited": (429, "Rate limit exceeded"),
    "server_error": (500, "An unexpected error occurred"),
}


def details(items: Sequence[JsonObject], status: int = 422) -> Reply:
    """Shape A: a list of located errors; nothing is billed for it (protocol §4.1)."""
    return Reply(status, {"detail": list(items)}, {"x-fal-billable-units": "0"})


def model_error(kind: str, loc: Sequence[str | int] = ("body",), value: Any = None) -> Reply:
    """Shape A for a documented model error type; raises KeyError for an unknown one (protocol §4.2)."""
    error = MODEL_ERRORS[kind]
    item: JsonObject = {"loc": list(loc), "msg": error.message, "type": kind, "url": ERROR_DOCS + kind}
    if error.ctx:
        item["ctx"] = error.ctx
    item["input"] = value
    retry = {} if error.needs_retry is None else {"x-fal-needs-retry": str(int(error.needs_retry))}
    answer = details([item], error.status)
    return Reply(answer.status, answer.body, {**answer.headers, **retry})


def request_error(kind: str) -> Reply:
    """Shape B for a documented request error type; raises KeyError for an unknown one (protocol §4.3)."""
    status, message = REQUEST_ERRORS[kind]
    return Reply(status, {"detail": message, "error_type": kind}, {"x-fal-error-type": kind})


def plain(status: int, detail: str) -> Reply:
    """Shape B without a type, as authentication and routing errors have it (protocol §4.1)."""
    return Reply(status, {"detail": detail})


def platform_error(kind: str, message: str | None = None) -> Reply:
    """Shape C, which only the platform API speaks (protocol §6.4)."""
    status, usual = PLATFORM_ERRORS[kind]
    word = "authorization_error" if kind == "access_denied" else kind
    return Reply(status, {"error": {"type": word, "message": message or usual}})


def ingress_page(status: int) -> Reply:
    """Shape D: the HTML page of the load balancer in front of the service (protocol §4.1)."""
    word = {502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}[status]
    page = (
        f"<html>\r\n<head><title>{status} {word}</title></head>\r\n<body>\r\n"
        f"<center><h1>{status} {word}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Reply(status, page, content_type="text/html")


CRASHED = plain(500, "Internal Server Error")
"""The answer for an app that crashed (protocol §4.1, shape B)."""

TOO_LARGE = plain(413, "Request entity is too large")

ACCOUNT_LOCKED = plain(
    403, "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
)
