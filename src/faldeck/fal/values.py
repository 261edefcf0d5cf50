"""What a queue says of requests, as frozen values: no I/O, no httpx, cheap to import."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
JsonObject: TypeAlias = dict[str, JSON]


@dataclass(frozen=True, slots=True)
class RequestHandle:
    """One request in a queue: its id and where it is asked about. Made by `QueueAddress` only."""

    request_id: str
    endpoint_id: str
    """As submitted, with its whole path."""
    status_url: str
    response_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class SubmitReceipt:
    """The service took a request."""

    request: RequestHandle
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
    has_failed: bool = field(default=False, compare=False)
    """The status word itself is one of failure: then no result makes it a success."""


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
class StreamProgress:
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
    unit_price: Decimal
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
