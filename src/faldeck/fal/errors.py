"""Everything that can go wrong between this machine and a service, translated once, here.

    FalError
    ├── InvalidRequest  what we were asked to send cannot be sent; trying again cannot help
    ├── NotSupported    the profile, or its service, has no such door
    ├── ForeignHost     a URL that does not lead to the profile's service; nothing was sent there
    ├── NotSent         no connection was made, nothing left this machine
    │   └── NoSuchHost     the name of the host has no address
    ├── ResponseLost    sent, or perhaps sent, but no whole answer came
    ├── InvalidResponse an answer came that is not the protocol
    ├── NotReady        the result was asked for before the request is done
    └── ErrorResponse   an error answer, in the service's own words
        ├── Unauthorized   401: wrong or missing key
        ├── Forbidden      403: no access, or the account is locked
        ├── NotFound       404: unknown, or no longer known
        ├── Invalid        422: the input, or what came of it; see `problems`
        ├── Busy           429 and 503: later, see `retry_after`
        ├── Cancelled      499
        └── ServerError    every other 5xx

No message ever holds the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faldeck.fal.values import JSON


class FalError(Exception):
    """Something went wrong; `message` says what in plain sentences."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequest(FalError):
    """What we were asked to send cannot be sent, now or later: a bad endpoint id, NaN in the arguments."""


class NotSupported(FalError):
    """The profile, or its service, has no such door."""


class ForeignHost(FalError):
    """A URL is on a host which the profile does not name, or is no web address; nothing was sent there."""


class NotSent(FalError):
    """No connection was made: nothing left this machine, so anything may be sent again."""


class NoSuchHost(NotSent):
    """The name of the host has no address: the name service knows that there is none."""


class ResponseLost(FalError):
    """Sent, or perhaps sent, but no whole answer came: only reads may be sent again."""


class InvalidResponse(FalError):
    """An answer came that is not the protocol: HTML, broken JSON, a missing request id."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotReady(FalError):
    """The result was asked for before the request is done (protocol §2.5, §9.3)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input (protocol §4.1 A)."""

    loc: tuple[str | int, ...]
    """Where: `("body", "loras", 0, "path")`."""
    message: str
    type: str
    """Machine name of protocol §4.2; unknown ones occur."""


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
        """Machine name of protocol §4.2 or §4.3, where given."""
        self.problems = problems
        """What is wrong with which field, where the service says so."""
        self.retry_after = retry_after
        """Seconds the service asks to wait."""
        self.request_id = request_id
        self.billable_units = billable_units
        """Number as text; failed requests may cost too."""
        self.is_user_timeout = is_user_timeout
        """The start timeout that the caller chose ran out: trying again is not wanted (protocol §4.3)."""
        self.wants_retry = wants_retry
        """Whether the service says that trying again may help; None where it says nothing."""
        self.is_from_runner = is_from_runner
        """Whether the answer names the runner of the model that gave it (`x-fal-served-from`, protocol §2.2)."""
        self.body = body
        """The whole answer, None where it was not JSON."""


class Unauthorized(ErrorResponse):
    """401: the key is wrong or missing."""


class Forbidden(ErrorResponse):
    """403: the key has no access, or the account is locked (no balance); the message says which."""


class NotFound(ErrorResponse):
    """404: unknown app, path or request, or a result that is no longer kept."""


class Invalid(ErrorResponse):
    """422: the input is wrong, or the model will not do it; `problems` names the fields."""


class Busy(ErrorResponse):
    """429 or 503: the same may be asked again later."""


class Cancelled(ErrorResponse):
    """499: the request was cancelled."""


class ServerError(ErrorResponse):
    """Any 5xx but 503: the app or the platform failed."""
