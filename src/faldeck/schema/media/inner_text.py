"""A text inside a picture: where it goes in a PNG, JPEG or WebP, and how it is read back. Pure.

Nothing is decoded, and whatever the file holds stays in it. A PNG gets a chunk iTXt; a JPEG a segment APP1 and a WebP a
chunk, both with XMP. A file with content credentials (C2PA) gets nothing: a change would make their signature invalid.

PNG: https://www.w3.org/TR/png-3/. JPEG: ITU-T T.81, annex B; XMP specification, part 3. WebP: RFC 9649.
"""

from __future__ import annotations

import html
import re
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple
from zlib import crc32

from faldeck.schema.media.formats import HEAD_BYTES, MediaFile, Read, webp

KEYWORD = "faldeck"
"""The keyword of the text in a PNG, and the prefix of the property in XMP."""

MAX_BYTES = 2**20
"""A longer text is not added. Arguments may hold whole files as data URIs."""

MAX_READ_BYTES = 4 * MAX_BYTES
"""A longer text is not read."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MAX_PARTS = 10_000
"""The most chunks or segments that are looked at."""
_MAX_SEGMENT = 65_533
"""Bytes of the longest content of a JPEG segment."""
_XMP_NAME = b"http://ns.adobe.com/xap/1.0/\0"
"""What a JPEG segment with XMP begins with."""
_XMP_FLAG = 0x04
_ALPHA_FLAG = 0x10

_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    f' xmlns:{KEYWORD}="urn:{KEYWORD}:story:"><{KEYWORD}:story>%s</{KEYWORD}:story></rdf:Description></rdf:RDF>'
    '</x:xmpmeta><?xpacket end="w"?>'
)
_STORY = re.compile(rb"""(?<![/\w:])faldeck:story(?:\s*=\s*"([^"]*)"|\s*=\s*'([^']*)'|\s*>([^<]*)<)""")
"""The property, also as an attribute: programs that write XMP again choose the form."""


class Splice(NamedTuple):
    """A change of a file: at a position, some bytes are replaced by others."""

    at: int
    removed: int
    added: bytes


class PicturePiece(NamedTuple):
    """A chunk of a PNG or WebP, or a segment of a JPEG."""

    name: bytes
    """Four letters; of a segment its marker, such as `e1`."""
    start: int
    """The position where its content begins."""
    length: int
    """Bytes of the content."""


def reader(file: BinaryIO) -> Read:
    """How an open file is read."""

    def read(place: int, length: int) -> bytes:
        file.seek(place)
        return file.read(length)

    return read


def splices(read: Read, size_bytes: int, text: str) -> list[Splice]:
    """The changes that put a text into a picture of `size_bytes`, by position.

    Empty if the file is another kind of file, is not whole, is signed, or has no room for so long a text. Raises what
    `read` raises.
    """
    if len(text.encode()) > MAX_BYTES:
        return []
    head = read(0, 16)
    try:
        if head.startswith(_SIGNATURE):
            return _into_png(read, size_bytes, text)
        if head.startswith(b"\xff\xd8"):
            return _into_jpeg(read, size_bytes, text)
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return _into_webp(read, size_bytes, text)
    except (struct.error, IndexError):
        pass  # A broken file stays as it came.
    return []


def find(read: Read, size_bytes: int) -> str | None:
    """The text that was added to a picture last; None without one. Raises what `read` raises."""
    head = read(0, 16)
    found: str | None = None
    if head.startswith(_SIGNATURE):
        for keyword, text in png_texts(read, size_bytes):
            found = text if keyword == KEYWORD else found
    elif head.startswith(b"\xff\xd8"):
        for part in _segments(read, size_bytes):
            if part.name == b"\xe1" and (content := _content(read, part)).startswith(_XMP_NAME):
                found = _story(content) or found
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        for part in _riff_chunks(read, size_bytes):
            if part.name == b"XMP ":
                found = _story(_content(read, part)) or found
    return found


def png_texts(read: Read, size_bytes: int) -> Iterator[tuple[str, str]]:
    """The uncompressed texts of a PNG that stand before its pixels, by keyword."""
    if not read(0, 8).startswith(_SIGNATURE):
        return
    for part in _png_chunks(read, size_bytes):
        if part.name == b"IDAT":
            return
        keyword, _, rest = _content(read, part).partition(b"\0") if part.name in (b"tEXt", b"iTXt") else (b"", b"", b"")
        if part.name == b"tEXt":
            yield keyword.decode("latin-1"), rest.decode("latin-1")
        elif rest[:1] == b"\0":  # Not compressed; language and translated keyword come before the text.
            yield keyword.decode("latin-1"), rest[2:].split(b"\0", 2)[-1].decode("utf-8", "replace")


def _content(read: Read, part: PicturePiece) -> bytes:
    """The content of a part; empty if it is too long."""
    return read(part.start, part.length) if part.length <= MAX_READ_BYTES else b""


# PNG


def _into_png(read: Read, size: int, text: str) -> list[Splice]:
    for part in _png_chunks(read, size):
        if part.name == b"caBX":
            return []
        if part.name == b"IDAT":
            content = KEYWORD.encode() + b"\0\0\0\0\0" + text.encode()
            named = b"iTXt" + content
            return [
                Splice(part.start - 8, 0, struct.pack(">I", len(content)) + named + struct.pack(">I", crc32(named)))
            ]
    return []


def _png_chunks(read: Read, size: int) -> Iterator[PicturePiece]:
    place = len(_SIGNATURE)
    for _ in range(_MAX_PARTS):
        if len(head := read(place, 8)) < 8:
            return
        length, name = struct.unpack(">I4s", head)
        if place + 12 + length > size:
            return
        yield PicturePiece(name, place + 8, length)
        place += 12 + length


# XMP


def _packet(text: str) -> bytes:
    return (_PACKET % html.escape(text, quote=False)).encode()


def _story(packet: bytes) -> str | None:
    stories = [b"".join(match.groups(b"")) for match in _STORY.finditer(packet)]
    return html.unescape(stories[-1].decode("utf-8", "replace")) if stories else None


# JPEG


def _into_jpeg(read: Read, size: int, text: str) -> list[Splice]:
    content = _XMP_NAME + _packet(text)
    if len(content) > _MAX_SEGMENT:
        return []
    place, is_leading, is_picture = 2, True, False
    for part in _segments(read, size):
        is_leading = is_leading and part.name in (b"\xe0", b"\xe1")
        if is_leading:  # Later segments may tell positions in the file, counted from themselves.
            place = part.start + part.length
        if part.name == b"\xeb" and b"c2pa" in _content(read, part):
            return []
        is_picture = is_picture or part.name == b"\xda"
    return [Splice(place, 0, b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content)] if is_picture else []


def _segments(read: Read, size: int) -> Iterator[PicturePiece]:
    """The segments of a JPEG up to the pixels."""
    place = 2
    for _ in range(_MAX_PARTS):
        head = read(place, 4)
        if len(head) < 4 or head[0] != 0xFF:
            return
        if head[1] == 0xFF:
            place += 1  # Any number of fill bytes may come before a marker.
            continue
        length = int.from_bytes(head[2:])
        if length < 2 or place + 2 + length > size:
            return
        yield PicturePiece(head[1:2], place + 4, length - 2)
        if head[1] == 0xDA:
            return
        place += 2 + length


# WebP


def _into_webp(read: Read, size: int, text: str) -> list[Splice]:
    (length,) = struct.unpack("<I", read(4, 4))
    parts = list(_riff_chunks(read, size))
    whole = parts and parts[-1].start + parts[-1].length + parts[-1].length % 2 == 8 + length
    if not whole or any(part.name == b"C2PA" for part in parts):
        return []
    if parts[0].name == b"VP8X":
        (flags,) = read(parts[0].start, 1)
        extended = Splice(parts[0].start, 1, bytes([flags | _XMP_FLAG]))
    else:
        extended = Splice(12, 0, _extension(read, size, parts[0]))
    packet = _packet(text)
    chunk = b"XMP " + struct.pack("<I", len(packet)) + packet + b"\0" * (len(packet) % 2)
    grown = length + len(chunk) + len(extended.added) - extended.removed
    return [Splice(4, 4, struct.pack("<I", grown)), extended, Splice(8 + length, 0, chunk)]


def _extension(read: Read, size: int, pixels: PicturePiece) -> bytes:
    """The first chunk of an extended WebP, for a simple one. Raises IndexError if its size is unknown."""
    facts = webp(MediaFile(read(0, HEAD_BYTES), size, read))
    if not facts.width or not facts.height:
        raise IndexError("a WebP without a size")
    has_alpha = pixels.name == b"VP8L" and read(pixels.start + 4, 1)[0] & 0x10
    flags = _XMP_FLAG | (_ALPHA_FLAG if has_alpha else 0)
    sides = b"".join((side - 1).to_bytes(3, "little") for side in (facts.width, facts.height))
    return struct.pack("<4sII", b"VP8X", 10, flags) + sides


def _riff_chunks(read: Read, size: int) -> Iterator[PicturePiece]:
    place, end = 12, min(size, 8 + struct.unpack("<I", read(4, 4))[0])
    for _ in range(_MAX_PARTS):
        if place + 8 > end:
            return
        name, length = struct.unpack("<4sI", read(place, 8))
        if place + 8 + length > end:
            return
        yield PicturePiece(name, place + 8, length)
        place += 8 + length + length % 2
