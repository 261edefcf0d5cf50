"""The status streams of one service: a limited number, given to the selected job and the newest jobs first."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from faldeck.fal.errors import FalError, NotSupported
from faldeck.fal.values import Completed, Log, Queued, RequestHandle, Running, Status

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway

BACKLOG = 64
"""Statuses of one stream that may wait to be recorded; further ones stay with the service."""

FEW = 8
"""With more open streams than this, small changes of a job are merged, unless a person looks at the job."""

TOGETHER_SECONDS = 0.5
"""How long places in the queue and log lines are then merged.

It ends at the same moment for all streams, so that one transaction and one repaint show the changes of all jobs.
"""

FAR_BACK = 10
"""A job further back in its queue than this place does not start at once. Of many streams, its own is read only when
the merged changes are reported: waking the process for each of them costs more than reading them."""

MIN_SLOT_SECONDS = 5.0
"""How long a job keeps its stream when a newer job wants it. Opening a stream costs the service, too."""


class _Inbox:
    """Holds the statuses of one stream until its job reads them. While many streams are open, it merges small changes.

    Each status that a job reads costs a write to the disk and a repaint.
    """

    def __init__(self, may_wait: Callable[[], bool]) -> None:
        """`may_wait` says whether small changes may be merged now."""
        self._may_wait = may_wait
        self._loop = asyncio.get_running_loop()
        self._items: asyncio.Queue[tuple[Status | FalError | None, int]] = asyncio.Queue()
        """What the job reads next, and how many statuses are merged into it. An error or None ends the stream."""
        self._room = asyncio.Semaphore(BACKLOG)
        self._last: Status | None = None
        self._held: Status | None = None
        self._count = 0
        """The statuses in the one that is held."""
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def add(self, status: Status) -> None:
        """Adds a status; waits while too many have not been read yet."""
        await self._room.acquire()
        self._count += 1
        self._held = _with_logs(self._held.logs if self._held else (), status)
        if not (self._may_wait() and _is_minor(self._last, status)):
            self._flush()
        elif self._timer is None:
            # Even if that is past, it is not called before all that has arrived was read.
            self._timer = self._loop.call_at(self._due, self._flush)

    def end(self, error: FalError | None = None) -> None:
        """The stream has ended, or an error has ended it."""
        self._flush()
        self._items.put_nowait((error, 0))

    def _flush(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._held:
            self._items.put_nowait((self._held, self._count))
            self._last, self._held, self._count = self._held, None, 0
            self._due = self._next_moment()

    def _next_moment(self) -> float:
        """When merged changes are reported next, in seconds on the loop's clock."""
        return (self._loop.time() // TOGETHER_SECONDS + 1) * TOGETHER_SECONDS

    async def rest(self, status: Status) -> None:
        """Waits until merged changes are reported next, if the job will not start before; `status` is its newest."""
        if self._may_wait() and isinstance(status, Queued) and (status.position or 0) > FAR_BACK:
            await asyncio.sleep(self._next_moment() - self._loop.time())

    async def statuses(self, silence: float) -> AsyncGenerator[Status, None]:
        """The statuses up to the end.

        Raises the error that ended the stream, and TimeoutError after `silence` seconds without a status.
        """
        while True:
            async with asyncio.timeout(silence):
                item, count = await self._items.get()
            if item is None:
                return
            if isinstance(item, FalError):
                raise item
            yield item
            for _ in range(count):  # Not before: a flood of statuses waits at the service.
                self._room.release()


class _Slot(NamedTuple):
    job_id: str
    taken_at: float
    """Seconds on the loop's clock."""
    reader: asyncio.Task[None]


class StatusStreams:
    """Which jobs have a status stream, and their statuses. Remembers when the service has no streams.

    A stream tells a status at once, but it is one open connection for each job. So there are `limit` slots, and with
    more jobs than slots somebody must poll. The slots go to the job that a person looks at, then to the newest jobs,
    whose statuses change soonest. A job that would get a slot closes the least important stream; that job's reader
    ends, and the job polls from then on. It does so only after `MIN_SLOT_SECONDS`, because otherwise a burst of a
    hundred new jobs would open and close a hundred streams within a second.
    """

    def __init__(self, limit: int, silence: float) -> None:
        """`limit`: streams open at once. `silence`: seconds after which a stream without a status is given up."""
        self._limit = limit
        self._silence = silence
        self._slots: dict[str, _Slot] = {}
        self.offered = True
        """False once the service has shown that it has no streams."""
        self._silent_jobs: set[str] = set()
        self.selected: str | None = None
        """The id of the job that a person looks at."""

    @property
    def is_full(self) -> bool:
        """Whether there are more jobs than streams, so that many are polled."""
        return len(self._slots) >= self._limit

    def has_free_slot(self, job_id: str) -> bool:
        """Returns True if the job may open a stream now, if necessary in place of another job's.

        A job whose stream ended without one status gets no second stream: a proxy on the way holds streams back.
        """
        if not self.offered or job_id in self._silent_jobs:
            return False
        return len(self._slots) < self._limit or self._slot_to_preempt(job_id) is not None

    async def watch(self, gateway: Gateway, request: RequestHandle, job_id: str) -> AsyncGenerator[Status, None]:
        """Yields the request's statuses until the service closes the stream or another job takes the slot.

        Yields nothing if no slot is free any more: other jobs may have come while this one waited for the rate limit.
        Raises what `Gateway.follow` raises, except NotSupported, which is remembered.
        """
        if not self.has_free_slot(job_id):
            return
        if len(self._slots) >= self._limit and (slot := self._slot_to_preempt(job_id)):
            self._close_slot(slot)
        inbox = _Inbox(lambda: len(self._slots) > FEW and job_id != self.selected)
        reader = asyncio.create_task(self._read(gateway, request, job_id, inbox))
        # A callback and not the last line of `_read`: a reader that is cancelled before it starts must end the queue.
        reader.add_done_callback(lambda _: inbox.end())
        slot = self._slots[job_id] = _Slot(job_id, asyncio.get_running_loop().time(), reader)
        last: Status | None = None
        try:
            async for status in inbox.statuses(self._silence):
                yield (last := status)
        except TimeoutError:  # A proxy may let only the keep-alive comments through.
            if last is None:
                self._silent_jobs.add(job_id)
        finally:
            self._close_slot(slot)

    def close(self) -> None:
        """Ends every stream, because the connections may be dead after a sleep. Their jobs poll, or open new ones."""
        for slot in list(self._slots.values()):
            self._close_slot(slot)

    async def _read(self, gateway: Gateway, request: RequestHandle, job_id: str, inbox: _Inbox) -> None:
        has_answered = False
        try:
            async with contextlib.aclosing(gateway.follow(request)) as statuses:
                waited = _soon()
                async for status in statuses:
                    has_answered = True
                    is_newest = waited.is_set()  # If not, it had arrived before, and more may have.
                    await inbox.add(status)
                    if is_newest:
                        await inbox.rest(status)
                    waited = _soon()
        except NotSupported:
            self.offered = False
        except FalError as error:
            inbox.end(error)
        if not has_answered:
            self._silent_jobs.add(job_id)

    def _close_slot(self, slot: _Slot) -> None:
        if self._slots.get(slot.job_id) is slot:
            del self._slots[slot.job_id]
        slot.reader.cancel()

    def _slot_to_preempt(self, job_id: str) -> _Slot | None:
        """Returns the least important slot, if this job is more important and the slot has had its time."""
        least = min(self._slots.values(), key=lambda slot: self._rank(slot.job_id))
        age = asyncio.get_running_loop().time() - least.taken_at
        is_due = age >= MIN_SLOT_SECONDS or job_id == self.selected
        return least if is_due and self._rank(least.job_id) < self._rank(job_id) else None

    def _rank(self, job_id: str) -> tuple[bool, str]:
        return job_id == self.selected, job_id  # Ids sort by time.


def _is_minor(before: Status | None, after: Status) -> bool:
    """Whether a status says nothing new but the place in the queue, or log lines."""
    if isinstance(before, Queued) and isinstance(after, Queued):
        return before.unknown_word == after.unknown_word
    return isinstance(before, Running) and isinstance(after, Running)


def _soon() -> asyncio.Event:
    """An event that is set as soon as the running task waits for anything."""
    event = asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)
    return event


def _with_logs(earlier: tuple[Log, ...], status: Status) -> Status:
    """The status with the log lines of earlier ones before its own."""
    if not earlier:
        return status
    logs = (*earlier, *status.logs)
    return replace(status, logs=logs) if isinstance(status, Completed) else status._replace(logs=logs)
