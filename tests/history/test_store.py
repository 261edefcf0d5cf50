"""The request history: what is recorded is found again, by page, by word, by id, by whoever asks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from faldeck.history import Lease, LogLine, Store
from faldeck.history.migrations import MIGRATIONS
from faldeck.job import Cost, Failure, FieldProblem, FileState, Job, Output, State, Upload
from faldeck.job_ids import id_number, id_text, new_id
from faldeck.query import LIVE, Key, Query, Term, parse

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
PRICE = Decimal("0.025")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history" / "history.db")
    yield store
    store.close()


def draft(number: int = 0, **changes: object) -> Job:
    at = START + timedelta(seconds=number)
    job = Job(
        id=id_text((round(at.timestamp() * 1000) << 22) + number),
        profile="fal",
        endpoint_id="fal-ai/flux/dev",
        state=State.SUBMITTING,
        created_at=at,
    )
    return job._replace(**changes)  # type: ignore[arg-type]


def test_a_job_comes_back_exactly_as_it_was_saved(store: Store) -> None:
    job = draft(
        title="a fox in snow",
        uploads=(Upload(loc=("images", 0), path="/tmp/fox.png"),),
        options={"priority": "low"},
    )
    store.add(job, {"prompt": "a fox in snow", "seed": 2**70})
    assert store.job(job.id) == job
    done = job._replace(
        state=State.FAILED,
        request_id="r-1",
        status_url="https://queue.fal.run/fal-ai/flux/requests/r-1/status",
        submitted_at=START,
        started_at=START + timedelta(milliseconds=250),
        completed_at=START + timedelta(seconds=3),
        progress="100%",
        inference_seconds=1.25,
        uploads=(),
        error=Failure(
            message="field required",
            status=422,
            fields=(FieldProblem(loc=("body", "images", 0), message="too small"),),
        ),
        outputs=(Output(at="images[0]", url="https://v3.fal.media/x.png", width=4, state=FileState.SAVED),),
        cost=Cost(units=Decimal(1), unit="megapixels", unit_price_usd=PRICE, total_usd=PRICE, is_estimate=False),
    )
    store.save(done, result={"seed": 16_000_000_000_000_000_001})
    assert store.job(job.id) == done
    body = store.body(job.id)
    assert body.arguments == {"prompt": "a fox in snow", "seed": 2**70}
    assert body.result == {"seed": 16_000_000_000_000_000_001}


def test_pages_run_from_the_newest_to_the_oldest_without_gap_or_repeat(store: Store) -> None:
    for number in range(25):
        store.add(draft(number), {})
    first = store.page(Query(), limit=10)
    second = store.page(Query(), limit=10, before=first[-1].id)
    third = store.page(Query(), limit=10, before=second[-1].id)
    shown = [job.id for job in (*first, *second, *third)]
    assert shown == sorted(shown, reverse=True)
    assert len(set(shown)) == 25
    assert store.page(Query(), limit=10, after=second[0].id) == first
    assert store.last_page(Query(), limit=5) == third
    assert store.count(Query()) == 25
    assert store.count(Query(), cap=7) == 7


def test_a_search_finds_words_and_their_starts_and_of_links_the_file(store: Store) -> None:
    fox, owl = draft(1), draft(2, endpoint_id="fal-ai/veo3")
    store.add(fox, {"prompt": "An arctic FOX, snow", "image_url": "https://example.org/otter.png"})
    store.add(owl, {"elements": [{"text": "an owl over snow"}]})
    assert store.page(Query.of("snow"), limit=9) == [owl, fox]
    assert store.page(Query.of("arct fo"), limit=9) == [fox]
    assert store.page(Query.of("snow model:fal-ai/veo3"), limit=9) == [owl]
    assert store.page(Query.of("otter"), limit=9) == [fox]  # The name of a file, of whose link nothing else is found.
    assert store.page(Query.of("example"), limit=9) == []
    assert store.page(Query.of('"; DROP'), limit=9) == []
    assert store.page(Query.of("veo3"), limit=9) == [owl]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("狐", ["雪中的狐狸", "雪中的狐狸,gpt狐狸4在雪中"]),
        ("狐狸", ["雪中的狐狸", "雪中的狐狸,gpt狐狸4在雪中"]),
        ("狐狸4", ["雪中的狐狸,gpt狐狸4在雪中"]),
        ("雪中的狐", ["雪中的狐狸", "雪中的狐狸,gpt狐狸4在雪中"]),
        ("的雪", []),
        ("tokyo", ["東京tokyoの夜"]),
        ("の夜", ["東京tokyoの夜"]),
        ("눈속의", ["눈속의여우"]),
        ("여우", ["눈속의여우"]),
        ("é", ["élan snow_fox", "a z e b r a zztop"]),
        ("e", ["élan snow_fox", "a z e b r a zztop"]),
        ("snow_fox", ["élan snow_fox"]),
        ("fox", ["élan snow_fox"]),
        ("z e", ["a z e b r a zztop"]),
        ("z", ["a z e b r a zztop"]),
        ("zz", ["a z e b r a zztop"]),
        ("zztop", ["a z e b r a zztop"]),
        ("zzdemo", []),
        ("_", []),
        ('"', None),
        ("?!", []),
        (" ", None),
        ("林" * 300, ["林" * 500]),
    ],
)
def test_a_search_finds_what_has_its_words_and_nothing_else(store: Store, text: str, found: list[str] | None) -> None:
    prompts = ["雪中的狐狸", "雪中的狐狸,gpt狐狸4在雪中", "東京tokyoの夜", "눈속의여우", "élan snow_fox"]
    prompts += ["a z e b r a zztop", "林" * 500]
    for number, prompt in enumerate(prompts):
        store.add(draft(number, endpoint_id="demo/qqq")._replace(title=prompt), {"prompt": prompt})

    shown = [job.title for job in store.page(parse(text).query, limit=-1)]

    assert sorted(shown) == sorted(prompts if found is None else found)
    assert store.count(parse(text).query) == len(shown)
    assert store.page(parse(f"{text} model:demo/other").query, limit=-1) == []


def test_filters_keep_only_the_jobs_they_name(store: Store) -> None:
    live, done = draft(1), draft(2)
    store.add(live, {})
    store.add(done, {})
    store.save(done._replace(state=State.COMPLETED))
    store.mark(done.id, starred=True)
    assert [job.id for job in store.page(LIVE, limit=9)] == [live.id]
    assert [job.id for job in store.page(Query.of("state:done"), limit=9)] == [done.id]
    assert [job.id for job in store.page(Query.of("star:yes"), limit=9)] == [done.id]
    assert [
        job.id for job in store.page(Query((Term(Key.SINCE, (START + timedelta(seconds=2)).isoformat()),)), limit=9)
    ] == [done.id]


def test_saving_a_job_leaves_what_a_person_marked_meanwhile(store: Store) -> None:
    job = draft()
    store.add(job, {})
    store.mark(job.id, starred=True, note="for the poster", cancel_requested=True)
    store.save(job._replace(state=State.RUNNING))
    kept = store.job(job.id)
    assert kept is not None
    assert (kept.state, kept.starred, kept.note, kept.cancel_requested) == (
        State.RUNNING,
        True,
        "for the poster",
        True,
    )


def test_a_job_is_followed_by_one_process_until_its_lease_lapses(store: Store) -> None:
    job = draft()
    store.add(job, {}, lease=Lease("deck", 10_000))
    assert store.leases.claim(Lease("script", 14_000), None, ["fal"], now_ms=9_000) == []
    store.leases.renew(Lease("deck", 12_000))
    assert store.leases.claim(Lease("script", 15_000), None, ["fal"], now_ms=11_000) == []
    assert store.leases.claim(Lease("script", 16_000), [job.id], ["fal"], now_ms=12_001) == [job]
    store.leases.release("script")
    assert store.leases.claim(Lease("deck", 17_000), None, ["fal"], now_ms=12_002) == [job]


def test_a_finished_job_with_its_files_on_disk_is_claimed_by_nobody(store: Store) -> None:
    job = draft()
    store.add(job, {})
    waiting = Output(at="image", url="https://v3.fal.media/x.png", state=FileState.WAITING)
    store.save(job._replace(state=State.COMPLETED, outputs=(waiting,)))
    assert len(store.leases.claim(Lease("a", 5), None, ["fal"], now_ms=1)) == 1
    store.save(job._replace(state=State.COMPLETED, outputs=(waiting._replace(state=FileState.SAVED),)))
    assert store.leases.claim(Lease("b", 50), None, ["fal"], now_ms=10) == []


def test_the_same_request_is_recorded_once_per_profile(store: Store) -> None:
    store.add(draft(1, request_id="r-1"), {})
    with pytest.raises(sqlite3.IntegrityError):
        store.add(draft(2, request_id="r-1"), {})
    store.add(draft(3, request_id="r-1", profile="relay"), {})
    assert store.count(Query()) == 2


def test_log_lines_are_kept_in_order(store: Store) -> None:
    job = draft()
    store.add(job, {})
    lines = [LogLine(f"t{number}", "INFO", f"step {number}") for number in range(12)]
    store.save(job, logs=lines[:5])
    store.save(job, logs=lines[5:])
    assert store.logs(job.id) == lines
    assert store.logs(job.id, after=10) == lines[10:]
    assert store.logs(job.id, newest=2) == lines[10:]


def test_a_job_is_found_by_its_own_id_and_by_its_request_id(store: Store) -> None:
    job = draft(request_id="6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11")
    store.add(job, {})
    assert store.find(job.id) == job
    assert store.find("6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11") == job
    assert store.find("nothing") is None


def test_another_connections_write_changes_the_version(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "history" / "history.db")
    before = store.version()
    other.add(draft(), {})
    assert store.version() != before
    other.close()


def test_the_file_is_private_and_every_schema_of_the_past_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "private" / "history.db"
    Store(path).close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
        database.execute("PRAGMA user_version = 999")
    with pytest.raises(sqlite3.DatabaseError, match="written by a newer faldeck"):
        Store(path)


def test_a_new_file_can_be_opened_by_many_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        for round_ in range(10):
            opened = [threads.submit(Store, tmp_path / f"{round_}.db") for _ in range(8)]
            for future in opened:
                future.result().close()


def test_a_models_draft_and_star_are_remembered(store: Store) -> None:
    store.models.save_draft("fal-ai/flux/dev", {"prompt": "half a sent"})
    store.models.star("fal-ai/flux/dev", True)
    store.add(draft(), {})
    assert store.models.draft("fal-ai/flux/dev") == {"prompt": "half a sent"}
    assert store.models.draft("fal-ai/unknown") == {}
    starred, used, _ = store.models.all()["fal-ai/flux/dev"]
    assert starred and used == round(START.timestamp() * 1000)


def test_a_model_has_one_note_without_control_characters(store: Store) -> None:
    assert store.models.note("a/b", " best with\x1b[31m long prompts ")
    assert not store.models.note("a/b", "best with long prompts")
    assert store.models.all() == {"a/b": (False, None, "best with long prompts")}

    assert store.models.note("a/b", "") and store.models.of("a/b") == (False, None, "")
    assert store.models.all() == {}


def test_ids_sort_by_time_and_read_back() -> None:
    ids = [new_id() for _ in range(3)]
    assert all(len(text) == 13 for text in ids)
    assert id_text(0) < ids[0]


def test_an_id_beyond_all_ids_is_none(store: Store) -> None:
    for name in ("8000000000000", "vvvvvvvvvvvvv"):
        assert store.find(name) is None
        with pytest.raises(ValueError, match="not a job id"):
            id_number(name)
    assert id_number("7vvvvvvvvvvvv") == 2**63 - 1
