"""Files of `NAME=value` lines, read only where a person asks for it."""

from __future__ import annotations

import re
from pathlib import Path

_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*")
_COMMENT = re.compile(r"(^|\s)#.*$")


def read(path: Path) -> dict[str, str]:
    """The variables of a file; quotes around a value and comments are taken off, nothing is expanded.

    Raises OSError where the file cannot be read; a line that sets nothing is passed over.
    """
    found = (_LINE.fullmatch(line) for line in path.read_text("utf-8-sig", errors="replace").splitlines())
    return {match["name"]: _value(match["value"]) for match in found if match}


def _value(text: str) -> str:
    quote = text[:1]
    if quote in ("'", '"') and (end := text.find(quote, 1)) > 0:
        return text[1:end]
    return _COMMENT.sub("", text).strip()
