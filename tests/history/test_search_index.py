"""What a job is found by follows every change of it; an older history's index is made anew in steps."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faldeck.history import History, Lease, Store, search_text
from faldeck.history.migrations import MIGRATIONS
from faldeck.history.record import Record
from faldeck.history.search import QuerySql
from faldeck.history.search_index import OLD_INDEX
from faldeck.job import Body, Failure, Job, Output, State, id_number, id_text
from faldeck.query import Query, parse

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEFORE_THE_INDEX = next(number for number, step in enumerate(MIGRATIONS) if "VIRTUAL TABLE search" in step)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


def draft(number: int, **changes: object) -> Job:
    at = START + timedelta(minutes=number)
    job = Job(
        id=id_text((round(at.timestamp() * 1000) << 22) + number),
        profile="fal",
        endpoint_id="fal-ai/flux/dev",
        state=State.QUEUED,
        created_at=at,
    )
    return replace(job, **changes)  # type: ignore[arg-type]


def found(store: Store, text: str) -> list[str]:
    return [job.id for job in store.page(parse(text).query, limit=-1)]


def index(store: Store) -> dict[int, set[str]]:
    """Every word of the index by job."""
    store._db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab (main, search, instance)")
    words = defaultdict(set)
    for word, number in store._db.execute("SELECT term, doc FROM temp.vocabulary"):
        words[number].add(word)
    return dict(words)


def expected(store: Store) -> dict[int, set[str]]:
    """Every word that the index should have."""
    query = f"SELECT job.id AS number, {search_text.SEARCHED_COLUMNS} FROM job JOIN body ON body.id = job.id"
    return {row["number"]: search_text.words(row) for row in store._db.execute(query)}


def test_everything_that_a_person_knows_of_a_job_finds_it(store: Store) -> None:
    job = draft(1)
    arguments = {"prompt": "An arctic fox", "seed": 421337, "image_url": "https://x.org/in/reference_owl.png?x=1"}
    store.add(job, arguments)
    done = replace(
        job,
        state=State.COMPLETED,
        outputs=(Output(at="images[0]", url="https://x/a", content_type="image/png", file_name="final_7.png"),),
    )
    store.save(done, result={"caption": "a white animal", "seed": 99887766, "nested": [{"text": "very happy"}]})
    store.marks.tag([job.id], ["Holiday"])
    store.marks.note([job.id], "für die Ausstellung")

    for text in (
        *("arctic", "ARCT", "421337", "99887766", "owl", "flux", "final", "white", "happy", "holid", "ausstellung"),
        *("fur", "fox arctic", '"arctic fox"', "tag:holiday", "kind:image", "has:note,error", "state:done"),
    ):
        assert found(store, text) == [job.id], text
    for text in (
        "x.org",
        '"fox arctic"',
        '"arct fox"',
        "kind:video",
        "-fox",
        "-tag:holiday",
        "has:error",
        "state:live",
    ):
        assert found(store, text) == [], text


def test_the_error_of_a_job_finds_it(store: Store) -> None:
    job = draft(1)
    store.add(job, {"prompt": "a fox"})
    store.save(replace(job, state=State.FAILED, error=Failure(message="The balance is exhausted.", type="locked")))

    assert found(store, "exhausted") == found(store, "has:error") == found(store, "state:failed fox") == [job.id]


def test_words_that_go_are_not_found_and_leave_those_that_begin_alike(store: Store) -> None:
    job = draft(1)
    store.add(job, {"prompt": "foxglove in a meadow"})
    store.marks.note([job.id], "fox")
    store.marks.tag([job.id], ["meadow"])

    store.marks.note([job.id], "")
    store.marks.untag([job.id], ["meadow"])

    assert found(store, "fo") == found(store, "foxg") == found(store, "mea") == [job.id]
    assert found(store, '"fox"') == found(store, "tag:meadow") == []
    assert index(store) == expected(store)


def test_a_star_is_found_and_taken(store: Store) -> None:
    jobs = [draft(number) for number in range(3)]
    for job in jobs:
        store.add(job, {"prompt": "a fox"})
    store.marks.star([job.id for job in jobs[:2]], True)
    assert found(store, "fox star:yes") == [jobs[1].id, jobs[0].id]
    assert found(store, "fox -star:yes") == found(store, "fox star:no") == [jobs[2].id]

    store.marks.star([jobs[0].id], False)

    assert found(store, "star:yes") == [jobs[1].id]
    assert index(store) == expected(store)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("สุนัขจิ้งจอกในหิมะ", "จิ้งจอก"),
        ("雪中的狐狸在夜里", "狐狸在"),
        ("東京の夜景", "夜景"),
        ("눈속의여우", "속의"),
        ("ສຸນັກຈິ້ງຈອກ", "ຈິ້ງ"),
        ("Ｆｏｘ ｎｉｇｈｔ", "fox"),
        ("cafe\u0301 crème", "café"),
        ("Лисёнок", "лисен"),
        ("लोमड़ी बर्फ में", "लोमड़ी"),
    ],
)
def test_any_script_is_searched(store: Store, text: str, asked: str) -> None:
    job = draft(1)
    store.add(job, {"prompt": text})
    store.add(draft(2), {"prompt": "something else"})

    assert found(store, asked) == [job.id]
    assert index(store) == expected(store)


def test_a_part_of_an_unspaced_text_is_found_as_a_whole_only(store: Store) -> None:
    store.add(draft(1), {"prompt": "雪中 中狐 狐狸"})  # Has each pair of 雪中狐狸, but not together.
    job = draft(2)
    store.add(job, {"prompt": "在雪中狐狸"})

    assert found(store, "雪中狐狸") == [job.id]
    assert found(store, "-雪中狐狸") == [draft(1).id]


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["add", "note", "tag", "untag", "star", "result", "fail", "delete", "purge", "step", "again"]),
        st.integers(0, 3),
        st.sampled_from(["fox", "foxglove", "fo", "狐狸", "雪狐", "élan", "~x", ""]),
    ),
    max_size=14,
)


@given(OPERATIONS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_index_has_what_the_rows_have_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[str, int, str]]
) -> None:
    store = Store(tmp_path_factory.mktemp("index") / "history.db")
    for name, number, word in operations:
        happen(store, name, draft(number), word)
    while store.index.step():
        pass

    assert index(store) == expected(store)
    store._db.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    for word in ("fox", "fo", "狐狸", "elan"):
        plain = [number for number, words in expected(store).items() if any(one.startswith(word) for one in words)]
        shown = [id_number(one) for one in found(store, word)]
        hidden = {row[0] for row in store._db.execute("SELECT id FROM job WHERE deleted_ms NOTNULL")}
        assert sorted(shown) == sorted(set(plain) - hidden)
    store.close()


def happen(store: Store, name: str, job: Job, word: str) -> None:
    known = store.job(job.id)
    if name == "add":
        if known is None and not store.trash.has(job.id):
            store.add(job, {"prompt": f"a {word} over snow"})
    elif name == "again":
        store.index.rebuild()
    elif name == "step":
        store.index.step(0)
    elif known is None:
        return
    elif name == "note":
        store.marks.note([job.id], word)
    elif name == "tag":
        store.marks.tag([job.id], [word or "x"])
    elif name == "untag":
        store.marks.untag([job.id], [word or "x"])
    elif name == "star":
        store.marks.star([job.id], bool(word))
    elif name == "result":
        store.save(replace(known, state=State.COMPLETED), result={"text": word})
    elif name == "fail":
        store.save(replace(known, state=State.FAILED, error=Failure(message=word or "no")))
    elif name in ("delete", "purge"):
        store.trash.delete([job.id], Lease("me", 9_999_999_999_999), now_ms=1)
        if name == "purge":
            store.trash.purge([job.id])


# A history of an older version


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
        database.execute("DROP TABLE unindexed")
        for index_name in ("job_cost", "job_took", "job_no_history"):
            database.execute(f"DROP INDEX {index_name}")
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


def test_a_new_history_has_nothing_to_index(store: Store) -> None:
    assert store.index.progress() is None
    while store.index.step():  # The table of older versions goes.
        pass
    assert store._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'words'").fetchone() is None


# How lists are read

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
    for below in (None, 1 << 60):
        search = QuerySql(query, models=["fal-ai/flux/dev", "fal-ai/veo3"], below=below)
        statements = [search.count(100)] if query.terms else []  # All are counted in the smallest index.
        for many in (False, True):
            statements += [
                search.page("job.id", limit=20, are_many=many),
                search.page("job.id", limit=20, behind=place, are_many=many),
                search.page("job.id", limit=20, in_front=place, are_many=many),
            ]
        for statement, parameters in statements:
            plan = [row[3] for row in store._db.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            scans = [step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE INDEX" not in step]
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


@pytest.mark.parametrize(
    "text",
    ["", "since:2020", "until:2030", "fox until:2030", "model:flux", "-owl", "sort:cost", "sort:-time", "sort:-took"],
)
def test_a_page_deep_in_a_list_costs_no_more_than_the_first(store: Store, text: str) -> None:
    rows = [
        Record(draft(number, state=State.COMPLETED, completed_at=START + timedelta(days=9)), Body({"prompt": "fox"}))
        for number in range(1_200)
    ]
    store.import_records(rows)
    query = Query.of(text)
    shown = [job.id for job in store.page(query, limit=-1)]

    first = steps(store, query, None)
    deep = steps(store, query, shown[1_000])

    assert len(shown) == 1_200 and store.page(query, limit=9, before=shown[1_000])[0].id == shown[1_001]
    assert deep < 3 * first


def steps(store: Store, query: Query, before: str | None) -> int:
    """How much SQLite does for a page, in hundreds of its instructions."""
    done = [0]

    def count() -> int:
        done[0] += 1
        return 0

    store._db.set_progress_handler(count, 100)
    store.page(query, limit=40, before=before)
    store._db.set_progress_handler(None, 0)
    return done[0]
