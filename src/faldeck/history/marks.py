"""The marks that a person gives jobs: stars, tags and notes. One call marks many jobs in one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable

from faldeck.history import rows
from faldeck.history.leases import transaction
from faldeck.history.search_index import SearchIndex
from faldeck.history.search_text import folded_tag, storable
from faldeck.job_ids import id_number
from faldeck.safety import sanitize

LONGEST_TAG = 40
"""Characters of a tag."""


LONGEST_NOTE = 4_000
"""Characters of a note."""


class NotATag(ValueError):
    """A text cannot be a tag; the message says why."""


def clean_tag(text: str) -> str:
    """`text` as a tag: one word without commas. Raises NotATag."""
    tag = sanitize.clean_line(text.strip())
    if not tag:
        raise NotATag("A tag has at least one character.")
    if any(character.isspace() or character == "," for character in tag):
        raise NotATag(f"A tag has no blanks and no commas: {tag}")
    if len(tag) > LONGEST_TAG:
        raise NotATag(f"A tag has at most {LONGEST_TAG} characters; this one has {len(tag)}.")
    return tag


def clean_note(text: str) -> str:
    """`text` as a note: sanitized, and not too long."""
    return sanitize.clean(text.strip(), limit=LONGEST_NOTE)


def folded_tags(tags_json: str) -> str:
    """The column `tags_json` with each tag folded, as JSON; for SQL."""
    return rows.dumps([folded_tag(str(tag)) for tag in json.loads(tags_json)])


def numbers_json(job_ids: Iterable[str]) -> str:
    """Job ids as SQL reads them: `id IN (SELECT value FROM json_each(?))` has no limit, unlike a list of marks."""
    return rows.dumps([id_number(job_id) for job_id in job_ids])


class Marks:
    """The marks in a history. Every method is one transaction; raises sqlite3.Error. Deleted jobs stay as they are."""

    def __init__(self, connection: sqlite3.Connection, index: SearchIndex) -> None:
        self._db = connection
        self._index = index

    def star(self, job_ids: Collection[str], starred: bool) -> int:
        """Stars jobs, or removes their stars; returns the number of jobs."""
        return self._set("starred = ?", starred, job_ids)

    def note(self, job_ids: Collection[str], text: str) -> int:
        """Sets the sanitized note of jobs; an empty one removes it. Returns the number of jobs."""
        return self._set("note = ?", storable(clean_note(text)), job_ids)

    def _set(self, setting: str, value: object, job_ids: Collection[str]) -> int:
        query = f"UPDATE job SET {setting} WHERE id IN (SELECT value FROM json_each(?)) AND deleted_ms IS NULL"
        with transaction(self._db), self._index.following(list(map(id_number, job_ids)), marks_only=True):
            return self._db.execute(query, (value, numbers_json(job_ids))).rowcount

    def tag(self, job_ids: Collection[str], tags: Collection[str]) -> int:
        """Adds tags to jobs; returns how many jobs changed. A tag that a job has in another case is not changed.

        Raises NotATag.
        """
        added = {folded_tag(tag): tag for tag in map(clean_tag, tags)}

        def with_tags(kept: list[str]) -> list[str]:
            have = {folded_tag(tag) for tag in kept}
            return kept + [tag for folded, tag in added.items() if folded not in have]

        with transaction(self._db):
            changed = self._retag(job_ids, with_tags)
            self._db.executemany(
                "INSERT OR IGNORE INTO tag (tag, job_id) VALUES (?, ?)",
                ((folded, number) for number in changed for folded in added),
            )
        return len(changed)

    def untag(self, job_ids: Collection[str], tags: Collection[str]) -> int:
        """Removes tags from jobs; returns how many jobs changed."""
        removed = {folded_tag(tag) for tag in tags}
        with transaction(self._db):
            changed = self._retag(job_ids, lambda kept: [tag for tag in kept if folded_tag(tag) not in removed])
            self._db.executemany(
                "DELETE FROM tag WHERE tag = ? AND job_id = ?",
                ((folded, number) for number in changed for folded in removed),
            )
        return len(changed)

    def _retag(self, job_ids: Collection[str], change: Callable[[list[str]], list[str]]) -> list[int]:
        """Writes the new tags for display; returns the numbers of the jobs whose tags changed."""
        query = "SELECT id, tags_json FROM job WHERE id IN (SELECT value FROM json_each(?)) AND deleted_ms IS NULL"
        new: dict[int, str | None] = {}
        for number, tags_json in self._db.execute(query, (numbers_json(job_ids),)):
            kept = [str(tag) for tag in json.loads(tags_json)] if tags_json else []
            if (tags := change(kept)) != kept:
                new[number] = rows.dumps(tags) if tags else None
        with self._index.following(new, marks_only=True):
            self._db.executemany(
                "UPDATE job SET tags_json = ? WHERE id = ?", ((tags, number) for number, tags in new.items())
            )
        return list(new)

    def tags(self) -> list[tuple[str, int]]:
        """Every tag, folded, with how many jobs have it; most frequent first."""
        query = (
            "SELECT tag, count(*) FROM tag JOIN job ON job.id = job_id AND deleted_ms IS NULL"
            " GROUP BY tag ORDER BY count(*) DESC, tag"
        )
        return [(tag, count) for tag, count in self._db.execute(query)]
