"""How a request is run, as against what it computes, checked when it is said."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from faldeck.fal.errors import Unsendable
from faldeck.fal.headers import check

_WEBHOOK = re.compile(r"https://[!-~]{1,2000}|http://(?:127\.0\.0\.1|localhost|\[::1\])[:/][!-~]{0,2000}")
_TAKEN_HEADERS = {"host", "content-length", "content-type", "transfer-encoding", "connection"}
_SECRET_HEADERS = {"authorization", "proxy-authorization", "cookie", "x-api-key"}
"""Headers are kept in the history, where no key may be."""


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
