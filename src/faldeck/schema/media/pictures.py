"""The size of a picture, from its first bytes. Pure."""

import struct

from .facts import Facts, File

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The marks of a JPEG behind which a frame's size stands."""
_ALONE = frozenset(range(0xD0, 0xDA)) | {0x01}
"""The marks that nothing belongs to."""


def png(file: File) -> Facts:
    """A PNG."""
    width, height = struct.unpack_from(">II", file.head, 16)
    return _sized(file, width, height)


def gif(file: File) -> Facts:
    """A GIF."""
    width, height = struct.unpack_from("<HH", file.head, 6)
    return _sized(file, width, height)


def jpeg(file: File) -> Facts:
    """A JPEG, whose size stands behind what its camera wrote."""
    place = 2
    while file.head[place] == 0xFF:
        mark = file.head[place + 1]
        if mark in _FRAMES:
            height, width = struct.unpack_from(">HH", file.head, place + 5)
            return _sized(file, width, height)
        if mark == 0xFF:
            place += 1  # Any number of fill bytes may stand before a mark.
        elif mark in _ALONE:
            place += 2
        else:
            place += 2 + struct.unpack_from(">H", file.head, place + 2)[0]
    return Facts(file.size)


def webp(file: File) -> Facts:
    """A WebP of any of its three forms."""
    match file.head[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", file.head, 26)
            return _sized(file, width & 0x3FFF, height & 0x3FFF)
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", file.head, 21)
            return _sized(file, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        case b"VP8X":
            width, height = (int.from_bytes(file.head[place : place + 3], "little") + 1 for place in (24, 27))
            return _sized(file, width, height) if len(file.head) >= 30 else Facts(file.size)
        case _:
            return Facts(file.size)


def _sized(file: File, width: int, height: int) -> Facts:
    return Facts(file.size, width, height) if width and height else Facts(file.size)
