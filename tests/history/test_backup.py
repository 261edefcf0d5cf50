"""Before the format of a history changes, a copy is made beside it; a history from a newer version is left alone."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from faldeck import __version__
from faldeck.history import Query, Store, backup, connection, file_header, migrations
from faldeck.history.migrations import MIGRATIONS

NEWEST = len(MIGRATIONS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "history.db"


def written(path: Path, *, steps: int = 1, writer: int = 0) -> Path:
    """A history of so many migrations with one job, as a version of that time left it."""
    with closing(sqlite3.connect(path)) as database:
        for script in MIGRATIONS[:steps]:
            migrations.apply(database, script)
        database.execute(
            "INSERT INTO job (id, profile, endpoint_id, state, is_open, title, created_ms, progress, notice)"
            " VALUES (1, 'fal', 'a/b', 'completed', 0, 'a lake', 0, '', '')"
        )
        database.execute("INSERT INTO body (id, arguments_json) VALUES (1, '{}')")
        database.execute(f"PRAGMA user_version = {steps}")
        database.execute(f"PRAGMA application_id = {writer}")
        database.commit()
        database.execute("PRAGMA journal_mode = WAL")
    return path


def opened(path: Path) -> list[str]:
    """What is said when the history is opened."""
    told: list[str] = []
    Store(path, tell=told.append).close()
    return told


def files(folder: Path) -> dict[str, str]:
    """File name → hash of its content."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def test_a_private_copy_of_the_old_format_is_left_beside_the_history(path: Path) -> None:
    written(path, steps=2)

    assert opened(path) == []

    (copy,) = backup.copies(path)
    assert copy.name == "history-v2.db.bak" and copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (2,)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT title FROM job").fetchall() == [("a lake",)]
    assert sorted(file.name for file in path.parent.iterdir()) == ["history-v2.db.bak", "history.db"]


def test_a_new_history_and_one_of_this_version_are_not_copied(path: Path) -> None:
    assert opened(path) == opened(path) == []
    assert backup.copies(path) == []


def test_what_another_process_has_just_written_is_in_the_copy(path: Path) -> None:
    written(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE job SET title = 'a fox'")
        other.commit()
        assert path.with_name("history.db-wal").stat().st_size
        opened(path)

    with closing(sqlite3.connect(backup.copies(path)[0])) as database:
        assert database.execute("SELECT title FROM job").fetchall() == [("a fox",)]


def test_only_the_copies_of_the_newest_formats_are_kept(path: Path) -> None:
    for number in (7, 8, 10, 9):
        path.with_name(f"history-v{number}.db.bak").touch()
    written(path)

    opened(path)

    assert [file.name for file in backup.copies(path)] == [f"history-v{number}.db.bak" for number in (10, 9, 8)]


def test_without_room_it_is_said_and_the_history_opens_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(path)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10, 10, 0))

    (sentence,) = opened(path)

    assert "no room for a backup" in sentence and str(path) in sentence
    assert backup.copies(path) == []
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (NEWEST,)


def test_a_slow_update_says_how_far_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(path, steps=2)
    clock = count()
    monkeypatch.setattr(connection, "SlowWork", partial(connection.SlowWork, clock=lambda: next(clock)))
    monkeypatch.setattr(migrations, "LOOK_INSTRUCTIONS", 10)
    monkeypatch.setattr(backup, "COPIED_PAGES", 1)

    said = opened(path)

    assert said[0].startswith("The format of the history is updated once: ") and "% of a backup are copied" in said[0]
    assert said[-1].endswith(f" of {NEWEST - 2}.")


def test_an_update_within_a_second_says_nothing(path: Path) -> None:
    said: list[str] = []
    now = [0.0]
    work = connection.SlowWork(said.append, clock=lambda: now[0])
    for now[0] in (0.2, 0.9, 1.1, 3.9, 4.2):
        work.at(f"{now[0]}")
    assert [one[-4:] for one in said] == ["1.1.", "4.2."]


@pytest.mark.parametrize(
    ("writer", "by"), [(0, "a newer faldeck"), (int.from_bytes(b"f\x03\x01\x04"), "faldeck 3.1.4")], ids=["", "3.1.4"]
)
def test_a_newer_history_is_refused_by_version_and_nothing_is_written(path: Path, writer: int, by: str) -> None:
    written(path, writer=writer)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {NEWEST + 3}")
    before = files(path.parent)

    with pytest.raises(file_header.NewerHistory) as refused:
        Store(path)

    assert f"was written by {by} (format {NEWEST + 3})" in str(refused.value)
    assert f"this faldeck {__version__} reads formats up to {NEWEST}" in str(refused.value)
    assert "update faldeck" in str(refused.value)
    assert files(path.parent) == before


def test_this_version_signs_what_it_writes(path: Path) -> None:
    opened(path)

    file_format, writer = file_header.read(path)

    assert (file_format, file_header.version_text(writer)) == (NEWEST, __version__)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere, locks do not end with a file that is closed")
def test_reading_the_version_ends_no_lock_of_this_process(path: Path) -> None:
    store = Store(path)
    file_header.check_format(path, NEWEST)
    # The last process to close a history deletes its log; it must not take itself for the last.
    code = f"import sqlite3; db = sqlite3.connect({str(path)!r}); db.execute('SELECT count(*) FROM job'); db.close()"
    assert os.spawnlp(os.P_WAIT, "python3", "python3", "-c", code) == 0
    assert path.with_name("history.db-wal").exists()
    assert store.count(Query()) == 0
    store.close()
