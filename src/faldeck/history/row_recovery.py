"""Copies the readable rows of a damaged history into a new one: table by table, row by row around the damage."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from faldeck.history import migrations, rows
from faldeck.history.connection import is_damage
from faldeck.history.leases import transaction
from faldeck.history.marks import folded_tags
from faldeck.history.search_index import SearchIndex

TOGETHER = 500
"""Documents that are checked at once."""

INDEX_SECONDS = 5.0
"""How long the recovered jobs are indexed before the history is used (seconds)."""

_LARGEST = 2**63 - 1
_BROKEN_ROW = (ValueError, KeyError, TypeError, OverflowError, sqlite3.DatabaseError)
"""The errors of reading a job whose row has unexpected values."""


class Recovered(NamedTuple):
    """The outcome of a recovery."""

    jobs: int
    """Jobs that were recovered."""
    lost: int
    """Jobs that the file seems to have and that cannot be read."""


def recover_into(target: sqlite3.Connection, damaged: sqlite3.Connection, file_format: int) -> Recovered:
    """Fills `target`, an empty database, with all readable rows, and updates it to the newest schema.

    `file_format` is the number of migrations that the damaged file has had; 0 if that cannot be read. Raises
    sqlite3.Error if `target` cannot be written.
    """
    steps = file_format or len(migrations.MIGRATIONS)
    target.execute("PRAGMA foreign_keys = OFF")
    target.execute("PRAGMA synchronous = OFF")  # An incomplete file is useless, so nothing need be on the disk yet.
    for script in migrations.MIGRATIONS[:steps]:
        migrations.apply(target, script)
    target.execute(f"PRAGMA user_version = {steps}")
    factories = damaged.row_factory, damaged.text_factory
    damaged.row_factory, damaged.text_factory = None, lambda text: text.decode("utf-8", "replace")
    try:
        known = _known_jobs(damaged, target)
        tables = _tables(target)
        for table in tables:
            _copy(damaged, target, table, known)
    finally:
        damaged.row_factory, damaged.text_factory = factories
    _drop_orphans(target, tables)
    _empty_broken_documents(target, tables)
    migrations.migrate(target)
    target.row_factory = sqlite3.Row
    _drop_broken(target)
    _index_words(target)
    target.create_function("folded_tags", 1, folded_tags, deterministic=True)
    target.execute(_TAGS)
    (jobs,) = target.execute("SELECT count(*) FROM job").fetchone()
    target.execute("PRAGMA foreign_keys = ON")
    return Recovered(jobs, max(0, len(known) - jobs))


_DERIVED = ("tag", "day_sum", "indexing", "unindexed")
"""Tables without data of their own: they are filled from the jobs, the latter by triggers."""

_TAGS = (
    "INSERT OR IGNORE INTO tag (tag, job_id) SELECT json_each.value, job.id"
    " FROM job, json_each(folded_tags(job.tags_json)) WHERE job.tags_json IS NOT NULL"
)
"""Puts all tags of the jobs into the table that finds them."""


def _tables(database: sqlite3.Connection) -> list[str]:
    """The tables with data of their own, `job` first. Derived tables are made again."""
    found = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    virtual = [name for name, sql in found if sql.upper().startswith("CREATE VIRTUAL")]
    shadows = tuple(f"{name}_" for name in virtual)
    left_out = (*shadows, "sqlite_")
    own = [name for name, _ in found if name not in (*virtual, *_DERIVED) and not name.startswith(left_out)]
    return sorted(own, key=lambda name: name != "job")


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]


def _copy(damaged: sqlite3.Connection, target: sqlite3.Connection, table: str, known: frozenset[int]) -> None:
    """Copies the readable rows of one table; `known` are the ids of all jobs."""
    columns = _columns(target, table)
    try:
        there = _columns(damaged, table)
    except sqlite3.DatabaseError:
        return  # The list of tables itself is damaged: nothing can be found.
    columns = [name for name in columns if name in there]
    if not columns:
        return
    has_rowid = _has_rowid(target, table)
    found = _by_rowid(damaged, table, columns) if has_rowid else _from_both_ends(damaged, table, columns)
    _insert(target, table, columns, found)
    if has_rowid:
        copied = {row[0] for row in target.execute(f"SELECT rowid FROM {table}")}
        missing = (_row(damaged, table, columns, rowid) for rowid in sorted(known - copied))
        _insert(target, table, columns, (row for row in missing if row is not None))


def _insert(target: sqlite3.Connection, table: str, columns: list[str], found: Iterator[tuple[object, ...]]) -> None:
    """Inserts rows, except those that break a constraint of the table."""
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    target.execute("BEGIN")
    for row in found:
        target.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", row)
    target.execute("COMMIT")


def _has_rowid(database: sqlite3.Connection, table: str) -> bool:
    try:
        database.execute(f"SELECT rowid FROM {table} LIMIT 0")
    except sqlite3.OperationalError:
        return False
    return True


def _by_rowid(damaged: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[tuple[object, ...]]:
    """The rows in the order of their ids, without those on damaged pages."""
    query = f"SELECT rowid, {', '.join(columns)} FROM {table} WHERE rowid > ? ORDER BY rowid"
    last = -1
    while True:
        try:
            for rowid, *row in damaged.execute(query, (last,)):
                if rowid <= last:  # This is not a row of the table: a damaged page looks like one.
                    break
                last = rowid
                yield tuple(row)
            else:
                return
        except sqlite3.DatabaseError as error:
            if not _is_unreadable(error):
                raise
        following = _next_readable(damaged, table, last)
        if following is None:
            return
        # The id can be read, but not the whole row: its large texts are on other pages.
        if (partial := _row(damaged, table, columns, following)) is not None:
            yield partial
        last = following


def _next_readable(damaged: sqlite3.Connection, table: str, last: int) -> int | None:
    """The first readable id after `last`; None at the end."""
    query = f"SELECT rowid FROM {table} WHERE rowid >= ? ORDER BY rowid LIMIT 1"

    def first_from(rowid: int) -> int | None:
        row = damaged.execute(query, (rowid,)).fetchone()
        if row is not None and row[0] < rowid:
            raise rows.damage("the row read is not the requested one")
        return None if row is None else int(row[0])

    low, step, found = last, 1, None
    while True:
        if last + step > _LARGEST:
            return None
        try:
            found = first_from(last + step)
            break
        except sqlite3.DatabaseError as error:
            if not _is_unreadable(error):
                raise
            low, step = last + step, step * 2
    high = last + step
    while high - low > 1:
        middle = (low + high) // 2
        try:
            found, high = first_from(middle), middle
        except sqlite3.DatabaseError as error:
            if not _is_unreadable(error):
                raise
            low = middle
    return found


def _row(damaged: sqlite3.Connection, table: str, columns: list[str], rowid: int) -> tuple[object, ...] | None:
    """The readable columns of one row. None if nothing can be read."""
    found: dict[str, object] = {}
    for name in columns:
        try:
            row = damaged.execute(f"SELECT {name} FROM {table} WHERE rowid = ?", (rowid,)).fetchone()
        except sqlite3.DatabaseError as error:
            if not _is_unreadable(error):
                raise
            continue
        if row is None:
            return None
        found[name] = row[0]
    created = found.get("created_ms")
    if "day" in columns and isinstance(created, int):
        found["day"] = rows.day(rows.instant(created))
    return tuple(found.get(name, _ABSENT.get(name)) for name in columns) if len(found) > 1 else None


_ABSENT: dict[str, object] = {
    **dict.fromkeys(("title", "progress", "notice", "note"), ""),
    **dict.fromkeys(("is_open", "sought", "cancel_requested", "starred", "deletes_files", "size_bytes"), 0),
    "input_known": 1,
    "arguments_json": "",
}
"""The value for an unreadable one, in columns that must have a value. `_drop_broken` detects that these
arguments are not real."""


def _from_both_ends(damaged: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[tuple[object, ...]]:
    """The rows of a table without ids, in the order of its key from the first, then from the last, up to the damage."""
    key = ", ".join(
        row[1] for row in sorted(damaged.execute(f"PRAGMA table_info({table})"), key=lambda row: row[5]) if row[5]
    )
    for direction in ("ASC", "DESC"):
        order = ", ".join(f"{name.strip()} {direction}" for name in key.split(","))
        try:
            yield from damaged.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}")
            return
        except sqlite3.DatabaseError as error:
            if not _is_unreadable(error):
                raise


def _known_jobs(damaged: sqlite3.Connection, target: sqlite3.Connection) -> frozenset[int]:
    """The ids of all jobs, if any part of the file has them: the table, its indexes, the documents."""
    known: set[int] = set()
    queries = ["SELECT rowid FROM job", "SELECT rowid FROM job ORDER BY rowid DESC", "SELECT rowid FROM body"]
    for _, index, _, _, is_partial in target.execute("PRAGMA index_list(job)").fetchall():
        if not is_partial:
            first = target.execute(f"PRAGMA index_info({index})").fetchone()[2]
            queries.append(f"SELECT rowid FROM job INDEXED BY {index} ORDER BY {first}")
    for query in queries:
        try:
            for (rowid,) in damaged.execute(query):
                known.add(rowid)
        except sqlite3.DatabaseError as error:
            if not _is_unreadable(error) and not isinstance(error, sqlite3.OperationalError):
                raise
    return frozenset(known)


def _is_unreadable(error: sqlite3.Error) -> bool:
    """Whether a part of the file cannot be read."""
    return is_damage(error) or getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHORT_READ


def _drop_orphans(target: sqlite3.Connection, tables: list[str]) -> None:
    """Deletes rows whose parent row is missing, and gives each job without documents empty ones."""
    for table in tables:
        for row in target.execute(f"PRAGMA foreign_key_list({table})").fetchall():
            parent, column, parent_column = row[2], row[3], row[4] or "rowid"
            target.execute(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT {parent_column} FROM {parent})")
    target.execute(
        "INSERT INTO body (id, arguments_json) SELECT id, '{}' FROM job WHERE id NOT IN (SELECT id FROM body)"
    )


def _empty_broken_documents(target: sqlite3.Connection, tables: list[str]) -> None:
    """Empties columns that hold invalid JSON, if they may be empty: migrations read them."""
    for table in tables:
        for _, name, _, is_required, *_ in target.execute(f"PRAGMA table_info({table})").fetchall():
            if name.endswith("_json") and not is_required:
                target.execute(f"UPDATE {table} SET {name} = NULL WHERE {name} NOTNULL AND NOT json_valid({name})")


def _drop_broken(target: sqlite3.Connection) -> None:
    """Deletes the jobs whose rows are not valid, and empties the documents that are not JSON."""
    target.execute("BEGIN")
    broken = [row["id"] for row in target.execute(f"SELECT {rows.JOB_COLUMNS} FROM job") if not _is_sound(row)]
    for table, column in (("body", "id"), ("log", "job_id"), ("job", "id")):
        target.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(number,) for number in broken])
    last = -1
    while page := target.execute(_DOCUMENTS, (last, TOGETHER)).fetchall():
        last = page[-1]["id"]
        for number, arguments, result in page:
            if not isinstance(_json(arguments), dict):
                target.execute("UPDATE body SET arguments_json = '{}' WHERE id = ?", (number,))
                target.execute("UPDATE job SET input_known = 0 WHERE id = ?", (number,))
            if result is not None and _json(result) is None:
                target.execute("UPDATE body SET result_json = NULL WHERE id = ?", (number,))
    target.execute("COMMIT")


_DOCUMENTS = "SELECT id, arguments_json, result_json FROM body WHERE id > ? ORDER BY id LIMIT ?"


def _is_sound(row: sqlite3.Row) -> bool:
    try:
        rows.job(row)
    except _BROKEN_ROW:
        return False
    return True


def _json(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _index_words(target: sqlite3.Connection) -> None:
    """Makes the word index again; what takes longer than a moment continues while the history is in use."""
    index = SearchIndex(target)
    with transaction(target):
        index.rebuild()
    index.step(INDEX_SECONDS)
