"""The noun: a `Job` is an immutable snapshot of one request's life, from the submit key on.

Everything shows, stores or advances Jobs. The documents of a request (its arguments and its result) can be
large, so they are a `Body`, kept beside the Job and read when they are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from faldeck import hostile
from faldeck.ids import id_number, id_text, new_id
from faldeck.schema.jsonvalue import JsonValue
from faldeck.states import Keeping, Mode, State

__all__ = [
    "UNKNOWN_INPUT",
    "Body",
    "Cost",
    "Failure",
    "FieldProblem",
    "Job",
    "Keeping",
    "Mode",
    "Output",
    "State",
    "Upload",
    "headline",
    "id_number",
    "id_text",
    "instant",
    "new_id",
    "now",
]


UNKNOWN_INPUT = "(made elsewhere)"
"""The title of a job that was adopted without its input, which was not to be had."""

NOT_SENT = "not_sent"
"""The type of the failure of a job that was never sent."""

EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
"""The instants that can be kept, and told in every time zone."""


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def instant(text: str) -> datetime:
    """An instant as ISO 8601 has it, in UTC where it does not say; raises ValueError for what is none or cannot be."""
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not EARLIEST <= at <= LATEST:
        raise ValueError(f"no instant that can be kept: {text!r}")
    return at


def headline(arguments: Mapping[str, object], *, limit: int = 240) -> str:
    """The text that tells a request from its neighbours, on one line: its prompt, its first plain text, or its file."""
    texts = {name: value for name, value in arguments.items() if isinstance(value, str) and value.strip()}
    plain = [value for value in texts.values() if not value.startswith(("http://", "https://", "data:"))]
    file = next((_file_called(value) for value in texts.values()), "")
    return hostile.clean_line(texts.get("prompt") or texts.get("text") or next(iter(plain), file), limit=limit)


def _file_called(url: str) -> str:
    """What a URL names: the last part of its path, of a data URI the media type."""
    if url.startswith("data:"):
        return url.partition(",")[0]
    return url.partition("?")[0].rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One media file in a result."""

    at: str
    """Where the file stands in the result, as a path: `images[0]`."""
    url: str | None
    """Its URL; None where the result holds the bytes themselves (a data URI)."""
    content_type: str | None = None
    file_name: str | None = None
    size_bytes: int | None = None
    """Bytes of the file as it was found; before, as the service declares it."""
    declared_bytes: int | None = None
    """Bytes of the file as the service declares it (`file_size`)."""
    width: int | None = None
    height: int | None = None
    path: str | None = None
    """The local file: reserved while FETCHING, whole when SAVED."""
    state: Keeping = Keeping.REMOTE
    problem: str | None = None
    """Why the file could not be fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """One thing the service found wrong with an argument (protocol §4.1)."""

    loc: tuple[str | int, ...]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job did not complete."""

    message: str
    type: str | None = None
    """The service's machine name (`content_policy_violation`), or ours (`not_sent`)."""
    status: int | None = None
    """The HTTP status that said so."""
    fields: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a request cost or will cost, in USD."""

    units: str | None = None
    """Billed quantity as the service wrote it (`x-fal-billable-units`)."""
    unit: str | None = None
    unit_price_usd: float | None = None
    total_usd: float | None = None
    is_estimate: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A local file that stands in the arguments and is sent to the service's storage before the submit."""

    loc: tuple[str | int, ...]
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One request at one instant."""

    id: str
    profile: str
    endpoint_id: str
    state: State
    created_at: datetime
    title: str = ""
    """One line that tells this request from its neighbours: the start of its prompt."""
    request_id: str | None = None
    status_url: str | None = None
    response_url: str | None = None
    cancel_url: str | None = None
    submitted_at: datetime | None = None
    """When the POST left. Set before it leaves; None again where it was certainly not accepted."""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    queue_position: int | None = None
    """Requests ahead in the queue, from 0."""
    progress: str = ""
    """The last log line."""
    notice: str = ""
    """Why nothing is happening: `offline, next try in 8 s`."""
    inference_seconds: float | None = None
    error: Failure | None = None
    outputs: tuple[Output, ...] = ()
    cost: Cost | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    """Submit options by name: mode, webhook, priority, start_timeout, lifecycle …"""
    uploads: tuple[Upload, ...] = ()
    """Local files still to be uploaded."""
    sought: bool = False
    """True while an unconfirmed request is looked for in the account's own list."""
    cancel_requested: bool = False
    starred: bool = False
    tags: tuple[str, ...] = ()
    note: str = ""

    @property
    def mode(self) -> Mode:
        """By which way it is sent."""
        named = self.options.get("mode")
        return next((mode for mode in Mode if mode == named), Mode.QUEUE)

    @property
    def is_open(self) -> bool:
        """True while there is something left to do: an answer to wait for, a request to find, or a file to fetch."""
        return (
            self.state.is_followed
            or self.sought
            or any(output.state in (Keeping.WAITING, Keeping.FETCHING) for output in self.outputs)
        )

    @property
    def was_never_sent(self) -> bool:
        """Whether it failed on this machine, before anything was sent."""
        return self.state is State.FAILED and self.error is not None and self.error.type == NOT_SENT

    def seconds(self, at: datetime) -> float:
        """How long the request has taken by `at`, or took in all."""
        return max(0.0, ((self.completed_at or at) - (self.submitted_at or self.created_at)).total_seconds())


@dataclass(frozen=True, slots=True)
class Body:
    """The documents of one request, as they were sent and answered."""

    arguments: dict[str, JsonValue]
    result: JsonValue = None
    """The whole result body; an error's body where the request failed; None before."""
