"""Animated GIF files, the one moving picture that every viewer shows and that needs no codec."""

import struct
from collections.abc import Sequence

from fal_emulator.art.raster import IndexedImage

_CLEAR, _END, _FIRST = 256, 257, 258
_MOST_CODES = 4096


def animated(frames: Sequence[IndexedImage], fps: float) -> bytes:
    """The frames, all of one size and with the palette of the first, as a GIF that repeats for ever."""
    first = frames[0]
    size = struct.pack("<HH", first.width, first.height)
    colours = bytes(part for colour in first.palette for part in colour).ljust(768, b"\0")
    head = b"GIF89a" + size + b"\xf7\0\0" + colours + b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    control = b"\x21\xf9\x04\x04" + struct.pack("<H", round(100 / fps)) + b"\0\0"
    image = b"\x2c\0\0\0\0" + size + b"\0\x08"
    parts = [control + image + _blocks(_packed(b"".join(frame.rows))) for frame in frames]
    return head + b"".join(parts) + b"\x3b"


def _packed(pixels: bytes) -> bytes:
    """The pixels in GIF's variable-length LZW."""
    packed = bytearray()
    held, bits = _CLEAR, 9
    table: dict[int, int] = {}
    following, width = _FIRST, 9
    prefix = pixels[0]
    for pixel in pixels[1:]:
        key = prefix << 8 | pixel
        code = table.get(key)
        if code is not None:
            prefix = code
            continue
        held |= prefix << bits
        bits += width
        table[key] = following
        # One later than the reader's table: it learns a code only with the next one.
        if following >> width:
            width += 1
        following += 1
        if following == _MOST_CODES:
            held |= _CLEAR << bits
            bits += width
            table, following, width = {}, _FIRST, 9
        if bits >= 512:
            packed += (held & ((1 << 512) - 1)).to_bytes(64, "little")
            held >>= 512
            bits -= 512
        prefix = pixel
    held |= prefix << bits | _END << (bits + width)
    return bytes(packed) + held.to_bytes((bits + 2 * width + 7) // 8, "little")


def _blocks(data: bytes) -> bytes:
    pieces = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"
