"""`Job`: an immutable snapshot of one request, from the moment a person submits it.

All other packages show, store or advance Jobs. The arguments and the result of a request can be large, so they are a
`Body`, stored beside the Job and read only when they are needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from faldeck.safety import sanitize
from faldeck.schema.json_value import JsonValue


class State(StrEnum):
    """Where a job is in its life."""

    SUBMITTING = "submitting"
    """Recorded on disk; the POST has not been answered."""
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNCONFIRMED = "unconfirmed"
    """The POST may have been accepted: its answer was lost. Never sent again by itself."""
    DISMISSED = "dismissed"
    """An unconfirmed job that the person has put aside."""
    EXPIRED = "expired"
    """The service no longer knows the request."""

    @property
    def is_followed(self) -> bool:
        """True while the service must be asked about the request."""
        return self in (State.SUBMITTING, State.QUEUED, State.RUNNING)

    @property
    def is_final(self) -> bool:
        """True when only a person can change the state."""
        return not self.is_followed


class Mode(StrEnum):
    """How a request is sent (the option `mode`)."""

    QUEUE = "queue"
    """Submitted to the queue, then followed until it is done."""
    SYNC = "sync"
    """One call that is answered with the output when it is ready."""
    STREAM = "stream"
    """One call that streams the output while it is made."""
    IMAGES = "images"
    """One call to a relay's OpenAI Images page."""
    VIDEOS = "videos"
    """Submitted to a relay's video page, then followed there until it is done."""

    @property
    def is_direct(self) -> bool:
        """True if there is only one answer: if the connection breaks, the result is lost."""
        return self in (Mode.SYNC, Mode.STREAM, Mode.IMAGES)


class FileState(StrEnum):
    """The state of an output's file."""

    REMOTE = "remote"
    """Not fetched: it stays at its URL until a person asks for it."""
    WAITING = "waiting"
    """To be fetched."""
    FETCHING = "fetching"
    SAVED = "saved"
    FAILED = "failed"


class WaitingKind(StrEnum):
    """What an unfinished job waits for."""

    OFFLINE = "offline"
    """The service cannot be reached."""
    KEY_REFUSED = "key_refused"
    """The service refuses the key. The job goes on when the profile has a good one."""
    RETRY = "retry"
    """The service answered with a fault. The same request is tried again."""


UNKNOWN_INPUT = "(made elsewhere)"
"""The title of a job that was adopted and whose input gives no better one."""

NOT_SENT = "not_sent"
"""The failure type of a job that was never sent."""

EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
"""The range of times that can be stored and shown in every time zone."""


def now() -> datetime:
    """Returns the current time in UTC."""
    return datetime.now(UTC)


def instant(text: str) -> datetime:
    """Parses an ISO 8601 time, in UTC if it names no zone; raises ValueError if it is malformed or out of range."""
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not EARLIEST <= at <= LATEST:
        raise ValueError(f"no instant that can be kept: {text!r}")
    return at


def headline(arguments: Mapping[str, object], *, limit: int = 240) -> str:
    """Returns one line that identifies a request in a list: its prompt, its first plain text, or its file."""
    texts = {name: value for name, value in arguments.items() if isinstance(value, str) and value.strip()}
    plain = [value for value in texts.values() if not value.startswith(("http://", "https://", "data:"))]
    file = next((_file_called(value) for value in texts.values()), "")
    return sanitize.clean_line(texts.get("prompt") or texts.get("text") or next(iter(plain), file), limit=limit)


def _file_called(url: str) -> str:
    """Returns the last part of a URL's path; of a data URI the media type."""
    if url.startswith("data:"):
        return url.partition(",")[0]
    return url.partition("?")[0].rstrip("/").rpartition("/")[2]


class Output(NamedTuple):
    """One media file in a result."""

    at: str
    """Where the file stands in the result, as a path: `images[0]`."""
    url: str | None
    """Its URL; None if the result holds the bytes themselves (a data URI)."""
    content_type: str | None = None
    file_name: str | None = None
    size_bytes: int | None = None
    """Bytes of the saved file; before it is saved, the declared size."""
    declared_bytes: int | None = None
    """Bytes of the file according to the service (`file_size`)."""
    width: int | None = None
    height: int | None = None
    path: str | None = None
    """The local file: reserved while FETCHING, complete when SAVED."""
    state: FileState = FileState.REMOTE
    saved_file_ms: int | None = None
    """The file's modification time when it was saved (ms since 1970); None if an older faldeck saved it."""
    problem: str | None = None
    """Why the file could not be fetched; of a saved one, what is wrong with it."""
    gone_ms: int | None = None
    """When the service answered that there is no file at the URL any more (ms since 1970)."""


class FieldProblem(NamedTuple):
    """One thing the service found wrong with an argument (protocol §4.1)."""

    loc: tuple[str | int, ...]
    message: str


class Failure(NamedTuple):
    """Why a job did not complete."""

    message: str
    type: str | None = None
    """The service's machine name (`content_policy_violation`), or ours (`not_sent`)."""
    status: int | None = None
    """The HTTP status of the error."""
    fields: tuple[FieldProblem, ...] = ()


class Cost(NamedTuple):
    """The cost of a request in USD, or its estimate."""

    units: Decimal | None = None
    """Billed quantity (`x-fal-billable-units`); None if the service gave none, or no number."""
    unit: str | None = None
    unit_price_usd: Decimal | None = None
    total_usd: Decimal | None = None
    is_estimate: bool = True


class Upload(NamedTuple):
    """A local file in the arguments, to be uploaded before the submit."""

    loc: tuple[str | int, ...]
    path: str


class Waiting(NamedTuple):
    """Why a job makes no progress now."""

    kind: WaitingKind
    reason: str
    """The error that stopped it, as one clean line."""
    next_try_at: datetime | None = None
    """When the service is asked again; None where that is not known."""


class Job(NamedTuple):
    """One request at one moment."""

    id: str
    profile: str
    endpoint_id: str
    state: State
    created_at: datetime
    title: str = ""
    """One line that identifies the request in a list: the start of its prompt."""
    request_id: str | None = None
    status_url: str | None = None
    response_url: str | None = None
    cancel_url: str | None = None
    submitted_at: datetime | None = None
    """When the POST left. Set just before; None again if it certainly was not accepted."""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    queue_position: int | None = None
    """Requests ahead in the queue, from 0."""
    progress: str = ""
    """The last log line."""
    waiting: Waiting | None = None
    """Why nothing is happening now; None while the job makes progress."""
    notice: str = ""
    """A remark for the person that explains the state: why the job is unconfirmed, or was put aside."""
    inference_seconds: float | None = None
    error: Failure | None = None
    outputs: tuple[Output, ...] = ()
    cost: Cost | None = None
    options: Mapping[str, object] = {}
    """Submit options by name: mode, webhook, priority, start_timeout, lifecycle …"""
    uploads: tuple[Upload, ...] = ()
    """Local files still to be uploaded."""
    input_known: bool = True
    """False for a request that was made elsewhere and whose arguments could not be found out."""
    looking_up: bool = False
    """True while an unconfirmed request is looked up in the account's list."""
    no_history: bool = False
    """True if only what following needs is kept, and nothing once it has ended (`run --no-history`)."""
    cancel_requested: bool = False
    starred: bool = False
    tags: tuple[str, ...] = ()
    note: str = ""
    group: str | None = None
    """The id that jobs which were made together share: that of their batch."""
    parent: str | None = None
    """The id of the job whose output this one has as input; that job may be deleted or unknown here."""

    @property
    def mode(self) -> Mode:
        """How it is sent."""
        named = self.options.get("mode")
        return next((mode for mode in Mode if mode == named), Mode.QUEUE)

    @property
    def links_end_at(self) -> datetime | None:
        """When the service deletes the files, as asked for at the submit (protocol §5.6); None without such a wish."""
        life, done = self.options.get("lifecycle"), self.completed_at
        return done + timedelta(seconds=min(life, 10**10)) if done and isinstance(life, int) else None

    @property
    def is_open(self) -> bool:
        """True while there is something left to do: an answer to wait for, a request to find, or a file to fetch."""
        return (
            self.state.is_followed
            or self.looking_up
            or any(output.state in (FileState.WAITING, FileState.FETCHING) for output in self.outputs)
        )

    @property
    def is_offline(self) -> bool:
        """True while the job waits for a connection to its service."""
        return self.waiting is not None and self.waiting.kind is WaitingKind.OFFLINE

    @property
    def waits_for_key(self) -> bool:
        """True while the job waits for a key that its service accepts."""
        return self.waiting is not None and self.waiting.kind is WaitingKind.KEY_REFUSED

    @property
    def was_never_sent(self) -> bool:
        """True if it failed on this machine before anything was sent."""
        return self.state is State.FAILED and self.error is not None and self.error.type == NOT_SENT

    def seconds(self, at: datetime) -> float:
        """Returns how long the request has taken until `at`, or took in all."""
        return max(0.0, ((self.completed_at or at) - (self.submitted_at or self.created_at)).total_seconds())


class Body(NamedTuple):
    """The arguments and the result of one request, as they were sent and received."""

    arguments: dict[str, JsonValue]
    result: JsonValue = None
    """The whole result body, or the error's body of a failed request; None before there is one."""
