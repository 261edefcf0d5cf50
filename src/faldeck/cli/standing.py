"""How far a job is, in words. Pure."""

from __future__ import annotations

from faldeck.engine import verdicts
from faldeck.job import Job, State, now


def summary(job: Job) -> str:
    """How far the job is, in one line: `running  4 s  50%|█████     | 4/8`."""
    said = job.notice or (job.progress if job.state.is_followed else "")
    return "  ".join(part for part in (_state(job), f"{job.seconds(now()):.0f} s", said) if part)


def standing(job: Job) -> str:
    """The same without what changes all the time: `queued, 3 ahead  offline`."""
    return "  ".join(part for part in (_state(job), verdicts.lasting(job.notice)) if part)


def _state(job: Job) -> str:
    if job.cancel_requested and job.state.is_followed:
        return "cancelling"
    if job.state is State.QUEUED and job.queue_position:
        return f"queued, {job.queue_position} ahead"
    if job.state is State.COMPLETED and job.is_open:
        return "completed, files still to be fetched"
    return job.state.value
