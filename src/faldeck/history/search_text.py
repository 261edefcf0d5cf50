"""The words by which a job is found, and what a typed search asks of the index of words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

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
