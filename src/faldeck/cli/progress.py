"""Shows on stderr what happens to jobs while a command waits: how far they are, and what they print."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from faldeck.app import wording
from faldeck.cli import output
from faldeck.history import History
from faldeck.job import Body, Job, State
from faldeck.safety import sanitize

_CLEAR = "\r\x1b[K"


class StatusLine:
    """One line on a terminal that is replaced in place. Call `clear` before anything else is printed."""

    def __init__(self, *, is_wanted: bool = True) -> None:
        self._is_enabled = is_wanted and sys.stderr.isatty()
        self._shown = ""

    def show(self, text: str) -> None:
        """Replaces the line with the text, cut to the width of the terminal."""
        if self._is_enabled and text != self._shown:
            self._shown = text
            cut = output.truncate(sanitize.clean_line(text), output.terminal_width() - 1)
            print(f"{_CLEAR}{cut}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Removes the line."""
        if self._shown:
            self._shown = ""
            print(_CLEAR, end="", file=sys.stderr, flush=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.clear()


@dataclass(slots=True)
class ProgressCount:
    """Counts jobs as they end."""

    total: int
    ended: int = 0
    failed: int = 0

    def add(self, *, is_good: bool) -> None:
        """Counts one more job that has ended."""
        self.ended += 1
        self.failed += not is_good

    def text(self, active: int, seconds: float) -> str:
        """The counts in one line: `12 of 100 ended, 1 failed, 20 under way, 3.1 a second, 0:28 left`.

        `active` is how many jobs are under way, `seconds` the time since the start.
        """
        parts = [f"{self.ended:,} of {self.total:,} ended"]
        parts += [f"{self.failed:,} failed"] if self.failed else []
        parts += [f"{active:,} under way"] if active else []
        if self.ended and seconds > 0:
            rate = self.ended / seconds
            parts += [f"{rate:.1f} a second" if rate >= 1 else f"{rate * 60:.1f} a minute"]
            left = self.total - self.ended
            parts += [f"{wording.duration(left / rate)} left"] if left else []
        return ", ".join(parts)


class TextPrinter:
    """Prints the text that a job writes on stdout, as it grows."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._printed = ""

    async def show(self, job: Job) -> None:
        """Prints the part of the job's text that is new."""
        body = await self._history.read(lambda store: store.body(job.id))
        text = _model_text(body)
        if text.startswith(self._printed):
            print(text[len(self._printed) :], end="", flush=True)
            self._printed = text

    def finish(self, body: Body) -> bool:
        """Ends the line; True if the whole text has been printed."""
        if self._printed:
            print(flush=True)
        return bool(self._printed) and self._printed == _model_text(body)


def _model_text(body: Body) -> str:
    """The text that the model has written so far, without the prompt, which image models repeat."""
    from faldeck.schema import results

    texts = [text for text in results.written(body.result, body.arguments) if not text.is_prompt]
    return sanitize.clean(texts[0].text) if texts else ""


def summary(job: Job) -> str:
    """How far a job is, in one line: `running  4.1s  50%|█████     | 4/8`."""
    detail = wording.notice(job) or (job.progress if job.state.is_followed else "")
    return "  ".join(part for part in (_state_text(job), wording.elapsed(job), detail) if part)


def stable_summary(job: Job) -> str:
    """How far a job is, without what changes every second: `queued, 3 ahead  offline`."""
    return "  ".join(part for part in (_state_text(job), wording.notice(job, with_next_try=False)) if part)


def _state_text(job: Job) -> str:
    text = wording.state_with_place(job)
    return f"{text}, files still to be fetched" if job.state is State.COMPLETED and job.is_open else text


class JobProgress:
    """Shows the progress of one job on the status line. With `logs` it prints each log line once."""

    def __init__(self, history: History, line: StatusLine, *, logs: bool = False) -> None:
        self._history = history
        self._line = line
        self._shows_logs = logs
        self._printed = 0

    async def show(self, job: Job) -> None:
        """Shows the current state of the job."""
        if self._shows_logs:
            lines = await self._history.read(lambda store: store.logs(job.id, after=self._printed))
            self._printed += len(lines)
            for line in lines:
                self._line.clear()
                print(sanitize.clean(line.message), file=sys.stderr)
        self._line.show(summary(job))
