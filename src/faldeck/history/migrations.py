"""The schema of the history, as a list of steps. New steps are only appended; each runs once, in one transaction."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from faldeck.history import file_header, rows
from faldeck.history.marks import folded_tags

_ROUNDED = " ".join(f"WHEN took_ms < {2 ** (6 + spare)} THEN took_ms >> {spare} << {spare}" for spare in range(36))
"""A whole number of milliseconds, rounded down to six binary digits, as SQL."""

_ADDED_TO_DAY = """
        INSERT INTO day_sum (day, took_rounded) SELECT NEW.day, coalesce(NEW.took_rounded, -1)
            WHERE NOT EXISTS (
                SELECT 1 FROM day_sum WHERE day = NEW.day AND took_rounded = coalesce(NEW.took_rounded, -1)
            );
        UPDATE day_sum SET jobs = jobs + 1, completed = completed + (NEW.state = 'completed'),
            failed = failed + (NEW.state IN ('failed', 'expired')), size_bytes = size_bytes + NEW.size_bytes,
            cost_nanos = cost_nanos + coalesce(NEW.cost_nanos, 0)
            WHERE day = NEW.day AND took_rounded = coalesce(NEW.took_rounded, -1);
"""

_TAKEN_FROM_DAY = """
        UPDATE day_sum SET jobs = jobs - 1, completed = completed - (OLD.state = 'completed'),
            failed = failed - (OLD.state IN ('failed', 'expired')), size_bytes = size_bytes - OLD.size_bytes,
            cost_nanos = cost_nanos - coalesce(OLD.cost_nanos, 0)
            WHERE day = OLD.day AND took_rounded = coalesce(OLD.took_rounded, -1);
        DELETE FROM day_sum WHERE day = OLD.day AND took_rounded = coalesce(OLD.took_rounded, -1) AND jobs = 0;
"""
"""Parts of triggers."""

_KINDS = "CASE WHEN outputs_json ISNULL THEN ',text,' ELSE ',' || " + " || ".join(
    f"""CASE WHEN outputs_json LIKE '%"content_type":"{prefix}/%' THEN '{kind},' ELSE '' END"""
    for prefix, kind in (*rows.KINDS.items(), ("application", "file"))
)
_KINDS += " END"
"""`rows.kinds` as SQL."""

MIGRATIONS: tuple[str, ...] = (
    # Lists read `job` alone, so large values are in `body` and `log`.
    """
    CREATE TABLE job (
        id INTEGER PRIMARY KEY,
        profile TEXT NOT NULL,
        endpoint_id TEXT NOT NULL,
        state TEXT NOT NULL,
        is_open INTEGER NOT NULL,
        title TEXT NOT NULL,
        request_id TEXT,
        status_url TEXT,
        response_url TEXT,
        cancel_url TEXT,
        created_ms INTEGER NOT NULL,
        submitted_ms INTEGER,
        started_ms INTEGER,
        completed_ms INTEGER,
        queue_position INTEGER,
        progress TEXT NOT NULL,
        notice TEXT NOT NULL,
        inference_seconds REAL,
        error_json TEXT,
        outputs_json TEXT,
        cost_json TEXT,
        total_usd REAL,
        options_json TEXT,
        uploads_json TEXT,
        sought INTEGER NOT NULL DEFAULT 0,
        cancel_requested INTEGER NOT NULL DEFAULT 0,
        starred INTEGER NOT NULL DEFAULT 0,
        tags_json TEXT,
        note TEXT NOT NULL DEFAULT '',
        lease_owner TEXT
    );
    CREATE TABLE lease (
        owner TEXT PRIMARY KEY,
        until_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX job_request ON job (request_id, profile) WHERE request_id IS NOT NULL;
    CREATE INDEX job_state ON job (state, id);
    CREATE INDEX job_endpoint ON job (endpoint_id, id);
    CREATE INDEX job_open ON job (id) WHERE is_open;
    CREATE INDEX job_starred ON job (id) WHERE starred;
    CREATE TABLE body (
        id INTEGER PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE,
        arguments_json TEXT NOT NULL,
        result_json TEXT
    );
    CREATE TABLE log (
        job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        line INTEGER NOT NULL,
        timestamp TEXT NOT NULL,
        level TEXT NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (job_id, line)
    ) WITHOUT ROWID;
    CREATE TABLE model (
        endpoint_id TEXT PRIMARY KEY,
        starred INTEGER NOT NULL DEFAULT 0,
        used_ms INTEGER,
        draft_json TEXT
    ) WITHOUT ROWID;
    CREATE VIRTUAL TABLE words USING fts5 (
        text, content='', detail=none, columnsize=0, prefix='2 3'
    );
    """,
    # The wishes for an upload (`wish`: its lifetime, its readers) are part of its identity.
    """
    CREATE TABLE upload (
        sha256 TEXT NOT NULL,
        profile TEXT NOT NULL,
        wish TEXT NOT NULL,
        url TEXT NOT NULL,
        ends_ms INTEGER,
        PRIMARY KEY (sha256, profile, wish)
    ) WITHOUT ROWID;
    """,
    "ALTER TABLE upload ADD COLUMN size_bytes INTEGER;",
    # Older versions kept why a job waits, and whether its input is known, as sentences in `notice` and `title`.
    """
    ALTER TABLE job ADD COLUMN waiting_kind TEXT;
    ALTER TABLE job ADD COLUMN waiting_reason TEXT;
    ALTER TABLE job ADD COLUMN next_try_ms INTEGER;
    ALTER TABLE job ADD COLUMN input_known INTEGER NOT NULL DEFAULT 1;
    UPDATE job SET waiting_kind = 'key_refused', waiting_reason = substr(notice, 9), notice = ''
        WHERE notice GLOB 'paused: *';
    UPDATE job SET waiting_kind = 'offline', waiting_reason = 'offline', notice = ''
        WHERE notice GLOB 'offline, next try in *';
    UPDATE job SET waiting_kind = 'retry',
        waiting_reason = substr(notice, 1, instr(notice, ', next try in ') - 1), notice = ''
        WHERE notice GLOB '*, next try in *' AND state NOT IN ('unconfirmed', 'dismissed');
    UPDATE job SET input_known = 0
        WHERE title = '(made elsewhere)' AND id IN (SELECT id FROM body WHERE arguments_json = '{}');
    """,
    # `tag` finds the jobs of a tag; it holds folded tags. `tags_json` holds them as they were typed.
    # A deleted job is left out of everything (see `trash`) until it is purged; `purged` keeps its id alone, so that a
    # batch does not send its request again.
    """
    CREATE TABLE tag (
        tag TEXT NOT NULL,
        job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        PRIMARY KEY (tag, job_id)
    ) WITHOUT ROWID;
    CREATE INDEX tag_job ON tag (job_id);
    INSERT OR IGNORE INTO tag (tag, job_id)
        SELECT json_each.value, job.id FROM job, json_each(folded_tags(job.tags_json))
        WHERE job.tags_json IS NOT NULL;
    ALTER TABLE job ADD COLUMN deleted_ms INTEGER;
    ALTER TABLE job ADD COLUMN deletes_files INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX job_deleted ON job (deleted_ms) WHERE deleted_ms IS NOT NULL;
    CREATE TABLE purged (id INTEGER PRIMARY KEY);
    """,
    # The columns for sums: the day, the time taken (also as `rows.rounded_ms` rounds it), nano-dollars, bytes.
    # `total_usd` is not written any more. A job has its batch, and the job whose output is its input.
    f"""
    ALTER TABLE job ADD COLUMN day INTEGER;
    ALTER TABLE job ADD COLUMN took_ms INTEGER;
    ALTER TABLE job ADD COLUMN took_rounded INTEGER;
    ALTER TABLE job ADD COLUMN cost_nanos INTEGER;
    ALTER TABLE job ADD COLUMN size_bytes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE job ADD COLUMN group_id TEXT;
    ALTER TABLE job ADD COLUMN parent_id INTEGER;
    UPDATE job SET
        day = CAST(strftime('%Y%m%d', created_ms / 1000, 'unixepoch', 'localtime') AS INTEGER),
        took_ms = CASE WHEN state = 'completed'
            THEN max(0, completed_ms - coalesce(submitted_ms, created_ms)) END,
        took_rounded = (
            SELECT CASE {_ROUNDED} END
            FROM (SELECT max(0, completed_ms - coalesce(submitted_ms, created_ms)) AS took_ms) WHERE state = 'completed'
        ),
        cost_nanos = CASE WHEN abs(total_usd) <= 1000000 THEN CAST(round(total_usd * 1000000000) AS INTEGER) END,
        total_usd = NULL,
        size_bytes = CASE WHEN json_valid(outputs_json)
            THEN (SELECT coalesce(sum(json_extract(value, '$.size_bytes')), 0) FROM json_each(outputs_json))
            ELSE 0 END;
    CREATE INDEX job_group ON job (group_id, id) WHERE group_id IS NOT NULL;
    CREATE INDEX job_parent ON job (parent_id, id) WHERE parent_id IS NOT NULL;
    """,
    # The sums of each day, by the time that jobs took (-1: no time). Triggers keep them, whatever changes a job. They
    # have no conflict clause: that of the statement that fires a trigger would win.
    f"""
    CREATE TABLE day_sum (
        day INTEGER NOT NULL,
        took_rounded INTEGER NOT NULL,
        jobs INTEGER NOT NULL DEFAULT 0,
        completed INTEGER NOT NULL DEFAULT 0,
        failed INTEGER NOT NULL DEFAULT 0,
        cost_nanos INTEGER NOT NULL DEFAULT 0,
        size_bytes INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (day, took_rounded)
    ) WITHOUT ROWID;
    INSERT INTO day_sum
        SELECT day, coalesce(took_rounded, -1), count(*), sum(state = 'completed'), sum(state IN ('failed', 'expired')),
            coalesce(sum(cost_nanos), 0), sum(size_bytes)
        FROM job WHERE deleted_ms IS NULL GROUP BY 1, 2;
    CREATE TRIGGER job_sum_added AFTER INSERT ON job WHEN NEW.deleted_ms IS NULL BEGIN
        {_ADDED_TO_DAY}
    END;
    CREATE TRIGGER job_sum_removed AFTER DELETE ON job WHEN OLD.deleted_ms IS NULL BEGIN
        {_TAKEN_FROM_DAY}
    END;
    CREATE TRIGGER job_sum_deleted AFTER UPDATE OF deleted_ms ON job
    WHEN OLD.deleted_ms IS NULL AND NEW.deleted_ms IS NOT NULL BEGIN
        {_TAKEN_FROM_DAY}
    END;
    CREATE TRIGGER job_sum_restored AFTER UPDATE OF deleted_ms ON job
    WHEN OLD.deleted_ms IS NOT NULL AND NEW.deleted_ms IS NULL BEGIN
        {_ADDED_TO_DAY}
    END;
    CREATE TRIGGER job_sum_changed AFTER UPDATE OF state, took_rounded, cost_nanos, size_bytes ON job
    WHEN OLD.deleted_ms IS NULL AND NEW.deleted_ms IS NULL
        AND (OLD.state, OLD.took_rounded, OLD.cost_nanos, OLD.size_bytes)
            IS NOT (NEW.state, NEW.took_rounded, NEW.cost_nanos, NEW.size_bytes)
    BEGIN
        {_TAKEN_FROM_DAY}
        {_ADDED_TO_DAY}
    END;
    """,
    # For searches: an index that also has results, marks and file names (`search_index` fills it for the existing
    # jobs), the kinds of a job's outputs, and the orders by cost and by time.
    f"""
    ALTER TABLE job ADD COLUMN kinds TEXT;
    UPDATE job SET kinds = {_KINDS} WHERE outputs_json NOTNULL OR state = 'completed';
    CREATE INDEX job_cost ON job (coalesce(cost_nanos, -1), id);
    CREATE INDEX job_took ON job (coalesce(took_ms, -1), id);
    CREATE VIRTUAL TABLE search USING fts5 (
        text, content='', detail=none, columnsize=0, prefix='1 2 3',
        tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc' tokenchars '~'"
    );
    CREATE TABLE indexing (below INTEGER NOT NULL, total INTEGER NOT NULL, done INTEGER NOT NULL);
    INSERT INTO indexing SELECT max(id) + 1, count(*), 0 FROM job HAVING count(*) > 0;
    """,
    """
    ALTER TABLE job ADD COLUMN no_history INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX job_no_history ON job (id) WHERE no_history;
    """,
    # Jobs of any id that are not in the index yet, after a large import.
    "CREATE TABLE unindexed (id INTEGER PRIMARY KEY);",
    "ALTER TABLE model ADD COLUMN note TEXT NOT NULL DEFAULT '';",
    # The index by place (`word_tables`). An index that an older version has begun is begun again.
    """
    CREATE VIRTUAL TABLE search_by_place USING fts5 (
        text, content='', detail=none, columnsize=0, prefix='1 2 3 4',
        tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc' tokenchars '~'"
    );
    CREATE TABLE place (place INTEGER PRIMARY KEY, id INTEGER NOT NULL UNIQUE);
    CREATE TABLE long_word (word TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE indexed_early (id INTEGER PRIMARY KEY);
    INSERT INTO search (search) SELECT 'delete-all' FROM indexing;
    UPDATE indexing SET below = (SELECT max(id) + 1 FROM job), total = (SELECT count(*) FROM job), done = 0;
    DELETE FROM unindexed WHERE EXISTS (SELECT 1 FROM indexing);
    """,
    # How many jobs there are, which triggers keep, and an index that has all that is summed by model and by profile.
    """
    CREATE TABLE job_count (jobs INTEGER NOT NULL);
    INSERT INTO job_count SELECT count(*) FROM job WHERE deleted_ms IS NULL;
    CREATE TRIGGER job_count_added AFTER INSERT ON job WHEN NEW.deleted_ms IS NULL BEGIN
        UPDATE job_count SET jobs = jobs + 1;
    END;
    CREATE TRIGGER job_count_removed AFTER DELETE ON job WHEN OLD.deleted_ms IS NULL BEGIN
        UPDATE job_count SET jobs = jobs - 1;
    END;
    CREATE TRIGGER job_count_changed AFTER UPDATE OF deleted_ms ON job
    WHEN (OLD.deleted_ms IS NULL) <> (NEW.deleted_ms IS NULL) BEGIN
        UPDATE job_count SET jobs = jobs + (NEW.deleted_ms IS NULL) - (OLD.deleted_ms IS NULL);
    END;
    CREATE INDEX job_sums ON job (endpoint_id, took_rounded, profile, day, state, cost_nanos, size_bytes, deleted_ms)
        WHERE deleted_ms IS NULL;
    """,
)


LOOK_INSTRUCTIONS = 100_000
"""SQLite's instructions, a few milliseconds, between two reports of progress."""


def migrate(connection: sqlite3.Connection, at: Callable[[str], None] = lambda _: None) -> None:
    """Updates the database to the newest schema; its `user_version` is the number of steps done.

    `at` is called often with how far it is. Raises NewerHistory if a newer faldeck has written the file.
    """
    done = format_of(connection)
    if done > len(MIGRATIONS):
        file = connection.execute("PRAGMA database_list").fetchone()[2]
        writer = connection.execute("PRAGMA application_id").fetchone()[0]
        raise file_header.NewerHistory(file, done, len(MIGRATIONS), writer)
    # A new file gets its schema in one transaction, so that no other process takes it for an old file.
    targets = range(done + 1, len(MIGRATIONS) + 1) if done else (len(MIGRATIONS),)
    for number in targets:
        step = f"step {number - done} of {len(targets)}"
        connection.set_progress_handler(partial(at, step), LOOK_INSTRUCTIONS)
        connection.execute("BEGIN IMMEDIATE")
        try:
            if (now_done := format_of(connection)) < number:
                for script in MIGRATIONS[now_done:number]:
                    apply(connection, script)
                if not now_done:
                    connection.execute("DROP TABLE words")  # Only older versions have an index there.
                connection.execute(f"PRAGMA user_version = {number}")
                connection.execute(f"PRAGMA application_id = {file_header.writer_id()}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        finally:
            connection.set_progress_handler(None, 0)
        connection.execute("COMMIT")


def apply(connection: sqlite3.Connection, script: str) -> None:
    """Runs the statements of one step."""
    connection.create_function("folded_tags", 1, folded_tags, deterministic=True)
    for statement in _statements(script):
        connection.execute(statement)


def is_newest(connection: sqlite3.Connection) -> bool:
    """Whether the database has the newest schema."""
    return format_of(connection) == len(MIGRATIONS)


def format_of(connection: sqlite3.Connection) -> int:
    """How many steps have been done; 0 for an empty database."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for part in script.split(";")[:-1]:
        statement += f"{part};"
        if sqlite3.complete_statement(statement):  # A trigger contains statements.
            yield statement
            statement = ""


class HistoryHealth(NamedTuple):
    """The health of a history file."""

    jobs: int
    size_bytes: int
    problem: str | None
    """Its first problem, in SQLite's words."""


def look(path: Path) -> HistoryHealth | None:
    """The health of the file at `path`; None if it does not exist yet."""
    if not path.exists():
        return None
    size = path.stat().st_size
    try:
        file_header.check_format(path, len(MIGRATIONS))
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as database:
            (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
            (jobs,) = database.execute("SELECT count(*) FROM job").fetchone()
    except sqlite3.Error as error:
        return HistoryHealth(0, size, str(error))
    return HistoryHealth(jobs, size, None if verdict == "ok" else str(verdict))


def lock_problem(folder: Path) -> str:
    """Why files in a folder cannot be locked, as text; empty if they can.

    On a file system without locks (NFS without its lock service), SQLite wrongly reports that another program has
    locked the file.
    """
    try:
        import fcntl
    except ImportError:  # Windows, where locks always work.
        return ""
    import tempfile  # Costs as much as the rest of this module.

    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            fcntl.lockf(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
            why = os.strerror(error.errno)
            return f"files in {folder} cannot be locked ({why}); XDG_DATA_HOME can name another folder"
    return ""
