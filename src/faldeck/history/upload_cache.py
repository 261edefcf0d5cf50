"""The URLs of uploaded files, so that the same bytes are not sent twice."""

from __future__ import annotations

import sqlite3


class UploadCache:
    """The uploads in a history file. Every method is one statement or two; raises sqlite3.Error.

    Bytes are identified by their SHA-256 in hex. `wish` is a text of how they were uploaded: for how long, for which
    readers, with which extension and media type.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def url(self, sha256: str, profile: str, wish: str, alive_ms: int) -> str | None:
        """The URL of these bytes if it lasts until `alive_ms` (since 1970)."""
        row = self._db.execute(
            "SELECT url FROM upload WHERE sha256 = ? AND profile = ? AND wish = ?"
            " AND (ends_ms IS NULL OR ends_ms >= ?)",
            (sha256, profile, wish, alive_ms),
        ).fetchone()
        return None if row is None else str(row[0])

    def has_any_of(self, size_bytes: int, profile: str, wish: str) -> bool:
        """Whether bytes of this size, or of an unknown size, have been uploaded."""
        row = self._db.execute(
            "SELECT 1 FROM upload WHERE profile = ? AND wish = ? AND (size_bytes IS NULL OR size_bytes = ?) LIMIT 1",
            (profile, wish, size_bytes),
        ).fetchone()
        return row is not None

    def keep(
        self, sha256: str, profile: str, wish: str, url: str, *, size_bytes: int, ends_ms: int | None, now_ms: int
    ) -> None:
        """Records the URL of these bytes and its end (None: unknown), and removes expired ones."""
        self._db.execute("DELETE FROM upload WHERE ends_ms < ?", (now_ms,))
        self._db.execute(
            "INSERT OR REPLACE INTO upload (sha256, profile, wish, url, size_bytes, ends_ms) VALUES (?, ?, ?, ?, ?, ?)",
            (sha256, profile, wish, url, size_bytes, ends_ms),
        )
