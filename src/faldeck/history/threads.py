"""The history for the event loop: one thread writes, one reads, the loop waits for neither."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from functools import partial
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
"""The error of every read and change of the history."""

CannotWrite = sqlite3.OperationalError
"""The disk is full or refuses writes: the same change may succeed later."""

Duplicate = sqlite3.IntegrityError
"""Another job already has the request."""


def is_locked(error: sqlite3.Error) -> bool:
    """Whether the only problem is that another process was writing for too long."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


Reason: TypeAlias = tuple[type[sqlite3.Error], int]
"""The kind of an error and SQLite's error code (0 without one), which do not depend on its text."""


def _reason(error: sqlite3.Error) -> Reason:
    return type(error), getattr(error, "sqlite_errorcode", 0)


def _unusable(problem: str, code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(problem)
    error.sqlite_errorcode = code
    return error


class Interrupted(Exception):
    """A read was ended in favour of another."""


MOST_RECOVERIES = 2
"""How often a damaged file is recovered for one read or change."""

RECOVERY_PAUSE = 60.0
"""After a recovery has failed, as on a full disk, the next try waits this long (seconds)."""

BUSY_SECONDS = 1.0
"""How often a change that waits for another process's write checks whether it is still wanted (seconds)."""


class History:
    """A history file that coroutines can read and change.

    `Store` has the operations; this class only chooses the thread.
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
        """When, on the monotonic clock, waiting for other processes ends."""
        self.losses: SimpleQueue[str] = SimpleQueue()
        """Sentences for the person about what happened to the file while it was open."""
        self.at_work = ""
        """How far a slow update of the file's format is, as a sentence; empty without one."""
        self.is_locked_out = False
        """Whether another process has locked the file for longer than `BUSY_SECONDS`."""
        self._browsing = Lock()
        self._is_browsing = False
        self._is_lost = False
        """Whether the file is gone and could not be restored."""
        self.is_read_only = False
        """Whether the file is read-only."""
        self._failing: dict[ThreadPoolExecutor, Reason] = {}
        """Why the last operation of a thread failed, if it did."""
        self._told: set[Reason] = set()
        """The reasons that were reported to the person and still hold."""

        self._indexer: Indexer | None = None
        self._recovering = Lock()
        self._recovers_from = 0.0
        """When, on the monotonic clock, a damaged file may be recovered."""
        self._recovered: tuple[int, int] | None = None
        """The identity of the file that this process recovered from a damaged one."""

    def is_news(self, error: HistoryError) -> bool:
        """Whether to report an error to the person: once for each reason, until the history works again."""
        reason = _reason(error)
        is_new = reason not in self._told
        self._told.add(reason)
        return is_new

    async def write(self, change: Callable[[Store], Answer]) -> Answer:
        """Runs `change` on the writing thread; changes happen in the order of the calls.

        A change happens even if the calling coroutine is cancelled.
        """
        import asyncio

        return await asyncio.shield(self._submit(self._writer, change))

    async def read(self, question: Callable[[Store], Answer]) -> Answer:
        """Runs `question` on the reading thread."""
        return await self._submit(self._reader, question)

    async def browse(self, question: Callable[[Store], Answer]) -> Answer:
        """Runs `question` on the reading thread. Raises Interrupted if `interrupt` is called before its end."""

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
        """Runs `question` after every earlier change."""
        return await self._submit(self._writer, question)

    def index_in_background(self) -> None:
        """Starts to index jobs that are not in the search index yet, such as those that another process imports."""
        if self._closes_at is None:
            self._reader.submit(self._run, self._reader, self._index_pending_jobs)

    def interrupt(self) -> None:
        """Ends the current browsing read, because its answer is no longer needed. Other reads go on."""
        with self._browsing:
            if self._is_browsing:
                self._stores[self._reader].interrupt()

    def close(self) -> None:
        """Finishes all pending work, waits at most `BUSY_SECONDS` in all for other processes, and closes the file."""
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
        """Does the work, and records whether the history works."""
        try:
            answer = self._carry_out(thread, work)
        except sqlite3.Error as error:
            self._failing[thread] = _reason(error)
            raise
        if (reason := self._failing.pop(thread, None)) and reason not in self._failing.values():
            self._told.discard(reason)
        return answer

    def _carry_out(self, thread: ThreadPoolExecutor, work: Callable[[Store], Answer]) -> Answer:
        """Does the work, even if another process keeps the file locked for long."""
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
        """Replaces the damaged file by its readable parts, before another try of the work; raises HistoryError."""
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
        # If another process or thread has replaced the file, the writer adds its own data (`_keep_in_place`).
        if is_ours or thread is self._reader:
            del self._stores[thread]
            store.close()

    def _keep_in_place(self, thread: ThreadPoolExecutor) -> None:
        """Opens the history again if its file was deleted or replaced; the writing thread restores its data."""
        store = self._stores[thread]
        if store.is_read_only:
            if can_be_written(self._path):
                self._stores[thread] = self._opened()
                store.close()
            return
        if store.is_in_place:
            return
        if thread is self._reader:
            # It still reads the old file until the writer, which alone knows every change, has restored it.
            if (writer := self._stores.get(self._writer)) is not None and writer.is_in_place:
                self._stores[thread] = Store(self._path, busy_seconds=BUSY_SECONDS, tell=self.losses.put)
                store.close()
            return
        from faldeck.history import file_recovery

        try:
            self._stores[thread] = file_recovery.restore_file(store, self._path)
        except (sqlite3.Error, OSError) as error:
            if not self._is_lost:
                self.losses.put(f"The file {self._path} is gone and cannot be restored yet: {error}.")
            self._is_lost = True
            return
        self._is_lost = False
        if self._stores[thread].file != self._recovered:
            self.losses.put(
                f"The file {self._path} was deleted or replaced while it was open. It has been restored whole."
            )

    def _opened(self) -> Store:
        try:
            store = Store(
                self._path, busy_seconds=BUSY_SECONDS, tell=self.losses.put, progress=partial(setattr, self, "at_work")
            )
            self.at_work = ""
            if store.is_read_only and not self.is_read_only:
                self.losses.put(unwritable(self._path))
            self.is_read_only = store.is_read_only
            self._index_pending_jobs(store)
            return store
        except OSError as error:  # Its folder cannot be made, or is another person's.
            problem = f"{self._path.parent} cannot be used ({error.strerror})"
            raise _unusable(problem, sqlite3.SQLITE_CANTOPEN) from error

    def _index_pending_jobs(self, store: Store) -> None:
        """Starts to index jobs that are not in the search index yet in the background."""
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
