"""Deleted jobs. A deleted job can be restored until its deleter ends; then it is purged, which removes it from disk.

A deleted row has `deleted_ms`, and the lease of its deleter as `lease_owner`. While that lease lives, the row waits.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Collection
from typing import NamedTuple

from faldeck.history import rows
from faldeck.history.leases import Lease, Leases, transaction
from faldeck.history.marks import numbers_json
from faldeck.history.search_index import SearchIndex
from faldeck.history.search_text import storable
from faldeck.job import Job, Output
from faldeck.job_ids import id_number, id_text


class DeletedJob(NamedTuple):
    """A job to be purged."""

    id: str
    outputs: tuple[Output, ...] = ()
    """The outputs whose files will be deleted with it; empty if they are kept."""


class NamedFiles(NamedTuple):
    """A page of the files that jobs name."""

    found: list[tuple[str, str]]
    """Job id and path."""
    last: str | None
    """The last job that was read; None at the end of the history."""


class Trash:
    """The deleted jobs of a history file. Every method is one transaction; raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection, leases: Leases, index: SearchIndex) -> None:
        self._db = connection
        self._index = index
        self._leases = leases

    def delete(
        self, job_ids: Collection[str], lease: Lease, now_ms: int, *, files: bool = False, live: bool = False
    ) -> list[str]:
        """Deletes jobs and returns their ids. No list shows them any more, and no process follows them.

        They can be restored as long as `lease` lives. Jobs with something left to do stay, unless `live`. With
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

    def restore(self, job_ids: Collection[str]) -> dict[str, bool]:
        """Restores deleted jobs, except those that are purged already.

        Returns the id of each restored job, with True if it has something left to do.
        """
        restored = self._db.execute(
            f"{_RESTORE} WHERE deleted_ms IS NOT NULL AND id IN (SELECT value FROM json_each(?)) RETURNING id, is_open",
            (numbers_json(job_ids),),
        )
        return {id_text(number): bool(is_open) for number, is_open in restored.fetchall()}

    def restore_request(self, profile: str, request_id: str) -> bool:
        """Restores a request's deleted job; False if it has none."""
        query = f"{_RESTORE} WHERE deleted_ms IS NOT NULL AND profile = ? AND request_id = ?"
        return bool(self._db.execute(query, (profile, storable(request_id))).rowcount)

    def has(self, job_id: str) -> bool:
        """Whether a job was deleted, even if it is purged already. Its request was made and must not be made again."""
        query = "SELECT 1 FROM job WHERE id = :id AND deleted_ms IS NOT NULL UNION SELECT 1 FROM purged WHERE id = :id"
        return self._db.execute(query, {"id": id_number(job_id)}).fetchone() is not None

    def abandoned(self, *, limit: int) -> list[DeletedJob]:
        """Up to `limit` deleted jobs whose deleter has ended, to be purged."""
        query = (
            "SELECT id, CASE WHEN deletes_files THEN outputs_json END FROM job WHERE deleted_ms IS NOT NULL"
            " AND (lease_owner IS NULL OR lease_owner NOT IN (SELECT owner FROM lease)) ORDER BY deleted_ms, id LIMIT ?"
        )
        return [
            DeletedJob(id_text(number), rows.outputs(outputs) if outputs else ())
            for number, outputs in self._db.execute(query, (limit,))
        ]

    def ended_without_history(self) -> list[Job]:
        """The jobs without history that have ended and that no process holds any more."""
        query = (
            f"SELECT {rows.JOB_COLUMNS} FROM job INDEXED BY job_no_history WHERE no_history AND NOT is_open"
            " AND deleted_ms IS NULL AND (lease_owner IS NULL OR lease_owner NOT IN (SELECT owner FROM lease))"
        )
        return [rows.job(row) for row in self._db.execute(query)]

    def named_files(self, after: str, names: Collection[str], *, limit: int) -> NamedFiles:
        """The files with one of these names in up to `limit` jobs after the job `after` ("": all)."""
        query = "SELECT id, outputs_json FROM job WHERE id > ? AND outputs_json NOTNULL ORDER BY id LIMIT ?"
        page = self._db.execute(query, (id_number(after) if after else -1, limit)).fetchall()
        found = [
            (id_text(number), path)
            for number, outputs in page
            for path in (json.loads(spelt) for spelt in _PATH.findall(outputs))
            if os.path.basename(path) in names
        ]
        return NamedFiles(found, id_text(page[-1][0]) if len(page) == limit else None)

    def purge(self, job_ids: Collection[str]) -> int:
        """Removes deleted jobs, and ended ones without history, with all their data; returns how many.

        Restored jobs stay.
        """
        doomed = f"{_ENDED} AND job.id IN (SELECT value FROM json_each(?))"
        numbers = numbers_json(job_ids)
        with transaction(self._db):
            going = self._db.execute(f"SELECT id FROM job WHERE {doomed}", (numbers,)).fetchall()
            self._index.remove([row[0] for row in going])
            self._db.execute(f"INSERT OR IGNORE INTO purged SELECT id FROM job WHERE {doomed}", (numbers,))
            return self._db.execute(f"DELETE FROM job WHERE {doomed}", (numbers,)).rowcount


_ENDED = "(deleted_ms IS NOT NULL OR (no_history AND NOT is_open))"

_RESTORE = "UPDATE job SET deleted_ms = NULL, deletes_files = 0, lease_owner = CASE WHEN is_open THEN lease_owner END"
"""The deleter continues with an open job: it may have followed it all the time."""

_PATH = re.compile(r'"path":("(?:[^"\\]|\\.)*")')
"""A path in `outputs_json`, as JSON. A text within a text has its quotes escaped, so it is never taken for one."""
