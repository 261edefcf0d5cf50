"""Many jobs are marked in several transactions, and others write in between."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from faldeck.app import marking
from faldeck.history import History, Store
from faldeck.history.marks import Marks
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id

COUNT = 2 * marking.TOGETHER + 10


@pytest.fixture
def ids(tmp_path: Path) -> Iterator[list[str]]:
    with closing(Store(tmp_path / "history.db")) as store:
        jobs = [job() for _ in range(COUNT)]
        for one in jobs:
            store.add(one, {"prompt": "a fox"})
        yield [one.id for one in jobs]


def job() -> Job:
    return Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.COMPLETED, created_at=now())


async def test_another_write_of_the_deck_does_not_wait_for_all_marks(tmp_path: Path, ids: list[str]) -> None:
    history, order = History(tmp_path / "history.db"), list[str]()
    loop, begun = asyncio.get_running_loop(), asyncio.Event()

    def tag(marks: Marks, some: Sequence[str]) -> int:
        order.append("marks")
        loop.call_soon_threadsafe(begun.set)
        return marks.tag(some, ["poster"])

    marked = asyncio.create_task(marking.mark(history, ids, tag))
    await begun.wait()
    await history.write(lambda store: order.append("job"))

    assert await marked == COUNT and order.index("job") < len(order) - 1
    assert await history.read(lambda store: store.marks.tags()) == [("poster", COUNT)]
    history.close()


def test_a_command_marks_all_and_counts_what_changed(tmp_path: Path, ids: list[str]) -> None:
    with closing(Store(tmp_path / "history.db")) as store:
        assert marking.mark_stored(store, ids[:5], lambda marks, some: marks.tag(some, ["blue"])) == 5
        assert marking.mark_stored(store, ids, lambda marks, some: marks.tag(some, ["blue"])) == COUNT - 5
        assert marking.mark_stored(store, ids, lambda marks, some: marks.untag(some, ["blue"])) == COUNT
        assert store.marks.tags() == []
