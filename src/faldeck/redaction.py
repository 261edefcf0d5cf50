"""Keys taken out of whatever repeats them: every part of a key, also as URLs, JSON and base64 spell it. Pure."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import quote

LEAST = 8
"""Characters from which a part of a key is told apart from ordinary words."""

MARK = "***"
"""What stands in the place of a key."""


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
