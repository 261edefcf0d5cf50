"""Jobs for searches, and the words that the index has of each."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from faldeck.history import Store, search_text
from faldeck.history.word_tables import BY_ID, BY_PLACE
from faldeck.job import Job, State
from faldeck.job_ids import first_number, id_text
from faldeck.query import Query, parse

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def draft(number: int, **changes: object) -> Job:
    """A job that was made `number` minutes after `START`."""
    at = START + timedelta(minutes=number)
    job = Job(
        id=id_text(first_number(round(at.timestamp() * 1000)) + number),
        profile="fal",
        endpoint_id="fal-ai/flux/dev",
        state=State.QUEUED,
        created_at=at,
    )
    return job._replace(**changes)  # type: ignore[arg-type]


def found(store: Store, text: str) -> list[str]:
    """The ids of the jobs that a filter shows."""
    return [job.id for job in store.page(parse(text).query, limit=-1)]


def index(store: Store) -> dict[int, set[str]]:
    """Every word of the index by job."""
    places = dict(store._db.execute("SELECT place, id FROM place").fetchall())
    words = defaultdict(set)
    for table in (BY_PLACE, BY_ID):
        name = f"words_of_{table}"
        query = f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{name} USING fts5vocab (main, {table}, instance)"
        store._db.execute(query)
        for word, number in store._db.execute(f"SELECT term, doc FROM temp.{name}"):
            words[number if table == BY_ID else places[number]].add(word)
    return dict(words)


def expected(store: Store) -> dict[int, set[str]]:
    """Every word that the index should have."""
    query = f"SELECT job.id AS number, {search_text.SEARCHED_COLUMNS} FROM job JOIN body ON body.id = job.id"
    return {row["number"]: search_text.words(row) for row in store._db.execute(query)}


def steps(store: Store, query: Query, before: str | None) -> int:
    """How much SQLite does for a page, in tens of its instructions."""
    done = [0]

    def count() -> int:
        done[0] += 1
        return 0

    store._db.set_progress_handler(count, 10)
    store.page(query, limit=40, before=before)
    store._db.set_progress_handler(None, 0)
    return done[0]
