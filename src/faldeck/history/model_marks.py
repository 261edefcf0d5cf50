"""What a history keeps about models: stars, notes, last uses, and the values last entered in their forms."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from faldeck.history import rows
from faldeck.history.leases import transaction
from faldeck.history.marks import clean_note
from faldeck.history.search_text import storable


class ModelMark(NamedTuple):
    """What a person has done with a model."""

    starred: bool = False
    used_ms: int | None = None
    """The time of its newest job, in ms since 1970; None if it was never used."""
    note: str = ""


class ModelMarks:
    """The table of models. Every method is one statement or one transaction; raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def all(self) -> dict[str, ModelMark]:
        """Endpoint id → its marks, of every model that was used, starred or given a note."""
        found = self._db.execute(
            "SELECT endpoint_id, starred, used_ms, note FROM model WHERE starred OR used_ms OR note != ''"
        )
        return {row[0]: ModelMark(bool(row[1]), row[2], row[3]) for row in found}

    def of(self, endpoint_id: str) -> ModelMark:
        """The marks of one model."""
        query = "SELECT starred, used_ms, note FROM model WHERE endpoint_id = ?"
        row = self._db.execute(query, (endpoint_id,)).fetchone()
        return ModelMark(bool(row[0]), row[1], row[2]) if row else ModelMark()

    def star(self, endpoint_id: str, starred: bool) -> None:
        """Stars a model, or removes its star."""
        self._set(endpoint_id, "starred", starred)

    def note(self, endpoint_id: str, text: str) -> bool:
        """Sets the sanitized note of a model; an empty one removes it. True if it was another one before."""
        note = storable(clean_note(text))
        is_new = note != self.of(endpoint_id).note
        self._set(endpoint_id, "note", note)
        return is_new

    def draft(self, endpoint_id: str) -> dict[str, object]:
        """The values last entered for a model."""
        row = self._db.execute("SELECT draft_json FROM model WHERE endpoint_id = ?", (endpoint_id,)).fetchone()
        draft = rows.loads(row[0]) if row and row[0] else {}
        return draft if isinstance(draft, dict) else {}

    def save_draft(self, endpoint_id: str, values: object) -> None:
        """Keeps the values entered for a model."""
        self._set(endpoint_id, "draft_json", rows.dumps(values))

    def _set(self, endpoint_id: str, column: str, value: object) -> None:
        self._db.execute(
            f"INSERT INTO model (endpoint_id, {column}) VALUES (?, ?)"
            f" ON CONFLICT (endpoint_id) DO UPDATE SET {column} = excluded.{column}",
            (endpoint_id, value),
        )

    def copy_from(self, other: ModelMarks) -> None:
        """Adds the stars, notes and drafts of another history; those here stay."""
        models = other._db.execute("SELECT endpoint_id, starred, used_ms, draft_json, note FROM model").fetchall()
        with transaction(self._db):
            self._db.executemany(
                "INSERT INTO model (endpoint_id, starred, used_ms, draft_json, note) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (endpoint_id) DO UPDATE SET starred = max(starred, excluded.starred),"
                " draft_json = coalesce(draft_json, excluded.draft_json),"
                " note = CASE WHEN note = '' THEN excluded.note ELSE note END",
                map(tuple, models),
            )
