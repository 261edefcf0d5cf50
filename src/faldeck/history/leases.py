"""Who follows which job: one process at a time (rule 8)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from faldeck.history import rows
from faldeck.job import Job, State
from faldeck.job_ids import id_number


class Lease(NamedTuple):
    """Who follows jobs, and until when."""

    owner: str
    until_ms: int
    """Milliseconds since 1970."""


class LeaseLost(Exception):
    """Another process follows the job now, or a person's decision has stopped it."""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction: all changes inside happen, or none. Other processes wait with their changes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # A full disk has ended it already.
            connection.execute("ROLLBACK")
        raise


@contextmanager
def repeatable(connection: sqlite3.Connection) -> Iterator[None]:
    """The same for work that is simply done again if the power fails soon after it.

    So nobody waits until the disk has it, and all that others have written to the log before.
    """
    (before,) = connection.execute("PRAGMA synchronous").fetchone()
    connection.execute("PRAGMA synchronous = NORMAL")
    try:
        with transaction(connection):
            yield
    finally:
        connection.execute(f"PRAGMA synchronous = {before}")


class Leases:
    """The leases in a history file. Every method is one statement or one transaction; raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def claim(
        self,
        lease: Lease,
        jobs: Collection[str] | None,
        profiles: Sequence[str],
        now_ms: int,
        *,
        alive: Collection[str] = (),
        is_over: Callable[[Lease], bool] | None = None,
    ) -> list[Job]:
        """Takes over those of `jobs` (None: all jobs) of `profiles` that are open and not followed at `now_ms`.

        `alive` are the jobs that the owner of the lease follows: it takes over any other job that it holds.
        `is_over` says whether the owner of another lease is gone; without it, that is so after the lease's end.
        """
        only = "" if jobs is None else f"AND id IN ({_numbers(jobs)})"
        with transaction(self._db):
            self.renew(lease)
            for other in [Lease(*row) for row in self._db.execute("SELECT owner, until_ms FROM lease")]:
                if other.owner != lease.owner and (is_over(other) if is_over else other.until_ms < now_ms):
                    self._db.execute("DELETE FROM lease WHERE owner = ?", (other.owner,))
            taken = self._db.execute(
                "UPDATE job SET lease_owner = ? WHERE is_open AND deleted_ms IS NULL"
                f" AND profile IN ({', '.join('?' * len(profiles))}) {only}"
                " AND (lease_owner IS NULL OR lease_owner NOT IN (SELECT owner FROM lease)"
                f" OR (lease_owner = ? AND id NOT IN ({_numbers(alive)}))) RETURNING {rows.JOB_COLUMNS}",
                (lease.owner, *profiles, lease.owner),
            ).fetchall()
        return [rows.job(row) for row in taken]

    def renew(self, lease: Lease) -> None:
        """Extends everything that `lease.owner` holds to `lease.until_ms`."""
        self._db.execute(
            "INSERT INTO lease VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET until_ms = excluded.until_ms",
            (lease.owner, lease.until_ms),
        )

    def holds(self, owner: str, job_id: str) -> bool:
        """Whether `owner` still holds a job."""
        query = "SELECT 1 FROM job WHERE id = ? AND lease_owner = ?"
        return self._db.execute(query, (id_number(job_id), owner)).fetchone() is not None

    def cancelled_unsent(self, owner: str) -> list[Job]:
        """The jobs that `owner` holds, has not sent, and that a person has cancelled."""
        found = self._db.execute(
            f"SELECT {rows.JOB_COLUMNS} FROM job"
            " WHERE is_open AND lease_owner = ? AND cancel_requested AND state = ? AND submitted_ms IS NULL"
            " AND deleted_ms IS NULL",
            (owner, State.SUBMITTING.value),
        )
        return [rows.job(row) for row in found]

    def release_job(self, owner: str, job_id: str) -> None:
        """Releases one job of `owner`."""
        query = "UPDATE job SET lease_owner = NULL WHERE id = ? AND lease_owner = ?"
        self._db.execute(query, (id_number(job_id), owner))

    def release(self, owner: str) -> None:
        """Releases everything that `owner` holds."""
        with transaction(self._db):
            self._db.execute("UPDATE job SET lease_owner = NULL WHERE is_open AND lease_owner = ?", (owner,))
            self._db.execute("DELETE FROM lease WHERE owner = ?", (owner,))


def _numbers(jobs: Collection[str]) -> str:
    return ", ".join(str(id_number(job)) for job in jobs)
