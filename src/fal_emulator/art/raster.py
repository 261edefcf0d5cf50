"""A picture of at most 256 colours, one byte to a pixel, and its PNG form."""

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255 each."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class IndexedImage:
    """Rows of palette indices, all of one length."""

    rows: tuple[bytes, ...]
    palette: tuple[Colour, ...]

    @property
    def width(self) -> int:
        """Pixels in a row."""
        return len(self.rows[0])

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.rows)

    def resized(self, width: int, height: int) -> "IndexedImage":
        """The same picture with that many pixels; whole factors keep every pixel's square sharp."""
        return self.cropped(0, 0, self.width, self.height, width, height)

    def cropped(self, left: float, top: float, wide: float, high: float, width: int, height: int) -> "IndexedImage":
        """A part of the picture, `wide` and `high` pixels of it, as one of `width` times `height`."""
        taken = itemgetter(*(min(self.width - 1, int(left + x * wide / width)) for x in range(width)), 0)
        lines = [min(self.height - 1, int(top + y * high / height)) for y in range(height)]
        made = {line: bytes(taken(self.rows[line])[:-1]) for line in set(lines)}
        return replace(self, rows=tuple(made[line] for line in lines))

    def mirrored(self) -> "IndexedImage":
        """Left and right exchanged."""
        return replace(self, rows=tuple(row[::-1] for row in self.rows))

    def recoloured(self, change: Callable[[Colour], Colour]) -> "IndexedImage":
        """The same pixels with every colour changed."""
        return replace(self, palette=tuple(change(colour) for colour in self.palette))

    def to_png(self, clear: int = 0) -> bytes:
        """The picture as a PNG file; the same picture gives the same bytes.

        The first `clear` colours are transparent.
        """
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 3, 0, 0, 0)
        colours = bytes(part for colour in self.palette for part in colour)
        # Filter 0 before every row: with a palette no other filter makes the file smaller.
        pixels = zlib.compress(b"".join(b"\0" + row for row in self.rows), 4)
        chunks = {b"IHDR": header, b"PLTE": colours}
        if clear:
            chunks[b"tRNS"] = bytes(clear)
        chunks |= {b"IDAT": pixels, b"IEND": b""}
        return _SIGNATURE + b"".join(_chunk(name, data) for name, data in chunks.items())

    @classmethod
    def from_png(cls, data: bytes) -> "IndexedImage | None":
        """The picture in a PNG file that `to_png` wrote, None for any other file."""
        chunks = _chunks(data)
        if chunks is None or not {b"IHDR", b"PLTE", b"IDAT"} <= chunks.keys():
            return None
        width, height, *form = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
        if form != [8, 3, 0, 0, 0]:
            return None
        try:
            pixels = zlib.decompress(chunks[b"IDAT"])
        except zlib.error:
            return None
        rows = tuple(pixels[at + 1 : at + 1 + width] for at in range(0, len(pixels), width + 1))
        if len(rows) != height or any(pixels[:: width + 1]):
            return None
        parts = chunks[b"PLTE"]
        return cls(rows, tuple(zip(parts[::3], parts[1::3], parts[2::3], strict=True)))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _chunks(data: bytes) -> dict[bytes, bytes] | None:
    """The chunks of a whole PNG file by name, None if it is not one or two have the same name."""
    found: dict[bytes, bytes] = {}
    at = len(_SIGNATURE)
    if data[:at] != _SIGNATURE:
        return None
    while at + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        if name in found:
            return None
        found[name] = data[at + 8 : at + 8 + length]
        at += length + 12
    return found if b"IEND" in found else None


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
