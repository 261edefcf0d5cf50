"""What the first bytes of a picture or a sound tell about it: its size in pixels, its length in seconds. Pure."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HEAD_BYTES = 2**20
"""So many of the first bytes are enough: a picture's size stands behind what its camera wrote."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a file; None is not known."""

    size_bytes: int
    width: int | None = None
    """Pixels, as stored: a camera's note that the picture is to be turned is not followed."""
    height: int | None = None
    seconds: float | None = None


def facts(head: bytes, size_bytes: int) -> Facts:
    """The facts of a file of `size_bytes` that begins with `head`; a broken header tells nothing."""
    read = next((read for sign, read in _READERS if head.startswith(sign)), None)
    try:
        return read(head, size_bytes) if read else Facts(size_bytes)
    except (struct.error, IndexError):
        return Facts(size_bytes)


def _png(head: bytes, size: int) -> Facts:
    width, height = struct.unpack_from(">II", head, 16)
    return _picture(size, width, height)


def _gif(head: bytes, size: int) -> Facts:
    width, height = struct.unpack_from("<HH", head, 6)
    return _picture(size, width, height)


_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The marks of a JPEG behind which a frame's size stands."""
_ALONE = frozenset(range(0xD0, 0xDA)) | {0x01}
"""The marks that nothing belongs to."""


def _jpeg(head: bytes, size: int) -> Facts:
    place = 2
    while head[place] == 0xFF:
        mark = head[place + 1]
        if mark in _FRAMES:
            height, width = struct.unpack_from(">HH", head, place + 5)
            return _picture(size, width, height)
        if mark == 0xFF:
            place += 1  # Any number of fill bytes may stand before a mark.
        elif mark in _ALONE:
            place += 2
        else:
            place += 2 + struct.unpack_from(">H", head, place + 2)[0]
    return Facts(size)


def _riff(head: bytes, size: int) -> Facts:
    return {b"WEBP": _webp, b"WAVE": _wave}.get(head[8:12], _unknown)(head, size)


def _webp(head: bytes, size: int) -> Facts:
    match head[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", head, 26)
            return _picture(size, width & 0x3FFF, height & 0x3FFF)
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", head, 21)
            return _picture(size, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        case b"VP8X":
            width, height = (int.from_bytes(head[place : place + 3], "little") + 1 for place in (24, 27))
            return _picture(size, width, height) if len(head) >= 30 else Facts(size)
        case _:
            return Facts(size)


def _wave(head: bytes, size: int) -> Facts:
    bytes_a_second = 0
    for name, place, length in _chunks(head):
        if name == b"fmt ":
            (bytes_a_second,) = struct.unpack_from("<I", head, place + 8)
        elif name == b"data" and bytes_a_second:
            # Who writes a sound while it is made cannot say how long it will be.
            return Facts(size, seconds=min(length or size, size - place) / bytes_a_second)
    return Facts(size)


def _chunks(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, place of the content and its length of each chunk of a RIFF file."""
    place = 12
    while place + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, place)
        yield name, place + 8, length
        place += 8 + length + length % 2


def _unknown(head: bytes, size: int) -> Facts:
    return Facts(size)


def _picture(size: int, width: int, height: int) -> Facts:
    return Facts(size, width, height) if width and height else Facts(size)


_READERS: tuple[tuple[bytes, Callable[[bytes, int], Facts]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8", _jpeg),
    (b"GIF87a", _gif),
    (b"GIF89a", _gif),
    (b"RIFF", _riff),
)
"""How a file begins → who reads on."""
