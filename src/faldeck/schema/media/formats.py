"""The facts of a media file, and the readers of its formats: size of images, length of audio and video. Pure."""

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

HEAD_BYTES = 2**20
"""How many of the first bytes are read. The size of a photo comes after what the camera wrote."""

Read: TypeAlias = Callable[[int, int], bytes]
"""Takes a position and a length, and gives those bytes; fewer at the end of the file."""


class MediaFacts(NamedTuple):
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


_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The JPEG markers after which the size of a frame comes."""
_ALONE = frozenset(range(0xD0, 0xDA)) | {0x01}
"""The JPEG markers without data."""


def png(file: MediaFile) -> MediaFacts:
    """A PNG."""
    width, height = struct.unpack_from(">II", file.head, 16)
    return _sized(file, width, height)


def gif(file: MediaFile) -> MediaFacts:
    """A GIF."""
    width, height = struct.unpack_from("<HH", file.head, 6)
    return _sized(file, width, height)


def jpeg(file: MediaFile) -> MediaFacts:
    """A JPEG, whose size comes after what the camera wrote."""
    place = 2
    while file.head[place] == 0xFF:
        mark = file.head[place + 1]
        if mark in _FRAMES:
            height, width = struct.unpack_from(">HH", file.head, place + 5)
            return _sized(file, width, height)
        if mark == 0xFF:
            place += 1  # Any number of fill bytes may come before a marker.
        elif mark in _ALONE:
            place += 2
        else:
            place += 2 + struct.unpack_from(">H", file.head, place + 2)[0]
    return MediaFacts(file.size)


def webp(file: MediaFile) -> MediaFacts:
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
            return _sized(file, width, height) if len(file.head) >= 30 else MediaFacts(file.size)
        case _:
            return MediaFacts(file.size)


def _sized(file: MediaFile, width: int, height: int) -> MediaFacts:
    return MediaFacts(file.size, width, height) if width and height else MediaFacts(file.size)


_MOST_BOXES = 1_000
"""The most boxes that are read on one level; a video has dozens."""


class Mp4Box(NamedTuple):
    """A box of an MP4 file."""

    name: bytes
    start: int
    """The position where its content begins."""
    end: int


def boxed(file: MediaFile) -> MediaFacts:
    """A video, or audio in the same container; its table of contents may be anywhere in the file."""
    movie = _inner(file, Mp4Box(b"", 0, file.size), b"moov")
    header = movie and _inner(file, movie, b"mvhd")
    if movie is None or header is None:
        return MediaFacts(file.size)
    seconds = _seconds(file, header)
    for track in _boxes(file, movie):
        if track.name == b"trak" and (shape := _inner(file, track, b"tkhd")):
            width, height = (side >> 16 for side in struct.unpack(">II", file.read(shape.end - 8, 8)))
            if width and height:
                return MediaFacts(file.size, width, height, seconds, _frames(file, track))
    return MediaFacts(file.size, seconds=seconds)


def _seconds(file: MediaFile, header: Mp4Box) -> float | None:
    """The length in the header, which is 0 in a fragmented video."""
    content = file.read(header.start, 32)
    scale, length = struct.unpack_from(">IQ" if content[0] else ">II", content, 20 if content[0] else 12)
    is_known = scale and length not in (0, 2**32 - 1, 2**64 - 1)
    return length / scale if is_known else None


def _frames(file: MediaFile, track: Mp4Box) -> int | None:
    place: Mp4Box | None = track
    for name in (b"mdia", b"minf", b"stbl", b"stsz"):
        place = place and _inner(file, place, name)
    if place is None:
        return None
    (count,) = struct.unpack(">I", file.read(place.start + 8, 4))
    return count or None


def _inner(file: MediaFile, outer: Mp4Box, name: bytes) -> Mp4Box | None:
    return next((box for box in _boxes(file, outer) if box.name == name), None)


def _boxes(file: MediaFile, outer: Mp4Box) -> Iterator[Mp4Box]:
    """The boxes inside another, up to the first broken one."""
    place = outer.start
    for _ in range(_MOST_BOXES):
        header = file.read(place, 16) if place + 8 <= outer.end else b""
        if len(header) < 8:
            return
        length, name = struct.unpack_from(">I4s", header)
        start = place + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", header, 8)
            start = place + 16
        end = place + length if length else outer.end
        if not start <= end <= outer.end:
            return
        yield Mp4Box(name, start, end)
        place = end


_RATES = (44_100, 48_000, 32_000)
_BITRATES = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s of layer III, by MPEG version."""
_SIDE_BYTES = {(1, False): 32, (1, True): 17, (2, False): 17, (2, True): 9}
"""What stands in the first frame before the note, by MPEG version and whether it is mono."""
_FRAMES_COMPARED = 8
"""Frames of one bitrate after which it is believed that all have it."""
_LAST_PAGE_BYTES = 2**16
"""A page of an Ogg file is not larger."""


def wave(file: MediaFile) -> MediaFacts:
    """A WAV."""
    bytes_a_second = 0
    for name, place, length in _chunks(file.head):
        if name == b"fmt ":
            (bytes_a_second,) = struct.unpack_from("<I", file.head, place + 8)
        elif name == b"data" and bytes_a_second:
            # Who writes a sound while it is made cannot say how long it will be.
            return MediaFacts(file.size, seconds=min(length or file.size, file.size - place) / bytes_a_second)
    return MediaFacts(file.size)


def _chunks(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, place of the content and its length of each chunk of a RIFF file."""
    place = 12
    while place + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, place)
        yield name, place + 8, length
        place += 8 + length + length % 2


def flac(file: MediaFile) -> MediaFacts:
    """A FLAC, whose first block counts its samples."""
    (bits,) = struct.unpack_from(">Q", file.head, 18)
    rate, samples = bits >> 44, bits & (2**36 - 1)
    return MediaFacts(file.size, seconds=samples / rate) if rate and samples else MediaFacts(file.size)


def ogg(file: MediaFile) -> MediaFacts:
    """An Ogg with Vorbis or Opus, whose last page says how many samples have been."""
    rate = 48_000 if file.head[28:36] == b"OpusHead" else 0
    if file.head[28:35] == b"\x01vorbis":
        (rate,) = struct.unpack_from("<I", file.head, 40)
    start = max(0, file.size - _LAST_PAGE_BYTES)
    end = file.read(start, _LAST_PAGE_BYTES)
    (samples,) = struct.unpack_from("<q", end, end.rindex(b"OggS") + 6) if b"OggS" in end else (0,)
    return MediaFacts(file.size, seconds=samples / rate) if rate and samples > 0 else MediaFacts(file.size)


def mp3(file: MediaFile) -> MediaFacts:
    """An MP3: the count of frames that its encoder noted, or else its bitrate where that does not vary."""
    start = 0
    if file.head.startswith(b"ID3"):
        first, second, third, fourth = struct.unpack_from("4B", file.head, 6)
        start = 10 + (first << 21 | second << 14 | third << 7 | fourth)
    content = file.read(start, 2**16)
    version, rate, bitrate, _ = _frame(content, 0)
    samples = 1152 if version == 1 else 576
    if frames := _noted_frames(content, version):
        return MediaFacts(file.size, seconds=frames * samples / rate)
    place = 0
    for _ in range(_FRAMES_COMPARED):
        if _frame(content, place)[:3] != (version, rate, bitrate):
            return MediaFacts(file.size)
        place += _frame(content, place)[3]
    return MediaFacts(file.size, seconds=(file.size - start) / (bitrate * 125))


def _frame(content: bytes, place: int) -> tuple[int, int, int, int]:
    """MPEG version (1 or 2), samples a second, kbit/s and bytes of the frame at a place; IndexError for none."""
    sync, kinds, shape = content[place : place + 3] if len(content) >= place + 4 else (0, 0, 0)
    if sync != 0xFF or kinds & 0xE6 != 0xE2 or kinds & 0x18 == 0x08:
        raise IndexError("no frame of an MP3")
    version = 1 if kinds & 0x18 == 0x18 else 2
    rate = _RATES[shape >> 2 & 3] // (1 if version == 1 else 2 if kinds & 0x10 else 4)
    bitrate = _BITRATES[version][(shape >> 4) - 1] if shape >> 4 else 0
    if not bitrate:
        raise IndexError("an MP3 of no fixed bitrate")
    return version, rate, bitrate, (144 if version == 1 else 72) * bitrate * 1000 // rate + (shape >> 1 & 1)


def _noted_frames(content: bytes, version: int) -> int:
    """The frames that the first one tells of, 0 where it does not."""
    place = 4 + _SIDE_BYTES[version, content[3] >> 6 == 3]
    if content[place : place + 4] in (b"Xing", b"Info") and content[place + 7] & 1:
        return int(struct.unpack_from(">I", content, place + 8)[0])
    return int(struct.unpack_from(">I", content, 50)[0]) if content[36:40] == b"VBRI" else 0


_FINDERS: tuple[tuple[int, bytes, Callable[[MediaFile], MediaFacts]], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", png),
    (0, b"\xff\xd8", jpeg),
    (0, b"GIF87a", gif),
    (0, b"GIF89a", gif),
    (8, b"WEBP", webp),
    (8, b"WAVE", wave),
    (0, b"fLaC", flac),
    (0, b"OggS", ogg),
    (0, b"ID3", mp3),
    *((0, bytes((0xFF, mark)), mp3) for mark in (0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3)),
    (4, b"ftyp", boxed),
)
"""For each format: the position and bytes of its signature, and the function that reads it."""


def facts(read: Read, size_bytes: int) -> MediaFacts:
    """The facts of a file of `size_bytes`; of a broken file only that size. Raises what `read` raises."""
    file = MediaFile(read(0, HEAD_BYTES), size_bytes, read)
    find = next((find for place, sign, find in _FINDERS if file.head.startswith(sign, place)), None)
    try:
        return find(file) if find else MediaFacts(size_bytes)
    except (struct.error, IndexError):
        return MediaFacts(size_bytes)
