"""The length of a sound, from its header or, where that does not say, from its frames or its last page. Pure."""

import struct
from collections.abc import Iterator

from .facts import Facts, File

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


def wave(file: File) -> Facts:
    """A WAV."""
    bytes_a_second = 0
    for name, place, length in _chunks(file.head):
        if name == b"fmt ":
            (bytes_a_second,) = struct.unpack_from("<I", file.head, place + 8)
        elif name == b"data" and bytes_a_second:
            # Who writes a sound while it is made cannot say how long it will be.
            return Facts(file.size, seconds=min(length or file.size, file.size - place) / bytes_a_second)
    return Facts(file.size)


def _chunks(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, place of the content and its length of each chunk of a RIFF file."""
    place = 12
    while place + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, place)
        yield name, place + 8, length
        place += 8 + length + length % 2


def flac(file: File) -> Facts:
    """A FLAC, whose first block counts its samples."""
    (said,) = struct.unpack_from(">Q", file.head, 18)
    rate, samples = said >> 44, said & (2**36 - 1)
    return Facts(file.size, seconds=samples / rate) if rate and samples else Facts(file.size)


def ogg(file: File) -> Facts:
    """An Ogg with Vorbis or Opus, whose last page says how many samples have been."""
    rate = 48_000 if file.head[28:36] == b"OpusHead" else 0
    if file.head[28:35] == b"\x01vorbis":
        (rate,) = struct.unpack_from("<I", file.head, 40)
    start = max(0, file.size - _LAST_PAGE_BYTES)
    end = file.read(start, _LAST_PAGE_BYTES)
    (samples,) = struct.unpack_from("<q", end, end.rindex(b"OggS") + 6) if b"OggS" in end else (0,)
    return Facts(file.size, seconds=samples / rate) if rate and samples > 0 else Facts(file.size)


def mp3(file: File) -> Facts:
    """An MP3: the count of frames that its encoder noted, or else its bitrate where that does not vary."""
    start = 0
    if file.head.startswith(b"ID3"):
        first, second, third, fourth = struct.unpack_from("4B", file.head, 6)
        start = 10 + (first << 21 | second << 14 | third << 7 | fourth)
    content = file.read(start, 2**16)
    version, rate, bitrate, _ = _frame(content, 0)
    samples = 1152 if version == 1 else 576
    if frames := _noted_frames(content, version):
        return Facts(file.size, seconds=frames * samples / rate)
    place = 0
    for _ in range(_FRAMES_COMPARED):
        if _frame(content, place)[:3] != (version, rate, bitrate):
            return Facts(file.size)
        place += _frame(content, place)[3]
    return Facts(file.size, seconds=(file.size - start) / (bitrate * 125))


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
