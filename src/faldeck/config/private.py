"""Files that only their owner may read, put on disk in one step."""

from __future__ import annotations

import os
from pathlib import Path

from faldeck import paths


def write(path: Path, text: str) -> Path:
    """Writes a file of mode 0600, whole or not at all, and gives its path; raises OSError."""
    import tempfile  # Who only reads what is private does without.

    folder = paths.private_dir(path.parent)
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
