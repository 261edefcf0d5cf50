"""How long to wait before asking again: a pure schedule, the same for the same random numbers."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays that grow by `factor` from `first` to `cap` seconds, spread so that many do not ask at once."""

    first: float = 0.5
    factor: float = 2.0
    cap: float = 30.0
    jitter: float = 0.25
    """Share of the delay by which it varies, up and down."""
    longest: float = 24 * 3600.0
    """Seconds beyond which a service's own `Retry-After` is not believed."""

    def delay(self, failures: int, random: Random, retry_after: float | None = None) -> float:
        """Seconds to wait after this many failures in a row (from 1), never less than the service asked for."""
        steps = min(max(failures, 1) - 1, 64)
        plain = min(self.first * self.factor**steps, self.cap)
        spread = plain * random.uniform(1 - self.jitter, 1 + self.jitter)
        if retry_after is None:
            return spread
        asked = min(max(retry_after, 0.0), self.longest)
        return max(spread, asked + spread * self.jitter)
