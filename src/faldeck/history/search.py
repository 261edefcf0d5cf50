"""Which jobs a list shows, as SQL. Lists are read by keyset: before or after an id, never by offset."""

from __future__ import annotations

from datetime import datetime

from faldeck.history.words import match_expression, storable
from faldeck.ids import id_number
from faldeck.states import State

LATEST_MS = 2**41 - 1
"""The last instant that an id can tell, in ms since 1970."""


class Search:
    """What narrows a list of jobs; without any of it the list shows all."""

    def __init__(
        self,
        *,
        text: str = "",
        state: State | None = None,
        live: bool = False,
        endpoint_id: str | None = None,
        starred: bool = False,
        since: datetime | None = None,
    ) -> None:
        """`text` are words of the arguments, and finds nothing where it has none.

        `live` and `starred` ask for jobs that are, and do not ask for others.
        """
        words = match_expression(text, endpoint_id)
        conditions = {
            "job.state = :state": state is not None,
            "job.is_open": live,
            "job.starred": starred,
            "job.endpoint_id = :endpoint_id": endpoint_id is not None,
            "job.id >= :since": since is not None,
            "words MATCH :words": bool(words),
            "FALSE": bool(text.strip()) and not words,
        }
        self._conditions = [condition for condition, is_meant in conditions.items() if is_meant]
        self._parameters: dict[str, object] = {
            "state": state and state.value,
            "endpoint_id": endpoint_id and storable(endpoint_id),
            "since": since and min(max(round(since.timestamp() * 1000), 0), LATEST_MS) << 22,
            "words": words,
        }
        # CROSS JOIN keeps the planner from asking the word index once per job.
        self._source = "words CROSS JOIN job ON job.id = words.rowid" if words else "job"
        self._order = "words.rowid" if words else "job.id"

    def page(
        self, columns: str, *, limit: int, before: str | None = None, after: str | None = None
    ) -> tuple[str, dict[str, object]]:
        """The query for `columns` of up to `limit` jobs, with its parameters.

        Newest first: those just older than `before`; oldest first: those just newer than `after`.
        """
        conditions, parameters = list(self._conditions), {**self._parameters, "limit": limit}
        if before is not None:
            conditions.append("job.id < :before")
            parameters["before"] = id_number(before)
        if after is not None:
            conditions.append("job.id > :after")
            parameters["after"] = id_number(after)
        direction = "DESC" if after is None else "ASC"
        where = _where(conditions)
        return (
            f"SELECT {columns} FROM {self._source} {where} ORDER BY {self._order} {direction} LIMIT :limit",
            parameters,
        )

    def count(self, cap: int) -> tuple[str, dict[str, object]]:
        """The query for how many jobs there are, counted up to `cap`, with its parameters."""
        inner = f"SELECT 1 FROM {self._source} {_where(self._conditions)} LIMIT :cap"
        return f"SELECT count(*) FROM ({inner})", {**self._parameters, "cap": cap}


def _where(conditions: list[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""
