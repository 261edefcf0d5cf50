"""The request history in one SQLite file, read and written through one connection of one thread.

Lists are read without the documents, which are read when they are shown.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck import money
from faldeck.history import connection, rows
from faldeck.history.imports import Imports
from faldeck.history.job_lists import JobLists
from faldeck.history.leases import Lease, LeaseLost, Leases, transaction
from faldeck.history.marks import Marks
from faldeck.history.model_marks import ModelMarks
from faldeck.history.record import LogLine, Record, Records, prepare
from faldeck.history.search_index import SearchIndex
from faldeck.history.search_text import storable
from faldeck.history.trash import Trash
from faldeck.history.upload_cache import UploadCache
from faldeck.job import Body, Job, State
from faldeck.job_ids import ID_LENGTH, first_number, id_number, id_text
from faldeck.query import Query

if TYPE_CHECKING:
    from faldeck.history.stats import Stats
    from faldeck.schema.json_value import JsonValue

BUSY_SECONDS = 30.0
"""How long a write waits for another process's write."""


class Store:
    """The history file. Every method is one statement or one transaction; raises sqlite3.Error."""

    def __init__(
        self,
        path: Path,
        *,
        busy_seconds: float = BUSY_SECONDS,
        tell: Callable[[str], None] = lambda _: None,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        """Opens the file at `path`; creates it (private to the user) and updates its schema.

        A file that cannot be written is opened for reading. A damaged one is renamed, and its readable parts are copied
        to a new one; `tell` is called with sentences about that, and `progress` (otherwise `tell`) with one that says
        how far a slow update of the schema is. Raises NewerHistory.

        `busy_seconds` is how long a write waits for another process's write before it raises.
        """
        self.is_read_only = not connection.can_be_written(path)
        """Whether the file is read-only: then every change raises."""
        if self.is_read_only:
            self._db = connection.connect_read_only(path)
        else:
            self._db = connection.connect_or_recover(path, busy_seconds, tell, progress)
        self._path, self.file = path, connection.identity(path)
        self._log = connection.identity_if_there(connection.log_of(path))
        self.leases = Leases(self._db)
        self.index = SearchIndex(self._db)
        self.lists = JobLists(self._db, self.index)
        self.marks = Marks(self._db, self.index)
        self.models = ModelMarks(self._db)
        self.trash = Trash(self._db, self.leases, self.index)
        self.records = Records(self._db, self.trash, self.index)
        self.imports = Imports(self._db, self.records, self._record)
        self.uploads = UploadCache(self._db)

    @cached_property
    def stats(self) -> Stats:
        """The sums."""
        from faldeck.history.stats import Stats  # Not needed to start.

        return Stats(self._db, self.lists.search)

    def close(self) -> None:
        """Closes the connection."""
        self._db.close()

    @property
    def is_in_place(self) -> bool:
        """Whether the open file is still the one at its path; True if that cannot be checked."""
        try:
            return connection.identity(self._path) == self.file
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True

    def copy_to(self, target: sqlite3.Connection) -> None:
        """Copies all committed data into another database."""
        self._db.backup(target)

    def recover_into(self, target: sqlite3.Connection) -> None:
        """Writes the readable rows of this damaged file into an empty database."""
        from faldeck.history import migrations, row_recovery

        row_recovery.recover_into(target, self._db, migrations.format_of(self._db))

    def remove_log_of_moved_file(self) -> None:
        """Removes the log of the open file after another file has replaced it: SQLite would apply it to that.

        This connection can still use the log.
        """
        log = connection.log_of(self._path)
        if not self.is_in_place and self._log is not None and connection.identity_if_there(log) == self._log:
            log.unlink(missing_ok=True)
            log.with_name(f"{self._path.name}-shm").unlink(missing_ok=True)

    def copy_marks_and_leases(self, other: Store) -> None:
        """Copies the leases of jobs, and the stars, notes and drafts of models, from another history."""
        holders = other._db.execute("SELECT id, lease_owner FROM job WHERE is_open AND lease_owner IS NOT NULL")
        leases = other._db.execute("SELECT owner, until_ms FROM lease").fetchall()
        with transaction(self._db):
            for job_id, owner in holders.fetchall():
                query = "UPDATE job SET lease_owner = ? WHERE id = ? AND is_open AND lease_owner IS NULL"
                self._db.execute(query, (owner, job_id))
            self._db.executemany("INSERT OR IGNORE INTO lease VALUES (?, ?)", map(tuple, leases))
        self.models.copy_from(other.models)

    def set_busy_timeout(self, seconds: float) -> None:
        """Sets how long a write waits for another process's write (seconds)."""
        if isinstance(self._db, connection.PatientConnection):
            self._db.busy_seconds = seconds

    def interrupt(self) -> None:
        """Ends the statement that another thread is running on this connection, with an OperationalError."""
        self._db.interrupt()

    # What a job's follower writes

    def add(self, job: Job, arguments: Mapping[str, JsonValue], *, lease: Lease | None = None) -> None:
        """Records a new job with its arguments; see `add_record`."""
        self.add_record(Record(job, Body(dict(arguments))), lease=lease)

    def add_record(self, record: Record, *, lease: Lease | None = None) -> None:
        """Records a new job, held by `lease` from the start.

        Raises sqlite3.IntegrityError if the request id is already known for the profile.
        """
        with transaction(self._db):
            if lease:
                self.leases.renew(lease)
            self.records.insert(prepare(record), owner=lease.owner if lease else None)

    def save(
        self,
        job: Job,
        *,
        owner: str | None = None,
        logs: Iterable[LogLine] = (),
        arguments: object = None,
        result: object = None,
    ) -> None:
        """Records a job's next snapshot, its new log lines, and its documents if given.

        Raises LeaseLost, and records nothing, if `owner` is given and no longer holds the job.
        """
        number, columns = id_number(job.id), rows.values(job)
        with transaction(self._db), self._following(number, columns, has_documents=(arguments, result) != (None, None)):
            saved = self._db.execute(_SAVE if owner is None else _SAVE_HELD, columns | {"owner": owner})
            if owner is not None and not saved.rowcount:
                raise LeaseLost(job.id)
            if logs:
                self._append_logs(number, logs)
            if arguments is not None:
                self._db.execute("UPDATE body SET arguments_json = ? WHERE id = ?", (rows.dumps(arguments), number))
            if result is not None:
                self._db.execute("UPDATE body SET result_json = ? WHERE id = ?", (rows.dumps(result), number))

    def save_progress(self, jobs: Iterable[Job], owner: str) -> set[str]:
        """Records the places of jobs in their queues and their progress; gives the ids of those not held by `owner`."""
        lost = set()
        with transaction(self._db):
            for job in jobs:
                values = (job.queue_position, job.progress, id_number(job.id), owner)
                if not self._db.execute(_SAVE_PROGRESS, values).rowcount:
                    lost.add(job.id)
        return lost

    def _following(
        self, number: int, columns: Mapping[str, object], *, has_documents: bool
    ) -> AbstractContextManager[None]:
        """Updates the index after the changes inside; most snapshots change none of a job's words."""
        is_changed = has_documents or self.index.is_changed(number, columns)
        return self.index.following([number]) if is_changed else nullcontext()

    def _append_logs(self, number: int, logs: Iterable[LogLine]) -> None:
        query = "SELECT coalesce(max(line), 0) FROM log WHERE job_id = ?"
        start = self._db.execute(query, (number,)).fetchone()[0] + 1
        self._db.executemany(
            "INSERT INTO log (job_id, line, timestamp, level, message) VALUES (?, ?, ?, ?, ?)",
            [
                (number, line, *map(storable, (log.timestamp, log.level, log.message)))
                for line, log in enumerate(logs, start)
            ],
        )

    # What a person decides

    def change(self, job_id: str, decide: Callable[[Job], Job | None]) -> Job | None:
        """Records what `decide` makes of a job as it is now, and ends the lease of its follower.

        Returns the changed job. Returns None and changes nothing if `decide` returns None or the job does not exist. A
        deleted job is changed, too: the answer to its request may arrive late.
        """
        with transaction(self._db):
            job = self._row("WHERE id = ?", id_number(job_id))
            changed = decide(job) if job else None
            if changed:
                columns = rows.values(changed)
                with self._following(id_number(job_id), columns, has_documents=False):
                    self._db.execute(_SAVE, columns)
                query = "UPDATE job SET lease_owner = NULL WHERE id = ? AND deleted_ms IS NULL"
                self._db.execute(query, (id_number(job_id),))
        return changed

    def seek_again(self, profiles: Sequence[str], since: datetime) -> None:
        """Marks the unconfirmed requests of `profiles` made since then to be looked up once more."""
        self._db.execute(
            "UPDATE job SET sought = 1, is_open = 1 WHERE state = ? AND id >= ? AND NOT is_open AND deleted_ms IS NULL"
            f" AND profile IN ({', '.join('?' * len(profiles))})",
            (State.UNCONFIRMED.value, first_number(rows.milliseconds(since)), *profiles),
        )

    # What a person marks

    def mark(self, job_id: str, **marks: object) -> None:
        """Sets `cancel_requested`, `starred` or `note` of one job."""
        unknown = set(marks) - set(rows.MARK_COLUMNS)
        if unknown:
            raise ValueError(f"not a mark: {', '.join(sorted(unknown))}")
        settings = ", ".join(f"{name} = :{name}" for name in marks)
        held = {name: storable(value) if isinstance(value, str) else value for name, value in marks.items()}
        with transaction(self._db), self.index.following([id_number(job_id)], marks_only=True):
            self._db.execute(f"UPDATE job SET {settings} WHERE id = :id", {**held, "id": id_number(job_id)})

    # Reading

    def job(self, job_id: str) -> Job | None:
        """The job with this local id."""
        return self._row("WHERE id = ? AND deleted_ms IS NULL", id_number(job_id))

    def _row(self, condition: str, *parameters: object) -> Job | None:
        row = self._db.execute(f"SELECT {rows.JOB_COLUMNS} FROM job {condition}", parameters).fetchone()
        return rows.job(row) if row else None

    def _record(self, number: int) -> Record:
        """The job that has this number, with its documents and log."""
        job = self.job(job_id := id_text(number))
        assert job is not None
        return Record(job, self.body(job_id), tuple(self.logs(job_id)))

    def named(self, name: str, *, endpoint_id: str | None = None, limit: int = 10) -> list[Job]:
        """The jobs that an id may mean: the one that has it, else those whose ids start with it, newest first.

        `endpoint_id` narrows them to one model's; at most `limit` are returned.
        """
        if job := self.find(name.strip()):
            return [job]
        return self.lists.begun_by(name.strip(), endpoint_id=endpoint_id, limit=limit)

    def find(self, name: str) -> Job | None:
        """The job that has exactly this local id or request id."""
        if len(name) == ID_LENGTH and "-" not in name:
            try:
                if job := self.job(name):
                    return job
            except ValueError:
                pass
        condition = "WHERE request_id = ? AND deleted_ms IS NULL ORDER BY id DESC LIMIT 1"
        return self._row(condition, storable(name))

    def known(self, profile: str, request_ids: Collection[str]) -> set[str]:
        """Those of `request_ids` that are jobs of `profile`, including deleted ones that are not purged yet."""
        query = f"SELECT request_id FROM job WHERE profile = ? AND request_id IN ({', '.join('?' * len(request_ids))})"
        return {row[0] for row in self._db.execute(query, (profile, *request_ids))}

    def endpoint_ids(self, profile: str) -> list[str]:
        """The models used with `profile`, and the starred ones."""
        query = "SELECT endpoint_id FROM job WHERE profile = ? UNION SELECT endpoint_id FROM model WHERE starred"
        return [row[0] for row in self._db.execute(query, (profile,))]

    def body(self, job_id: str) -> Body:
        """The documents of one job; empty ones if the job does not exist."""
        row = self._db.execute(
            "SELECT arguments_json, result_json FROM body WHERE id = ?", (id_number(job_id),)
        ).fetchone()
        if row is None:
            return Body({})
        return Body(rows.loads(row[0]), rows.loads(row[1]) if row[1] is not None else None)

    def logs(self, job_id: str, *, after: int = 0, newest: int | None = None) -> list[LogLine]:
        """The log lines of one job from line `after` on; at most the `newest` ones."""
        query = (
            "SELECT timestamp, level, message FROM"
            " (SELECT * FROM log WHERE job_id = ? AND line > ? ORDER BY line DESC LIMIT ?) ORDER BY line"
        )
        limit = -1 if newest is None else newest
        return [LogLine(*row) for row in self._db.execute(query, (id_number(job_id), after, limit))]

    def page(self, query: Query, *, limit: int, before: str | None = None, after: str | None = None) -> list[Job]:
        """Up to `limit` jobs in the order of the list: those just after `before`, or just before `after`."""
        return self.lists.page(query, limit=limit, before=before, after=after)

    def last_page(self, query: Query, *, limit: int) -> list[Job]:
        """The last `limit` jobs, in the order of the list."""
        return self.lists.last_page(query, limit=limit)

    def count(self, query: Query, *, cap: int = -1) -> int:
        """How many jobs `query` shows, counted up to `cap`."""
        return self.lists.count(query, cap=cap)

    def spent_usd(self, since: date) -> Decimal:
        """The cost of the jobs of this day and later ones, in USD."""
        query = "SELECT coalesce(sum(cost_nanos), 0) FROM day_sum WHERE day >= ?"
        return money.from_nanos(self._db.execute(query, (rows.day_number(since),)).fetchone()[0])

    def version(self) -> int:
        """A number that changes when another connection has written (`PRAGMA data_version`)."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])


_SAVE = (
    f"UPDATE job SET {', '.join(f'{name} = :{name}' for name in rows.LIFE_COLUMNS)},"
    # A job with nothing left to do has no holder, so that any process that finds work may take it. A process holds
    # the jobs that it has deleted, or followed without history, until it ends.
    " lease_owner = CASE WHEN :is_open OR deleted_ms IS NOT NULL OR no_history THEN lease_owner END WHERE id = :id"
)
_SAVE_HELD = f"{_SAVE} AND lease_owner = :owner"
_SAVE_PROGRESS = "UPDATE job SET queue_position = ?, progress = ? WHERE id = ? AND lease_owner = ?"
