"""The lease under which a process follows its jobs (rule 8), and the detector for sleeps of the machine."""

from __future__ import annotations

import os
import socket
import time
from functools import cache

from faldeck.history import Lease

LATE_SECONDS = 5.0
"""If a pause differs from its expected length by more (seconds), the machine slept or the clock was set."""


class LeaseHolder:
    """This process as a holder of leases, under a unique name."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: how long a lease lasts without renewal."""
        self._seconds = seconds
        self.name = f"{_place()}:{os.getpid()}:{os.urandom(4).hex()}"
        self._seen: dict[str, tuple[int, float]] = {}
        """Owner → the end of its lease as last read, and when that was new, on the monotonic clock."""

    def lease(self) -> Lease:
        """Returns a lease that starts now."""
        return Lease(self.name, now_ms() + round(self._seconds * 1000))

    def is_over(self, lease: Lease) -> bool:
        """Whether the owner of another lease is gone or stopped.

        The lease's end is a time of the owner's clock, which may be days off. So for a process of this machine, the
        process itself is checked; and a lease that was not renewed for its length is over, even if its end is later.
        """
        place, pid = place_and_pid(lease.owner)
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
    """The state of a process of this machine; unknown if it is stopped or cannot be seen."""
    if os.name != "posix":
        return _UNKNOWN  # On Windows a signal would end the process.
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return _GONE
    except OSError:
        pass  # It belongs to another user.
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            letter = file.read().rpartition(b")")[2].split()[0]
    except (OSError, IndexError):
        return _UNKNOWN
    return {b"Z": _GONE, b"X": _GONE, b"T": _UNKNOWN, b"t": _UNKNOWN}.get(letter, _RUNNING)


@cache
def _place() -> str:
    """The scope of a process id: the machine, or the container on it."""
    try:
        return f"{socket.gethostname()}/{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return socket.gethostname()


def place_and_pid(owner: str) -> tuple[str, str]:
    """The place and the process id in the name of a lease holder; an empty id if the name has none."""
    place, pid, _ = (*owner.rsplit(":", 2), "", "")[:3]
    return place, pid


class SleepDetector:
    """Detects a sleep of the machine, a stop of the process and a jump of the clock; ask it every second or so."""

    def __init__(self) -> None:
        self._expected = time.time()

    def has_slept(self, seconds: float) -> bool:
        """Whether the last call was not about `seconds` ago by the wall clock. No other clock counts sleep."""
        now = time.time()
        expected, self._expected = self._expected + seconds, now
        return abs(now - expected) > LATE_SECONDS


def now_ms() -> int:
    """This instant, in milliseconds since 1970."""
    return round(time.time() * 1000)
