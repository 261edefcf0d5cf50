"""A damaged history is set aside by name, and what can be read of it makes the new one."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from faldeck.history import History, HistoryError, LogLine, Query, Store, migrations, open_store
from faldeck.history.migrations import MIGRATIONS
from faldeck.history.record import Record
from faldeck.job import Body, Job, State
from faldeck.job_ids import id_text, new_id

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
JOBS = 300

Told = list[str]


def record(number: int) -> Record:
    """A job of the fixture."""
    at = START + timedelta(seconds=number)
    job = Job(
        id=id_text(round(at.timestamp() * 1000) << 22),
        profile="fal",
        endpoint_id="fal-ai/flux/dev",
        state=State.COMPLETED,
        created_at=at,
        title=f"fox {number}",
        request_id=f"r-{number}",
        note="keep" if number % 50 == 0 else "",
    )
    result = {"text": f"result {number} " * (40 if number % 7 else 1_000)}
    return Record(
        job, Body({"prompt": f"fox number{number}", "seed": number}, result), (LogLine("t", "INFO", "Loading"),)
    )


RECORDS = {one.job.id: one for one in map(record, range(JOBS))}


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound history, closed."""
    path = tmp_path_factory.mktemp("whole") / "history.db"
    with closing(Store(path)) as store:
        store.imports.add_records(RECORDS.values())
        store.models.star("a/b", True)
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    copy = folder / "history.db"
    copy.write_bytes(whole.read_bytes())
    return copy


def read(path: Path) -> tuple[list[Record], Told]:
    """All jobs of a history as commands read it, which run again where they are told so; and what they are told."""
    told: Told = []
    for _ in range(2):
        try:
            with open_store(path, told.append) as store:
                jobs = store.page(Query(), limit=-1)
                store.count(Query.of("fox"))
                return [Record(job, store.body(job.id), tuple(store.logs(job.id))) for job in jobs], told
        except HistoryError as error:
            assert "run the command again" in str(error)
    raise AssertionError("it cannot be read twice")


def pages_of(path: Path, name: str) -> list[int]:
    """The pages of a table or an index, in the order of its keys; the first is its root."""
    with closing(sqlite3.connect(path)) as database:
        try:
            return [
                row[0] for row in database.execute("SELECT pageno FROM dbstat WHERE name = ? ORDER BY path", (name,))
            ]
        except sqlite3.OperationalError:
            pytest.skip("this SQLite does not tell which page is whose")


def spoil(path: Path, page: int, content: bytes = b"\xa5" * 4096) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(content)


def set_aside(path: Path) -> list[Path]:
    return sorted(file for file in path.parent.iterdir() if ".corrupt-" in file.name)


def assert_sound(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_is_no_database_is_kept_and_a_new_history_begins(path: Path) -> None:
    path.write_text("this was a history once\n" * 500)

    found, told = read(path)

    assert found == []
    (aside,) = set_aside(path)
    assert aside.read_text().startswith("this was") and aside.name.startswith("history.corrupt-20")
    assert "nothing could be read" in told[-1] and str(aside) in told[-1]
    with closing(Store(path)) as store:
        store.add(record(0).job._replace(id=new_id()), {"prompt": "after"})
    assert_sound(path)


def test_a_second_damage_of_the_same_day_keeps_the_first(path: Path) -> None:
    for _ in range(2):
        path.write_text("nothing" * 100)
        read(path)

    assert len(set_aside(path)) == 2


def test_of_a_history_that_was_cut_off_all_that_is_left_is_read(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(size * 3 // 4 // 4096 * 4096 + 100)

    found, told = read(path)

    assert len(found) > JOBS // 3
    assert all(one.job == RECORDS[one.job.id].job for one in found)
    assert f"{len(found)} jobs were recovered" in told[-1]
    assert_sound(path)


@pytest.mark.parametrize("steps", range(1, len(MIGRATIONS) + 1))
def test_a_damaged_history_of_every_earlier_format_is_recovered_and_updated(tmp_path: Path, steps: int) -> None:
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path)) as database:
        for script in MIGRATIONS[:steps]:
            migrations.apply(database, script)
        for number in range(1, 200):
            day, value = (", day", ", 20260301") if steps > 5 else ("", "")
            database.execute(
                f"INSERT INTO job (id, profile, endpoint_id, state, is_open, title, created_ms, progress, notice{day})"
                f" VALUES (?, 'fal', 'a/b', 'queued', 1, ?, 0, '', 'paused: Exhausted balance.'{value})",
                (number << 30, "x" * 200),
            )
            database.execute(
                'INSERT INTO body (id, arguments_json) VALUES (?, \'{"prompt":"a fox"}\')', (number << 30,)
            )
        database.execute(f"PRAGMA user_version = {steps}")
        database.commit()
    spoil(path, pages_of(path, "job")[3])

    found, told = read(path)

    assert 150 < len(found) < 199 and "could not be read" in told[-1]
    waits = {one.job.waits_for_key for one in found}
    assert waits == ({True} if steps < 4 else {False})
    assert_sound(path)


@pytest.mark.parametrize("content", [bytes(4096), b"\xa5" * 4096], ids=["zeros", "nonsense"])
@pytest.mark.parametrize("number", [0, 1])
def test_jobs_are_recovered_where_the_list_of_the_tables_is_damaged(path: Path, number: int, content: bytes) -> None:
    """The first page and the first of those with the list: without them no table of the file is known."""
    spoil(path, pages_of(path, "sqlite_schema")[number], content)

    found, told = read(path)

    assert {one.job.id for one in found} == set(RECORDS)
    assert all(one.body == RECORDS[one.job.id].body for one in found)
    assert f"{JOBS:,} jobs were recovered" in told[1]
    assert_sound(path)


def test_around_a_damaged_page_every_job_is_recovered_and_the_lost_ones_are_counted(path: Path) -> None:
    leaves = pages_of(path, "job")[1:]
    for page in (leaves[0], leaves[4], leaves[6], leaves[-1]):
        spoil(path, page)

    found, told = read(path)

    lost = JOBS - len(found)
    assert 4 < lost < JOBS // 2
    assert all(one == RECORDS[one.job.id] for one in found)
    assert f"{len(found)} jobs were recovered; {lost} could not be read" in told[-1]
    assert_sound(path)


def test_a_job_whose_documents_are_damaged_is_kept_with_what_is_left_of_them(path: Path) -> None:
    for page in pages_of(path, "body")[5:8]:
        spoil(path, page)

    found, _ = read(path)

    assert [one.job.title for one in found] == [one.job.title for one in reversed(RECORDS.values())]
    changed = [one for one in found if one != RECORDS[one.job.id]]
    assert 0 < len(changed) < JOBS // 3
    for one in changed:
        assert one.body.arguments in ({}, RECORDS[one.job.id].body.arguments)
        assert one.body.result in (None, RECORDS[one.job.id].body.result)
    assert_sound(path)


@pytest.mark.parametrize("name", ["job_request", "job_state", "log", "search_data", "model"])
def test_a_damaged_index_costs_no_job(path: Path, name: str) -> None:
    for page in pages_of(path, name):
        spoil(path, page)

    with closing(Store(path)) as store, pytest.raises(sqlite3.DatabaseError):
        # An answer that needs the damaged part, whichever it is.
        store.known("fal", ["r-1"])
        store.count(Query.of("state:queued"))
        store.logs(record(1).job.id)
        store.count(Query.of("fox"))
        store.models.all()
    told: Told = []
    with pytest.raises(HistoryError), open_store(path, told.append) as store:
        store.known("fal", ["r-1"])
        store.count(Query.of("state:queued"))
        store.logs(record(1).job.id)
        store.count(Query.of("fox"))
        store.models.all()

    with closing(Store(path)) as store:
        assert store.count(Query()) == store.count(Query.of("fox")) == JOBS
        assert store.known("fal", ["r-1"]) == {"r-1"}
    assert f"{JOBS} jobs were recovered." in told[-1]
    assert_sound(path)


def test_whichever_page_is_damaged_the_history_opens_and_no_job_is_made_up(whole: Path, path: Path) -> None:
    sound = whole.read_bytes()
    for page in range(1, len(sound) // 4096 + 1, 7):
        path.write_bytes(sound)
        spoil(path, page, bytes(4096) if page % 2 else b"\xff" * 4096)

        found, _ = read(path)

        assert {one.job.id for one in found} <= RECORDS.keys()
        assert all(one.job == RECORDS[one.job.id].job for one in found)
        for file in path.parent.iterdir():
            file.unlink()


@pytest.fixture
def open_history(path: Path) -> Iterator[Callable[[], History]]:
    opened: list[History] = []

    def begin() -> History:
        opened.append(History(path))
        return opened[-1]

    yield begin
    for history in opened:
        history.close()


def sentences(history: History) -> Told:
    found: Told = []
    while not history.losses.empty():
        found.append(history.losses.get_nowait())
    return found


async def test_a_deck_that_meets_damage_goes_on_with_what_is_left(
    path: Path, open_history: Callable[[], History]
) -> None:
    spoil(path, pages_of(path, "job")[4])
    history, other = open_history(), open_history()
    assert await other.read(lambda store: store.models.all())
    job = Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.QUEUED, created_at=START)
    await history.write(lambda store: store.add(job, {"prompt": "just made"}))

    shown = await history.read(lambda store: store.page(Query(), limit=-1))

    assert shown[0].id == job.id and JOBS // 2 < len(shown) < JOBS
    before, after = sentences(history)
    assert "are being recovered" in before and f"{len(shown)} jobs were recovered" in after
    late = job._replace(id=new_id(), request_id="late")
    await history.write(lambda store: store.add(late, {"prompt": "after that"}))
    # Another deck had the damaged file open; what it writes is not lost either.
    elsewhere = job._replace(id=new_id(), request_id="elsewhere")
    await other.write(lambda store: store.add(elsewhere, {}))
    found = {one.job.id for one in read(path)[0]}
    assert {job.id, late.id, elsewhere.id} < found and len(found) == len(shown) + 2
    assert len([file for file in set_aside(path) if file.suffix == ".db"]) == 1


async def test_a_deck_starts_on_a_file_that_is_no_database(path: Path, open_history: Callable[[], History]) -> None:
    await asyncio.to_thread(path.write_text, "oh dear" * 1000)
    history = open_history()

    assert await history.read(lambda store: store.count(Query())) == 0

    assert "nothing could be read" in sentences(history)[-1]


async def test_a_recovery_that_has_no_room_leaves_the_damaged_file_in_its_place(
    path: Path, open_history: Callable[[], History], monkeypatch: pytest.MonkeyPatch
) -> None:
    from faldeck.history import row_recovery

    spoil(path, pages_of(path, "job")[4])
    before = await asyncio.to_thread(path.read_bytes)
    history = open_history()

    def full(*_: object) -> row_recovery.Recovered:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(row_recovery, "recover_into", full)
    for _ in range(2):
        with pytest.raises(HistoryError, match=r"damaged|malformed"):
            await history.read(lambda store: store.page(Query(), limit=-1))

    assert await asyncio.to_thread(path.read_bytes) == before and set_aside(path) == []
    assert len(sentences(history)) == 1
