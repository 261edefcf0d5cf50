"""Which jobs a list shows, as SQL. Lists are read by keyset: before or after an id, never by offset."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from faldeck.job import ID_ALPHABET, ID_LENGTH, State, first_number, id_number

INDEXED_CHARACTERS = 4_000
"""As much of a request's texts as is indexed."""

INNER_CHARACTERS = 16
"""As much of a word is indexed from each of its inner characters on, in scripts without blanks."""

_WORD = re.compile(r"[^\W_]+")
_BLANKLESS = "\u2e80"
"""The first of the characters from which on most scripts put no blanks between words."""
_MODEL = "zz"
"""How the word of a model begins, which no search shall find."""
_APART = "zy"
"""What stands before a request's own words that begin so."""
_LINK = re.compile(r"^(?:https?:|data:|file:)")


def storable(text: str) -> str:
    """`text` as a database can hold it: what a file name or an input may have instead of characters becomes `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def indexed_text(endpoint_id: str, arguments: object) -> str:
    """The searchable words of a request: its texts, its model's words, and its model as one word."""
    texts = " ".join(_texts(arguments))[:INDEXED_CHARACTERS]
    further = " ".join(inner for word in _WORD.findall(texts.lower()) for inner in _further(word))
    return storable(f"{texts} {further} {endpoint_id} {_model_word(endpoint_id)}")


def match_expression(text: str, endpoint_id: str | None = None) -> str:
    """The index's question for a typed search; empty where no word has been typed.

    All words must occur; each may be the start of a word. One model's requests are asked for by the model's
    own word, which keeps a common word in a rare model quick.
    """
    typed = _WORD.findall(text.lower())
    # A letter beside longer words says little, and it is dear to ask for.
    words = [word for word in typed if len(word) > 1 or not word.isascii()] or typed
    if not words:
        return ""
    quoted = [_asked(word) for word in words]
    return " AND ".join([*quoted, f'"{_model_word(endpoint_id)}"'] if endpoint_id else quoted)


def _asked(word: str) -> str:
    """The index's question for a word, or its beginning."""
    word = f"{_APART}{word}" if word.startswith(_MODEL) else word
    word = word[:INNER_CHARACTERS] if max(word) >= _BLANKLESS else word
    return f'"{word}"' if _MODEL.startswith(word) else f'"{word}"*'


def _further(word: str) -> Iterator[str]:
    """What a word of a text is found by beside its beginning."""
    if word.startswith(_MODEL):
        yield f"{_APART}{word}"
    for place in range(1, len(word)) if max(word) >= _BLANKLESS else ():
        if max(word[place - 1 : place + 1]) >= _BLANKLESS:
            yield word[place : place + INNER_CHARACTERS]


def _model_word(endpoint_id: str) -> str:
    return _MODEL + re.sub(r"[^a-z0-9]", "0", endpoint_id.lower())


def _texts(document: object) -> Iterator[str]:
    """Every text in a document that is not a link, outermost first."""
    level = [document]
    while level:
        inner: list[object] = []
        for value in level:
            if isinstance(value, str) and not _LINK.match(value):
                yield value
            elif isinstance(value, Mapping):
                inner.extend(value.values())
            elif isinstance(value, list | tuple):
                inner.extend(value)
        level = inner


SHORTEST_BEGINNING = 4
"""Characters of an id from which on its beginning names it."""

_LAST_CHARACTER = "\U0010ffff"
"""What stands behind every other character in the order of SQLite."""


class _Source:
    """One way to find jobs, by an index of its own."""

    def __init__(self, tables: str, order: str, condition: str = "") -> None:
        """`order` is the column that holds the job's id, in whose order the rows are read."""
        self.tables, self.order, self.condition = tables, order, condition


_ALL = _Source("job", "job.id")
_NONE = _Source("job", "job.id", "FALSE")
# CROSS JOIN keeps the planner from asking the word index once per job.
_BY_WORDS = _Source("words CROSS JOIN job ON job.id = words.rowid", "words.rowid", "words MATCH :words")
_BY_REQUEST_ID = _Source(
    "job INDEXED BY job_request", "job.id", "job.request_id >= :request_id AND job.request_id < :request_id_end"
)
_BY_FOLDED_REQUEST_ID = _Source(
    "job INDEXED BY job_request", "job.id", "job.request_id >= :folded_id AND job.request_id < :folded_id_end"
)
_BY_JOB_ID = _Source("job NOT INDEXED", "job.id", "job.id BETWEEN :first_id AND :last_id")


class QuerySql:
    """What narrows a list of jobs; without any of it the list shows all."""

    def __init__(
        self,
        *,
        text: str = "",
        named: str | None = None,
        state: State | None = None,
        live: bool = False,
        endpoint_id: str | None = None,
        starred: bool = False,
        since: datetime | None = None,
    ) -> None:
        """`text` are words of the arguments, or an id or its beginning; it finds nothing where it is neither.

        `named` is an id or its beginning. `live` and `starred` ask for jobs that are, and do not ask for others.
        """
        words = match_expression(text, endpoint_id)
        ids = _ids(text if named is None else named)
        self._sources = [
            *([_BY_WORDS] if words else []),
            *([_BY_REQUEST_ID] if "request_id" in ids else []),
            *([_BY_FOLDED_REQUEST_ID] if "folded_id" in ids else []),
            *([_BY_JOB_ID] if "first_id" in ids else []),
        ] or [_ALL if named is None and not text.strip() else _NONE]
        conditions = {
            "job.deleted_ms IS NULL": True,
            "job.state = :state": state is not None,
            "job.is_open": live,
            "job.starred": starred,
            "job.endpoint_id = :endpoint_id": endpoint_id is not None,
            "job.id >= :since": since is not None,
        }
        self._conditions = [condition for condition, is_meant in conditions.items() if is_meant]
        self._parameters: dict[str, object] = {
            "state": state and state.value,
            "endpoint_id": endpoint_id and storable(endpoint_id),
            "since": since and first_number(round(since.timestamp() * 1000)),
            "words": words,
            **ids,
        }

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
        if len(self._sources) == 1:
            return _select(columns, self._sources[0], conditions, direction), parameters
        # Each source gives its first rows by its own index; the page is the first of all of these.
        parts = [_select(f"{one.order} AS id", one, conditions, direction) for one in self._sources]
        ids = " UNION ALL ".join(f"SELECT id FROM ({part})" for part in parts)
        whole = _Source("job", "job.id", f"job.id IN ({ids})")
        return _select(columns, whole, [], direction), parameters

    def count(self, cap: int) -> tuple[str, dict[str, object]]:
        """The query for how many jobs there are, counted up to `cap`, with its parameters."""
        parts = [
            f"SELECT {one.order} AS id FROM {one.tables} {_where([*self._conditions, one.condition])}"
            for one in self._sources
        ]
        return f"SELECT count(*) FROM ({' UNION '.join(parts)} LIMIT :cap)", {**self._parameters, "cap": cap}


def _select(columns: str, source: _Source, conditions: list[str], direction: str) -> str:
    where = _where([*conditions, source.condition])
    return f"SELECT {columns} FROM {source.tables} {where} ORDER BY {source.order} {direction} LIMIT :limit"


def _where(conditions: list[str]) -> str:
    meant = [condition for condition in conditions if condition]
    return f"WHERE {' AND '.join(meant)}" if meant else ""


def _ids(text: str) -> dict[str, object]:
    """The ranges of the ids that begin with `text`, as parameters; none where no id begins so."""
    beginning = storable(text.strip())
    if len(beginning) < SHORTEST_BEGINNING or any(character.isspace() for character in beginning):
        return {}
    ids: dict[str, object] = {"request_id": beginning, "request_id_end": beginning + _LAST_CHARACTER}
    folded = beginning.lower()
    if folded != beginning:
        ids |= {"folded_id": folded, "folded_id_end": folded + _LAST_CHARACTER}
    try:
        first, last = (id_number(folded.ljust(ID_LENGTH, digit)) for digit in (ID_ALPHABET[0], ID_ALPHABET[-1]))
    except ValueError:
        return ids
    return ids | {"first_id": first, "last_id": last}
