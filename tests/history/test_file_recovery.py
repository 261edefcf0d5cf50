"""A history whose file is deleted or replaced while it is open: noticed, said, and nothing of it is lost."""

from __future__ import annotations

import functools
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from faldeck.history import History, Lease, LogLine, Query, Store
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id

pytestmark = pytest.mark.skipif(os.name != "posix", reason="elsewhere an open file cannot be deleted")


def job(**changes: object) -> Job:
    bare = Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.QUEUED, created_at=now())
    return bare._replace(**changes)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.db"


@pytest.fixture
def history(path: Path) -> Iterator[History]:
    history = History(path)
    yield history
    history.close()


def delete(path: Path) -> None:
    for part in ("", "-wal", "-shm"):
        path.with_name(path.name + part).unlink(missing_ok=True)


def on_disk(path: Path) -> list[Job]:
    """What whoever opens the file finds, once it has been checked."""
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    store = Store(path)
    jobs = store.page(Query(), limit=-1)
    store.close()
    return jobs


@pytest.mark.parametrize("parts", [("", "-wal", "-shm"), ("",)], ids=["all of it", "the file alone"])
async def test_a_history_that_is_deleted_is_put_back_whole(
    history: History, path: Path, parts: tuple[str, ...]
) -> None:
    first, second = job(title="a fox"), job(title="an owl")
    await history.write(lambda store: store.add(first, {"prompt": "a fox"}, lease=Lease("me", 2**50)))
    assert await history.read(lambda store: store.count(Query())) == 1
    for part in parts:
        path.with_name(path.name + part).unlink(missing_ok=True)

    await history.write(lambda store: store.add(second, {"prompt": "an owl"}))
    await history.write(lambda store: store.save(first._replace(state=State.RUNNING), owner="me"))

    assert "restored whole" in history.losses.get_nowait() and history.losses.empty()
    found = await history.read(lambda store: store.page(Query.of("fox"), limit=9))
    assert [one.state for one in found] == [State.RUNNING]
    assert {one.id for one in on_disk(path)} == {first.id, second.id}
    assert [file.name for file in path.parent.iterdir() if file.name.startswith(".")] == []


async def test_a_folder_that_is_deleted_is_made_again(history: History, path: Path) -> None:
    await history.write(lambda store: store.add(job(), {}))
    delete(path)
    path.parent.rmdir()

    assert await history.read_settled(lambda store: store.count(Query())) == 1
    assert len(on_disk(path)) == 1


async def test_a_history_that_stands_there_by_now_takes_in_what_was_held(history: History, path: Path) -> None:
    ours, known = job(title="ours"), job(title="known")
    await history.write(lambda store: store.add(ours, {"prompt": "ours"}, lease=Lease("me", 2**50)))
    await history.write(lambda store: store.save(ours, logs=[LogLine("t", "INFO", "half way")], owner="me"))
    await history.write(lambda store: store.add(known, {}))
    await history.write(lambda store: store.save(known._replace(state=State.COMPLETED), result={"seed": 7}))
    await history.write(lambda store: store.models.star("a/b", True))
    await history.write(lambda store: store.models.note("a/b", "mine"))
    delete(path)
    other = Store(path)
    others = job(title="theirs")
    other.add(others, {})
    other.add(known, {})

    await history.write(lambda store: store.save(ours._replace(request_id="r-1"), owner="me"))

    assert {one.id for one in on_disk(path)} == {ours.id, known.id, others.id}
    kept = other.job(ours.id)
    assert kept is not None and kept.request_id == "r-1"
    assert [line.message for line in other.logs(ours.id)] == ["half way"]
    ended = other.job(known.id)
    assert ended is not None and ended.state is State.COMPLETED and other.body(known.id).result == {"seed": 7}
    assert other.models.of("a/b").starred and other.models.of("a/b").note == "mine"
    other.close()


async def test_what_is_deleted_just_before_the_end_is_put_back_at_the_end(path: Path) -> None:
    history = History(path)
    await history.write(lambda store: store.add(job(), {}))
    delete(path)
    history.close()

    assert len(on_disk(path)) == 1


async def test_a_place_that_cannot_be_written_is_told_once_and_tried_again(history: History, path: Path) -> None:
    await history.write(lambda store: store.add(job(), {}))
    delete(path)
    path.parent.rmdir()
    path.parent.write_text("a file in the way")

    for _ in range(3):
        await history.write(lambda store: store.add(job(), {}))
    assert "cannot be restored yet" in history.losses.get_nowait() and history.losses.empty()
    path.parent.unlink()

    assert await history.read_settled(lambda store: store.count(Query())) == 4
    assert "restored whole" in history.losses.get_nowait()
    assert len(on_disk(path)) == 4


async def test_a_history_that_is_replaced_by_an_older_copy_takes_in_what_was_held(history: History, path: Path) -> None:
    await history.write(lambda store: store.add(job(title="old"), {}))
    copy = path.with_name("copy.db")
    await history.write(lambda store: store.copy_to(sqlite3.connect(copy)))
    # They are in the log, which stays beside the file that is put in the place.
    for one in [job(title=f"new {number}") for number in range(50)]:
        await history.write(functools.partial(Store.add, job=one, arguments={"prompt": "x" * 500}))
    os.replace(copy, path)

    late = job(title="late")
    await history.write(lambda store: store.add(late, {}))

    assert "restored whole" in history.losses.get_nowait()
    found = on_disk(path)
    assert len(found) == 52 and late.id in {one.id for one in found}
    assert await history.read(lambda store: store.count(Query())) == 52
