"""Reads pixels, seconds and frames from the first bytes of images, audio and video. Pure: the caller reads the bytes.

Tests: tests/schema/test_media.py
"""

import struct
from collections.abc import Callable

from faldeck.schema.media import formats
from faldeck.schema.media.facts import MediaFacts, MediaFile, Read

__all__ = ["HEAD_BYTES", "MediaFacts", "Read", "facts"]

HEAD_BYTES = 2**20
"""How many of the first bytes are read. The size of a photo comes after what the camera wrote."""


def facts(read: Read, size_bytes: int) -> MediaFacts:
    """The facts of a file of `size_bytes`; of a broken file only that size. Raises what `read` raises."""
    file = MediaFile(read(0, HEAD_BYTES), size_bytes, read)
    find = next((find for place, sign, find in _FINDERS if file.head.startswith(sign, place)), None)
    try:
        return find(file) if find else MediaFacts(size_bytes)
    except (struct.error, IndexError):
        return MediaFacts(size_bytes)


_FINDERS: tuple[tuple[int, bytes, Callable[[MediaFile], MediaFacts]], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", formats.png),
    (0, b"\xff\xd8", formats.jpeg),
    (0, b"GIF87a", formats.gif),
    (0, b"GIF89a", formats.gif),
    (8, b"WEBP", formats.webp),
    (8, b"WAVE", formats.wave),
    (0, b"fLaC", formats.flac),
    (0, b"OggS", formats.ogg),
    (0, b"ID3", formats.mp3),
    *((0, bytes((0xFF, mark)), formats.mp3) for mark in (0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3)),
    (4, b"ftyp", formats.boxed),
)
"""For each format: the position and bytes of its signature, and the function that reads it."""
