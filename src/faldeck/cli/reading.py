"""The text of a file, or of stdin."""

from __future__ import annotations

import sys
from pathlib import Path

from faldeck.schema.jsonvalue import Invalid


def text_of(source: str) -> str:
    """What is written in the file `source`, or on stdin for `-`.

    Raises Invalid where that is no text or nothing came, OSError.
    """
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8-sig")
        text.encode()  # Some systems hand over what is no text as surrogates.
    except UnicodeError:
        raise Invalid("stdin is no text" if source == "-" else "it is no text") from None
    if source == "-" and not text:
        raise Invalid("nothing came from stdin")
    return text
