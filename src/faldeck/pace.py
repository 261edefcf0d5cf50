"""How often a service is asked, and how many of its status streams are open at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from faldeck.fal.backoff import Backoff
from faldeck.fal.errors import NotOffered, Refused
from faldeck.fal.values import Request, Status

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway

_RANDOM = Random()


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a service is asked, in seconds."""

    first_poll: float = 0.5
    slowest_poll: float = 15.0
    age_share: float = 0.05
    """A job is polled when it has grown older by this share."""
    backoff: Backoff = field(default_factory=lambda: Backoff(first=1.0, cap=60.0))
    """After a fault."""
    paused: float = 60.0
    """After the key was refused."""

    def poll(self, age: float) -> float:
        """The pause before the next poll of a job that is `age` seconds old."""
        return min(self.slowest_poll, max(self.first_poll, age * self.age_share))

    def retry(self, error: Exception, faults: int) -> float:
        """The pause after the `faults`-th fault in a row (from 1); a service's own wish is honoured."""
        asked = error.retry_after if isinstance(error, Refused) else None
        return self.backoff.delay(faults, _RANDOM, asked)


class Streams:
    """A bound on the status streams that are open at once on one service, which may turn out to have none."""

    def __init__(self, limit: int = 32) -> None:
        self._slots = asyncio.Semaphore(limit)
        self.offered = True
        """False once the service has shown that it has no stream."""

    @property
    def available(self) -> bool:
        """True where another stream may be opened now."""
        return self.offered and not self._slots.locked()

    async def follow(self, gateway: Gateway, request: Request) -> AsyncIterator[Status]:
        """The request's statuses as they come, until the service closes the stream."""
        async with self._slots:
            try:
                async for status in gateway.follow(request):
                    yield status
            except NotOffered:
                self.offered = False
