"""Searches sorted by cost or time: each page is that of the history as it is now, and costs little."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.indexed_jobs import START, draft, steps

from faldeck.history import Lease, Store, job_lists, search
from faldeck.history.leases import transaction
from faldeck.history.record import Record
from faldeck.job import Body, Cost, Job, State
from faldeck.query import Query

SORTED = Query.of("fox sort:cost")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    store.imports.add_records(Record(priced(number, number % 7), Body({"prompt": "a fox"})) for number in range(40))
    while store.index.step():
        pass
    yield store
    store.close()


@pytest.fixture
def other(store: Store, tmp_path: Path) -> Iterator[Store]:
    """Another connection, as of another process."""
    other = Store(tmp_path / "history.db")
    yield other
    other.close()


def priced(number: int, usd: int | None) -> Job:
    ended = START + timedelta(minutes=number, seconds=number % 5)
    cost = None if usd is None else Cost(total_usd=Decimal(usd))
    return draft(number, state=State.COMPLETED, cost=cost, completed_at=ended)


def ids(jobs: list[Job]) -> list[str]:
    return [job.id for job in jobs]


CHANGES: dict[str, Callable[[Store], object]] = {
    "a new job": lambda store: store.add(priced(90, 3), {"prompt": "a fox"}),
    "a new price": lambda store: store.save(priced(11, 9)),
    "an import": lambda store: store.imports.add_records([Record(priced(91, 0), Body({"prompt": "fox"}))]),
    "a deleted job": lambda store: store.trash.delete([draft(12).id, draft(20).id], Lease("me", 2**50), 1),
    "a star": lambda store: store.marks.star([draft(13).id], True),
}


@pytest.mark.parametrize("is_other", [False, True])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("text", ["fox sort:cost", "fox sort:-cost", "fox sort:took", "fox star:no sort:cost"])
def test_a_page_shows_a_change_since_the_page_before(
    store: Store, other: Store, text: str, change: str, is_other: bool
) -> None:
    query = Query.of(text)
    first = store.page(query, limit=5)
    second = store.page(query, limit=5, before=first[-1].id)

    CHANGES[change](other if is_other else store)

    last = second[-1].id
    now = ids(other.page(query, limit=-1))
    assert ids(store.page(query, limit=99, before=last)) == now[now.index(last) + 1 :]
    assert ids(store.page(query, limit=99, after=last)) == now[: now.index(last)]
    assert ids(store.lists.page_from(query, last, limit=99)) == now[now.index(last) :]
    assert ids(store.last_page(query, limit=6)) == now[-6:]
    assert store.lists.ids(query, limit=7) == now[:7]
    assert store.count(query) == len(now)


def test_a_job_that_another_process_changes_between_two_pages_is_shown_as_it_is(store: Store, other: Store) -> None:
    first = store.page(SORTED, limit=5)
    second = store.page(SORTED, limit=5, before=first[-1].id)
    other.marks.note([second[2].id], "a note")

    again = store.page(SORTED, limit=5, before=first[-1].id)

    assert again[2] == second[2]._replace(note="a note")


def test_a_page_read_within_a_change_that_is_undone_is_not_shown_later(store: Store) -> None:
    before = ids(store.page(SORTED, limit=-1))
    with pytest.raises(ZeroDivisionError), transaction(store._db):
        store._db.execute("UPDATE job SET cost_nanos = 99000000000 WHERE id = (SELECT min(id) FROM job)")
        assert store.page(SORTED, limit=1)[0].id == draft(0).id
        store.page(SORTED, limit=9, before=draft(0).id)
        raise ZeroDivisionError

    assert ids(store.page(SORTED, limit=-1)) == before


def test_a_job_leaves_a_sorted_list_when_its_time_is_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    query = Query.of("fox since:7d sort:cost")
    week = timedelta(days=7)
    monkeypatch.setattr(search, "now", lambda: START + week - timedelta(seconds=1))
    assert len(store.page(query, limit=-1)) == store.count(query) == 40

    monkeypatch.setattr(search, "now", lambda: START + week + timedelta(seconds=90))

    assert len(store.page(query, limit=-1)) == store.count(query) == 38


def test_a_job_without_a_cost_is_not_in_a_list_from_the_cheapest_on(store: Store) -> None:
    store.add(priced(50, None), {"prompt": "a fox"})
    cheapest = Query.of("fox sort:-cost")
    shown = ids(store.page(cheapest, limit=-1))

    assert draft(50).id not in shown and len(shown) == 40
    assert ids(store.page(cheapest, limit=99, after=shown[3])) == shown[:3]
    assert ids(store.last_page(cheapest, limit=99)) == shown
    assert store.page(SORTED, limit=-1)[-1].id == draft(50).id


@pytest.mark.parametrize("few", [1, 3_000])
@pytest.mark.parametrize("depth", [0, 400, 900])
def test_the_next_page_of_a_sorted_search_looks_at_the_jobs_of_that_page_only(
    store: Store, few: int, depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_lists, "FEW", few)
    store.imports.add_records(Record(priced(number, 2), Body({"prompt": "a fox"})) for number in range(40, 1_200))
    shown = ids(store.page(SORTED, limit=-1))
    store.page(SORTED, limit=40, before=shown[0])

    searched = steps(store, SORTED, shown[depth])
    listed = steps(store, Query.of("sort:cost"), shown[depth])

    assert searched < 2 * listed
