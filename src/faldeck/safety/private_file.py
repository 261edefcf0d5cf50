"""Folders and files that only their owner may read; a file is put on disk in one step."""

from __future__ import annotations

import os
from pathlib import Path


def private_dir(path: Path) -> Path:
    """Makes `path` and its parents where missing, readable by their owner alone, and returns it; raises OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write(path: Path, text: str) -> Path:
    """Writes a file of mode 0600, whole or not at all, and gives its path; raises OSError."""
    import tempfile  # Who only reads what is private does without.

    folder = private_dir(path.parent)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f".{path.stem}-")
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
