"""The word index numbers its jobs one after the other, and knows which words begin alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.indexed_jobs import draft, expected, found, index

from faldeck.history import Lease, Store
from faldeck.history.record import Record
from faldeck.history.word_tables import MOST_ENDINGS
from faldeck.job import Body
from faldeck.job_ids import id_number
from faldeck.query import Query


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


def places(store: Store) -> dict[int, int]:
    return dict(store._db.execute("SELECT id, place FROM place").fetchall())


def plain(store: Store, question: str) -> str:
    """The query to the index that a filter makes."""
    return str(store.lists.search(Query.of(question)).page("job.id", limit=1)[1]["question"])


def test_newer_and_older_jobs_follow_at_the_ends_and_those_between_are_found_too(store: Store) -> None:
    for numbers in ([40, 50], [60], [10, 20, 30], [45, 25], [70, 5]):
        store.imports.add_records(Record(draft(number), Body({"prompt": "a lighthouse"})) for number in numbers)
    order = sorted([*range(10, 70, 10), 70, 5])

    assert places(store) == {id_number(draft(number).id): at for at, number in enumerate(order, -3)}
    everything = [draft(number).id for number in sorted([*order, 45, 25], reverse=True)]
    for text in ("lighthouse", "lighth", "-owl", "model:flux lig"):
        assert found(store, text) == everything
        shown: list[str] = []
        while page := store.page(Query.of(text), limit=2, before=shown[-1] if shown else None):
            shown += [job.id for job in page]
        assert shown == everything
        assert [job.id for job in store.page(Query.of(text), limit=2, after=shown[4])] == shown[2:4]
        assert store.count(Query.of(text)) == 10
    assert found(store, "since:2026-03-02 lighthouse") == found(store, "until:2026-02 lighthouse") == []
    assert index(store) == expected(store)


def test_a_long_beginning_is_asked_as_the_words_that_it_begins(store: Store) -> None:
    store.add(draft(1), {"prompt": "a lighthouse, lighthouses and lightning"})
    store.add(draft(2), {"prompt": "lighter fluid", "seed": 1234567})

    assert plain(store, "lighth") == '(("lighthouse" OR "lighthouses"))'
    assert plain(store, "lightnings") == '(("lightnings"))'
    assert plain(store, "ligh 12345 l2ight") == '("ligh"* AND "12345"* AND "l2ight"*)'
    assert found(store, "lighth") == [draft(1).id] and found(store, "lightnings") == []
    assert found(store, "12345") == found(store, "lighte") == [draft(2).id]
    assert found(store, "-lighth") == [draft(2).id]


def test_a_beginning_of_very_many_words_is_left_to_the_index(store: Store) -> None:
    words = [f"lighthouse{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(MOST_ENDINGS + 1)]
    store.add(draft(1), {"prompt": " ".join(words)})

    assert plain(store, "light") == '("light"*)' and found(store, "light") == [draft(1).id]


def test_words_that_no_job_has_any_more_are_forgotten(store: Store) -> None:
    for number, prompt in ((1, "a secretive lighthouse"), (2, "a lighthouse")):
        store.add(draft(number), {"prompt": prompt})
    store.trash.delete([draft(1).id], Lease("me", 2**50), 1, live=True)
    store.trash.purge([draft(1).id])

    assert store.index.endings("secre") == [] and store.index.endings("light") == ["lighthouse"]
    assert places(store).keys() == {id_number(draft(2).id)}


def test_the_dates_of_a_search_bound_what_is_read(store: Store) -> None:
    for number in range(5):
        store.add(draft(number * 24 * 60), {"prompt": "fox"})
    ids = [draft(number * 24 * 60).id for number in range(5)]

    assert found(store, "fox since:2026-03-03 until:2026-03-04") == [ids[3], ids[2]]
    assert found(store, "fox until:2026-03-01") == [ids[0]]
    assert found(store, "fox since:2027") == found(store, "fox until:2025") == []
