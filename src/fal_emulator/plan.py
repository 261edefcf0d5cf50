"""The life of one request as a pure function of time: nothing here reads a clock, waits or remembers.

Offsets are seconds since the request was submitted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import pairwise


class Status(StrEnum):
    """The three words a status may say; there is no failed and no cancelled one (protocol §2.3)."""

    IN_QUEUE = "IN_QUEUE"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"


class Ending(StrEnum):
    """Why a request came to its end."""

    RAN = "ran"
    CANCELLED = "client_cancelled"
    START_TIMEOUT = "request_timeout"


@dataclass(frozen=True)
class LogLine:
    """One line a runner prints at `at`, a fraction (0 to 1) of its run."""

    at: float
    message: str
    level: str = "INFO"
    source: str = "USER"


@dataclass(frozen=True)
class Change:
    """The request enters `status` at `at`; `ahead` counts those before it while it waits."""

    at: float
    status: Status
    ahead: int = 0
    ending: Ending | None = None


@dataclass(frozen=True)
class Plan:
    """What the service will do with one request, decided when it is submitted."""

    queued: float
    """Seconds in the queue."""
    running: float
    """Seconds on a runner."""
    ahead: int = 0
    """Requests in front at the start."""
    retries: int = 0
    """How many times the runner is lost half-way and the request goes back to the queue (protocol §2.7)."""
    start_timeout: float | None = None
    """Seconds after which a request that was never started is given up (protocol §2.2)."""
    heeds_cancel: bool = True
    """Whether the model stops when it is told to; one that does not, completes (protocol §2.6)."""

    def scaled(self, speed: float) -> "Plan":
        """The same plan on a service whose clock runs `speed` times as fast."""
        limit = None if self.start_timeout is None else self.start_timeout / speed
        return replace(self, queued=self.queued / speed, running=self.running / speed, start_timeout=limit)

    def as_dict(self) -> dict[str, float | int | bool | None]:
        """The plan as plain values; `Plan(**values)` gives it back."""
        return asdict(self)


def timeline(plan: Plan, cancelled: float | None = None) -> tuple[Change, ...]:
    """All changes of a request's life in order, the last one COMPLETED."""
    changes = tuple(_undisturbed(plan))
    limit = plan.start_timeout
    if limit is not None and _start(changes) > limit:
        changes = _cut(changes, limit, Ending.START_TIMEOUT)
    if cancelled is None or cancelled >= changes[-1].at:
        return changes
    is_running = moment(changes, cancelled).status is Status.IN_PROGRESS
    if is_running and not plan.heeds_cancel:
        return changes
    return _cut(changes, cancelled, Ending.CANCELLED)


def moment(changes: Sequence[Change], elapsed: float) -> Change:
    """The latest change that has happened `elapsed` seconds after the submit."""
    return next((change for change in reversed(changes) if change.at <= elapsed), changes[0])


def log(changes: Sequence[Change], script: Sequence[LogLine], running: float) -> Iterator[tuple[float, LogLine]]:
    """Each line of `script` with its offset, for every stay on a runner; a broken-off stay prints its part."""
    for start, end in pairwise(changes):
        if start.status is not Status.IN_PROGRESS:
            continue
        for line in script:
            offset = start.at + line.at * running
            if offset <= end.at:
                yield offset, line
        if end.status is Status.IN_QUEUE:
            yield end.at, LogLine(1, "Runner lost, the request goes back to the queue", "WARN", "gateway")


def _undisturbed(plan: Plan) -> Iterator[Change]:
    clock = 0.0
    for attempt in range(plan.retries + 1):
        waiting = plan.ahead if attempt == 0 else 0
        step = plan.queued / (waiting + 1)
        for ahead in range(waiting, -1, -1):
            yield Change(clock, Status.IN_QUEUE, ahead)
            clock += step
        yield Change(clock, Status.IN_PROGRESS)
        clock += plan.running if attempt == plan.retries else plan.running / 2
    yield Change(clock, Status.COMPLETED, ending=Ending.RAN)


def _start(changes: Sequence[Change]) -> float:
    return next(change.at for change in changes if change.status is Status.IN_PROGRESS)


def _cut(changes: Sequence[Change], at: float, ending: Ending) -> tuple[Change, ...]:
    kept = tuple(change for change in changes if change.at <= at)
    return (*kept, Change(at, Status.COMPLETED, ending=ending))
