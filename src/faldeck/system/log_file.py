"""The program's own log: private, of bounded size, and without keys in it.

Unexpected errors go there always; every exchange with a service only where the config says `debug` or FALDECK_DEBUG is
set. Nothing is written, and no file made, before there is something to tell.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.safety import private_file, redact, sanitize
from faldeck.system import paths

if TYPE_CHECKING:
    from io import TextIOWrapper

MAX_BYTES = 1_000_000
KEPT_FILES = 3
"""Older files that are kept beside the newest."""

_LOG = logging.getLogger("faldeck")
_BOOK = "faldeck.book"
"""What the handler is called that writes the file."""

_LOST: Counter[int] = Counter()
"""Level → how many entries the disk did not take."""


def path() -> Path:
    """The newest file of the log."""
    return paths.log_dir() / "faldeck.log"


def open_book(*, debug: bool = False, environ: Mapping[str, str] = os.environ) -> None:
    """Begins the log of this process; with `debug` it tells every exchange, too. Once is enough."""
    from logging.handlers import RotatingFileHandler

    class Book(RotatingFileHandler):
        """Makes its folder and its files when there is something to write, for their owner alone."""

        def _open(self) -> TextIOWrapper:
            private_file.private_dir(Path(self.baseFilename).parent)
            descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            return open(descriptor, "a", encoding="utf-8", errors="backslashreplace")

        def handleError(self, record: logging.LogRecord) -> None:
            """Keeps quiet: Python would print the entry on the terminal, and the keys that are in it."""
            _LOST[record.levelno] += 1

    close_book()
    book = Book(path(), maxBytes=MAX_BYTES, backupCount=KEPT_FILES, delay=True)
    book.name = _BOOK
    book.setFormatter(_Redacting("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    _LOG.addHandler(book)
    _LOG.propagate = False
    _LOG.setLevel(logging.DEBUG if debug or environ.get("FALDECK_DEBUG") else logging.WARNING)


def close_book() -> None:
    """Ends the log of this process."""
    for handler in list(_LOG.handlers):
        _LOG.removeHandler(handler)
        handler.close()
    _LOG.propagate = True


def record(error: BaseException, doing: str) -> bool:
    """Writes down an error that nobody foresaw, with its traceback, and what was being done.

    False where the disk does not take it.
    """
    if _BOOK not in (handler.name for handler in _LOG.handlers):
        open_book()
    lost = _LOST[logging.ERROR]
    _LOG.error("%s", doing, exc_info=error)
    return _LOST[logging.ERROR] == lost


class _Redacting(logging.Formatter):
    """Makes whole entries, tracebacks too, safe for a terminal and free of keys."""

    def format(self, record: logging.LogRecord) -> str:
        return sanitize.clean(redact.redacted(super().format(record)))
