"""The program's own log file: private, of bounded size, and without keys.

Unexpected errors are always logged. Every exchange with a service is logged only with the setting `debug` or the
variable FALDECK_DEBUG. The file is created with its first entry.
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
"""The number of older files that are kept."""

_LOG = logging.getLogger("faldeck")
_HANDLER = "faldeck.log_file"
"""The name of the handler that writes the file."""

_LOST: Counter[int] = Counter()
"""Level → how many entries could not be written. One per process, like the logger itself."""


def path() -> Path:
    """The log file that is written now; older ones are next to it."""
    return paths.log_dir() / "faldeck.log"


def open_log(*, debug: bool = False, environ: Mapping[str, str] = os.environ) -> None:
    """Starts the log of this process; with `debug` it has every exchange, too. Once is enough."""
    close_log()
    handler = _LogFile(path())
    handler.name = _HANDLER
    _LOG.addHandler(handler)
    _LOG.propagate = False
    _LOG.setLevel(logging.DEBUG if debug or environ.get("FALDECK_DEBUG") else logging.WARNING)


def close_log() -> None:
    """Closes the log of this process."""
    for handler in list(_LOG.handlers):
        _LOG.removeHandler(handler)
        handler.close()
    _LOG.propagate = True


def record(error: BaseException, doing: str) -> bool:
    """Logs an unexpected error with its traceback and with what the program was doing.

    False if the entry could not be written.
    """
    if _HANDLER not in (handler.name for handler in _LOG.handlers):
        open_log()
    lost = _LOST[logging.ERROR]
    _LOG.error("%s", doing, exc_info=error)
    return _LOST[logging.ERROR] == lost


class _LogFile(logging.Handler):
    """Opens the log file with the first entry. Most runs write none, and what writes it is slow to import."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._writer: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self._writer is None:
            self._writer = _writer(self._file)
        self._writer.handle(record)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        super().close()


def _writer(file: Path) -> logging.Handler:
    from logging.handlers import RotatingFileHandler

    class LogFileHandler(RotatingFileHandler):
        """Creates its folder and its files with the first entry, readable by their owner alone."""

        def _open(self) -> TextIOWrapper:
            private_file.private_dir(Path(self.baseFilename).parent)
            descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            return open(descriptor, "a", encoding="utf-8", errors="backslashreplace")

        def handleError(self, record: logging.LogRecord) -> None:
            """Prints nothing: Python would print the entry, and the keys in it, on the terminal."""
            _LOST[record.levelno] += 1

    writer = LogFileHandler(file, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, delay=True)
    writer.setFormatter(_Redacting("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    return writer


class _Redacting(logging.Formatter):
    """Makes an entry and its traceback safe for a terminal and removes keys."""

    def format(self, record: logging.LogRecord) -> str:
        return sanitize.clean(redact.redacted(super().format(record)))
