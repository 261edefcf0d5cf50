"""The sidecar of an output, inside the output itself: a picture that was moved or sent still says what made it.

The pixels are not touched, and the output keeps its name: it is replaced in one step.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from faldeck.history import sidecar
from faldeck.history.sidecar import Sidecar
from faldeck.job import Body, Job, Output
from faldeck.safety import private_file
from faldeck.schema import json_value
from faldeck.schema.json_value import InvalidValue
from faldeck.schema.media import inner_text
from faldeck.schema.media.inner_text import Splice


def save(job: Job, body: Body, output: Output) -> bool:
    """Writes the sidecar into a saved output; raises OSError.

    Returns False and leaves the file as it is if that is no picture that can hold the text; see `inner_text.splices`.
    """
    path = Path(output.path or "")
    if size_before(job.id, output) is not None:
        return True
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        changes = inner_text.splices(inner_text.reader(file), size, sidecar.text(job, body, output))
        if changes:
            _replace(path, file, changes)
    return bool(changes)


def find(path: Path) -> Sidecar | None:
    """The sidecar inside a file; None without one. Raises ValueError for a broken one, and OSError."""
    with path.open("rb") as file:
        text = inner_text.find(inner_text.reader(file), os.fstat(file.fileno()).st_size)
    try:
        return sidecar.read(json_value.read(text), None) if text else None
    except InvalidValue as error:
        raise ValueError(str(error)) from error


def size_before(job_id: str, output: Output) -> int | None:
    """Bytes of a saved output before its sidecar was written into it; None if that was not done. Raises OSError."""
    try:
        found = find(Path(output.path or ""))
    except ValueError:
        return None
    told = found.members.get("output") if found else None
    if not found or found.job_id != job_id or not isinstance(told, dict) or told.get("at") != output.at:
        return None
    size = told.get("size_bytes")
    return size if isinstance(size, int) else None


def _replace(path: Path, file: BinaryIO, changes: list[Splice]) -> None:
    """Replaces the file at `path` by a changed copy, in one step; leaves nothing behind where it raises OSError."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=private_file.UNFINISHED)
    try:
        with open(descriptor, "wb") as new:
            _copy(file, new, changes)
            new.flush()
            os.fsync(new.fileno())
        shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _copy(file: BinaryIO, new: BinaryIO, changes: list[Splice]) -> None:
    file.seek(0)
    place = 0
    for change in changes:
        _copy_bytes(file, new, change.at - place)
        new.write(change.added)
        place = change.at + change.removed
        file.seek(place)
    shutil.copyfileobj(file, new)


def _copy_bytes(file: BinaryIO, new: BinaryIO, length: int) -> None:
    while length > 0 and (piece := file.read(min(length, 2**20))):
        new.write(piece)
        length -= len(piece)
