"""Stars, notes and tags: kept as they were typed, found whatever their case, changed for many jobs at once."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from faldeck.history import Lease, Store
from faldeck.history.marks import LONGEST_TAG, NotATag, clean_tag
from faldeck.history.migrations import MIGRATIONS
from faldeck.job import Job, State, now
from faldeck.job_ids import id_number, new_id

TAG_STEP = next(number for number, script in enumerate(MIGRATIONS) if "CREATE TABLE tag" in script)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


def added(store: Store, *tags: str, **changes: object) -> str:
    job = Job(
        id=new_id(), profile="fal", endpoint_id="fal-ai/flux/dev", state=State.COMPLETED, created_at=now(), tags=tags
    )
    store.add(job, {"prompt": "a fox"})
    return job.id


def tags_of(store: Store, job_id: str) -> tuple[str, ...]:
    job = store.job(job_id)
    assert job is not None
    return job.tags


def looked_up(path: Path, tag: str) -> set[int]:
    with sqlite3.connect(path) as database:
        found = {row[0] for row in database.execute("SELECT job_id FROM tag WHERE tag = ?", (tag,))}
    database.close()
    return found


def test_a_tag_is_shown_as_typed_and_found_in_any_case(store: Store, tmp_path: Path) -> None:
    job_id = added(store)

    assert store.marks.tag([job_id], ["Straße"]) == 1

    assert tags_of(store, job_id) == ("Straße",)
    assert looked_up(tmp_path / "history.db", "STRASSE".casefold()) == {id_number(job_id)}


def test_a_tag_that_differs_in_case_alone_is_not_added_twice(store: Store) -> None:
    job_id = added(store, "Fox")

    assert store.marks.tag([job_id], ["fox"]) == 0

    assert tags_of(store, job_id) == ("Fox",)
    assert store.marks.tags() == [("fox", 1)]


def test_a_tag_is_removed_whatever_its_case(store: Store) -> None:
    job_id, other = added(store, "Fox", "snow"), added(store, "fox")

    assert store.marks.untag([job_id], ["FOX"]) == 1

    assert tags_of(store, job_id) == ("snow",)
    assert tags_of(store, other) == ("fox",)
    assert store.marks.tags() == [("fox", 1), ("snow", 1)]


def test_the_last_tag_can_be_removed(store: Store) -> None:
    job_id = added(store, "fox")
    store.marks.untag([job_id], ["fox"])
    assert tags_of(store, job_id) == ()


def test_many_jobs_are_marked_at_once(store: Store) -> None:
    jobs = [added(store) for _ in range(5)]

    assert store.marks.tag(jobs, ["fox", "snow"]) == 5
    assert store.marks.star(jobs, True) == 5
    assert store.marks.note(jobs, "for the talk") == 5

    for job_id in jobs:
        job = store.job(job_id)
        assert job and job.starred and job.note == "for the talk" and job.tags == ("fox", "snow")


def test_a_deleted_job_is_not_marked_and_its_tags_are_not_counted(store: Store) -> None:
    job_id = added(store, "fox")
    store.trash.delete([job_id], Lease("here", 2**50), 1)

    assert store.marks.tag([job_id], ["snow"]) == store.marks.star([job_id], True) == 0
    assert store.marks.tags() == []

    store.trash.restore([job_id])
    assert tags_of(store, job_id) == ("fox",)
    assert store.marks.tags() == [("fox", 1)]


@pytest.mark.parametrize("text", ["", "  ", "two words", "a,b", "x" * (LONGEST_TAG + 1), "\x1b[31m"])
def test_a_text_that_can_be_no_tag_is_refused(text: str) -> None:
    with pytest.raises(NotATag):
        clean_tag(text)


def test_control_characters_never_get_into_a_tag() -> None:
    assert clean_tag(" fox\x1b[31m ") == "fox"


def test_the_tags_of_an_older_history_are_found(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    number = id_number(new_id())
    with sqlite3.connect(path) as database:
        for script in MIGRATIONS[:TAG_STEP]:
            database.executescript(script)
        database.execute(f"PRAGMA user_version = {TAG_STEP}")
        database.execute(
            "INSERT INTO job (id, profile, endpoint_id, state, is_open, title, created_ms, progress, notice, tags_json)"
            " VALUES (?, 'fal', 'fal-ai/flux/dev', 'completed', 0, '', 1772353800000, '', '', ?)",
            (number, r'["Fox","fox","\ud83d","\u00c4rger"]'),
        )
    database.close()

    store = Store(path)
    try:
        assert [tag for tag, _ in store.marks.tags()] == ["?", "fox", "ärger"]
    finally:
        store.close()
