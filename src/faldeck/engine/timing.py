"""How often a service is asked: the intervals, delays and bounds of the engine, in one place. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from faldeck.fal.errors import Backoff, ErrorResponse

_RANDOM = Random()


class QueueForecast:
    """Estimates how much longer a job waits in its queue, from how fast it has moved up so far."""

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None
        """The first place that was seen, and the age of the job then."""

    def seconds(self, place: int | None, age: float) -> float:
        """The seconds until the job is first in its queue. `age` is its age (seconds); 0 if that is not known yet."""
        if place is None or self._first is None or place >= self._first[0]:
            self._first = None if place is None else (place, age)
            return 0.0
        first, since = self._first
        return place * (age - since) / (first - place)


@dataclass(frozen=True, slots=True)
class Timing:
    """How often a service is asked, in seconds."""

    first_poll: float = 0.5
    slowest_poll: float = 15.0
    age_share: float = 0.05
    """A job is polled when its age has grown by this share."""
    queue_share: float = 0.25
    """With more jobs than streams, a job far back in a queue is polled after this share of the time it has to wait."""
    budget: float = 36.0
    """Statuses asked for per second, over all jobs of a host."""
    streams: int = 32
    """Status streams open at once, over all jobs of a profile."""
    lanes: int = 32
    """Requests to one host at once, apart from streams."""
    backoff: Backoff = field(default_factory=lambda: Backoff(first=1.0, cap=60.0))
    """After a fault."""
    probe: float = 5.0
    """How long one request alone may probe a blocked host; after that another may, too."""
    silence: float = 60.0
    """A stream without a status for this long is given up, and a status is asked for."""
    paused: float = 60.0
    """After the key was refused."""
    disk: float = 5.0
    """After the disk refused a write."""
    file_tries: int = 4
    """Tries in a row without a new byte, after which a file counts as failed."""
    lease: float = 10.0
    """How long a lease lasts. A process that has not renewed it by then loses its jobs."""
    renew: float = 3.0
    """How often leases are renewed and abandoned jobs taken over. `lease` + `renew` is the longest a job waits."""
    looks: tuple[float, ...] = (0.5, 3.0, 10.0, 30.0)
    """The pause before each lookup of a lost request; the account's list may lag behind."""

    def poll(self, age: float, queued: float = 0.0) -> float:
        """The pause before the next poll of a job (seconds).

        `age` is its age, and `queued` how much longer it is expected to wait in its queue (seconds; 0 if unknown).
        """
        return min(self.slowest_poll, max(self.first_poll, age * self.age_share, queued * self.queue_share))

    def retry(self, error: Exception, faults: int) -> float:
        """The pause after the `faults`-th fault in a row (from 1), or what the service's `Retry-After` asks for."""
        asked = error.retry_after if isinstance(error, ErrorResponse) else None
        return self.backoff.delay(faults, _RANDOM, asked)
