"""Folders and files that only their owner may read. A file is written in one step: whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

UNFINISHED = ".new"
"""The suffix of a file that is being written, or that a killed process left."""


def private_dir(path: Path) -> Path:
    """Creates `path` and its missing parents, readable by their owner alone, and returns it; raises OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write(path: Path, text: str) -> Path:
    """Writes a file of mode 0600 in UTF-8 and returns its path; leaves nothing behind where it raises OSError."""
    temporary = _written(path, text)
    try:
        return temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_new(path: Path, text: str) -> bool:
    """The same, but never over another file: returns False, and writes nothing, where the name is taken."""
    temporary = _written(path, text)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError:  # Some file systems have no links.
        if path.exists():
            return False
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _written(path: Path, text: str) -> Path:
    """Writes the text to a new file beside `path`, and returns its path."""
    import tempfile  # Costs more than all else here, and most processes only read.

    folder = private_dir(path.parent)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f".{path.stem}-", suffix=UNFINISHED)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return Path(temporary)
