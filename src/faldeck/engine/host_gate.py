"""The gate to one host: a circuit breaker with a rate limit.

Every request to the host takes a slot first. While the host is down, one request at a time probes it and all others
wait, so an outage costs one slow loop of tries instead of one loop for each job.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from faldeck.engine import error_meaning
from faldeck.engine.timing import Timing
from faldeck.fal import errors
from faldeck.job import Waiting


class RequestSlot:
    """The permission to send one request."""

    def __init__(self, gate: HostGate, is_probe: bool) -> None:
        self._gate = gate
        self.is_probe = is_probe
        """True for the one request that tests whether the host is back."""

    def answered(self) -> None:
        """Reports that the host has started to answer, so that others need not wait for the end of a long answer."""
        self._gate.record_success()

    def release_probe(self) -> None:
        """Lets another request probe: this one has ended, or takes long, such as a direct call of some minutes."""
        if self.is_probe:
            self.is_probe = False
            self._gate.release_probe()


class HostGate:
    """The gate to one host.

    It is open while the host answers. After a fault it is blocked until the time of the next try. Then one request,
    the probe, goes out, and all others wait for its outcome. Any answer of the host opens the gate again.

    The probe keeps its right for `Timing.probe` seconds only. It may be a direct call that answers after minutes, or
    a slow upload, and the others must not wait for it: after that time the next request may probe as well.
    """

    def __init__(self, timing: Timing, on_refusal: Callable[[str], None] = lambda words: None) -> None:
        """`on_refusal` is called with the service's words when the key is refused: once, even if many jobs wait."""
        self._timing = timing
        self._on_refusal = on_refusal
        self._lanes = asyncio.Semaphore(timing.lanes)
        self._faults = 0
        self._refusal: errors.ErrorResponse | None = None
        self._reported = ""
        self._next_try = 0.0
        self._next_status = 0.0
        self._statuses = asyncio.Lock()
        self._is_probed = False
        self._changed = asyncio.Event()
        self._retried = asyncio.Event()
        self.blocked: Waiting | None = None
        """Why no request goes out now; None while the gate is open."""

    @asynccontextmanager
    async def slot(self, *, keyed: bool = True, bounded: bool = True) -> AsyncIterator[RequestSlot]:
        """Waits until a request may go out, and records how it ended: a FalError raised inside counts as a fault.

        `keyed`: False for requests that a refused key must not hold up: they carry no key, or a person waits for them.
        `bounded`: False for long requests with a limit of their own; they do not count as requests under way.
        """
        slot = RequestSlot(self, await self._wait_until_open(keyed))
        timer = asyncio.get_running_loop().call_later(self._timing.probe, slot.release_probe)
        try:
            async with self._lanes if bounded else contextlib.nullcontext():
                yield slot
        except errors.FalError as error:
            self._record_fault(error, slot, keyed)
            raise
        else:
            self.record_success()
        finally:
            timer.cancel()
            slot.release_probe()

    async def acquire_status(self) -> None:
        """Waits until another status may be asked for (`Timing.budget` per second); first come, first served."""
        async with self._statuses:  # Without the lock, a late loop would send the missed requests in one burst.
            await asyncio.sleep(self.reserve_status())

    def reserve_status(self) -> float:
        """Takes the next place in the rate limit; returns the seconds until it is due."""
        time = asyncio.get_running_loop().time()
        due = max(time, self._next_status)
        self._next_status = due + 1 / self._timing.budget
        return due - time

    async def wait(self, seconds: float) -> None:
        """Waits for `seconds`, or until `retry_now` is called."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._retried.wait()

    def retry_now(self) -> None:
        """Retries all waiting requests now; called after the machine slept and after the config changed."""
        self._next_try = 0.0
        self._retried.set()
        self._retried = asyncio.Event()
        self._notify()

    def record_success(self) -> None:
        """Opens the gate: the host has answered, even with an error."""
        if self.blocked:
            self._faults, self._refusal, self.blocked = 0, None, None
            self._notify()

    def release_probe(self) -> None:
        """Lets the next waiting request probe the host."""
        self._is_probed = False
        self._notify()

    async def _wait_until_open(self, keyed: bool) -> bool:
        """Waits until the gate is open, or this request may probe; returns True for the probe."""
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

    def _record_fault(self, error: errors.FalError, slot: RequestSlot, keyed: bool) -> None:
        if isinstance(error, errors.Unauthorized | errors.Forbidden) and keyed:
            self._record_refusal(error, slot)
        elif not error_meaning.is_outage(error):
            self.record_success()
        elif slot.is_probe or not self.blocked:
            # Requests that were under way when the host went down fail too; they do not count as further faults.
            self._faults += 1
            delay = self._timing.retry(error, self._faults)
            self._block(error_meaning.waiting_to_retry(error, delay), delay)

    def _record_refusal(self, error: errors.ErrorResponse, slot: RequestSlot) -> None:
        # The refusal may concern the model of one job only, so another job may try at once.
        delay = self._timing.paused if slot.is_probe else 0.0
        self._refusal = error
        self._block(error_meaning.waiting_for_key(error, delay), delay)
        if self._reported != error.message:
            self._reported = error.message
            self._on_refusal(error_meaning.clean_text(error))

    def _block(self, waiting: Waiting, delay: float) -> None:
        self._next_try = asyncio.get_running_loop().time() + delay
        self.blocked = waiting
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
