"""Reads the jobs of the list in the background. Only one read runs at a time, and no change is missed."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

from faldeck.history import HistoryError, Interrupted
from faldeck.job import Job
from faldeck.tui.panes.job_window import JobWindow

REFRESH_SECONDS = 0.1
"""Changes that come within this time are painted together."""

FEW = 8
"""If more live jobs than this are listed, small changes of them are painted more seldom."""

BUSY_SECONDS = 0.5
"""How long these then wait for each other: nobody reads many rows faster, and each painting costs."""


class Worker(Protocol):
    """A coroutine that runs in the background: a `textual.worker.Worker`."""

    @property
    def is_finished(self) -> bool:
        """Whether it has ended, or was replaced."""


class ReadPane(Protocol):
    """The pane whose jobs are read. Textual's widgets have the two methods with timers and workers."""

    @property
    def highlighted(self) -> Job | None:
        """The job under the cursor."""

    def settle(self, highlighted: str | None) -> None:
        """Puts the cursor on its job after a read."""

    def let_all_through(self) -> bool:
        """Clears what may hide a new job; False while the person types a search, which stays."""

    def jobs_read_again(self, ended: Sequence[Job]) -> None:
        """Called after changes were read; `ended` are the jobs that have ended meanwhile."""

    def tell_unreadable(self, error: HistoryError) -> None:
        """Reports that the history could not be read."""

    def matching_counted(self) -> None:
        """Called after the jobs that match were counted."""

    def set_timer(self, delay: float, callback: Callable[[], object]) -> object:
        """Calls back after `delay` seconds."""

    def run_worker(self, work: Callable[[], Awaitable[None]], *, group: str, exclusive: bool) -> Worker:
        """Runs a coroutine function, and cancels one of the same group that still runs."""


class JobReader:
    """The reads of one pane."""

    def __init__(self, pane: ReadPane, window: JobWindow) -> None:
        self._pane = pane
        self._window = window
        self.wanted: str | None = None
        """The id of a new job to which the cursor will go; None once a read shows it or the person moves the cursor."""
        self.shown: Job | None = None
        """The job that the pane announced last."""
        self._due = math.inf
        """When the jobs will be read again, on the monotonic clock."""
        self._looked_at = -math.inf
        """When they were read again last."""
        self._live = 0
        """How many of them were live then."""
        self._is_behind = False
        """True until a read has shown the last changes; another read may replace it before."""
        self._jump: Worker | None = None
        """The last read that goes elsewhere in the list. No other kind of read replaces it: the person asked for it."""

    def changed(self, *, is_minor: bool = False) -> None:
        """Jobs may have changed: reads them again soon.

        `is_minor`: only a place in the queue or a progress has changed. Of many live jobs, such changes wait for each
        other if the jobs have just been read again.
        """
        at = time.monotonic()
        may_wait = is_minor and self._live > FEW
        wait = max(REFRESH_SECONDS, self._looked_at + BUSY_SECONDS - at) if may_wait else REFRESH_SECONDS
        if at + wait < self._due:
            self._due = at + wait
            self._pane.set_timer(wait, self._look_if_due)

    def newest(self) -> None:
        """Goes to the newest jobs, and to the wanted one."""
        self._jump = self._begin(partial(self._go, self._newest_with_wanted))

    def first(self) -> None:
        """Goes to the newest job."""
        self._jump = self._begin(partial(self._go, self._window.newest, to=0))

    def oldest(self) -> None:
        """Goes to the oldest job."""
        self._jump = self._begin(partial(self._go, self._window.oldest, to=-1))

    def older(self) -> None:
        """Reads more at the end."""
        if not self._is_jumping:
            self._begin(partial(self._go, self._window.older))

    def newer(self) -> None:
        """Reads more at the start."""
        if not self._is_jumping:
            self._begin(partial(self._go, self._window.newer))

    @property
    def _is_jumping(self) -> bool:
        return self._jump is not None and not self._jump.is_finished

    def _begin(self, reading: Callable[[], Awaitable[None]]) -> Worker:
        return self._pane.run_worker(reading, group="jobs", exclusive=True)

    def _look_if_due(self) -> None:
        if self._due < math.inf:  # Otherwise a change that could not wait was read earlier, and this one with it.
            self._look_again()

    def _look_again(self) -> None:
        # Not in the worker: a worker that another read replaces may never start.
        self._due, self._looked_at, self._is_behind = math.inf, time.monotonic(), True
        if not self._is_jumping:  # It reads again at its end.
            self._begin(self._read_again)

    async def _read_again(self) -> None:
        followed = {job.id for job in self._window.jobs if job.state.is_followed}
        self._live = len(followed)
        await self._read(self._newest_with_wanted if self.wanted else self._window.again)
        self._is_behind = False
        self._pane.jobs_read_again([job for job in self._window.jobs if job.id in followed and job.state.is_final])

    async def _go(self, reading: Callable[[], Awaitable[None]], *, to: int | None = None) -> None:
        await self._read(reading, to=to)
        await self._count()
        if self._is_behind:
            self.changed()  # This read has stood in the way of the one that would have shown the changes.

    async def _count(self) -> None:
        """Counts the jobs that match."""
        try:
            await self._window.count()
        except (Interrupted, HistoryError):
            return  # The person asked for something else, or was told by the read that the history fails.
        self._pane.matching_counted()

    async def _newest_with_wanted(self) -> None:
        """Reads the newest jobs; without a filter if the filter would hide the wanted job."""
        await self._window.newest()
        wanted = self.wanted
        if wanted is None or self._window.index_of(wanted) is not None:
            return
        self.wanted = None
        if not self._pane.let_all_through():
            return
        self.wanted = wanted  # Until it has been read: showing all jobs may move the cursor.
        await self._window.newest()
        if self._window.index_of(wanted) is None:
            self.wanted = None

    async def _read(self, reading: Callable[[], Awaitable[None]], *, to: int | None = None) -> None:
        """Waits for a read. Then puts the cursor on the wanted job, on that of the index `to`, or back on its job."""
        before, shown = self._pane.highlighted, self.shown
        highlighted = before.id if before else None
        try:
            await reading()
        except Interrupted:
            return  # The person asked for something else meanwhile.
        except HistoryError as error:
            self._pane.tell_unreadable(error)
            return
        jobs = self._window.jobs
        if self.wanted and self._window.index_of(self.wanted) is not None:
            # Kept until now: another read may have replaced the one that was started for it.
            highlighted, self.wanted = self.wanted, None
        elif to is not None and jobs:
            highlighted = jobs[to].id
        elif self.shown and self.shown is not shown:
            highlighted = self.shown.id  # The cursor was moved meanwhile.
        self._pane.settle(highlighted)
