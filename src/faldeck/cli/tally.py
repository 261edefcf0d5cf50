"""How far many jobs are together: how many have ended, how quickly, and how long the rest will take. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """A count of jobs that end one after another."""

    total: int
    ended: int = 0
    failed: int = 0

    def count(self, *, is_good: bool) -> None:
        """One more has ended."""
        self.ended += 1
        self.failed += not is_good

    def words(self, under_way: int, seconds: float) -> str:
        """The whole of it after so many seconds: `12 of 100 ended, 1 failed, 20 under way, 3.1 a second, 0:28 left`."""
        parts = [f"{self.ended:,} of {self.total:,} ended"]
        parts += [f"{self.failed:,} failed"] if self.failed else []
        parts += [f"{under_way:,} under way"] if under_way else []
        if self.ended and seconds > 0:
            pace = self.ended / seconds
            parts += [f"{pace:.1f} a second" if pace >= 1 else f"{pace * 60:.1f} a minute"]
            parts += [f"{clock((self.total - self.ended) / pace)} left"]
        return ", ".join(parts)


def clock(seconds: float) -> str:
    """A time as `0:28` or `1:02:28`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
