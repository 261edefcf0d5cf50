"""What the history holds of texts: what its word index has of a request, and how a typed search asks it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

INDEXED_CHARACTERS = 4_000
"""As much of a request's texts as is indexed."""

_WORD = re.compile(r"\w+")
_LINK = re.compile(r"^(?:https?:|data:|file:)")


def storable(text: str) -> str:
    """`text` as a database can hold it: what a file name or an input may have instead of characters becomes `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def indexed_text(endpoint_id: str, arguments: object) -> str:
    """The searchable words of a request: its texts, its model's words, and its model as one word."""
    texts = " ".join(_texts(arguments))[:INDEXED_CHARACTERS]
    return storable(f"{texts} {endpoint_id} {_model_word(endpoint_id)}")


def match_expression(text: str, endpoint_id: str | None = None) -> str:
    """The index's question for a typed search; empty where nothing long enough to search has been typed.

    All words must occur; each may be the start of a word. One model's requests are asked for by the model's
    own word, which keeps a common word in a rare model quick.
    """
    words = [word for word in _WORD.findall(text.lower()) if len(word) > 1]
    if not words:
        return ""
    quoted = [f'"{word}"*' for word in words]
    return " AND ".join([*quoted, f'"{_model_word(endpoint_id)}"'] if endpoint_id else quoted)


def _model_word(endpoint_id: str) -> str:
    return "zz" + re.sub(r"[^a-z0-9]", "0", endpoint_id.lower())


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
