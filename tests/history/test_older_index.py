"""An older history's index is made anew in steps, while jobs are found and changed."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from support.indexed_jobs import draft, expected, found, index

from faldeck.history import History, Store
from faldeck.history.migrations import MIGRATIONS
from faldeck.history.search_index import OLD_INDEX
from faldeck.job import State
from faldeck.query import Query

BEFORE_THE_INDEX = next(number for number, step in enumerate(MIGRATIONS) if "VIRTUAL TABLE search" in step)


def old_history(path: Path, count: int) -> list[str]:
    """A history as the version before this index wrote it."""
    store = Store(path)
    jobs = [draft(number, state=State.COMPLETED) for number in range(count)]
    for job in jobs:
        store.add(job, {"prompt": f"fox number{int(job.id, 32) % 2**22}"})
        store.save(job, result={"caption": "of the result"})
    store.close()
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE search")
        database.execute("DROP TABLE indexing")
        for trigger in ("added", "removed", "changed"):
            database.execute(f"DROP TRIGGER job_count_{trigger}")
        for table in ("unindexed", "search_by_place", "place", "long_word", "indexed_early", "job_count"):
            database.execute(f"DROP TABLE {table}")
        for index_name in ("job_cost", "job_took", "job_no_history", "job_sums"):
            database.execute(f"DROP INDEX {index_name}")
        database.execute("ALTER TABLE model DROP COLUMN note")
        for column in ("kinds", "no_history"):
            database.execute(f"ALTER TABLE job DROP COLUMN {column}")
        database.execute(OLD_INDEX)
        words = "SELECT id, 'fox ' || arguments_json FROM body"
        for number, text in database.execute(words).fetchall():
            prompt = json.loads(text.removeprefix("fox "))["prompt"]
            database.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (number, prompt))
        database.execute(f"PRAGMA user_version = {BEFORE_THE_INDEX}")
    database.close()
    return [job.id for job in jobs]


def test_an_older_history_finds_everything_while_its_index_is_made(tmp_path: Path) -> None:
    ids = old_history(tmp_path / "history.db", 70)
    store, other = Store(tmp_path / "history.db"), Store(tmp_path / "history.db")
    seen = []

    while (progress := store.index.progress()) is not None:
        seen.append(progress.done)
        assert found(store, "fox") == found(other, "fo number") == ids[::-1]
        threes = {ids[number] for number in (3, *range(30, 40))}
        assert found(store, "fox -number3") == [one for one in ids[::-1] if one not in threes]
        assert found(store, "state:completed kind:text") == ids[::-1]
        assert other.count(Query.of('"fox number12"')) == 1
        assert (store if len(seen) % 2 else other).index.step(0)

    assert seen[0] == 0 and len(seen) == 5 and progress is None
    assert len(found(store, "caption result")) == 0 and found(store, "result") == ids[::-1]
    while store.index.step():
        pass
    assert store._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'words'").fetchone() is None
    assert index(store) == expected(store) and found(other, "fox") == ids[::-1]
    store.close()
    other.close()


def test_what_is_changed_while_the_index_is_made_is_found_at_once(tmp_path: Path) -> None:
    ids = old_history(tmp_path / "history.db", 50)
    store = Store(tmp_path / "history.db")
    store.index.step(0)

    store.marks.note([ids[0]], "urgent")
    store.marks.tag([ids[1], ids[49]], ["blue"])
    store.marks.note([ids[0]], "later")
    new = draft(-5)
    store.add(new, {"prompt": "an owl"})

    assert found(store, "fox later") == [ids[0]] and found(store, "urgent") == []
    assert found(store, "fox tag:blue") == [ids[49], ids[1]] and found(store, "owl") == [new.id]
    while store.index.step():
        pass
    assert index(store) == expected(store)
    store.close()


async def test_an_open_history_indexes_its_older_jobs_by_itself_and_answers_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    ids = old_history(path, 60)
    histories = [History(path), History(path)]  # As two decks have it open.

    for history in histories:
        while await history.read(lambda store: store.index.is_behind()):
            shown = await history.browse(lambda store: store.page(Query.of("fox"), limit=-1))
            assert [job.id for job in shown] == ids[::-1]
    await histories[0].write(lambda store: store.marks.note([ids[0]], "urgent"))
    for history in histories:
        history.close()

    store = Store(path)
    assert found(store, "urgent") == [ids[0]] and index(store) == expected(store)
    store.close()


async def test_an_indexing_that_is_cut_off_goes_on_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    old_history(path, 60)
    history = History(path)
    await history.read(lambda store: store.count(Query()))
    history.close()  # Whatever has been indexed by now.

    store = Store(path)
    while store.index.step(0):
        pass
    assert index(store) == expected(store)
    store.close()
