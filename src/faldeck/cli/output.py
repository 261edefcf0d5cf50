"""What commands print: data on stdout, as text or as JSON; words for the person on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from faldeck.safety import sanitize


def print_text(words: str) -> None:
    """A line or several of data that people read; whatever it came from, it is made harmless."""
    print(sanitize.clean(words))


def print_json(value: object) -> None:
    """One JSON document."""
    print(_harmless(json.dumps(value, indent=2)))


def print_json_line(value: object) -> None:
    """One JSON document of a list, on one line."""
    print(_harmless(json.dumps(value, separators=(",", ":"))))


def _harmless(ascii_json: str) -> str:
    """JSON without control characters: the one that ASCII JSON leaves as it is becomes an escape, too."""
    return ascii_json.replace("\x7f", "\\u007f")


def print_code(program: str) -> None:
    """A program, to the letter; whoever wrote it has left no control characters in it but where JSON does."""
    print(_harmless(program))


def print_message(words: str) -> None:
    """A sentence for the person, whatever stderr is."""
    print(f"faldeck: {sanitize.clean(words)}", file=sys.stderr)


def print_hint(words: str) -> None:
    """A sentence for the person, where one is looking."""
    if sys.stderr.isatty():
        print_message(words)


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Rows in aligned columns; on a terminal the last column ends where the line does."""
    cleaned = [[sanitize.clean_line(cell, limit=400) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*cleaned, strict=True)]
    room = _room() if sys.stdout.isatty() else None
    for row in cleaned:
        padded = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        whole = "  ".join(padded).rstrip()
        print(whole if room is None else truncate(whole, room))


def _room() -> int:
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
    kept = 0
    for index, character in enumerate(words):
        kept += _columns(character)
        if kept >= room:
            return f"{words[:index]}…"
    return words
