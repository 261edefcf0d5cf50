"""The answers of a service as immutable values. No I/O, no httpx."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, TypeAlias

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
JsonObject: TypeAlias = dict[str, JSON]


class RequestHandle(NamedTuple):
    """One request in a queue: its id and its URLs. Only `QueueAddress` makes it."""

    request_id: str
    endpoint_id: str
    """As submitted, with the whole path."""
    status_url: str
    response_url: str
    cancel_url: str


class SubmitReceipt(NamedTuple):
    """The service took a request."""

    request: RequestHandle
    position: int | None
    """The number of requests ahead of it; 0 if it is next."""


class Log(NamedTuple):
    """One log line of a runner."""

    timestamp: str
    """ISO 8601 as sent, usually UTC without a zone; may be empty."""
    level: str
    """STDERR, STDOUT, ERROR, INFO, WARN, DEBUG, or empty (protocol §2.3)."""
    message: str
    source: str | None = None


class Queued(NamedTuple):
    """Waiting for a runner. An unknown status word means this too (protocol §9.3)."""

    position: int | None = None
    logs: tuple[Log, ...] = ()
    unknown_word: str = ""
    """The status word of the service, if we do not know it."""


class Running(NamedTuple):
    """On a runner. May go back to `Queued` when the service tries again (protocol §2.7)."""

    logs: tuple[Log, ...] = ()


@dataclass(frozen=True, slots=True)
class Completed:
    """Ended. Only the result tells whether it succeeded (protocol §2.5)."""

    logs: tuple[Log, ...] = ()
    inference_seconds: float | None = None
    error: str | None = None
    """A sentence if the status already says that it failed. None does not mean success."""
    error_type: str | None = None
    """Machine name of protocol §4.3; `client_cancelled` also for a relay's word CANCELLED."""
    output: JSON = None
    """The output, if a relay puts it into the status (protocol §9.1)."""
    has_failed: bool = field(default=False, compare=False)
    """The status word means failure. Then no result makes it a success."""


Status: TypeAlias = Queued | Running | Completed


class Result(NamedTuple):
    """The output of a request that succeeded."""

    body: JSON
    status: int
    request_id: str | None
    billable_units: str | None
    """A number as text. Multiplied by the unit price it is the cost (protocol §7)."""
    headers: Mapping[str, str] = {}
    """The answer's other `x-fal-*` headers, lower case."""


class StreamProgress(NamedTuple):
    """The progress of a streamed call before its end."""

    text: str
    """Empty if the events have no text."""
    events: int


class Cancellation(Enum):
    """The answer to a cancel. Only the status tells whether the request has ended (protocol §2.6)."""

    REQUESTED = "requested"
    TOO_LATE = "too late"
    NOT_FOUND = "not found"


class Model(NamedTuple):
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
    license_url: str = ""
    kind: str = ""
    """`inference`, `training`, or empty."""
    duration_minutes: float | None = None


class ModelPage(NamedTuple):
    """One page of the catalogue and the cursor of the next (None on the last)."""

    models: tuple[Model, ...]
    next_cursor: str | None


PRICES_AT_ONCE = 50
"""The most endpoint ids whose prices one call takes (protocol §7)."""


class Price(NamedTuple):
    """The price of one unit of an endpoint for this account."""

    endpoint_id: str
    unit_price: Decimal
    unit: str
    """Free text: `megapixels`, `images`, `seconds`, ..."""
    currency: str


class PastRequest(NamedTuple):
    """One entry of the account's request list (protocol §7). Times are ISO 8601."""

    request_id: str
    endpoint_id: str
    sent_at: str
    started_at: str
    ended_at: str | None
    status_code: int | None
    duration_seconds: float | None
    arguments: JSON = None
    """The input, if payloads were asked for and are still stored."""
    output: JSON = None
