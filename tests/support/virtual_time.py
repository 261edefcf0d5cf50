"""An event loop whose clock jumps to the next timer, so that tests of hours take milliseconds."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from faldeck.history import History, Store
from support.prepared import new_history

Answer = TypeVar("Answer")

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class _Selector(selectors.DefaultSelector):
    """Does not wait for a timer: makes its time come. For threads it waits, and no time passes meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0
        self.threads = 0
        self.is_virtual = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not self.is_virtual:
            return super().select(timeout)
        if self.threads:
            return super().select(None if timeout != 0 else 0)
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if not ready:
            assert timeout is not None, "everybody waits, and nothing will ever happen"
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

    def run_in_executor(self, executor: Any, func: Callable[..., Answer], *args: Any) -> "asyncio.Future[Answer]":  # type: ignore[override]
        self._clock.threads += 1
        future: asyncio.Future[Answer] = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._returned)
        return future

    def _returned(self, future: "asyncio.Future[Any]") -> None:
        self._clock.threads -= 1

    def run_virtually(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Runs `work` to its end; fails where it waits for what can never come."""
        self._clock.is_virtual = True
        try:
            return self.run_until_complete(work)
        finally:
            self._clock.is_virtual = False


class Inline(History):
    """A history that is asked at once, without threads, so that no time passes meanwhile."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._store = Store(new_history(path))

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
