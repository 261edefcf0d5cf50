"""Deleted jobs. A deleted job can be restored until its deleter ends; then it is purged, which removes it from disk.

A deleted row has `deleted_ms`, and the lease of its deleter as `lease_owner`. While that lease lives, the row waits.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from faldeck.history import rows
from faldeck.history.leases import Lease, Leases, transaction
from faldeck.history.marks import numbers_json
from faldeck.history.search import indexed_text, storable
from faldeck.job import Job, id_number, id_text


@dataclass(frozen=True, slots=True)
class DeletedJob:
    """A job to be purged."""

    job: Job
    deletes_files: bool
    """Whether its files are to be deleted with it."""


class Trash:
    """The deleted jobs of a history file. Every method is one transaction; raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection, leases: Leases) -> None:
        self._db = connection
        self._leases = leases

    def delete(
        self, job_ids: Collection[str], lease: Lease, now_ms: int, *, files: bool = False, live: bool = False
    ) -> list[str]:
        """Deletes jobs and returns their ids. No list shows them any more, and no process follows them.

        They can be restored as long as `lease` lives. A job with something left to do stays, unless `live`. With
        `files`, the jobs are purged with their files.
        """
        only = "" if live else "AND NOT is_open"
        with transaction(self._db):
            self._leases.renew(lease)
            deleted = self._db.execute(
                "UPDATE job SET deleted_ms = ?, deletes_files = ?, lease_owner = ?"
                f" WHERE id IN (SELECT value FROM json_each(?)) AND deleted_ms IS NULL {only} RETURNING id",
                (now_ms, files, lease.owner, numbers_json(job_ids)),
            ).fetchall()
        return [id_text(row[0]) for row in deleted]

    def restore(self, job_ids: Collection[str]) -> int:
        """Brings deleted jobs back; returns how many. Those that are purged by now cannot be restored."""
        return self._db.execute(
            f"{_RESTORE} WHERE deleted_ms IS NOT NULL AND id IN (SELECT value FROM json_each(?))",
            (numbers_json(job_ids),),
        ).rowcount

    def restore_request(self, profile: str, request_id: str) -> bool:
        """Brings a request's deleted job back; False if there is none."""
        query = f"{_RESTORE} WHERE deleted_ms IS NOT NULL AND profile = ? AND request_id = ?"
        return bool(self._db.execute(query, (profile, storable(request_id))).rowcount)

    def has(self, job_id: str) -> bool:
        """Whether a job was deleted, even if it is purged by now. Its request was made and must not be made again."""
        query = "SELECT 1 FROM job WHERE id = :id AND deleted_ms IS NOT NULL UNION SELECT 1 FROM purged WHERE id = :id"
        return self._db.execute(query, {"id": id_number(job_id)}).fetchone() is not None

    def abandoned(self, *, limit: int) -> list[DeletedJob]:
        """Up to `limit` deleted jobs whose deleter has ended, to be purged. Raises nothing but sqlite3.Error."""
        query = (
            f"SELECT {rows.JOB_COLUMNS}, deletes_files FROM job WHERE deleted_ms IS NOT NULL"
            " AND (lease_owner IS NULL OR lease_owner NOT IN (SELECT owner FROM lease)) ORDER BY deleted_ms LIMIT ?"
        )
        return [DeletedJob(rows.job(row), bool(row["deletes_files"])) for row in self._db.execute(query, (limit,))]

    def purge(self, job_ids: Collection[str]) -> int:
        """Removes deleted jobs with all that belongs to them; returns how many. Those that were restored stay."""
        doomed = "deleted_ms IS NOT NULL AND job.id IN (SELECT value FROM json_each(?))"
        numbers = numbers_json(job_ids)
        with transaction(self._db):
            self._remove_words(doomed, numbers)
            self._db.execute(f"INSERT OR IGNORE INTO purged SELECT id FROM job WHERE {doomed}", (numbers,))
            return self._db.execute(f"DELETE FROM job WHERE {doomed}", (numbers,)).rowcount

    def _remove_words(self, doomed: str, numbers: str) -> None:
        """Removes jobs from the index of words. It keeps no texts, so it must be given each text again."""
        query = f"SELECT job.id, endpoint_id, arguments_json FROM job JOIN body USING (id) WHERE {doomed}"
        for number, endpoint_id, arguments in self._db.execute(query, (numbers,)).fetchall():
            words = indexed_text(endpoint_id, json.loads(arguments))
            self._db.execute("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)", (number, words))


_RESTORE = "UPDATE job SET deleted_ms = NULL, deletes_files = 0, lease_owner = NULL"
