"""Everything that can go wrong between this machine and a service, and how long to wait before a retry.

    FalError
    ├── InvalidRequest  the request cannot be sent; trying again does not help
    ├── NotSupported    the profile or its service does not have this function
    ├── ForeignHost     a URL that is not of the profile's service; nothing was sent
    ├── NotSent         no connection was made, and nothing was sent
    │   └── NoSuchHost     the name of the host has no address
    ├── ResponseLost    sent, or perhaps sent, but without a whole answer
    ├── InvalidResponse an answer that does not follow the protocol
    ├── NotReady        the request is not done yet
    └── ErrorResponse   an error answer, in the service's own words
        ├── Unauthorized   401: wrong or missing key
        ├── Forbidden      403: no access, or the account is locked
        ├── NotFound       404: unknown, or no longer known
        ├── Invalid        422: the input, or what came of it; see `problems`
        ├── Busy           429 and 503: later, see `retry_after`
        ├── Cancelled      499
        └── ServerError    every other 5xx

No message contains the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from random import Random

    from faldeck.fal.values import JSON


class FalError(Exception):
    """Something went wrong. `message` says what, in plain sentences."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequest(FalError):
    """The request cannot be sent, now or later: a bad endpoint id, NaN in the arguments."""


class NotSupported(FalError):
    """The profile or its service does not have this function."""


class ForeignHost(FalError):
    """A URL is on a host that the profile does not name, or is not a web address. Nothing was sent."""


class NotSent(FalError):
    """No connection was made. Nothing was sent, so any request may be repeated."""


class NoSuchHost(NotSent):
    """The host name has no address: the name service says that it does not exist."""


class ResponseLost(FalError):
    """Sent, or perhaps sent, but without a whole answer. Only reads may be repeated."""


class InvalidResponse(FalError):
    """An answer that does not follow the protocol: HTML, broken JSON, a missing request id."""

    def __init__(self, message: str, *, status: int, is_web_page: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.is_web_page = is_web_page
        """Whether it was HTML, which a network may answer in place of the service."""


class NotReady(FalError):
    """The request is not done yet (protocol §2.5, §9.3)."""


class Problem(NamedTuple):
    """One thing wrong with an input (protocol §4.1 A)."""

    loc: tuple[str | int, ...]
    """Its path: `("body", "loras", 0, "path")`."""
    message: str
    type: str
    """Machine name of protocol §4.2, or one that we do not know."""


class ErrorResponse(FalError):
    """An error answer. `message` is the service's own words, of bounded length."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        error_type: str | None = None,
        problems: tuple[Problem, ...] = (),
        retry_after: float | None = None,
        request_id: str | None = None,
        billable_units: str | None = None,
        is_user_timeout: bool = False,
        wants_retry: bool | None = None,
        is_from_runner: bool = False,
        body: JSON = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        """HTTP status code."""
        self.error_type = error_type
        """Machine name of protocol §4.2 or §4.3; None if it is not given."""
        self.problems = problems
        """The problems of fields, if the service names them."""
        self.retry_after = retry_after
        """Seconds the service asks to wait."""
        self.request_id = request_id
        self.billable_units = billable_units
        """A number as text. Failed requests may cost too."""
        self.is_user_timeout = is_user_timeout
        """The start timeout of the caller has passed. It does not want a retry (protocol §4.3)."""
        self.wants_retry = wants_retry
        """Whether the service says that a retry may help; None if it does not say."""
        self.is_from_runner = is_from_runner
        """Whether the answer names the model's runner as its source (`x-fal-served-from`, protocol §2.2)."""
        self.body = body
        """The whole answer; None if it was not JSON."""


class Unauthorized(ErrorResponse):
    """401: the key is wrong or missing."""


class Forbidden(ErrorResponse):
    """403: the key has no access, or the account is locked (no balance); the message says which."""


class NotFound(ErrorResponse):
    """404: unknown app, path or request, or a result that is no longer kept."""


class Invalid(ErrorResponse):
    """422: the input is wrong, or the model refuses it; `problems` names the fields."""


class Busy(ErrorResponse):
    """429 or 503: the same request may be sent again later."""


class Cancelled(ErrorResponse):
    """499: the request was cancelled."""


class ServerError(ErrorResponse):
    """Any 5xx but 503: the app or the platform failed."""


class Backoff(NamedTuple):
    """The delays between retries: they grow by `factor` from `first` to `cap` seconds.

    They vary at random, so that many clients do not ask at the same time.
    """

    first: float = 0.5
    factor: float = 2.0
    cap: float = 30.0
    jitter: float = 0.25
    """The share of the delay by which it varies, up and down."""
    longest: float = 24 * 3600.0
    """The most seconds that a `Retry-After` of the service may ask for."""

    def delay(self, failures: int, random: Random, retry_after: float | None = None) -> float:
        """Seconds to wait after this many failures in a row (from 1). Not less than `retry_after`, up to `longest`."""
        steps = min(max(failures, 1) - 1, 64)
        plain = min(self.first * self.factor**steps, self.cap)
        spread = plain * random.uniform(1 - self.jitter, 1 + self.jitter)
        if retry_after is None:
            return spread
        asked = min(max(retry_after, 0.0), self.longest)
        return max(spread, asked + spread * self.jitter)
