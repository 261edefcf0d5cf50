"""Marks many jobs: a few in each transaction, so that no other process and no job that is followed waits for long.

A star or a tag changes the words by which a job is found, so 10,000 of them take seconds. If the work is stopped before
its end, some of the jobs are marked, and the same command marks the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from faldeck.history import History, Store
from faldeck.history.marks import Marks

TOGETHER = 100
"""Jobs in one transaction."""

PAUSE_SECONDS = 0.005
"""How long others may write between two transactions; more than `connection.LOOK_SECONDS`."""


async def mark(history: History, job_ids: Sequence[str], change: Callable[[Marks, Sequence[str]], int]) -> int:
    """Changes the marks of jobs through `change`, which returns how many changed; returns their sum.

    Raises HistoryError, NotATag.
    """
    import asyncio  # A command needs no event loop.

    changed = 0
    for some in _parts(job_ids):
        changed += await history.write(lambda store, some=some: change(store.marks, some))  # type: ignore[misc]
        if len(some) == TOGETHER:
            await asyncio.sleep(PAUSE_SECONDS)
    return changed


def mark_stored(store: Store, job_ids: Sequence[str], change: Callable[[Marks, Sequence[str]], int]) -> int:
    """The same for a command, without an event loop."""
    changed = 0
    for some in _parts(job_ids):
        changed += change(store.marks, some)
        if len(some) == TOGETHER:
            time.sleep(PAUSE_SECONDS)
    return changed


def _parts(job_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (job_ids[start : start + TOGETHER] for start in range(0, len(job_ids), TOGETHER))
