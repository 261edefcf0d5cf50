"""The state of the emulator, in one folder: a SQLite file and the media files beside it.

Several processes may use the same folder at the same time. No state is kept only in memory.
"""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fal_emulator.answers import JsonObject, Reply
from fal_emulator.model import app_id
from fal_emulator.plan import RequestPlan

_TABLES = """
create table if not exists tickets (
    request_id text primary key,
    endpoint_id text not null,
    app_id text not null,
    arguments text not null,
    plan text not null,
    key text not null,
    submitted_at real not null,
    started_at real not null,
    cancelled_at real,
    is_direct integer not null,
    expires_after real
);
create index if not exists tickets_by_endpoint on tickets (endpoint_id, submitted_at);
create index if not exists tickets_by_start on tickets (app_id, started_at);
create table if not exists answers (
    request_id text primary key,
    status integer not null,
    headers text not null,
    content_type text not null,
    body text not null
);
create table if not exists files (
    path text primary key,
    content_type text not null,
    expires_at real
);
create table if not exists log (
    id integer primary key,
    time real not null,
    method text not null,
    path text not null,
    query text not null,
    status integer,
    request_id text,
    fault text,
    headers text not null,
    key text
);
"""


@dataclass(frozen=True)
class Ticket:
    """One accepted request. Times are Unix seconds; the plan's seconds are already those of the wall clock."""

    request_id: str
    endpoint_id: str
    arguments: Any
    plan: RequestPlan
    key: str
    """Fingerprint of the key it was sent with."""
    submitted_at: float
    cancelled_at: float | None = None
    is_direct: bool = False
    """Made by a synchronous call; such a request cannot be looked up in the queue (protocol §3.1)."""
    expires_after: float | None = None
    """Seconds until the files of its result expire; None keeps them (protocol §5.6)."""


@dataclass(frozen=True)
class StoredFile:
    """A file of the CDN, known by the part of its URL after `/files/`."""

    path: str
    location: Path
    content_type: str
    expires_at: float | None


@dataclass(frozen=True)
class LoggedExchange:
    """One line of the request log: the request and its answer. `status` is None if the connection was dropped."""

    time: float
    method: str
    path: str
    query: str
    status: int | None
    request_id: str | None
    fault: str | None
    headers: JsonObject
    key: str | None
    """Fingerprint of the Authorization header, never the header."""


def fingerprint(authorization: str) -> str:
    """Twelve hex digits that tell one Authorization header from another without showing it."""
    return hashlib.sha256(authorization.encode()).hexdigest()[:12]


class EmulatorState:
    """The folder's contents. Methods are quick and commit before they return."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._files = folder / "files"
        self._files.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            folder / "emulator.sqlite3", timeout=30, isolation_level=None, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close the database. The state cannot be used afterwards."""
        self._db.close()

    def add_ticket(self, ticket: Ticket, started_at: float) -> None:
        """Store an accepted request; `started_at` is when its plan leaves the queue."""
        self._db.execute(
            "insert into tickets values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                ticket.request_id,
                ticket.endpoint_id,
                app_id(ticket.endpoint_id),
                json.dumps(ticket.arguments),
                json.dumps(ticket.plan.as_dict()),
                ticket.key,
                ticket.submitted_at,
                started_at,
                ticket.cancelled_at,
                ticket.is_direct,
                ticket.expires_after,
            ),
        )

    def ticket(self, request_id: str) -> Ticket | None:
        """The request of that id, whatever model it was for (protocol §10.2, 4)."""
        row = self._db.execute("select * from tickets where request_id = ?", (request_id,)).fetchone()
        return None if row is None else _ticket(row)

    def cancel(self, request_id: str, at: float) -> None:
        """Store that a request was cancelled; the first time counts."""
        self._db.execute(
            "update tickets set cancelled_at = coalesce(cancelled_at, ?) where request_id = ?",
            (at, request_id),
        )

    def tickets(self, endpoint_ids: Sequence[str], start: float, end: float) -> list[Ticket]:
        """The requests of some models submitted from `start` until before `end`, newest first."""
        marks = ", ".join("?" * len(endpoint_ids))
        rows = self._db.execute(
            f"select * from tickets where endpoint_id in ({marks}) and submitted_at >= ? and submitted_at < ?"
            " order by submitted_at desc",
            (*endpoint_ids, start, end),
        )
        return [_ticket(row) for row in rows]

    def waiting(self, app: str, now: float) -> int:
        """How many requests of an app are in its queue."""
        query = "select count(*) from tickets where app_id = ? and started_at > ? and cancelled_at is null"
        count: int = self._db.execute(query, (app, now)).fetchone()[0]
        return count

    def waiting_tickets(self, now: float) -> list[Ticket]:
        """The requests that are in a queue."""
        rows = self._db.execute("select * from tickets where started_at > ? and cancelled_at is null", (now,))
        return [_ticket(row) for row in rows]

    def replan(self, ticket: Ticket, plan: RequestPlan, started_at: float) -> None:
        """Give a request another plan, one that leaves the queue at `started_at`."""
        self._db.execute(
            "update tickets set plan = ?, started_at = ? where request_id = ?",
            (json.dumps(plan.as_dict()), started_at, ticket.request_id),
        )

    def keep_answer(self, request_id: str, answer: Reply) -> None:
        """Store a result; the first one stays."""
        self._db.execute(
            "insert or ignore into answers values (?, ?, ?, ?, ?)",
            (
                request_id,
                answer.status,
                json.dumps(dict(answer.headers)),
                answer.content_type,
                json.dumps(answer.body),
            ),
        )

    def answer(self, request_id: str) -> Reply | None:
        """The stored result of a request; None before it has one."""
        row = self._db.execute("select * from answers where request_id = ?", (request_id,)).fetchone()
        if row is None:
            return None
        return Reply(row["status"], json.loads(row["body"]), json.loads(row["headers"]), row["content_type"])

    def add_file(self, path: str, content_type: str, data: bytes, expires_at: float | None = None) -> None:
        """Write a whole file and store its path. A reader gets the old file or the new one."""
        location = self.location(path)
        location.parent.mkdir(parents=True, exist_ok=True)
        coming = location.with_name(f"{location.name}.{secrets.token_hex(4)}.coming")
        coming.write_bytes(data)
        coming.replace(location)
        self.announce_file(path, content_type, expires_at)

    def announce_file(self, path: str, content_type: str, expires_at: float | None = None) -> None:
        """Store the path of a file whose bytes are written elsewhere."""
        self._db.execute("insert or replace into files values (?, ?, ?)", (path, content_type, expires_at))

    def file(self, path: str) -> StoredFile | None:
        """The known file at that path; its bytes may be missing until its upload is finished."""
        row = self._db.execute("select * from files where path = ?", (path,)).fetchone()
        if row is None:
            return None
        return StoredFile(path, self.location(path), row["content_type"], row["expires_at"])

    def location(self, path: str) -> Path:
        """The location of a file's bytes; only its folder and name are taken from `path`."""
        folder, _, name = path.rpartition("/")
        return self._files / Path(folder).name / Path(name).name

    def record(self, exchange: LoggedExchange) -> None:
        """Add a line to the request log."""
        self._db.execute(
            "insert into log (time, method, path, query, status, request_id, fault, headers, key)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                exchange.time,
                exchange.method,
                exchange.path,
                exchange.query,
                exchange.status,
                exchange.request_id,
                exchange.fault,
                json.dumps(exchange.headers),
                exchange.key,
            ),
        )

    def exchanges(self, after: int = 0) -> list[JsonObject]:
        """The request log, oldest first, after the line with the id `after`."""
        rows = self._db.execute("select * from log where id > ? order by id", (after,))
        return [dict(row) | {"headers": json.loads(row["headers"])} for row in rows]


def _ticket(row: sqlite3.Row) -> Ticket:
    return Ticket(
        request_id=row["request_id"],
        endpoint_id=row["endpoint_id"],
        arguments=json.loads(row["arguments"]),
        plan=RequestPlan(**json.loads(row["plan"])),
        key=row["key"],
        submitted_at=row["submitted_at"],
        cancelled_at=row["cancelled_at"],
        is_direct=bool(row["is_direct"]),
        expires_after=row["expires_after"],
    )
