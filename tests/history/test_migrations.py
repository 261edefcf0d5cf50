"""A history that an older faldeck wrote opens without loss."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from faldeck.history import Query, Store, backup, migrations
from faldeck.history.export import exported
from faldeck.history.migrations import MIGRATIONS
from faldeck.history.record import Record
from faldeck.history.restoring import restored
from faldeck.history.rows import rounded_ms
from faldeck.history.stats import Days, Grouping
from faldeck.job import UNKNOWN_INPUT, Job, State, Waiting, WaitingKind
from faldeck.job_ids import id_number, new_id

BEFORE_WAITING = 3
"""Steps of the schema in which a sentence said why a job waits."""

WITH_INDEXING = next(steps for steps, script in enumerate(MIGRATIONS, 1) if "CREATE TABLE indexing" in script)
"""Steps of the schema from which on jobs are found by the index of today."""

AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def old_history(path: Path, *rows: dict[str, object], steps: int = BEFORE_WAITING) -> list[str]:
    """A history of that many steps with these jobs; gives their ids."""
    with sqlite3.connect(path) as database:
        for script in MIGRATIONS[:steps]:
            migrations.apply(database, script)
        database.execute(f"PRAGMA user_version = {steps}")
        ids = [new_id() for _ in rows]
        for job_id, row in zip(ids, rows, strict=True):
            arguments = row.pop("arguments", {"prompt": "a lake"})
            columns = {
                "id": id_number(job_id),
                "profile": "fal",
                "endpoint_id": "fal-ai/flux/dev",
                "state": "queued",
                "is_open": True,
                "title": "a lake",
                "created_ms": 1_772_353_800_000,
                "progress": "",
                "notice": "",
                **({"day": 20260301} if steps > 5 else {}),
                **row,
            }
            names = ", ".join(columns)
            marks = ", ".join("?" * len(columns))
            database.execute(f"INSERT INTO job ({names}) VALUES ({marks})", list(columns.values()))
            text = json.dumps(arguments, separators=(",", ":"))
            database.execute("INSERT INTO body (id, arguments_json) VALUES (?, ?)", (id_number(job_id), text))
    database.close()
    return ids


def opened(path: Path) -> list[Job]:
    """Every job of a history, oldest first, after it was opened by this version."""
    store = Store(path)
    try:
        return store.page(Query(), limit=-1)[::-1]
    finally:
        store.close()


def test_what_a_sentence_said_of_a_wait_becomes_data(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    lost = "It may have been accepted: the answer was lost, next try in sight"
    ids = old_history(
        path,
        {"notice": "paused: User is locked. Reason: Exhausted balance."},
        {"notice": "offline, next try in 8 s"},
        {"notice": "The service is busy: please wait, next try in 2 min"},
        {"notice": lost, "state": "unconfirmed", "sought": True},
        {"notice": ""},
        {"notice": "It was being sent when it was exported.", "state": "unconfirmed", "is_open": False},
    )

    paused, offline, busy, unconfirmed, queued, exported_job = opened(path)

    assert [job.id for job in (paused, offline, busy, unconfirmed, queued, exported_job)] == ids
    assert paused.waits_for_key and paused.waiting is not None
    assert paused.waiting.reason == "User is locked. Reason: Exhausted balance."
    assert offline.is_offline
    assert busy.waiting == Waiting(kind=WaitingKind.RETRY, reason="The service is busy: please wait")
    assert (paused.notice, offline.notice, busy.notice) == ("", "", "")
    assert (unconfirmed.waiting, unconfirmed.notice) == (None, lost)
    assert (queued.waiting, queued.notice) == (None, "")
    assert exported_job.notice == "It was being sent when it was exported."


def test_everything_else_in_an_older_row_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    row = {
        "state": "completed",
        "is_open": False,
        "request_id": "r-1",
        "status_url": "https://queue.fal.run/fal-ai/flux/requests/r-1/status",
        "submitted_ms": 1_772_353_800_125,
        "completed_ms": 1_772_353_802_500,
        "inference_seconds": 1.5,
        "outputs_json": '[{"at":"images[0]","url":"https://x/a.png","state":"saved","path":"/tmp/a.png"}]',
        "cost_json": '{"units":"1.5","unit":"image","unit_price_usd":0.02,"total_usd":0.03,"is_estimate":false}',
        "options_json": '{"priority":"low"}',
        "starred": True,
        "tags_json": '["fox"]',
        "note": "keep",
    }
    old_history(path, row, {"arguments": {"image_url": "https://x/b.png"}})

    job, other = opened(path)

    assert (job.state, job.request_id, job.title, job.note) == (State.COMPLETED, "r-1", "a lake", "keep")
    assert (job.outputs[0].path, job.tags, job.starred) == ("/tmp/a.png", ("fox",), True)
    assert job.cost is not None and job.cost.total_usd == Decimal("0.03") and job.cost.units == Decimal("1.5")
    assert job.options == {"priority": "low"} and job.inference_seconds == 1.5
    assert job.submitted_at == datetime(2026, 3, 1, 8, 30, 0, 125_000, tzinfo=UTC)
    assert (job.waiting, job.input_known, other.input_known) == (None, True, True)
    store = Store(path)
    assert store.body(other.id).arguments == {"image_url": "https://x/b.png"}
    store.close()


@pytest.mark.parametrize("steps", range(1, len(MIGRATIONS) + 1))
def test_every_earlier_format_opens_without_loss(tmp_path: Path, steps: int) -> None:
    path = tmp_path / "history.db"
    completed = {
        "state": "completed",
        "is_open": False,
        "request_id": "r-1",
        "response_url": "https://queue.fal.run/fal-ai/flux/requests/r-1",
        "submitted_ms": 1_772_353_800_125,
        "started_ms": 1_772_353_801_000,
        "completed_ms": 1_772_353_802_500,
        "outputs_json": '[{"at":"images[0]","url":"https://x/a.png","state":"saved","path":"/tmp/a.png"}]',
        "cost_json": '{"units":"1.5","unit":"image","unit_price_usd":0.02,"total_usd":0.03,"is_estimate":false}',
        "total_usd": 0.03,
        "starred": True,
        "tags_json": '["fox"]',
        "note": "keep",
        "arguments": {"prompt": "a lake in the fog", "seed": 2**60},
    }
    failed = {
        "state": "failed",
        "is_open": False,
        "error_json": '{"message":"no","type":"t","status":422,"fields":[{"loc":["body",0],"message":"bad"}]}',
        "arguments": {"prompt": "two owls"},
    }
    waiting = {"state": "unconfirmed", "sought": True, "submitted_ms": 1_772_353_800_125, "lease_owner": "gone"}
    ids = old_history(path, completed, failed, waiting, steps=steps)
    with sqlite3.connect(path) as database:
        for job_id, text in zip(ids, ("a lake in the fog", "two owls", "a lake"), strict=True):
            database.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (id_number(job_id), text))
        database.execute("UPDATE body SET result_json = '{\"images\":[]}' WHERE id = ?", (id_number(ids[0]),))
        database.execute("INSERT INTO log VALUES (?, 1, 't', 'INFO', 'Loading')", (id_number(ids[0]),))
        columns = "endpoint_id, starred, used_ms, draft_json"
        values = "'fal-ai/flux/dev', 1, 5, '{\"prompt\":\"half\"}'"
        database.execute(f"INSERT INTO model ({columns}) VALUES ({values})")
        if steps >= WITH_INDEXING:
            database.execute("INSERT INTO indexing SELECT max(id) + 1, 3, 0 FROM job")  # As its migration does.
        if steps > 1:
            upload = "INSERT INTO upload (sha256, profile, wish, url) VALUES ('00', 'fal', '', 'https://x/u')"
            database.execute(upload)
    database.close()

    store = Store(path)
    first, second, third = store.page(Query(), limit=-1)[::-1]

    assert [job.id for job in (first, second, third)] == ids
    assert (first.state, first.request_id, first.starred, first.tags, first.note) == (
        State.COMPLETED,
        "r-1",
        True,
        ("fox",),
        "keep",
    )
    assert first.submitted_at == datetime(2026, 3, 1, 8, 30, 0, 125_000, tzinfo=UTC)
    assert first.outputs[0].path == "/tmp/a.png" and first.cost is not None and first.cost.units == Decimal("1.5")
    assert store.body(first.id).arguments == {"prompt": "a lake in the fog", "seed": 2**60}
    assert store.body(first.id).result == {"images": []}
    assert [line.message for line in store.logs(first.id)] == ["Loading"]
    assert second.error is not None and second.error.fields[0].loc == ("body", 0)
    assert (third.state, third.looking_up, third.is_open) == (State.UNCONFIRMED, True, True)
    assert store.models.all()["fal-ai/flux/dev"] == (True, 5, "") and store.models.draft("fal-ai/flux/dev") == {
        "prompt": "half"
    }
    assert [job.id for job in store.page(Query.of("lake fog"), limit=-1)] == [first.id]
    if steps > 1:
        assert store.uploads.url("00", "fal", "", 0) == "https://x/u"
    assert bool(backup.copies(path)) == (steps < len(MIGRATIONS))
    store.close()


@pytest.mark.parametrize("steps", range(1, BEFORE_WAITING + 1))
def test_a_request_made_elsewhere_without_its_input_is_known_as_such(tmp_path: Path, steps: int) -> None:
    path = tmp_path / "history.db"
    old_history(
        path,
        {"title": UNKNOWN_INPUT, "arguments": {}},
        {"title": UNKNOWN_INPUT, "arguments": {"seed": 3}},
        {"title": "a lake"},
        {"title": "", "arguments": {}},
        steps=steps,
    )

    assert [job.input_known for job in opened(path)] == [False, True, True, True]


def test_a_wait_is_the_same_after_it_was_stored(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    job = Job(id=new_id(), profile="fal", endpoint_id="fal-ai/flux/dev", state=State.QUEUED, created_at=AT)
    waits = [
        Waiting(kind=kind, reason="no route", next_try_at=at)
        for kind in WaitingKind
        for at in (None, AT + timedelta(milliseconds=125))
    ]
    store.add(job, {})

    for waiting in waits:
        store.save(job._replace(waiting=waiting))
        assert store.job(job.id) == job._replace(waiting=waiting)
    store.save(job)
    assert store.job(job.id) == job
    store.close()


def test_an_export_says_whether_the_input_is_known_and_an_older_one_is_understood(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    job = Job(
        id=new_id(),
        profile="fal",
        endpoint_id="fal-ai/flux/dev",
        state=State.COMPLETED,
        created_at=AT,
        title=UNKNOWN_INPUT,
        request_id="r-1",
        input_known=False,
    )
    store.add(job, {})
    line = json.loads(json.dumps(exported(Record(job, store.body(job.id)))))
    store.close()

    assert restored(line).job == job
    del line["input_known"]
    assert restored(line).job == job
    assert restored(line | {"arguments": {"seed": 3}}).job.input_known


def test_older_jobs_are_in_the_sums(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    done = {
        "state": "completed",
        "is_open": False,
        "submitted_ms": 1_772_353_800_125,
        "completed_ms": 1_772_353_802_500,
        "outputs_json": '[{"at":"a","url":"u","state":"saved","size_bytes":512},{"at":"b","url":"u","state":"saved"}]',
    }
    tenth = '{"units":"1","unit":"image","unit_price_usd":0.1,"total_usd":0.1,"is_estimate":false}'
    absurd = '{"units":"1","unit":"image","unit_price_usd":1e15,"total_usd":1e15,"is_estimate":false}'
    priced = [{**done, "cost_json": tenth, "total_usd": 0.1} for _ in range(3)]
    old_history(path, *priced, {"state": "failed", "cost_json": absurd, "total_usd": 1e15}, {"state": "expired"}, {})

    store = Store(path)
    (day,) = store.stats.report(Grouping.DAY, Days()).groups
    store.close()

    assert day.key == f"{AT.astimezone():%Y-%m-%d}"
    assert (day.jobs, day.completed, day.failed) == (6, 3, 2)
    assert (day.spent_usd, day.size_bytes) == (Decimal("0.3"), 1536)
    assert day.median_seconds == pytest.approx(2.375, rel=0.016)


def test_a_migration_rounds_times_as_a_new_job_does(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    times = [0, 1, 63, 64, 65, 1_000, 123_456, 2**31 + 12_345]
    old_history(path, *({"state": "completed", "submitted_ms": 0, "completed_ms": took} for took in times))
    Store(path).close()

    with sqlite3.connect(path) as database:
        kept = database.execute("SELECT took_ms, took_rounded FROM job ORDER BY id").fetchall()
    database.close()

    assert kept == [(took, rounded_ms(took)) for took in times]
