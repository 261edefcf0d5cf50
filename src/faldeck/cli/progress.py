"""What is happening to a job, on stderr: how far it is, and what it prints."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from faldeck.app import wording
from faldeck.cli import output
from faldeck.engine import transitions
from faldeck.history import History
from faldeck.job import Body, Job, State
from faldeck.safety import sanitize
from faldeck.schema import results

_CLEAR = "\r\x1b[K"


class StatusLine:
    """Shows the newest words until it is left; whatever else is printed meanwhile is printed after `clear`."""

    def __init__(self, *, is_wanted: bool = True) -> None:
        self._is_seen = is_wanted and sys.stderr.isatty()
        self._shown = ""

    def show(self, words: str) -> None:
        """Puts the words, as far as the terminal is wide, in the place of those before."""
        if self._is_seen and words != self._shown:
            self._shown = words
            cut = output.truncate(sanitize.clean_line(words), shutil.get_terminal_size().columns - 1)
            print(f"{_CLEAR}{cut}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Takes the words away."""
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
    """A count of jobs that end one after another."""

    total: int
    ended: int = 0
    failed: int = 0

    def count(self, *, is_good: bool) -> None:
        """One more has ended."""
        self.ended += 1
        self.failed += not is_good

    def words(self, under_way: int, seconds: float) -> str:
        """The whole of it after so many seconds: `12 of 100 ended, 1 failed, 20 under way, 3.1 a second, 0:28 left`."""
        parts = [f"{self.ended:,} of {self.total:,} ended"]
        parts += [f"{self.failed:,} failed"] if self.failed else []
        parts += [f"{under_way:,} under way"] if under_way else []
        if self.ended and seconds > 0:
            pace = self.ended / seconds
            parts += [f"{pace:.1f} a second" if pace >= 1 else f"{pace * 60:.1f} a minute"]
            left = self.total - self.ended
            parts += [f"{wording.duration(left / pace)} left"] if left else []
        return ", ".join(parts)


class TextPrinter:
    """Prints what is new of a job's text with every snapshot."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._said = ""

    async def show(self, job: Job) -> None:
        """The job as it is now."""
        body = await self._history.read(lambda store: store.body(job.id))
        text = _text(body)
        if text.startswith(self._said):
            print(text[len(self._said) :], end="", flush=True)
            self._said = text

    def end(self, body: Body) -> bool:
        """Ends the line; tells whether all that the job says has been said."""
        if self._said:
            print(flush=True)
        return bool(self._said) and self._said == _text(body)


def _text(body: Body) -> str:
    """What the model has written by now; never the prompt, which a picture that comes into being repeats."""
    texts = [text for text in results.written(body.result, body.arguments) if not text.is_prompt]
    return sanitize.clean(texts[0].text) if texts else ""


def summary(job: Job) -> str:
    """How far the job is, in one line: `running  4.1s  50%|█████     | 4/8`."""
    said = job.notice or (job.progress if job.state.is_followed else "")
    return "  ".join(part for part in (_state(job), wording.elapsed(job), said) if part)


def standing(job: Job) -> str:
    """The same without what changes all the time: `queued, 3 ahead  offline`."""
    return "  ".join(part for part in (_state(job), transitions.lasting(job.notice)) if part)


def _state(job: Job) -> str:
    word = wording.state_with_place(job)
    return f"{word}, files still to be fetched" if job.state is State.COMPLETED and job.is_open else word


class JobProgress:
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
                print(sanitize.clean(line.message), file=sys.stderr)
        self._line.show(summary(job))
