"""One process's hold on the jobs that it follows, and its sense of time having passed unseen (rule 8)."""

from __future__ import annotations

import os
import socket
import time
from functools import cache

from faldeck.history import Lease

LATE_SECONDS = 5.0
"""By so much the clock may be off before the machine is taken to have slept, or the clock to have been set."""


class LeaseHolder:
    """Who holds jobs: this process, under a name that no other has."""

    def __init__(self, seconds: float) -> None:
        """`seconds` is how long a hold lasts that is not renewed."""
        self._seconds = seconds
        self.name = f"{_place()}:{os.getpid()}:{os.urandom(4).hex()}"
        self._seen: dict[str, tuple[int, float]] = {}
        """Owner → the end of its lease as last read, and when that was new, on the monotonic clock."""

    def lease(self) -> Lease:
        """A hold from now on."""
        return Lease(self.name, now_ms() + round(self._seconds * 1000))

    def is_over(self, lease: Lease) -> bool:
        """Whether the owner of another lease is gone, or stands still.

        Its end is a time of the owner's clock, which may be days off. So a process of this machine is looked for, and
        a lease that has not been renewed for as long as a hold lasts is over, whatever time it names.
        """
        place, pid, _ = (*lease.owner.rsplit(":", 2), "", "")[:3]
        is_lapsed = lease.until_ms < now_ms()
        if place == _place() and pid.isdigit():
            state = _process_state(int(pid))
            if state == _GONE or (is_lapsed and state != _RUNNING):
                return True
        elif is_lapsed:
            return True
        end, since = self._seen.get(lease.owner, (None, 0.0))
        if end != lease.until_ms:
            self._seen[lease.owner] = lease.until_ms, time.monotonic()
            return False
        return time.monotonic() - since > self._seconds


_GONE, _RUNNING, _UNKNOWN = "gone", "running", "unknown"


def _process_state(pid: int) -> str:
    """What can be told of a process of this machine; one that is stopped or may be is unknown."""
    if os.name != "posix":
        return _UNKNOWN  # To ask with a signal would end it.
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return _GONE
    except OSError:
        pass  # It is somebody else's.
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            letter = file.read().rpartition(b")")[2].split()[0]
    except (OSError, IndexError):
        return _UNKNOWN
    return {b"Z": _GONE, b"X": _GONE, b"T": _UNKNOWN, b"t": _UNKNOWN}.get(letter, _RUNNING)


@cache
def _place() -> str:
    """Where a process id is this process's: the machine, or the container on it."""
    try:
        return f"{socket.gethostname()}/{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return socket.gethostname()


class SleepDetector:
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
