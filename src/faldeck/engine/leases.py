"""One process's hold on the jobs that it follows, and its sense of time having passed unseen (design §6 rule 8)."""

from __future__ import annotations

import os
import socket
import time

from faldeck.history import Lease

LATE_SECONDS = 5.0
"""By so much the clock may be off before the machine is taken to have slept, or the clock to have been set."""


class Holder:
    """Who holds jobs: this process, under a name that no other has."""

    def __init__(self, seconds: float) -> None:
        """`seconds` is how long a hold lasts that is not renewed."""
        self._seconds = seconds
        self.name = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"

    def lease(self) -> Lease:
        """A hold from now on."""
        return Lease(self.name, now_ms() + round(self._seconds * 1000))


class Wakefulness:
    """Notices a sleep of the machine, a stop of the process and a jump of the clock, if asked every second or so."""

    def __init__(self) -> None:
        self._expected = time.time()

    def has_slept(self, seconds: float) -> bool:
        """Whether the last call is not about `seconds` ago by the wall clock, the only one that counts sleep."""
        now = time.time()
        expected, self._expected = self._expected + seconds, now
        return abs(now - expected) > LATE_SECONDS


def now_ms() -> int:
    """This instant, in milliseconds since 1970."""
    return round(time.time() * 1000)
