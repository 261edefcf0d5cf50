"""The line to one host: whether it answers, when it is tried again, how often it may be asked.

Whoever asks the host takes a turn first, so that an outage is one quiet loop of tries and not one for each job.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from faldeck.engine import transitions
from faldeck.engine.timing import Timing
from faldeck.fal import errors
from faldeck.job import Waiting


class RequestSlot:
    """One request's leave to go out."""

    def __init__(self, gate: HostGate, is_probe: bool) -> None:
        self._line = gate
        self.is_probe = is_probe
        """True for the one request that finds out whether the host is back."""

    def answered(self) -> None:
        """The host has begun to answer, which may take long: nobody needs to wait for the end of it."""
        self._line.answered()

    def release_probe(self) -> None:
        """Lets another probe: this one is over, or takes long, as a direct call does that runs for minutes."""
        if self.is_probe:
            self.is_probe = False
            self._line.probe_ended()


class HostGate:
    """The line to one host.

    `on_refusal` is called with a sentence when the key was refused, once for however many jobs.
    """

    def __init__(self, pace: Timing, on_refusal: Callable[[str], None] = lambda words: None) -> None:
        self._pace = pace
        self._on_refusal = on_refusal
        self._lanes = asyncio.Semaphore(pace.lanes)
        self._faults = 0
        self._refusal: errors.ErrorResponse | None = None
        self._told = ""
        self._next_try = 0.0
        self._next_status = 0.0
        self._statuses = asyncio.Lock()
        self._is_probed = False
        self._changed = asyncio.Event()
        self._woken = asyncio.Event()
        self.blocked: Waiting | None = None
        """Why no request goes out now; None while the gate is open."""

    @asynccontextmanager
    async def slot(self, *, keyed: bool = True, bounded: bool = True) -> AsyncIterator[RequestSlot]:
        """Waits until the host may be asked, and learns from what comes of it.

        While there is an obstacle one probe goes out at a time and all others wait for its outcome. `keyed` is
        False for what the key has no part in, or what a person waits for: a refused key does not hold it up.
        `bounded` is False for what takes long and has a bound of its own: it takes nobody's lane.
        """
        slot = RequestSlot(self, await self._clear(keyed))
        patience = asyncio.get_running_loop().call_later(self._pace.probe, slot.release_probe)
        try:
            async with self._lanes if bounded else contextlib.nullcontext():
                yield slot
        except errors.FalError as error:
            self._faulted(error, slot, keyed)
            raise
        else:
            self.answered()
        finally:
            patience.cancel()
            slot.release_probe()

    async def acquire_status(self) -> None:
        """Waits for one of the statuses that may be asked for in a second, in the order of asking."""
        async with self._statuses:  # So that a loop which was late does not catch up in one burst.
            await asyncio.sleep(self.reserve_status())

    def reserve_status(self) -> float:
        """Takes one of the statuses that may be asked for in a second; gives the seconds until it is due."""
        time = asyncio.get_running_loop().time()
        due = max(time, self._next_status)
        self._next_status = due + 1 / self._pace.budget
        return due - time

    async def wait(self, seconds: float) -> None:
        """Waits so long, or until `retry_now`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    def retry_now(self) -> None:
        """Has everything asked at once: time has passed unseen, and nothing that was known of the line holds."""
        self._next_try = 0.0
        self._woken.set()
        self._woken = asyncio.Event()
        self._notify()

    def answered(self) -> None:
        """Whatever the host has said, it is there."""
        if self.blocked:
            self._faults, self._refusal, self.blocked = 0, None, None
            self._notify()

    def probe_ended(self) -> None:
        """Whoever waits may be the next to find out whether the host is back."""
        self._is_probed = False
        self._notify()

    async def _clear(self, keyed: bool) -> bool:
        """Waits until there is no obstacle, or it is this caller's part to try; gives whether it is."""
        loop = asyncio.get_running_loop()
        while self.blocked and (keyed or not self._refusal):
            seconds = self._next_try - loop.time()
            if seconds <= 0 and not self._is_probed:
                self._is_probed = True
                return True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if self._is_probed else seconds):
                    await self._changed.wait()
        return False

    def _faulted(self, error: errors.FalError, slot: RequestSlot, keyed: bool) -> None:
        if isinstance(error, errors.Unauthorized | errors.Forbidden) and keyed:
            self._refused(error, slot)
        elif not transitions.is_outage(error):
            self.answered()
        elif slot.is_probe or not self.blocked:
            self._faults += 1
            delay = self._pace.retry(error, self._faults)
            self._block(transitions.waiting_to_retry(error, delay), delay)

    def _refused(self, error: errors.ErrorResponse, slot: RequestSlot) -> None:
        # The refusal may concern one job's model alone, so another job is let try at once.
        delay = self._pace.paused if slot.is_probe else 0.0
        self._refusal = error
        self._block(transitions.waiting_for_key(error, delay), delay)
        if self._told != error.message:
            self._told = error.message
            self._on_refusal(transitions.words(error))

    def _block(self, waiting: Waiting, delay: float) -> None:
        self._next_try = asyncio.get_running_loop().time() + delay
        self.blocked = waiting
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
