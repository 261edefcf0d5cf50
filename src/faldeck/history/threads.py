"""The history for the event loop: one thread writes, one reads, the loop waits for neither."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from faldeck.history.connection import can_be_written, identity_if_there, is_damage, unwritable
from faldeck.history.migrations import lock_problem
from faldeck.history.store import Store

if TYPE_CHECKING:
    # Costs more than all the rest, and commands that ask nothing but the disk have no event loop.
    import asyncio
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue

    from faldeck.history.indexer import Indexer

Answer = TypeVar("Answer")

HistoryError = sqlite3.Error
"""What every question to the history, and every change, may raise."""

CannotWrite = sqlite3.OperationalError
"""The disk is full or refuses: the same change may succeed later."""

Duplicate = sqlite3.IntegrityError
"""The request is another job's already."""


def is_locked(error: sqlite3.Error) -> bool:
    """Whether the only thing wrong is that another process was writing, for longer than was waited."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


Reason: TypeAlias = tuple[type[sqlite3.Error], int]
"""What is wrong, without the words: the kind of an error, and SQLite's number of it (0 if it gave none)."""


def _reason(error: sqlite3.Error) -> Reason:
    return type(error), getattr(error, "sqlite_errorcode", 0)


def _unusable(problem: str, code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(problem)
    error.sqlite_errorcode = code
    return error


class Interrupted(Exception):
    """A question was given up in favour of another."""


MOST_RECOVERIES = 2
"""How often a damaged file is recovered for one question or change."""

RECOVERY_PAUSE = 60.0
"""How long a recovery that failed, because the disk is full, is not tried again (seconds)."""

BUSY_SECONDS = 1.0
"""How often a change that waits for another process's write looks whether it is still wanted."""


class History:
    """A history file that coroutines can ask and tell.

    `Store` says what can be asked; this says only on which thread.
    """

    def __init__(self, path: Path) -> None:
        from concurrent.futures import ThreadPoolExecutor
        from queue import SimpleQueue
        from threading import Lock

        self._path = path
        self._writer = ThreadPoolExecutor(1, "history-writer")
        self._reader = ThreadPoolExecutor(1, "history-reader")
        self._stores: dict[ThreadPoolExecutor, Store] = {}
        self._closes_at: float | None = None
        """When, on the monotonic clock, no other process is waited for any more."""
        self.losses: SimpleQueue[str] = SimpleQueue()
        """What has happened to the file under us, as sentences for the person."""
        self.is_locked_out = False
        """Whether another process has kept the file locked for longer than `BUSY_SECONDS` by now."""
        self._browsing = Lock()
        self._is_browsing = False
        self._is_lost = False
        """Whether the file is gone and could not be put back."""
        self.is_read_only = False
        """Whether the file can only be read."""
        self._failing: dict[ThreadPoolExecutor, Reason] = {}
        """Why the last question of a thread failed, if it did."""
        self._told: set[Reason] = set()
        """The reasons that the person has been told and that still hold."""

        self._indexer: Indexer | None = None
        self._recovering = Lock()
        self._recovers_from = 0.0
        """When, on the monotonic clock, a damaged file may be recovered."""
        self._recovered: tuple[int, int] | None = None
        """The identity of the file that was made here of a damaged one."""

    def is_news(self, error: HistoryError) -> bool:
        """Whether the person is to be told of an error: once for each reason, until the history works again."""
        reason = _reason(error)
        is_new = reason not in self._told
        self._told.add(reason)
        return is_new

    async def write(self, change: Callable[[Store], Answer]) -> Answer:
        """Runs `change` on the writing thread; changes happen in the order they are asked for.

        A change that has been asked for happens, even where the asking coroutine is cancelled.
        """
        import asyncio

        return await asyncio.shield(self._submit(self._writer, change))

    async def read(self, question: Callable[[Store], Answer]) -> Answer:
        """Runs `question` on the reading thread."""
        return await self._submit(self._reader, question)

    async def browse(self, question: Callable[[Store], Answer]) -> Answer:
        """Runs `question` on the reading thread until it is answered, or `interrupt` is called: raises Interrupted."""

        def interruptible(store: Store) -> Answer:
            with self._browsing:
                self._is_browsing = True
            try:
                return question(store)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                    raise Interrupted from error
                raise
            finally:
                with self._browsing:
                    self._is_browsing = False

        return await self.read(interruptible)

    async def read_settled(self, question: Callable[[Store], Answer]) -> Answer:
        """Runs `question` after every change that was asked for before it."""
        return await self._submit(self._writer, question)

    def interrupt(self) -> None:
        """Ends what is being browsed, because nobody waits for its answer any more; no other question."""
        with self._browsing:
            if self._is_browsing:
                self._stores[self._reader].interrupt()

    def close(self) -> None:
        """Finishes what was asked for, waits only `BUSY_SECONDS` in all for other processes, and closes the file."""
        self._closes_at = time.monotonic() + BUSY_SECONDS
        if self._indexer:
            self._indexer.stop()
        for thread in (self._reader, self._writer):
            thread.submit(self._close, thread)
            thread.shutdown(wait=True)

    def _submit(self, thread: ThreadPoolExecutor, work: Callable[[Store], Answer]) -> asyncio.Future[Answer]:
        import asyncio

        return asyncio.wrap_future(thread.submit(self._run, thread, work))

    def _run(self, thread: ThreadPoolExecutor, work: Callable[[Store], Answer]) -> Answer:
        """Does the work, and notes whether the history works."""
        try:
            answer = self._carry_out(thread, work)
        except sqlite3.Error as error:
            self._failing[thread] = _reason(error)
            raise
        if (reason := self._failing.pop(thread, None)) and reason not in self._failing.values():
            self._told.discard(reason)
        return answer

    def _carry_out(self, thread: ThreadPoolExecutor, work: Callable[[Store], Answer]) -> Answer:
        """Does the work, however long another process keeps the file locked."""
        recoveries = 0
        while True:
            try:
                if thread not in self._stores:
                    self._stores[thread] = self._opened()
                self._keep_in_place(thread)
                if self._closes_at is not None:
                    self._stores[thread].set_busy_timeout(max(0.0, self._closes_at - time.monotonic()))
                answer = work(self._stores[thread])
                self.is_locked_out = self.is_locked_out and thread is not self._writer
                return answer
            except sqlite3.DatabaseError as error:
                may_recover = recoveries < MOST_RECOVERIES and time.monotonic() >= self._recovers_from
                if is_damage(error) and thread in self._stores and may_recover:
                    recoveries += 1
                    self._recover(thread)
                    continue
                if not isinstance(error, sqlite3.OperationalError):
                    raise
                self.is_locked_out = is_locked(error)
                if self.is_locked_out and (problem := lock_problem(self._path.parent)):
                    raise _unusable(problem, sqlite3.SQLITE_IOERR_LOCK) from error
                if self.is_read_only and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY:
                    problem = f"{self._path} cannot be written, so nothing can be recorded"
                    raise _unusable(problem, sqlite3.SQLITE_READONLY) from error
                if not is_locked(error) or self._closes_at is not None:
                    raise

    def _recover(self, thread: ThreadPoolExecutor) -> None:
        """Replaces the damaged file by what can be read of it, for another try of the work; raises HistoryError."""
        from faldeck.history import file_recovery

        store = self._stores[thread]
        with self._recovering:
            is_ours = store.is_in_place and not store.is_read_only
            if is_ours:
                try:
                    file_recovery.recover(self._path, store.file, self.losses.put)
                except (sqlite3.Error, OSError) as error:
                    self._recovers_from = time.monotonic() + RECOVERY_PAUSE
                    problem = f"{self._path} is damaged, and it cannot be recovered yet ({error})"
                    raise _unusable(problem, sqlite3.SQLITE_CANTOPEN) from error
                self._recovered = identity_if_there(self._path)
        # Where another process or thread has replaced the file, the writer takes in what it holds (`_keep_in_place`).
        if is_ours or thread is self._reader:
            del self._stores[thread]
            store.close()

    def _keep_in_place(self, thread: ThreadPoolExecutor) -> None:
        """Opens the history anew where its file was deleted or replaced; the writing thread puts back what it held."""
        store = self._stores[thread]
        if store.is_read_only:
            if can_be_written(self._path):
                self._stores[thread] = self._opened()
                store.close()
            return
        if store.is_in_place:
            return
        if thread is self._reader:
            # It reads on in the old file until the writer, which alone knows every change, has put it back.
            if (writer := self._stores.get(self._writer)) is not None and writer.is_in_place:
                self._stores[thread] = Store(self._path, busy_seconds=BUSY_SECONDS, tell=self.losses.put)
                store.close()
            return
        from faldeck.history import file_recovery

        try:
            self._stores[thread] = file_recovery.restore_file(store, self._path)
        except (sqlite3.Error, OSError) as error:
            if not self._is_lost:
                self.losses.put(f"The file {self._path} has gone and cannot be put back yet: {error}.")
            self._is_lost = True
            return
        self._is_lost = False
        if self._stores[thread].file != self._recovered:
            self.losses.put(
                f"The file {self._path} was deleted or replaced while it was open. It has been put back whole."
            )

    def _opened(self) -> Store:
        try:
            store = Store(self._path, busy_seconds=BUSY_SECONDS, tell=self.losses.put)
            if store.is_read_only and not self.is_read_only:
                self.losses.put(unwritable(self._path))
            self.is_read_only = store.is_read_only
            self._index_older_jobs(store)
            return store
        except OSError as error:  # Its folder cannot be made, or is another person's.
            problem = f"{self._path.parent} cannot be used ({error.strerror})"
            raise _unusable(problem, sqlite3.SQLITE_CANTOPEN) from error

    def _index_older_jobs(self, store: Store) -> None:
        """Has the search index of an older history made in the background."""
        if store.is_read_only or self._closes_at is not None or not store.index.is_behind():
            return
        from faldeck.history.indexer import Indexer

        with self._browsing:
            if self._indexer is None or not self._indexer.is_running:
                self._indexer = Indexer(self._path, self.losses.put)
                self._indexer.start()

    def _close(self, thread: ThreadPoolExecutor) -> None:
        if thread in self._stores:
            self._keep_in_place(thread)
        if store := self._stores.pop(thread, None):
            store.close()
