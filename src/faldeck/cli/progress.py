"""What is happening to a job, on stderr: one line that changes on a terminal, nothing where nobody looks."""

from __future__ import annotations

import shutil
import sys
from types import TracebackType
from typing import Self

from faldeck import hostile
from faldeck.cli import output
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
    """The job's state in one line: `running  4 s  50%|█████     | 4/8`."""
    state = job.state.value
    if job.cancel_requested and job.state.is_followed:
        state = "cancelling"
    elif job.state is State.QUEUED and job.queue_position:
        state = f"queued, {job.queue_position} ahead"
    elif job.is_open and job.state.is_final:
        state = f"{state}, files still to be fetched"
    return "  ".join(part for part in (state, f"{job.seconds(now()):.0f} s", job.notice or job.progress) if part)
