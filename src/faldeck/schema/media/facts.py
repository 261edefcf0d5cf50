"""The facts of a media file, and the file in the form that the readers of formats take."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

Read: TypeAlias = Callable[[int, int], bytes]
"""Takes a position and a length, and gives those bytes; fewer at the end of the file."""


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """The facts of a file; None means unknown."""

    size_bytes: int
    width: int | None = None
    """Pixels, as stored: a rotation that the camera noted is not applied."""
    height: int | None = None
    seconds: float | None = None
    frames: int | None = None
    """The number of frames of a video."""


class MediaFile(NamedTuple):
    """A file, for the reader of its format."""

    head: bytes
    """The first bytes."""
    size: int
    """Bytes of the whole file."""
    read: Read
