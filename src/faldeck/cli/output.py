"""Prints data on stdout, as text or JSON, and messages for the person on stderr. All text is made safe first."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from faldeck.safety import sanitize
from faldeck.schema import json_value


def print_text(words: str) -> None:
    """Prints one or more lines of text on stdout, without control characters."""
    print(sanitize.clean(words))


def print_json(value: object) -> None:
    """Prints a JSON document on several lines."""
    print(_harmless(json_value.ascii_text(value, indent=2)))


def print_json_line(value: object) -> None:
    """Prints a JSON document on one line, for a list."""
    print(_harmless(json_value.ascii_text(value)))


def _harmless(ascii_json: str) -> str:
    """Escapes DEL, the only control character that ASCII JSON does not escape."""
    return ascii_json.replace("\x7f", "\\u007f")


def print_line(text: str) -> None:
    """Prints a line, or code, exactly as it is. It must have no control characters; DEL is escaped as in JSON."""
    print(_harmless(text))


def print_message(words: str) -> None:
    """Prints a message for the person on stderr."""
    print(f"faldeck: {sanitize.clean(words)}", file=sys.stderr)


def print_hint(words: str) -> None:
    """Prints a message for the person, only if stderr is a terminal."""
    if sys.stderr.isatty():
        print_message(words)


LEAST_LAST = 24
"""The columns of a terminal that the last column of a table needs at least."""
LEAST_SHORTENED = 12
"""The columns that a shortened one keeps."""


def print_table(rows: Sequence[Sequence[str]], *, shorten: int | None = None) -> None:
    """Prints rows in aligned columns. On a terminal, lines are cut to its width.

    `shorten` is the column that is shortened first, in the middle of its words, to leave room for the last one.
    """
    cleaned = [[sanitize.clean_line(cell, limit=400) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*cleaned, strict=True)]
    room = terminal_width() if sys.stdout.isatty() else None
    if room is not None and shorten is not None:
        lacking = sum(widths[:-1]) + 2 * (len(widths) - 1) + min(widths[-1], LEAST_LAST) - room
        widths[shorten] = min(widths[shorten], max(LEAST_SHORTENED, widths[shorten] - max(0, lacking)))
        for row in cleaned:
            row[shorten] = _without_middle(row[shorten], widths[shorten])
    for row in cleaned:
        padded = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        whole = "  ".join(padded).rstrip()
        print(whole if room is None else truncate(whole, room))


def _without_middle(words: str, room: int) -> str:
    if _width(words) <= room:
        return words
    end = words[-(room // 2) :]
    return truncate(words, room - len(end)) + end if end.isascii() else truncate(words, room)


def terminal_width() -> int:
    """How many columns the terminal has."""
    import shutil

    return shutil.get_terminal_size().columns


def _width(words: str) -> int:
    """How many columns of a terminal the words take."""
    return sum(map(_columns, words))


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    import unicodedata

    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def truncate(words: str, room: int) -> str:
    """As much of the words as fits into `room` columns of a terminal; an ellipsis says that there is more."""
    if _width(words) <= room:
        return words
    width = 0
    for index, character in enumerate(words):
        width += _columns(character)
        if width >= room:
            return f"{words[:index]}…"
    return words
