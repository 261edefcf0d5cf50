"""What is happening to a job, on stderr: one line that changes on a terminal, nothing where nobody looks."""

from __future__ import annotations

import shutil
import sys
from types import TracebackType
from typing import Self

from faldeck import hostile
from faldeck.cli import output
from faldeck.engine import verdicts
from faldeck.history import History
from faldeck.job import Job, State, now

_CLEAR_LINE = "\r\x1b[K"


class Progress:
    """Shows a job's life until it is left: with `line` how far it is, with `logs` every line that it prints, once."""

    def __init__(self, history: History, *, logs: bool = False, line: bool = True) -> None:
        self._history = history
        self._wants_logs = logs
        self._printed = 0
        self._is_seen = line and sys.stderr.isatty()

    async def show(self, job: Job) -> None:
        """The job as it is now."""
        if self._wants_logs:
            lines = await self._history.read(lambda store: store.logs(job.id, after=self._printed))
            self._printed += len(lines)
            for line in lines:
                self._clear()
                print(hostile.clean(line.message), file=sys.stderr)
        if self._is_seen:
            self._clear()
            words = output.cut(hostile.clean_line(summary(job)), shutil.get_terminal_size().columns - 1)
            print(words, end="", file=sys.stderr, flush=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._clear()

    def _clear(self) -> None:
        if self._is_seen:
            print(_CLEAR_LINE, end="", file=sys.stderr, flush=True)


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
