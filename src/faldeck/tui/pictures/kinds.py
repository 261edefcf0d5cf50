"""Which outputs can be shown, and as what."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from faldeck.job import FileState, Output


class MediaKind(Enum):
    """The kind of a file, which decides how it is shown."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    MODEL = "model"
    ARCHIVE = "archive"


_BY_NAME = {
    **dict.fromkeys((".glb", ".obj", ".ply", ".stl"), MediaKind.MODEL),
    ".zip": MediaKind.ARCHIVE,
    **dict.fromkeys((".mp4", ".webm", ".mov", ".mkv"), MediaKind.VIDEO),
    **dict.fromkeys((".wav", ".mp3", ".flac", ".ogg", ".m4a", ".opus"), MediaKind.AUDIO),
}
_BY_TYPE = {kind.value: kind for kind in (MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO, MediaKind.MODEL)}


def kind_of(output: Output | None) -> MediaKind | None:
    """The kind of an output on disk; None if it cannot be shown."""
    if output is None or output.path is None or output.state is not FileState.SAVED:
        return None
    by_type = _BY_TYPE.get((output.content_type or "").partition("/")[0])
    return by_type or _BY_NAME.get(Path(output.path).suffix.lower())


def can_show(output: Output | None) -> bool:
    """Whether an output is a picture on disk."""
    return kind_of(output) is MediaKind.IMAGE
