"""The life of one request as a pure function of time, without a clock or a state.

Offsets are seconds since the request was submitted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import pairwise


class QueueStatus(StrEnum):
    """The three words of a status. None of them means failed or cancelled (protocol §2.3)."""

    IN_QUEUE = "IN_QUEUE"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"


class EndReason(StrEnum):
    """Why a request ended."""

    RAN = "ran"
    CANCELLED = "client_cancelled"
    START_TIMEOUT = "request_timeout"


@dataclass(frozen=True)
class RunnerLine:
    """One line that a runner prints at `at`, a fraction (0 to 1) of its run."""

    at: float
    message: str
    level: str = "INFO"
    source: str = "USER"


@dataclass(frozen=True)
class StatusChange:
    """The request enters `status` at `at`; `ahead` is the number of requests before it in the queue."""

    at: float
    status: QueueStatus
    ahead: int = 0
    ending: EndReason | None = None


@dataclass(frozen=True)
class RequestPlan:
    """What the service will do with one request, decided when it is submitted."""

    queued: float
    """Seconds in the queue."""
    running: float
    """Seconds on a runner."""
    ahead: int = 0
    """Requests in front at the start."""
    retries: int = 0
    """How often the runner is lost half-way, so that the request goes back to the queue (protocol §2.7)."""
    start_timeout: float | None = None
    """Seconds after which a request that has not started fails (protocol §2.2)."""
    heeds_cancel: bool = True
    """Whether a cancel stops the model; if not, it completes (protocol §2.6)."""

    def scaled(self, speed: float) -> "RequestPlan":
        """The same plan on a service whose clock runs `speed` times as fast."""
        limit = None if self.start_timeout is None else self.start_timeout / speed
        return replace(self, queued=self.queued / speed, running=self.running / speed, start_timeout=limit)

    def as_dict(self) -> dict[str, float | int | bool | None]:
        """The plan as plain values; `RequestPlan(**values)` gives it back."""
        return asdict(self)


def timeline(plan: RequestPlan, cancelled: float | None = None) -> tuple[StatusChange, ...]:
    """All changes of a request's life in order, the last one COMPLETED."""
    changes = tuple(_undisturbed(plan))
    limit = plan.start_timeout
    if limit is not None and _start(changes) > limit:
        changes = _cut(changes, limit, EndReason.START_TIMEOUT)
    if cancelled is None or cancelled >= changes[-1].at:
        return changes
    is_running = moment(changes, cancelled).status is QueueStatus.IN_PROGRESS
    if is_running and not plan.heeds_cancel:
        return changes
    return _cut(changes, cancelled, EndReason.CANCELLED)


def moment(changes: Sequence[StatusChange], elapsed: float) -> StatusChange:
    """The latest change that has happened `elapsed` seconds after the submit."""
    return next((change for change in reversed(changes) if change.at <= elapsed), changes[0])


def log(
    changes: Sequence[StatusChange], script: Sequence[RunnerLine], running: float
) -> Iterator[tuple[float, RunnerLine]]:
    """Each line of `script` with its offset, for every run. A run that is broken off prints only its part."""
    for start, end in pairwise(changes):
        if start.status is not QueueStatus.IN_PROGRESS:
            continue
        for line in script:
            offset = start.at + line.at * running
            if offset <= end.at:
                yield offset, line
        if end.status is QueueStatus.IN_QUEUE:
            yield end.at, RunnerLine(1, "Runner lost, the request goes back to the queue", "WARN", "gateway")


def _undisturbed(plan: RequestPlan) -> Iterator[StatusChange]:
    clock = 0.0
    for attempt in range(plan.retries + 1):
        waiting = plan.ahead if attempt == 0 else 0
        step = plan.queued / (waiting + 1)
        for ahead in range(waiting, -1, -1):
            yield StatusChange(clock, QueueStatus.IN_QUEUE, ahead)
            clock += step
        yield StatusChange(clock, QueueStatus.IN_PROGRESS)
        clock += plan.running if attempt == plan.retries else plan.running / 2
    yield StatusChange(clock, QueueStatus.COMPLETED, ending=EndReason.RAN)


def _start(changes: Sequence[StatusChange]) -> float:
    return next(change.at for change in changes if change.status is QueueStatus.IN_PROGRESS)


def _cut(changes: Sequence[StatusChange], at: float, ending: EndReason) -> tuple[StatusChange, ...]:
    kept = tuple(change for change in changes if change.at <= at)
    return (*kept, StatusChange(at, QueueStatus.COMPLETED, ending=ending))
