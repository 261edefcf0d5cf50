"""The status streams of one service: a bounded number, for the selected job and the newest ones first."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from faldeck.fal.errors import FalError, NotSupported
from faldeck.fal.values import RequestHandle, Status

if TYPE_CHECKING:
    from faldeck.fal.client import Gateway

BACKLOG = 64
"""Statuses that may wait to be recorded; the service waits with the others."""

MIN_SLOT_SECONDS = 5.0
"""For so long a job keeps its stream even where a newer one wants it: opening streams costs too."""


_StreamQueue: TypeAlias = "asyncio.Queue[Status | FalError | None]"
"""What a stream says, or what went wrong with it, and None at its end."""


@dataclass(frozen=True, slots=True)
class _Slot:
    job_id: str
    taken_at: float
    reader: asyncio.Task[None]


class StatusStreams:
    """Who watches a stream. A service may turn out to have none, which is remembered."""

    def __init__(self, limit: int, silence: float) -> None:
        """`limit` is how many streams may be open, `silence` for how many seconds one is believed that says nothing."""
        self._limit = limit
        self._silence = silence
        self._slots: dict[str, _Slot] = {}
        self.offered = True
        """False once the service has shown that it has no stream."""
        self._silent_jobs: set[str] = set()
        self.selected: str | None = None
        """The job that a person looks at."""

    def has_room(self, job_id: str) -> bool:
        """Whether the job may open a stream now, if need be in the place of another.

        A job whose stream ended without a word does not get another: something on the way holds streams back.
        """
        if not self.offered or job_id in self._silent_jobs:
            return False
        return len(self._slots) < self._limit or self._slot_to_preempt(job_id) is not None

    async def watch(self, gateway: Gateway, request: RequestHandle, job_id: str) -> AsyncGenerator[Status, None]:
        """The request's statuses as they come, until the service closes the stream or another job gets the place.

        None where there is no room any more: others may have come while this job waited for its turn.
        Raises what `Gateway.follow` raises, but for NotOffered, which is remembered.
        """
        if not self.has_room(job_id):
            return
        if len(self._slots) >= self._limit and (slot := self._slot_to_preempt(job_id)):
            self._close_slot(slot)
        items: _StreamQueue = asyncio.Queue()
        room = asyncio.Semaphore(BACKLOG)
        reader = asyncio.create_task(self._read(gateway, request, job_id, items, room))
        # Also one that is cancelled before it has begun comes to an end.
        reader.add_done_callback(lambda _: items.put_nowait(None))
        slot = self._slots[job_id] = _Slot(job_id, asyncio.get_running_loop().time(), reader)
        has_answered = False
        try:
            while (item := await _next(items, self._silence)) is not None:
                if isinstance(item, FalError):
                    raise item
                has_answered = True
                yield item
                room.release()
        except TimeoutError:  # It may live on comments alone, where something on the way holds back what it says.
            if not has_answered:
                self._silent_jobs.add(job_id)
        finally:
            self._close_slot(slot)

    def close(self) -> None:
        """Ends every stream: what they promise is no longer believed. Their jobs go on by other means."""
        for slot in list(self._slots.values()):
            self._close_slot(slot)

    async def _read(
        self, gateway: Gateway, request: RequestHandle, job_id: str, items: _StreamQueue, room: asyncio.Semaphore
    ) -> None:
        has_answered = False
        try:
            async with contextlib.aclosing(gateway.follow(request)) as statuses:
                async for status in statuses:
                    has_answered = True
                    await room.acquire()
                    items.put_nowait(status)
        except NotSupported:
            self.offered = False
        except FalError as error:
            items.put_nowait(error)
        if not has_answered:
            self._silent_jobs.add(job_id)

    def _close_slot(self, slot: _Slot) -> None:
        if self._slots.get(slot.job_id) is slot:
            del self._slots[slot.job_id]
        slot.reader.cancel()

    def _slot_to_preempt(self, job_id: str) -> _Slot | None:
        """The seat of the least job, if it is less than this one and has had its time."""
        least = min(self._slots.values(), key=lambda slot: self._rank(slot.job_id))
        since = asyncio.get_running_loop().time() - least.taken_at
        is_due = since >= MIN_SLOT_SECONDS or job_id == self.selected
        return least if is_due and self._rank(least.job_id) < self._rank(job_id) else None

    def _rank(self, job_id: str) -> tuple[bool, str]:
        return job_id == self.selected, job_id  # Ids sort by time.


async def _next(items: _StreamQueue, seconds: float) -> Status | FalError | None:
    """What is said next; raises TimeoutError where that takes longer."""
    async with asyncio.timeout(seconds):
        return await items.get()
