"""What a picture, a sound or a film says of itself: pixels, seconds, frames. Pure: the bytes are read by the caller."""

import struct
from collections.abc import Callable

from . import films, pictures, sounds
from .facts import Facts, File, Read

__all__ = ["HEAD_BYTES", "Facts", "Read", "facts"]

HEAD_BYTES = 2**20
"""So many of the first bytes are enough for most: a picture's size stands behind what its camera wrote."""


def facts(read: Read, size_bytes: int) -> Facts:
    """The facts of a file of `size_bytes`; a broken one tells nothing but that. Raises what `read` raises."""
    file = File(read(0, HEAD_BYTES), size_bytes, read)
    find = next((find for place, sign, find in _FINDERS if file.head.startswith(sign, place)), None)
    try:
        return find(file) if find else Facts(size_bytes)
    except (struct.error, IndexError):
        return Facts(size_bytes)


_FINDERS: tuple[tuple[int, bytes, Callable[[File], Facts]], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", pictures.png),
    (0, b"\xff\xd8", pictures.jpeg),
    (0, b"GIF87a", pictures.gif),
    (0, b"GIF89a", pictures.gif),
    (8, b"WEBP", pictures.webp),
    (8, b"WAVE", sounds.wave),
    (0, b"fLaC", sounds.flac),
    (0, b"OggS", sounds.ogg),
    (0, b"ID3", sounds.mp3),
    *((0, bytes((0xFF, mark)), sounds.mp3) for mark in (0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3)),
    (4, b"ftyp", films.boxed),
)
"""Where a format has its sign, and who reads on."""
