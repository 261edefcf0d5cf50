"""Whether a host answers at all, and what time it has there. No key is sent."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from faldeck.fal.http import Http


@dataclass(frozen=True, slots=True)
class Reached:
    """A host that answered."""

    status: int
    seconds: float
    """From asking to the head of the answer."""
    skew_seconds: float | None
    """How far this machine's clock is ahead of the host's; None where the host does not tell the time."""


class Reach:
    """Knocks at the hosts of one service."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def reach(self, url: str) -> Reached:
        """Ask for `url` and look at nothing but the head of the answer. Raises `NotSent`, `AnswerLost`."""
        start = time.monotonic()
        async with self._http.open("GET", url, with_key=False) as incoming:
            seconds = time.monotonic() - start
            return Reached(incoming.status, seconds, _skew(incoming.headers.get("date", "")))


def _skew(date: str) -> float | None:
    try:
        return (datetime.now(UTC) - parsedate_to_datetime(date).astimezone(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
