"""The status streams of one service: a bounded number, for the selected job and the newest ones first."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from faldeck.fal.errors import FalError, NotOffered
from faldeck.fal.values import Request, Status

if TYPE_CHECKING:
    from faldeck.fal.client import Gateway

BACKLOG = 64
"""Statuses that may wait to be recorded; the service waits with the others."""

SEATED_SECONDS = 5.0
"""For so long a job keeps its stream even where a newer one wants it: opening streams costs too."""


_Said: TypeAlias = "asyncio.Queue[Status | FalError | None]"
"""What a stream says, or what went wrong with it, and None at its end."""


@dataclass(frozen=True, slots=True)
class _Seat:
    job_id: str
    taken_at: float
    reader: asyncio.Task[None]


class Streams:
    """Who watches a stream. A service may turn out to have none, which is remembered."""

    def __init__(self, limit: int, silence: float) -> None:
        """`limit` is how many streams may be open, `silence` for how many seconds one is believed that says nothing."""
        self._limit = limit
        self._silence = silence
        self._seats: dict[str, _Seat] = {}
        self.offered = True
        """False once the service has shown that it has no stream."""
        self._silent: set[str] = set()
        self.selected: str | None = None
        """The job that a person looks at."""

    def has_room(self, job_id: str) -> bool:
        """Whether the job may open a stream now, if need be in the place of another.

        A job whose stream ended without a word does not get another: something on the way holds streams back.
        """
        if not self.offered or job_id in self._silent:
            return False
        return len(self._seats) < self._limit or self._least_than(job_id) is not None

    async def watch(self, gateway: Gateway, request: Request, job_id: str) -> AsyncGenerator[Status, None]:
        """The request's statuses as they come, until the service closes the stream or another job gets the place.

        None where there is no room any more: others may have come while this job waited for its turn.
        Raises what `Gateway.follow` raises, but for NotOffered, which is remembered.
        """
        if not self.has_room(job_id):
            return
        if len(self._seats) >= self._limit and (seat := self._least_than(job_id)):
            self._leave(seat)
        said: _Said = asyncio.Queue()
        room = asyncio.Semaphore(BACKLOG)
        reader = asyncio.create_task(self._read(gateway, request, job_id, said, room))
        # Also one that is cancelled before it has begun comes to an end.
        reader.add_done_callback(lambda _: said.put_nowait(None))
        seat = self._seats[job_id] = _Seat(job_id, asyncio.get_running_loop().time(), reader)
        has_spoken = False
        try:
            while (item := await _next(said, self._silence)) is not None:
                if isinstance(item, FalError):
                    raise item
                has_spoken = True
                yield item
                room.release()
        except TimeoutError:  # It may live on comments alone, where something on the way holds back what it says.
            if not has_spoken:
                self._silent.add(job_id)
        finally:
            self._leave(seat)

    def close(self) -> None:
        """Ends every stream: what they promise is no longer believed. Their jobs go on by other means."""
        for seat in list(self._seats.values()):
            self._leave(seat)

    async def _read(
        self, gateway: Gateway, request: Request, job_id: str, said: _Said, room: asyncio.Semaphore
    ) -> None:
        has_spoken = False
        try:
            async with contextlib.aclosing(gateway.follow(request)) as statuses:
                async for status in statuses:
                    has_spoken = True
                    await room.acquire()
                    said.put_nowait(status)
        except NotOffered:
            self.offered = False
        except FalError as error:
            said.put_nowait(error)
        if not has_spoken:
            self._silent.add(job_id)

    def _leave(self, seat: _Seat) -> None:
        if self._seats.get(seat.job_id) is seat:
            del self._seats[seat.job_id]
        seat.reader.cancel()

    def _least_than(self, job_id: str) -> _Seat | None:
        """The seat of the least job, if it is less than this one and has had its time."""
        least = min(self._seats.values(), key=lambda seat: self._rank(seat.job_id))
        since = asyncio.get_running_loop().time() - least.taken_at
        is_due = since >= SEATED_SECONDS or job_id == self.selected
        return least if is_due and self._rank(least.job_id) < self._rank(job_id) else None

    def _rank(self, job_id: str) -> tuple[bool, str]:
        return job_id == self.selected, job_id  # Ids sort by time.


async def _next(said: _Said, seconds: float) -> Status | FalError | None:
    """What is said next; raises TimeoutError where that takes longer."""
    async with asyncio.timeout(seconds):
        return await said.get()
