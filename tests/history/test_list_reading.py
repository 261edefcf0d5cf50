"""How lists are read: by an index, in every order, and a deep page as cheaply as the first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.indexed_jobs import START, draft, steps

from faldeck.history import Lease, Store, job_lists
from faldeck.history.job_lists import JobLists
from faldeck.history.record import Record
from faldeck.history.search import QuerySql
from faldeck.history.search_index import OLD_INDEX
from faldeck.job import Body, Job, State
from faldeck.query import Query


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


QUERIES = [
    "",
    "fox",
    "fox model:flux",
    "-fox",
    '"red fox"',
    "狐狸在雪",
    "state:failed",
    "state:live",
    "state:live fox",
    "state:queued",
    "-state:failed -model:flux",
    "model:flux,veo",
    "model:=none",
    "profile:fal since:7d",
    "since:2026 until:2026-03",
    "tag:blue -tag:red",
    "star:yes",
    "star:no",
    "cost:>0.5",
    "took:>60 fox",
    "has:note kind:video",
    "batch:b1",
    "6b1f",
    "6b1f6a52-1d0e state:failed",
]


@pytest.mark.parametrize("order", ["", " sort:-time", " sort:cost", " sort:-cost", " sort:took"])
@pytest.mark.parametrize("text", QUERIES)
def test_no_list_walks_over_a_table(store: Store, text: str, order: str) -> None:
    store.add(draft(1), {"prompt": "a fox"})
    query = Query.of(text + order)
    from faldeck.history.search import ListPlace

    store._db.execute(OLD_INDEX)
    place = ListPlace(draft(1).id, 0)
    for below, has_unindexed in ((None, False), (1 << 60, False), (None, True)):
        models = ["fal-ai/flux/dev", "fal-ai/veo3"]
        search = QuerySql(query, models=models, below=below, has_unindexed=has_unindexed)
        statements = [search.count(100)] if query.terms else []  # All are counted in the smallest index.
        statements += [
            search.page("job.id", limit=20),
            search.page("job.id", limit=20, behind=place),
            search.page("job.id", limit=20, in_front=place),
        ]
        if search.is_sorted_after_search:
            statements.append(search.whole(100))
        for statement, parameters in statements:
            plan = [row[3] for row in store._db.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            scans = [step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE INDEX" not in step]
            scans = [step for step in scans if "INDEX job_starred" not in step and "SCAN job_count" not in step]
            assert [step for step in scans if not step.startswith("SCAN (")] == [], (statement, plan)


def test_lists_are_sorted_by_cost_and_by_time_page_by_page(store: Store) -> None:
    from decimal import Decimal

    from faldeck.job import Cost

    jobs = []
    for number in range(30):
        cost = None if number % 5 == 0 else Cost(total_usd=Decimal(number % 7))
        ended = START + timedelta(minutes=number, seconds=number % 4)
        job = draft(number, state=State.COMPLETED, cost=cost, completed_at=ended)
        store.add(job, {"prompt": "a fox"})
        jobs.append(job)

    def value(job: Job) -> Decimal:
        return job.cost.total_usd if job.cost and job.cost.total_usd is not None else Decimal(-1)

    dearest = sorted(jobs, key=lambda job: (value(job), job.id), reverse=True)
    for text in ("sort:cost", "fox sort:cost", "state:done sort:cost"):
        assert pages(store, text) == [job.id for job in dearest]
        assert [job.id for job in store.last_page(Query.of(text), limit=4)] == [job.id for job in dearest[-4:]]
        before = store.page(Query.of(text), limit=3, after=dearest[10].id)
        assert [job.id for job in before] == [job.id for job in dearest[7:10]]
    cheapest = [job.id for job in reversed(dearest) if value(job) >= 0]
    assert pages(store, "fox sort:-cost") == cheapest
    longest = sorted(jobs, key=lambda job: (job.completed_at - job.created_at, job.id), reverse=True)  # type: ignore[operator]
    assert pages(store, "sort:took") == [job.id for job in longest]
    assert pages(store, "sort:-time") == [job.id for job in jobs]


def pages(store: Store, text: str) -> list[str]:
    """All jobs of a list, read in pages."""
    shown: list[str] = []
    while page := store.page(Query.of(text), limit=7, before=shown[-1] if shown else None):
        shown += [job.id for job in page]
    return shown


@pytest.mark.parametrize(
    "text",
    ["", "since:2020", "until:2030", "fox until:2030", "model:flux", "-owl", "sort:cost", "sort:-time", "sort:-took"],
)
def test_a_page_deep_in_a_list_costs_no_more_than_the_first(store: Store, text: str) -> None:
    rows = [
        Record(draft(number, state=State.COMPLETED, completed_at=START + timedelta(days=9)), Body({"prompt": "fox"}))
        for number in range(1_200)
    ]
    store.imports.add_records(rows)
    query = Query.of(text)
    shown = [job.id for job in store.page(query, limit=-1)]

    first = steps(store, query, None)
    deep = steps(store, query, shown[1_000])

    assert len(shown) == 1_200 and store.page(query, limit=9, before=shown[1_000])[0].id == shown[1_001]
    assert deep < 3 * first


@pytest.mark.parametrize(
    ("text", "count"), [("", 5), ("state:failed", 2), ("state:failed,completed", 5), ("star:yes", 3)]
)
def test_the_jobs_of_a_section_are_counted_without_reading_them(store: Store, text: str, count: int) -> None:
    jobs = [draft(number, state=State.FAILED if number % 2 else State.COMPLETED) for number in range(7)]
    store.imports.add_records(Record(job, Body({"prompt": "fox"})) for job in jobs)
    store.marks.star([job.id for job in jobs[:4]], True)
    store.trash.delete([jobs[3].id, jobs[6].id], Lease("me", 2**50), 1)
    query = Query.of(text)

    assert store.count(query) == len(store.page(query, limit=-1)) == count
    assert store.count(query, cap=2) == 2 and store.count(query, cap=9) == count
    statement, parameters = QuerySql(query).count(100)
    plan = [row[3] for row in store._db.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    read = [step for step in plan if " job" in step and "job_deleted" not in step and "job_count" not in step]
    assert all("COVERING INDEX" in step or "INDEX job_starred" in step for step in read), plan


@pytest.mark.parametrize(
    "text",
    ["fox", "fox -owl", '"red fox"', "狐狸在雪", "fox tag:blue until:2026-03-02", "state:failed fox", draft(0).id[:5]],
)
def test_a_sorted_search_shows_the_same_whether_it_finds_few_jobs_or_many(
    store: Store, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = ["a red fox", "a fox, red", "an owl and a fox", "狐狸在雪中", "a bear"]
    for number in [*range(30), 5_000, 45, 40]:  # The last two come between others.
        state = State.FAILED if number % 3 else State.COMPLETED
        job = draft(number, state=state, completed_at=START + timedelta(hours=number % 7 + 90))
        store.add(job, {"prompt": prompts[number % 5]})
    store.marks.tag([job.id for job in store.page(Query(), limit=20)], ["blue"])
    few = {order: pages(store, f"{text} {order}") for order in ("sort:took", "sort:-took", "sort:cost")}
    assert few["sort:cost"]

    monkeypatch.setattr(job_lists, "FEW", 1)
    for order, ids in few.items():
        assert pages(store, f"{text} {order}") == ids  # Only the first page walks.

    monkeypatch.setattr(job_lists, "MOST", 1)
    for order, ids in few.items():
        store.lists = JobLists(store._db, store.index)
        assert pages(store, f"{text} {order}") == ids
