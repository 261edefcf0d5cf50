"""A job with its documents, and how it is written to the history: one at a time, or thousands at once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, NamedTuple

from faldeck.history import rows, search_text
from faldeck.history.search_text import folded_tag, storable
from faldeck.job import Body, Job
from faldeck.job_ids import id_at, id_number, id_text

if TYPE_CHECKING:
    from faldeck.history.search_index import SearchIndex
    from faldeck.history.trash import Trash


class LogLine(NamedTuple):
    """One line that a request wrote while it ran."""

    timestamp: str
    level: str
    message: str


class Record(NamedTuple):
    """A job with its documents, log and marks."""

    job: Job
    body: Body
    logs: tuple[LogLine, ...] = ()


class PreparedRecord(NamedTuple):
    """A job as the tables hold it. Preparing it takes most of the time of an import, and needs no history.

    A tuple is sent to another process in half the time of a dataclass.
    """

    number: int
    profile: str
    request_id: str | None
    columns: tuple[object, ...]
    """The columns `COLUMNS` of `job`."""
    arguments_json: str
    result_json: str | None
    words: str | None
    """Its words for the search; None if they are indexed later (`SearchIndex.defer`)."""
    tags: tuple[str, ...]
    logs: tuple[tuple[str, str, str], ...]

    @property
    def size_bytes(self) -> int:
        """About how many bytes its documents have."""
        return len(self.arguments_json) + len(self.result_json or "")


COLUMNS = (*rows.BIRTH_COLUMNS, *rows.LIFE_COLUMNS, *rows.MARK_COLUMNS)
"""The columns of `job` that a record fills."""

# With another clause, SQLite would keep a copy of all pages that a row and its triggers change, to undo that row alone.
_INSERT = f"INSERT OR ROLLBACK INTO job ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"

in_order: Callable[[Mapping[str, object]], tuple[object, ...]] = itemgetter(*COLUMNS)
"""The columns of a job, by name, as a row."""

_PLACES = {name: place for place, name in enumerate(COLUMNS)}
_ENDPOINT, _CREATED = _PLACES["endpoint_id"], _PLACES["created_ms"]


def prepare(record: Record, *, with_words: bool = True) -> PreparedRecord:
    """Returns a job as the tables hold it. Without its words, which take most of the time, it is indexed later."""
    job, body = record.job, record.body
    result = None if body.result is None else rows.dumps(body.result)
    columns = rows.values(job)
    return prepared(columns, rows.dumps(body.arguments), result, job.tags, record.logs, with_words=with_words)


def prepared(
    columns: Mapping[str, object],
    arguments_json: str,
    result_json: str | None,
    tags: Sequence[str],
    logs: Sequence[LogLine],
    *,
    with_words: bool,
) -> PreparedRecord:
    """The same, from the columns of a job and its documents."""
    documents = {"arguments_json": arguments_json, "result_json": result_json}
    return PreparedRecord(
        columns["id"],  # type: ignore[arg-type]
        columns["profile"],  # type: ignore[arg-type]
        columns["request_id"],  # type: ignore[arg-type]
        in_order(columns),
        arguments_json,
        result_json,
        " ".join(search_text.words({**columns, **documents})) if with_words else None,
        tuple({folded_tag(tag) for tag in tags}),
        tuple((storable(log.timestamp), storable(log.level), storable(log.message)) for log in logs),
    )


def first_of_each(records: Sequence[PreparedRecord], places: Sequence[int]) -> tuple[list[int], list[int]]:
    """Splits indexes of `records` into those of the first record of each request and id, and the others."""
    seen: set[object] = set()
    first: list[int] = []
    others: list[int] = []
    for place in places:
        one = records[place]
        keys = {one.number} if one.request_id is None else {one.number, (one.profile, one.request_id)}
        (first if seen.isdisjoint(keys) else others).append(place)
        seen |= keys
    return first, others


class Imported(NamedTuple):
    """The outcome of an import."""

    new: int = 0
    updated: int = 0
    """Known jobs that the import added something to."""
    known: int = 0
    """Known jobs that the import added nothing to."""

    def plus(self, other: Imported) -> Imported:
        """The outcome of both."""
        return Imported(self.new + other.new, self.updated + other.updated, self.known + other.known)


class Records:
    """Writes whole jobs into a history file. Its callers hold a transaction; raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection, trash: Trash, index: SearchIndex) -> None:
        self._db = connection
        self._trash = trash
        self._index = index

    def insert(self, record: PreparedRecord, *, owner: str | None = None) -> None:
        """Adds a new job; if its id or request is known, undoes the transaction and raises sqlite3.IntegrityError."""
        self.insert_all([record])
        if owner:
            self._db.execute("UPDATE job SET lease_owner = ? WHERE id = ?", (owner, record.number))

    def known(self, records: Sequence[PreparedRecord]) -> dict[int, int]:
        """The records that the history has, including deleted jobs: index in `records` → number of the job.

        A job is known by its id or its request. If the id belongs to another request, the job is not known.
        """
        by_id = {
            number: (profile, request_id)
            for number, profile, request_id in self._db.execute(
                "SELECT id, profile, request_id FROM job WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps([record.number for record in records]),),
            )
        }
        requests = {record.request_id for record in records if record.request_id is not None}
        by_request = {
            (profile, request_id): number
            for number, profile, request_id in self._db.execute(
                "SELECT id, profile, request_id FROM job WHERE request_id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(requests)),),
            )
        }
        found: dict[int, int] = {}
        for place, record in enumerate(records):
            request = (record.profile, record.request_id)
            if request in by_request:
                found[place] = by_request[request]
            elif record.number in by_id and (None in (record.request_id, by_id[record.number][1])):
                found[place] = record.number
        return found

    def insert_new(self, records: Sequence[PreparedRecord]) -> None:
        """Adds jobs that are not known. If another job has its id, it gets a new one."""
        taken = {
            row[0]
            for row in self._db.execute(
                "SELECT id FROM job WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps([record.number for record in records]),),
            )
        }
        self.insert_all([_with_free_number(one, taken) for one in records])

    def is_same(self, record: PreparedRecord, number: int) -> bool:
        """Whether a known job has exactly the columns of a record, which then adds nothing to it."""
        row = self._db.execute(f"SELECT {', '.join(COLUMNS)} FROM job WHERE id = ?", (number,)).fetchone()
        return row is not None and tuple(row) == record.columns

    def restore(self, numbers: Collection[int]) -> set[int]:
        """Restores the deleted jobs of an import; returns those that were deleted."""
        return {id_number(job_id) for job_id in self._trash.restore([id_text(number) for number in numbers])}

    def replace(self, record: PreparedRecord) -> None:
        """Overwrites an existing job. Its follower loses the lease, notices that, and stops."""
        number = record.number
        with self._index.following([number]):
            settings = ", ".join(f"{name} = ?" for name in COLUMNS)
            self._db.execute(f"UPDATE job SET {settings}, lease_owner = NULL WHERE id = ?", (*record.columns, number))
            for table, column in (("body", "id"), ("tag", "job_id"), ("log", "job_id")):
                self._db.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))
            self._insert_parts([record])

    def insert_all(self, records: Sequence[PreparedRecord]) -> None:
        """Adds new jobs; if one is known, undoes the transaction and raises sqlite3.IntegrityError."""
        # Neighbours share pages, and FTS5 writes a new part of its index for each step down.
        records = sorted(records, key=attrgetter("number"))
        self._db.executemany(_INSERT, [one.columns for one in records])
        self._insert_parts(records)
        self._index.add((one.number, one.words) for one in records if one.words is not None)
        self._index.defer(one.number for one in records if one.words is None)
        used: dict[object, int] = {}
        for one in records:
            endpoint_id, created = one.columns[_ENDPOINT], int(str(one.columns[_CREATED]))
            used[endpoint_id] = max(created, used.get(endpoint_id, created))
        self._db.executemany(
            "INSERT INTO model (endpoint_id, used_ms) VALUES (?, ?)"
            " ON CONFLICT (endpoint_id) DO UPDATE SET used_ms = max(excluded.used_ms, coalesce(used_ms, 0))",
            used.items(),
        )

    def _insert_parts(self, records: Iterable[PreparedRecord]) -> None:
        """The data outside the table `job`: documents, tags, log lines."""
        records = list(records)
        self._db.executemany(
            "INSERT INTO body VALUES (?, ?, ?)", [(one.number, one.arguments_json, one.result_json) for one in records]
        )
        tags = [(tag, one.number) for one in records for tag in one.tags]
        self._db.executemany("INSERT INTO tag (tag, job_id) VALUES (?, ?)", tags)
        self._db.executemany(
            "INSERT INTO log (job_id, line, timestamp, level, message) VALUES (?, ?, ?, ?, ?)",
            [(one.number, line, *log) for one in records for line, log in enumerate(one.logs, 1)],
        )


def _with_free_number(record: PreparedRecord, taken: set[int]) -> PreparedRecord:
    """The record with a free id; `taken` are the used numbers, and the new one is added."""
    number, turn = record.number, 0
    while number in taken:
        turn += 1
        created = int(str(record.columns[_CREATED]))
        number = id_number(id_at(created, f"{record.profile} {record.request_id} {record.number} {turn}"))
    taken.add(number)
    columns = (number, *record.columns[1:])
    return record if number == record.number else record._replace(number=number, columns=columns)
