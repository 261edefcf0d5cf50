"""Local files: the path that a text means, and the facts of a file. Sends nothing."""

from __future__ import annotations

import contextlib
from pathlib import Path
from urllib.parse import unquote, urlsplit

from faldeck.safety import sanitize
from faldeck.schema import media


class NoFile(OSError):
    """A path leads to no readable file; the text is a sentence that says why."""


def path_of(text: str) -> Path:
    """Returns the path that a person means by `text`: `~` is the home, and a `file://` link is a path."""
    text = text.strip()
    with contextlib.suppress(ValueError):  # A malformed link is taken as a path.
        if text[:7].lower() == "file://":
            text = unquote(urlsplit(text).path)
    try:
        return Path(text).expanduser()
    except RuntimeError:  # There is no such user.
        return Path(text)


def name(path: Path) -> str:
    """Returns the file's name, safe to show."""
    return sanitize.clean_line(path.name, limit=80)


def facts(path: Path) -> media.MediaFacts:
    """Returns size, type and dimensions of a file; raises NoFile."""
    try:
        if path.is_dir():
            raise NoFile(f"{_shown(path)} is a folder, not a file.")
        if path.exists() and not path.is_file():
            raise NoFile(f"{_shown(path)} is a pipe or a device, not a file.")
        with path.open("rb") as file:

            def read(start: int, length: int) -> bytes:
                file.seek(start)
                return file.read(length)

            return media.facts(read, path.stat().st_size)
    except FileNotFoundError:
        raise NoFile(f"There is no file {_shown(path)}.") from None
    except NoFile:
        raise
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise NoFile(f"{_shown(path)} cannot be read: {reason}.") from error


def _shown(path: Path) -> str:
    return sanitize.clean_line(str(path), limit=300)
