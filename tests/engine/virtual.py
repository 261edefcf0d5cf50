"""Time that passes only when nobody has anything to do, so that hours of waiting take no time."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from faldeck.history import History, Store

Answer = TypeVar("Answer")

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
THREAD_SECONDS = 0.0005
"""Real seconds that a thread is given to answer before time goes on."""


class _Selector(selectors.DefaultSelector):
    """Does not wait for a timer: makes its time come."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(
            timeout and min(timeout, THREAD_SECONDS) if timeout is not None else None
        )
        if not ready and timeout:
            self.passed += timeout
        return ready


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock is virtual."""

    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.passed

    def now(self) -> datetime:
        """The virtual wall clock."""
        return EPOCH + timedelta(seconds=self._clock.passed)


class Inline(History):
    """A history that is asked at once, without threads, so that no time passes meanwhile."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._store = Store(path)

    async def write(self, change: Callable[[Store], Answer]) -> Answer:
        await asyncio.sleep(0)
        return change(self._store)

    async def read(self, question: Callable[[Store], Answer]) -> Answer:
        return await self.write(question)

    async def read_settled(self, question: Callable[[Store], Answer]) -> Answer:
        return await self.write(question)

    def close(self) -> None:
        self._store.close()
        super().close()


@contextmanager
def clock(*modules: str) -> Iterator[Loop]:
    """A loop by whose clock these modules tell `now`."""
    loop = Loop()
    with pytest.MonkeyPatch.context() as patch:
        for module in modules:
            patch.setattr(f"{module}.now", loop.now)
        try:
            yield loop
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()


def run(loop: Loop, work: Coroutine[Any, Any, Answer]) -> Answer:
    """Runs `work` to its end."""
    return loop.run_until_complete(work)
