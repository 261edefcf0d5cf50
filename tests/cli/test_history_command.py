"""`faldeck history`: what the file holds, pruning it, checking it, making it smaller, copying it."""

import sqlite3
import stat
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import SKETCH, SMALL, Person, jobs

from faldeck.cli.command_table import find_command
from faldeck.engine.leases import LeaseHolder
from faldeck.history import Lease, Store, history_path
from faldeck.job import Job, Output, State, now
from faldeck.job_ids import first_number, id_number, id_text


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def job_of(days: int, **changes: object) -> Job:
    """A completed job that is so many days old."""
    at = now() - timedelta(days=days)
    job = Job(
        id=id_text(first_number(round(at.timestamp() * 1000))),
        profile="lab",
        endpoint_id=SKETCH,
        state=State.COMPLETED,
        created_at=at,
    )
    return job._replace(**changes)  # type: ignore[arg-type]


@pytest.fixture
def old(person: Person) -> Sequence[Job]:
    """Jobs of many days, oldest first: plain, starred, tagged, failed, unconfirmed, live, new."""
    made = (
        job_of(200),
        job_of(190, starred=True),
        job_of(180, tags=("poster",)),
        job_of(170, state=State.FAILED),
        job_of(160, state=State.UNCONFIRMED),
        job_of(150, state=State.QUEUED, request_id="live"),
        job_of(1),
    )
    store = Store(history_path())
    for job in made:
        store.add(job, {"prompt": "a fox"})
    store.close()
    return made


def left(old: Sequence[Job]) -> list[int]:
    """The places of the jobs that are still in the history."""
    ids = {job.id for job in jobs()}
    return [place for place, job in enumerate(old) if job.id in ids]


def test_what_the_file_holds(person: Person, old: Sequence[Job]) -> None:
    told = person.types("history", "stats", "--json").document

    assert (told["jobs"], told["live"], told["starred"], told["tagged"], told["deleted"]) == (7, 1, 1, 1, 0)
    assert told["by_state"] == {"completed": 4, "failed": 1, "queued": 1, "unconfirmed": 1}
    assert told["size_bytes"] == history_path().stat().st_size or told["size_bytes"] > 0
    assert told["oldest_at"] < told["newest_at"]
    assert "7: 4 completed" in person.types("history", "stats").out


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (("--older-than", "90d"), [1, 2, 4, 5, 6]),
        (("--keep", "1"), [1, 2, 4, 5, 6]),
        (("--keep", "2"), [1, 2, 3, 4, 5, 6]),
        (("--state", "failed"), [0, 1, 2, 4, 5, 6]),
        (("--state", "failed,unconfirmed"), [0, 1, 2, 5, 6]),
        (("--state", "failed", "--older-than", "180d"), [0, 1, 2, 3, 4, 5, 6]),
        (("--older-than", "90d", "--include-starred"), [2, 4, 5, 6]),
        (("--older-than", "90d", "--include-tagged"), [1, 4, 5, 6]),
        (("--max-size", "1"), [1, 2, 4, 5]),
        (("--max-size", "2GB"), [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_rule_prunes_what_exceeds_it(
    person: Person, old: Sequence[Job], rule: tuple[str, ...], kept: list[int]
) -> None:
    said = person.types("history", "prune", *rule, "--json")
    assert said.document["jobs"] == len(old) - len(kept)
    assert left(old) == list(range(7)), "only --yes deletes"

    assert person.types("history", "prune", *rule, "--yes").status == 0
    assert left(old) == kept


def test_a_dry_run_says_what_would_go_and_how(person: Person, old: Sequence[Job]) -> None:
    said = person.types("history", "prune", "--older-than", "90d")
    assert said.out.startswith("2 jobs, made ") and "--yes" in said.err
    assert person.types("history", "prune", "--older-than", "999d").out == "No job is to be pruned.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("prune",),
        ("prune", "--yes"),
        ("prune", "--state", "running"),
        ("prune", "--state", "walrus"),
        ("prune", "--max-size", "much"),
        ("stats", "--yes"),
        ("check", "--keep", "1"),
        ("vacuum", "file"),
        ("walrus",),
    ],
)
def test_what_is_not_meant_is_refused(person: Person, old: Sequence[Job], words: tuple[str, ...]) -> None:
    assert person.types("history", *words).status == 2
    assert left(old) == list(range(7))


@pytest.mark.parametrize(
    ("text", "size"), [("2GB", 2_000_000_000), ("1.5 mb", 1_500_000), ("500KB", 500_000), ("70", 70), ("7B", 7)]
)
def test_sizes_are_read_with_their_units(text: str, size: int) -> None:
    command = find_command("history")
    assert command and command.arguments(["prune", "--max-size", text])["max_size"] == size


def test_without_a_history_there_is_nothing_to_look_after(person: Person) -> None:
    said = person.types("history", "stats")
    assert said.status == 4 and not history_path().exists()


def test_pruned_files_go_too_if_asked(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    (job,) = jobs()

    dry = person.types("history", "prune", "--keep", "0", "--files", "--json").document
    assert (dry["jobs"], dry["files"], dry["size_bytes"]) == (1, 1, job.outputs[0].size_bytes)
    assert ", with 1 file (" in person.types("history", "prune", "--keep", "0", "--files").out
    assert ", files stay on disk" in person.types("history", "prune", "--keep", "0").out
    person.types("history", "prune", "--keep", "0", "--files", "--yes")

    assert jobs() == [] and not Path(job.outputs[0].path or "").exists()


def test_a_sound_history_is_well(person: Person, old: Sequence[Job]) -> None:
    findings = person.types("history", "check", "--json")
    assert findings.status == 0
    assert all(finding["is_well"] for finding in findings.documents) and len(findings.documents) >= 5


def test_a_check_tells_missing_files_and_parts_without_a_job(person: Person, tmp_path: Path) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    (job,) = jobs()
    (output,) = job.outputs
    assert isinstance(output, Output)
    Path(output.path or "").unlink()
    with sqlite3.connect(history_path()) as database:
        database.execute("INSERT INTO tag VALUES ('lost', 5)")
        database.execute("DELETE FROM body WHERE id = ?", (id_number(job.id),))
    database.close()

    said = person.types("history", "check")

    assert said.status == 1
    assert str(output.path) in said.out
    assert "parts without a job: some are in tag" in said.out
    assert "documents: 1 jobs have none" in said.out


def test_a_check_tells_an_index_that_does_not_agree(person: Person, old: Sequence[Job]) -> None:
    with sqlite3.connect(history_path()) as database:
        database.execute("INSERT INTO search_by_place (search_by_place) VALUES ('delete-all')")
    database.close()
    said = person.types("history", "check")
    assert said.status == 1 and "search index: 7 jobs are not found by their words" in said.out

    with sqlite3.connect(history_path()) as database:
        database.executemany("INSERT INTO search (rowid, text) VALUES (?, '~')", [(id_number(job.id),) for job in old])
        database.execute("INSERT INTO search (rowid, text) VALUES (5, '~')")
    database.close()
    assert "it has 1 jobs that are gone" in person.types("history", "check").out


def test_a_vacuum_makes_the_file_smaller(person: Person) -> None:
    store = Store(history_path())
    for _ in range(50):
        store.add(job_of(1, id=job_of(1).id[:-3] + f"{_:03}"), {"prompt": "x" * 20_000})
    store.close()
    person.types("history", "prune", "--keep", "0", "--yes")

    told = person.types("history", "vacuum", "--json").document

    assert told["after_bytes"] < told["before_bytes"] / 2
    assert history_path().stat().st_size == told["after_bytes"]


def test_no_vacuum_while_another_faldeck_is_at_work(person: Person, old: Sequence[Job]) -> None:
    store = Store(history_path())
    store.leases.renew(Lease(LeaseHolder(60).name, 2**50))
    store.close()

    said = person.types("history", "vacuum")

    assert said.status == 1 and "Another faldeck uses the history (process" in said.err


def test_a_backup_is_whole_private_and_never_over_another_file(
    person: Person, old: Sequence[Job], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"

    said = person.types("history", "backup", str(copy))

    assert said.status == 0 and str(copy) in said.out
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    store = Store(copy)
    assert store.job(old[0].id) == jobs()[-1]
    store.close()
    assert person.types("history", "backup", str(copy)).status == 2
    assert person.types("history", "backup", str(tmp_path / "missing" / "x.db")).status == 2

    path = Path(person.types("history", "backup", "--json").document["path"])
    assert path.parent == history_path().parent / "backups" and path.exists()


def test_a_backup_works_while_others_write(person: Person, old: Sequence[Job], tmp_path: Path) -> None:
    is_done = threading.Event()

    def write() -> None:
        store = Store(history_path())
        while not is_done.is_set():
            store.marks.note([old[0].id], "again")
        store.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert person.types("history", "backup", str(tmp_path / "copy.db")).status == 0
    finally:
        is_done.set()
        writer.join()
