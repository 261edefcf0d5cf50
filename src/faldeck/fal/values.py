"""What the service says, as frozen values: no I/O, no httpx, cheap to import."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from faldeck.fal.errors import Unsendable
from faldeck.fal.headers import check

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
JsonObject: TypeAlias = dict[str, JSON]

_WEBHOOK = re.compile(r"https://[!-~]{1,2000}|http://(?:127\.0\.0\.1|localhost|\[::1\])[:/][!-~]{0,2000}")
_TAKEN_HEADERS = {"host", "content-length", "content-type", "transfer-encoding", "connection"}
_SECRET_HEADERS = {"authorization", "proxy-authorization", "cookie", "x-api-key"}
"""Headers are kept in the history, where no key may be."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request in a queue: its id and where it is asked about. Made by `QueueAddress` only."""

    request_id: str
    endpoint_id: str
    """As submitted, with its whole path."""
    status_url: str
    response_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """The service took a request."""

    request: Request
    position: int | None
    """Requests ahead of it, 0 when it is next."""


@dataclass(frozen=True, slots=True)
class Log:
    """One line a runner wrote."""

    timestamp: str
    """ISO 8601 as sent: mostly UTC without saying so; may be empty."""
    level: str
    """STDERR, STDOUT, ERROR, INFO, WARN, DEBUG, or empty (protocol §2.3)."""
    message: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """Waiting for a runner; also what an unknown status word is read as (protocol §9.3)."""

    position: int | None = None
    logs: tuple[Log, ...] = ()
    unknown_word: str = ""
    """The service's word, where it is none that we know."""


@dataclass(frozen=True, slots=True)
class Running:
    """On a runner. May go back to `Queued` when the service tries again (protocol §2.7)."""

    logs: tuple[Log, ...] = ()


@dataclass(frozen=True, slots=True)
class Completed:
    """Ended, well or badly: only the result tells (protocol §2.5)."""

    logs: tuple[Log, ...] = ()
    inference_seconds: float | None = None
    error: str | None = None
    """A sentence where the status itself already tells of a failure; None does not promise success."""
    error_type: str | None = None
    """Machine name of protocol §4.3; `client_cancelled` also for a relay's word CANCELLED."""
    output: JSON = None
    """The output, where a relay puts it into the status (protocol §9.1)."""


Status: TypeAlias = Queued | Running | Completed


@dataclass(frozen=True, slots=True)
class Result:
    """The output of a request that ended well."""

    body: JSON
    status: int
    request_id: str | None
    billable_units: str | None
    """Number as text; times the unit price it is the cost (protocol §7)."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The answer's other `x-fal-*` headers, lower case."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a streamed call has said so far, and not yet its end."""

    text: str
    """Empty where the events are not about text."""
    events: int


class Cancellation(Enum):
    """What a service says to a cancel; the job's end is believed from its status alone (protocol §2.6)."""

    REQUESTED = "requested"
    TOO_LATE = "too late"
    NOT_FOUND = "not found"


@dataclass(frozen=True, slots=True)
class SubmitOptions:
    """How a request is run, as against what it computes (protocol §2.2). Raises `Unsendable` when made wrongly."""

    webhook: str | None = None
    """URL that the service calls at the end."""
    priority: Literal["normal", "low"] | None = None
    start_timeout: float | None = None
    """Seconds until a runner must have started; above 0.1."""
    runner_hint: str | None = None
    lifecycle: int | None = None
    """Seconds for which the service keeps generated media."""
    max_queue_length: int | None = None
    """Refuse when more requests than this wait in the app's queue."""
    no_retry: bool = False
    """Ask the service not to retry by itself."""
    store_io: bool | None = None
    """Override whether the service stores input and output."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further request headers."""

    def __post_init__(self) -> None:
        if self.start_timeout is not None and not 0.1 < self.start_timeout < math.inf:
            raise Unsendable("The start timeout must be more than 0.1 seconds.")
        if self.lifecycle is not None and self.lifecycle < 1:
            raise Unsendable("The lifecycle must be at least 1 second.")
        if self.webhook is not None and not _is_webhook(self.webhook):
            raise Unsendable("The webhook must be a web address that begins with https://, without a password in it.")
        if taken := sorted(name for name in self.headers if name.lower() in _TAKEN_HEADERS | _SECRET_HEADERS):
            raise Unsendable(f"The header {taken[0]} is not free to choose.")
        for name, value in {**self.headers, "X-Fal-Runner-Hint": self.runner_hint or ""}.items():
            check(name, value)


def _is_webhook(url: str) -> bool:
    """Whether a service may be told to call `url`: by https, or, for an emulator, on this machine (protocol §8)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(_WEBHOOK.fullmatch(url) and parts.hostname and "@" not in parts.netloc)


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue (protocol §6.1); absent texts are empty."""

    endpoint_id: str
    name: str = ""
    category: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    is_deprecated: bool = False
    published_at: str = ""
    updated_at: str = ""
    thumbnail_url: str = ""
    model_url: str = ""
    group_key: str = ""
    group_label: str = ""
    license_type: str = ""
    kind: str = ""
    """`inference`, `training`, or empty."""
    duration_minutes: float | None = None


@dataclass(frozen=True, slots=True)
class ModelPage:
    """One page of the catalogue and the cursor of the next (None on the last)."""

    models: tuple[Model, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of an endpoint costs this account."""

    endpoint_id: str
    unit_price: float
    unit: str
    """Free text: `megapixels`, `images`, `seconds`, ..."""
    currency: str


@dataclass(frozen=True, slots=True)
class PastRequest:
    """One line of the account's own request list (protocol §7); times are ISO 8601."""

    request_id: str
    endpoint_id: str
    sent_at: str
    started_at: str
    ended_at: str | None
    status_code: int | None
    duration_seconds: float | None
    arguments: JSON = None
    """The input, where payloads were asked for and are still stored."""
    output: JSON = None
