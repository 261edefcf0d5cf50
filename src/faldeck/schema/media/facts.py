"""What is known of a media file, and the file as those who find it out are given it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

Read: TypeAlias = Callable[[int, int], bytes]
"""Gives so many bytes from a place on; fewer where the file ends."""


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What is known of a file; None is not known."""

    size_bytes: int
    width: int | None = None
    """Pixels, as stored: a camera's note that the picture is to be turned is not followed."""
    height: int | None = None
    seconds: float | None = None
    frames: int | None = None
    """Pictures of a film."""


class MediaFile(NamedTuple):
    """A file of some format."""

    head: bytes
    """How it begins."""
    size: int
    """Bytes of all of it."""
    read: Read
