"""What is happening to a job, on stderr: how far it is, and what it prints."""

from __future__ import annotations

import sys

from faldeck import hostile
from faldeck.cli.statusline import StatusLine
from faldeck.engine import verdicts
from faldeck.history import History
from faldeck.job import Job, State, now


class Progress:
    """Shows a job's life: on `line` how far it is, and with `logs` every line that it prints, once."""

    def __init__(self, history: History, line: StatusLine, *, logs: bool = False) -> None:
        self._history = history
        self._line = line
        self._wants_logs = logs
        self._printed = 0

    async def show(self, job: Job) -> None:
        """The job as it is now."""
        if self._wants_logs:
            lines = await self._history.read(lambda store: store.logs(job.id, after=self._printed))
            self._printed += len(lines)
            for line in lines:
                self._line.clear()
                print(hostile.clean(line.message), file=sys.stderr)
        self._line.show(summary(job))


def summary(job: Job) -> str:
    """How far the job is, in one line: `running  4 s  50%|█████     | 4/8`."""
    return "  ".join(part for part in (_state(job), f"{job.seconds(now()):.0f} s", job.notice or job.progress) if part)


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
