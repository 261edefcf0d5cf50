"""The pages of a file that list its tables, as a new history has them: put in place of damaged ones.

A new history gets all tables in one transaction (`migrations.migrate`), so each of them begins at the same page in
every file. SQLite's file format (https://www.sqlite.org/fileformat.html) says where in a page the numbers stand.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from faldeck.history import migrations

_PAGE_BYTES = 4096
_FILE_HEADER_BYTES = 100
_PAGE_COUNT_AT = 28
_INNER_TABLE = 5
"""The kind of a page that points to others of its table."""
_CELLS_COUNT_AT, _LAST_CHILD_AT, _CELLS_AT = 3, 8, 12


def put_into(path: Path) -> None:
    """Overwrites the pages with the list of tables, and the header of the file, which is in the first of them."""
    new = _new_history(path.with_name(f"{path.name}-new"))
    with path.open("r+b") as file:
        for number in _schema_pages(new):
            start = (number - 1) * _PAGE_BYTES
            file.seek(start)
            file.write(new[start : start + _PAGE_BYTES])
        count = file.seek(0, os.SEEK_END) // _PAGE_BYTES
        file.seek(_PAGE_COUNT_AT)
        file.write(count.to_bytes(4))


def _new_history(path: Path) -> bytes:
    """The bytes of a new history. It is made in a file at `path`, which is deleted again."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            migrations.migrate(database)
        return path.read_bytes()
    finally:
        path.unlink(missing_ok=True)


def _schema_pages(file: bytes) -> Iterator[int]:
    """The numbers of the pages with the list of tables; the first is page 1."""
    waiting = [1]
    while waiting:
        number = waiting.pop()
        yield number
        start = (number - 1) * _PAGE_BYTES
        head = start + (_FILE_HEADER_BYTES if number == 1 else 0)

        def at(place: int, length: int) -> int:
            return int.from_bytes(file[place : place + length])

        if file[head] == _INNER_TABLE:
            cells = (at(head + _CELLS_AT + 2 * index, 2) for index in range(at(head + _CELLS_COUNT_AT, 2)))
            waiting += [at(head + _LAST_CHILD_AT, 4), *(at(start + cell, 4) for cell in cells)]
