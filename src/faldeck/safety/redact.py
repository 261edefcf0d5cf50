"""Removes keys from text: every part of a key, also as URLs, JSON and base64 spell it."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

LEAST = 8
"""Shorter parts of a key are left in text: they could be ordinary words."""

MARK = "***"
"""What replaces a key."""

_KNOWN: set[str] = set()
"""Every spelling of every key that this process has used. One set per process, so that no log can miss a key."""

_SHAPE = (
    r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}:[0-9a-fA-F]{16,}"
    r"|\bsk-[\w-]{8,}"
    r"|(?<=[?&])(?:fal_jwt_token|signature|identity|token|key)=[^&\s]+"
)
_LOOKS_LIKE_A_KEY = re.compile(r"\b(?:Key|Bearer|Basic)\s+(?!\*)[\w.~+/=:-]{8,}|" + _SHAPE)
_HAS_THE_SHAPE_OF_A_KEY = re.compile(_SHAPE)
"""The same without a word before it: in a prompt, "Key lighting" is no key."""


def spellings(key: str) -> tuple[str, ...]:
    """The texts that would give `key` away, the longest first: of all of it, its id, and its secret (protocol §1)."""
    parts = {part for part in (key, *key.split(":")) if len(part) >= LEAST}
    return tuple(sorted({spelling for part in parts for spelling in _spelled(part)}, key=len, reverse=True))


def _spelled(part: str) -> Iterator[str]:
    yield part
    yield quote(part, safe="")
    yield json.dumps(part)[1:-1]
    yield part.replace("/", "\\/")
    for lead in range(3):
        # Whatever stands before it, a text begins in base64 in one of three ways.
        whole = bytes(lead) + part.encode()
        own = slice(-(-lead * 8 // 6), len(whole) * 8 // 6)
        yield b64encode(whole).decode()[own]
        yield urlsafe_b64encode(whole).decode()[own]


def hide(key: str) -> None:
    """Makes `redacted` remove this key and its parts, in every spelling, from now on."""
    _KNOWN.update(spellings(key))


def redacted(text: str) -> str:
    """`text` without the keys that `hide` was given and without what looks like a key."""
    return _LOOKS_LIKE_A_KEY.sub(MARK, _without_known(text))


def redacted_values(value: Any) -> Any:
    """A JSON value whose texts hold no key. Prompts stay whole: only what has the shape of a key is removed."""
    if isinstance(value, str):
        return _HAS_THE_SHAPE_OF_A_KEY.sub(MARK, _without_known(value))
    if isinstance(value, dict):
        return {_without_known(name): redacted_values(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [redacted_values(one) for one in value]
    return value


def _without_known(text: str) -> str:
    for spelling in sorted(_KNOWN, key=len, reverse=True):
        text = text.replace(spelling, MARK)
    return text
