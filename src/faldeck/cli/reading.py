"""The text of a file, or of stdin."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from faldeck.schema.jsonvalue import Invalid

_MARK = "\ufeff"
"""The byte order mark, which some programs put before a text."""


def decoded(written: bytes) -> str:
    """The text of a file, without a byte order mark: UTF-8, or UTF-16 where the mark says so; raises UnicodeError."""
    is_wide = written.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = written.decode("utf-16" if is_wide else "utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_of(source: str) -> str:
    """What is written in the file `source`, or on stdin for `-`.

    Raises Invalid where that is no text or nothing came, OSError.
    """
    try:
        text = sys.stdin.read().removeprefix(_MARK) if source == "-" else decoded(Path(source).read_bytes())
        text.encode()  # Some systems hand over what is no text as surrogates.
    except UnicodeError:
        raise Invalid("stdin is no text" if source == "-" else "it is no text") from None
    if source == "-" and not text:
        raise Invalid("nothing came from stdin")
    return text
