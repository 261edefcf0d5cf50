"""Adds the jobs of another history: new ones as they are, known ones merged with what is here."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from faldeck.history import connection
from faldeck.history.leases import transaction
from faldeck.history.record import Imported, PreparedRecord, Record, Records, first_of_each, prepare

IMPORT_CACHE_KIB = 192 << 10
"""Memory for pages of the file during an import (KiB)."""


class Imports:
    """What an import writes into a history file; raises sqlite3.Error."""

    def __init__(self, database: sqlite3.Connection, records: Records, read: Callable[[int], Record]) -> None:
        """`read` returns the job that has a number, with its documents and log."""
        self._db, self._records, self._read = database, records, read
        self._expects_new_jobs = True
        """Whether jobs are added before known ones are looked for: the last ones were all new."""

    @contextmanager
    def written_later(self) -> Iterator[None]:
        """The changes inside may be lost if the power fails before the end of the block; the file stays whole.

        For an import, which can be done again: waiting for the disk after each transaction takes most of its time.
        """
        cache = self._db.execute("PRAGMA cache_size").fetchone()[0]
        self._db.execute("PRAGMA synchronous = NORMAL")
        # The places of a job in the indexes are anywhere, so the same pages are changed again and again.
        self._db.execute(f"PRAGMA cache_size = {-IMPORT_CACHE_KIB}")
        self._db.execute("PRAGMA wal_autocheckpoint = 0")
        try:
            yield
        finally:
            self._db.execute("PRAGMA synchronous = FULL")
            self.write_log_to_file()
            self._db.execute(f"PRAGMA wal_autocheckpoint = {connection.LOG_PAGES}")
            self._db.execute(f"PRAGMA cache_size = {cache}")

    def write_log_to_file(self) -> int:
        """Writes the changes of the write-ahead log to the file and to the disk; returns how many pages the log has.

        Others may write meanwhile.

        `written_later` leaves it to its caller, who does that between transactions: what is in the log and not on the
        disk yet must be written there at the next save of a job, while all others wait.
        """
        return int(self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1])

    def add_records(self, records: Iterable[Record]) -> Imported:
        """Records jobs of another history, all or none of them; see `add`."""
        records = list(records)
        return self.add([prepare(record) for record in records], records.__getitem__)

    def add(self, prepared: Sequence[PreparedRecord], record_at: Callable[[int], Record]) -> Imported:
        """Records jobs of another history in one transaction; a known job is merged with the existing one.

        The later state is kept, the saved one of two files, and the marks of both (`merge`). A deleted job is
        restored. `record_at` returns the record at an index of `prepared` if it must be merged.
        """
        if self._expects_new_jobs:
            try:
                with transaction(self._db):
                    self._records.insert_all(prepared)
                return Imported(len(prepared))
            except sqlite3.IntegrityError:
                pass  # At least one is known.
        done = Imported()
        with transaction(self._db):
            indexes: Sequence[int] = range(len(prepared))
            while indexes:  # A request that comes twice is merged with itself.
                some, indexes = first_of_each(prepared, indexes)
                done = done.plus(
                    self._add([prepared[index] for index in some], lambda at, some=some: record_at(some[at]))  # type: ignore[misc]
                )
        self._expects_new_jobs = not done.known and not done.updated
        return done

    def _add(self, prepared: Sequence[PreparedRecord], record_at: Callable[[int], Record]) -> Imported:
        known = self._records.known(prepared)
        self._records.insert_new([one for index, one in enumerate(prepared) if index not in known])
        restored = self._records.restore(set(known.values())) if known else set()
        updated = 0
        for index, number in known.items():
            is_merged = self._merge(prepared[index], number, partial(record_at, index))
            updated += is_merged or number in restored
        return Imported(len(prepared) - len(known), updated, len(known) - updated)

    def _merge(self, prepared: PreparedRecord, number: int, theirs: Callable[[], Record]) -> bool:
        """Adds the data of another history to a job; True if anything changed."""
        if self._records.is_same(prepared, number):
            return False
        from faldeck.history.merge import merged

        ours = self._read(number)
        both = merged(ours, theirs())
        if both == ours:
            return False
        self._records.replace(prepare(both))
        return True
