"""The jobs of a large import are in all lists at once; their words are found bit by bit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.indexed_jobs import draft, expected, found, index

from faldeck.history import History, Lease, Store
from faldeck.history.record import PreparedRecord, Record, prepare
from faldeck.job import Body, State
from faldeck.query import Query


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


def records(count: int) -> list[PreparedRecord]:
    return [
        prepare(
            Record(
                draft(
                    number,
                    request_id=f"request-{number:03}",
                    endpoint_id="fal-ai/veo3" if number % 5 == 0 else "fal-ai/flux/dev",
                    state=State.FAILED if number % 3 == 0 else State.COMPLETED,
                    tags=("Blue",) if number % 7 == 0 else (),
                ),
                Body({"prompt": f"a fox number{number}"}),
            ),
            with_words=False,
        )
        for number in range(count)
    ]


def add(store: Store, jobs: list[PreparedRecord]) -> list[str]:
    """Imports jobs as a large file; gives their ids, the newest first."""
    store.imports.add(jobs, lambda at: pytest.fail(f"job {at} is known"))
    return [draft(number).id for number in range(len(jobs))][::-1]


def test_ids_filters_and_order_are_right_before_the_words_are_indexed(store: Store) -> None:
    ids = add(store, records(60))
    numbers = range(59, -1, -1)

    for _ in range(2):
        assert found(store, "") == ids and found(store, "sort:-time") == ids[::-1]
        assert found(store, "request-012") == [ids[-13]] and store.find(ids[3]) is not None
        assert found(store, "model:veo") == [ids[59 - number] for number in numbers if number % 5 == 0]
        assert found(store, "-model:veo") == [ids[59 - number] for number in numbers if number % 5]
        assert found(store, "tag:blue") == [ids[59 - number] for number in numbers if number % 7 == 0]
        assert found(store, "state:failed -tag:blue") == [
            ids[59 - number] for number in numbers if number % 3 == 0 and number % 7
        ]
        assert found(store, "since:2026-03-01 model:veo sort:cost") == found(store, "model:veo")
        assert store.count(Query.of("profile:fal model:veo")) == 12
        page = store.page(Query.of("state:failed model:flux"), limit=4)
        rest = store.page(Query.of("state:failed model:flux"), limit=99, before=page[-1].id)
        assert [job.id for job in (*page, *rest)] == found(store, "state:failed model:flux")
        store.index.step(0)  # Then a part is in the index.
    assert store.index.has_unindexed()


def test_the_words_are_found_bit_by_bit_the_newest_first(store: Store) -> None:
    ids = add(store, records(60))
    seen = [len(found(store, "fox"))]

    while store.index.progress() is not None:
        store.index.step(0)
        seen.append(len(found(store, "fox")))
        assert found(store, "fox") == ids[: seen[-1]]

    assert seen == [0, 20, 40, 60] and index(store) == expected(store)


def test_what_is_changed_before_it_is_indexed_is_found_with_its_new_words(store: Store, tmp_path: Path) -> None:
    ids = add(store, records(30))
    other = Store(tmp_path / "history.db")

    other.marks.note([ids[0]], "urgent")
    store.index.step(0)
    other.marks.note([ids[0], ids[29]], "later")
    while store.index.step(0):
        pass

    assert found(other, "urgent") == [] and found(other, "later") == [ids[0], ids[29]]
    assert index(store) == expected(store)
    other.close()


@pytest.mark.parametrize("change", ["a note", "a purge", "the same step"])
def test_what_another_process_does_while_words_are_read_is_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    ids = add(store, records(5))
    other = Store(tmp_path / "history.db")
    read = store.index._rows

    def rows_and_then_a_change(numbers: Iterator[int]) -> object:
        rows = read(numbers)
        monkeypatch.undo()
        if change == "a note":
            other.marks.note([ids[0]], "urgent")
        elif change == "a purge":
            other.trash.delete([ids[0]], Lease("me", 2**50), 1)
            other.trash.purge([ids[0]])
        else:
            other.index.step(0)
        return rows

    monkeypatch.setattr(store.index, "_rows", rows_and_then_a_change)
    store.index.step(0)

    assert found(store, "urgent") == ([ids[0]] if change == "a note" else [])
    assert found(store, "fox") == (ids[1:] if change == "a purge" else ids)
    assert index(store) == expected(store)
    other.close()


def test_an_import_into_a_history_whose_own_index_is_made_is_indexed_once(store: Store) -> None:
    jobs = records(50)
    add(store, jobs[::2])
    store.index.rebuild()
    store.index.step(0)
    add(store, jobs[1::2])

    while store.index.step(0):
        pass

    assert len(found(store, "fox")) == 50 and index(store) == expected(store)


async def test_an_open_deck_indexes_what_another_process_imports(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    await history.read(lambda store: store.count(Query()))
    importing = Store(tmp_path / "history.db")
    ids = add(importing, records(30))

    history.index_in_background()
    async with asyncio.timeout(30):
        while await history.read(lambda store: store.index.has_unindexed()):
            pass

    assert found(importing, "fox") == ids and index(importing) == expected(importing)
    history.close()
    importing.close()
