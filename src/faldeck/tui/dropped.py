"""Files dropped on the terminal, which pastes their paths: quoted, with escaped spaces, or as `file://` links."""

from __future__ import annotations

import shlex

from faldeck import localfiles


def files(text: str) -> list[str]:
    """The paths that a pasted text consists of; none where any word of it leads to nothing."""
    found = []
    for line in text.strip().splitlines():
        words = [line] if _is_there(line) else _words(line)
        if not words or not all(map(_is_there, words)):
            return []
        found += [str(localfiles.place(word)) for word in words]
    return found


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return []


def _is_there(word: str) -> bool:
    """Whether a word is the full path of something on this machine."""
    path = localfiles.place(word)
    try:
        return path.is_absolute() and path.exists()
    except (OSError, ValueError):
        return False
