"""What is happening to a job, on stderr: how far it is, and what it prints."""

from __future__ import annotations

import sys

from faldeck import hostile
from faldeck.cli.standing import summary
from faldeck.cli.statusline import StatusLine
from faldeck.history import History
from faldeck.job import Job


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
