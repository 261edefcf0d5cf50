"""What a job is found by follows every change of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.indexed_jobs import draft, expected, found, index

from faldeck.history import Lease, Store
from faldeck.history.record import Record, prepare
from faldeck.history.word_tables import BY_ID, BY_PLACE
from faldeck.job import Body, Failure, Job, Output, State
from faldeck.job_ids import id_number
from faldeck.query import Query


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


def test_everything_that_a_person_knows_of_a_job_finds_it(store: Store) -> None:
    job = draft(1)
    arguments = {"prompt": "An arctic fox", "seed": 421337, "image_url": "https://x.org/in/reference_owl.png?x=1"}
    store.add(job, arguments)
    done = job._replace(
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
    store.save(job._replace(state=State.FAILED, error=Failure(message="The balance is exhausted.", type="locked")))

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
        st.sampled_from(
            ["add", "import", "note", "tag", "untag", "star", "result", "fail", "delete", "purge", "step", "again"]
        ),
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
    for table in (BY_PLACE, BY_ID):
        store._db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
    for text in ("", "state:queued", "state:completed,failed", "star:yes"):
        assert store.count(Query.of(text)) == len(found(store, text))
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
    elif name == "import":
        if known is None and not store.trash.has(job.id):
            record = Record(job, Body({"prompt": f"a {word} over snow"}))
            store.imports.add([prepare(record, with_words=False)], lambda at: record)
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
        store.save(known._replace(state=State.COMPLETED), result={"text": word})
    elif name == "fail":
        store.save(known._replace(state=State.FAILED, error=Failure(message=word or "no")))
    elif name in ("delete", "purge"):
        store.trash.delete([job.id], Lease("me", 9_999_999_999_999), now_ms=1)
        if name == "purge":
            store.trash.purge([job.id])


def test_a_new_history_has_nothing_to_index(store: Store) -> None:
    assert store.index.progress() is None
    while store.index.step():  # The table of older versions goes.
        pass
    assert store._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'words'").fetchone() is None


@pytest.mark.parametrize(
    ("texts", "tag"),
    [
        (("a bench", "bencher, bear", "beta_bends", "a-b", "nothing here"), "benchtag"),
        (("狐b", "雪benches 猫", "狐狸", "benchtag", "a_benchtag"), "benchtag"),
        (("берег", "береза, бор", "лиса", "берегтаг", "Бер-БЕРЕГТ"), "берегтаг"),
        (("狐狸", "雪狐", "狐", "fox", "a狐狸"), "狐狸雪"),
    ],
)
def test_the_beginnings_of_a_tag_that_is_taken_away_find_what_else_begins_so(
    store: Store, texts: tuple[str, ...], tag: str
) -> None:
    jobs = [draft(number) for number in range(len(texts))]
    for job, text in zip(jobs, texts, strict=True):
        store.add(job, {"prompt": text})
    typed = [tag[:length] for length in range(1, len(tag) + 1)]
    before = [found(store, text) for text in typed]

    store.marks.tag([job.id for job in jobs], [tag])
    while_tagged = [found(store, text) for text in typed]
    store.marks.untag([job.id for job in jobs], [tag])

    assert while_tagged == [[job.id for job in jobs][::-1]] * len(typed)
    assert [found(store, text) for text in typed] == before
    assert index(store) == expected(store)
