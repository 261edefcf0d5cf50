"""Files dropped on the terminal, which pastes their paths: quoted, with escaped spaces, or as `file://` links."""

from __future__ import annotations

import shlex

from faldeck.app.paste import Pasted, is_code, is_same, request
from faldeck.engine import local_files
from faldeck.safety import sanitize
from faldeck.schema.json_value import InvalidValue


def files(text: str) -> list[str]:
    """The paths that a pasted text consists of; none where any word of it leads to nothing."""
    found = []
    for line in text.strip().splitlines():
        words = [line] if _is_there(line) else _words(line)
        if not words or not all(map(_is_there, words)):
            return []
        found += [str(local_files.path_of(word)) for word in words]
    return found


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return []


def _is_there(word: str) -> bool:
    """Whether a word is the full path of something on this machine."""
    path = local_files.path_of(word)
    try:
        return path.is_absolute() and path.exists()
    except (OSError, ValueError):
        return False


__all__ = ["NOT_TAKEN", "NO_MODEL", "Pasted", "is_code", "is_same", "request", "said"]

NOT_TAKEN = "Nothing was changed"
"""The title over what is said of a text that was not taken."""

NO_MODEL = "The pasted request names no model. Open its form first, and paste it there."


def said(fault: InvalidValue) -> str:
    """What is wrong with a pasted text, as a sentence."""
    verb = "is " if str(fault).startswith("not ") else ""
    return sanitize.clean_line(f"The pasted text {verb}{fault}.")
