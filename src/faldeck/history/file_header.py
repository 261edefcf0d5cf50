"""Reads which version of faldeck has written a history file. Changes nothing in it or next to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from faldeck import __version__

_OURS = ord("f")
"""The first byte of an `application_id` that is a version of faldeck; the other three are its numbers."""


class NewerHistory(sqlite3.DatabaseError):
    """A newer faldeck has written the history. The text says which, and what to do. Nothing was changed."""

    def __init__(self, path: str | Path, file_format: int, newest: int, writer: int) -> None:
        version = version_text(writer)
        by = f"faldeck {version}" if version not in ("", __version__) else "a newer faldeck"
        super().__init__(
            f"{path} was written by {by} (format {file_format}), and this faldeck {__version__} reads formats up to"
            f" {newest}. Nothing was changed; update faldeck to open it"
        )


def check_format(path: Path, newest: int) -> None:
    """Raises NewerHistory if the file has a newer format than `newest`."""
    file_format, writer = read(path)
    if file_format > newest:
        raise NewerHistory(path, file_format, newest, writer)


def read(path: Path) -> tuple[int, int]:
    """Returns the format of the file and the id of the version that wrote it; (0, 0) if it is not a database."""
    # `immutable` takes no locks and makes no files. A plain open() would be wrong: closing it would end the locks that
    # other connections of this process hold on the file.
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            (file_format,) = database.execute("PRAGMA user_version").fetchone()
            (writer,) = database.execute("PRAGMA application_id").fetchone()
    except sqlite3.DatabaseError:  # The next open reports what is wrong.
        return 0, 0
    return int(file_format), int(writer)


def writer_id() -> int:
    """The `application_id` of this version of faldeck."""
    numbers = [int("".join(filter(str.isdigit, part)) or 0) for part in __version__.split(".")[:3]]
    return int.from_bytes(bytes([_OURS, *(min(number, 255) for number in numbers), 0, 0, 0][:4]))


def version_text(writer: int) -> str:
    """The version of an `application_id`, as `0.2.0`; empty if it is not one of faldeck."""
    first, *numbers = writer.to_bytes(4, signed=True)
    return ".".join(map(str, numbers)) if first == _OURS else ""
