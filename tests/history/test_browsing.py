"""Questions that can be given up, and those beside them that cannot."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from faldeck.history import History, Interrupted, Query, Store

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def endless(store: Store) -> None:
    """A question that is answered only by an interrupt."""
    store._db.execute(ENDLESS).fetchone()


async def test_what_is_browsed_ends_when_it_is_interrupted(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    browsing = asyncio.create_task(history.browse(endless))
    while not browsing.done():
        history.interrupt()
        await asyncio.sleep(0)
    with pytest.raises(Interrupted):
        await browsing
    history.close()


async def test_an_interrupt_ends_no_other_question(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    asked = [asyncio.create_task(history.read(lambda store: store.count(Query()))) for _ in range(200)]
    while not all(task.done() for task in asked):
        history.interrupt()
        await asyncio.sleep(0)
    assert [await task for task in asked] == [0] * 200
    history.close()
