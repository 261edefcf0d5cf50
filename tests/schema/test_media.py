"""What a file's first bytes tell, and what a field's limits have against it."""

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faldeck.schema import media
from faldeck.schema.media import MediaFacts
from faldeck.schema.media.limits import Bounds, objections, phrase

LONG = 10_000_000
"""Bytes of a file of which only the beginning is there."""


def facts(content: bytes, size: int | None = None) -> MediaFacts:
    """What is known of a file with this content, or of a longer one that begins with it."""
    return media.facts(lambda start, length: content[start : start + length], size or len(content))


def png(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def jpeg(width: int, height: int, *, mark: int = 0xC0, before: bytes = b"") -> bytes:
    frame = struct.pack(">BBHBHHB", 0xFF, mark, 17, 8, height, width, 3)
    return b"\xff\xd8" + segment(0xE0, b"JFIF\0") + before + frame + bytes(9)


def segment(mark: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, mark, len(content) + 2) + content


def riff(kind: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2) for name, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + kind + body


def wave(seconds: float, *, says: int | None = None, extra: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    sound = bytes(round(seconds * 8_000) * 2)
    form = (b"fmt ", struct.pack("<HHIIHH", 1, 1, 8_000, 16_000, 2, 16))
    whole = riff(b"WAVE", form, *extra, (b"data", sound))
    if says is None:
        return whole
    at = whole.index(b"data") + 4
    return whole[:at] + struct.pack("<I", says) + whole[at + 4 :]


def box(name: bytes, *content: bytes) -> bytes:
    whole = b"".join(content)
    return struct.pack(">I4s", len(whole) + 8, name) + whole


def film(*, seconds: float = 5, frames: int = 120, version: int = 0, duration: int | None = None) -> bytes:
    """The table of contents of a film of 640 by 480 pixels that has a sound."""
    length = round(seconds * 600) if duration is None else duration
    times = struct.pack(">QQIQ", 0, 0, 600, length) if version else struct.pack(">IIII", 0, 0, 600, length)
    sizes = box(b"stsz", struct.pack(">III", 0, 0, frames))
    picture = box(b"mdia", box(b"mdhd"), box(b"minf", box(b"stbl", sizes)))
    tracks = [
        box(b"trak", box(b"tkhd", bytes(76), struct.pack(">II", width << 16, height << 16)), inside)
        for width, height, inside in ((0, 0, b""), (640, 480, picture))
    ]
    return box(b"moov", box(b"mvhd", bytes((version, 0, 0, 0)), times, bytes(80)), *tracks)


FTYP = box(b"ftyp", b"isom", bytes(4), b"isommp42")
LARGE_DATA = struct.pack(">I4sQ", 1, b"mdat", 3_000_016) + bytes(3_000_000)
"""Sound and pictures, announced as files beyond 4 GB do."""


def mp3(frames: int, *, bitrates: tuple[int, ...] = (9,), first: bytes = b"", before: bytes = b"") -> bytes:
    """Frames of 1152 samples at 44,100 a second; the bitrate 9 is 128 kbit/s, in frames of 417 bytes."""
    lengths = {5: 208, 9: 417, 14: 1044}
    made = [
        (bytes((0xFF, 0xFB, rate << 4, 0)) + (first if number == 0 else b"")).ljust(lengths[rate], b"\0")
        for number, rate in zip(range(frames), bitrates * frames, strict=False)
    ]
    return before + b"".join(made)


XING = bytes(32) + b"Xing" + struct.pack(">II", 1, 1_000)
COVER = b"ID3\x04\0\0" + bytes((0, 0x7F, 0, 0)) + bytes(0x7F << 14)
"""A tag of 2 MB, as a picture makes it."""


def flac(seconds: float) -> bytes:
    said = 44_100 << 44 | 1 << 41 | 15 << 36 | round(seconds * 44_100)
    return b"fLaC\0\0\0\x22" + bytes(10) + struct.pack(">Q", said) + bytes(16)


def ogg(head: bytes, samples: int) -> bytes:
    first = b"OggS" + bytes(24) + head
    return first.ljust(200_000, b"\0") + b"OggS\0\4" + struct.pack("<q", samples) + bytes(50)


VP8 = b"\x30\x01\0\x9d\x01\x2a" + struct.pack("<HH", 640 | 1 << 14, 480)
VP8L = b"\x2f" + struct.pack("<I", 639 | 479 << 14)
VP8X = b"\x10\0\0\0" + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")

PICTURES = {
    "png": png(640, 480),
    "gif87": b"GIF87a" + struct.pack("<HH", 640, 480),
    "gif89": b"GIF89a" + struct.pack("<HH", 640, 480),
    "jpeg": jpeg(640, 480),
    "progressive jpeg": jpeg(640, 480, mark=0xC2),
    "camera's jpeg": jpeg(640, 480, before=segment(0xE1, bytes(60_000)) * 3 + b"\xff\xff" + segment(0xC4, bytes(20))),
    "webp": riff(b"WEBP", (b"VP8 ", VP8)),
    "lossless webp": riff(b"WEBP", (b"VP8L", VP8L)),
    "extended webp": riff(b"WEBP", (b"VP8X", VP8X)),
}


@pytest.mark.parametrize("head", PICTURES.values(), ids=PICTURES)
def test_a_pictures_size_is_in_its_first_bytes(head: bytes) -> None:
    assert facts(head, LONG) == MediaFacts(LONG, 640, 480)


@pytest.mark.parametrize(
    "sound",
    [
        wave(1.5),
        wave(1.5, extra=((b"LIST", b"odd"), (b"fact", bytes(4)))),
        wave(1.5, says=0xFFFFFFFF),
        wave(1.5, says=0),
    ],
    ids=["plain", "with other chunks", "of unknown length", "of no length"],
)
def test_a_sounds_length_is_in_its_header(sound: bytes) -> None:
    assert facts(sound, len(sound)).seconds == pytest.approx(1.5)


@pytest.mark.parametrize(
    "content",
    [
        FTYP + film() + box(b"mdat", bytes(9)),
        FTYP + box(b"free") + LARGE_DATA + film(version=1),
        FTYP + film() + struct.pack(">I4s", 0, b"mdat") + bytes(9),
    ],
    ids=["table first", "table behind 3 MB", "data to the end"],
)
def test_a_film_tells_its_size_length_and_frames_wherever_it_does(content: bytes) -> None:
    assert facts(content) == MediaFacts(len(content), 640, 480, 5.0, 120)


def test_a_film_in_fragments_does_not_say_how_long_it_is() -> None:
    assert facts(FTYP + film(duration=0)).seconds is None
    assert facts(FTYP + film(duration=2**32 - 1)).seconds is None


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        (mp3(1_000), 1_000 * 417 * 8 / 128_000),
        (mp3(40, first=XING), 1_000 * 1152 / 44_100),
        (mp3(40, first=XING, before=COVER), 1_000 * 1152 / 44_100),
        (mp3(40, bitrates=(9, 14, 5)), None),
        (mp3(3), None),
        (flac(7.5), 7.5),
        (flac(0), None),
        (ogg(b"\x01vorbis" + struct.pack("<IBI", 0, 2, 44_100), 44_100 * 3), 3.0),
        (ogg(b"OpusHead" + bytes(11), 48_000 * 4), 4.0),
        (ogg(b"\x80theora" + bytes(40), 9), None),
    ],
    ids=["mp3", "noted", "behind a cover", "varying", "short", "flac", "unknown flac", "vorbis", "opus", "theora"],
)
def test_a_packed_sound_tells_its_length_or_nothing(content: bytes, seconds: float | None) -> None:
    assert facts(content).seconds == (seconds if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize("head", [b"", b"%PDF-1.7", b"RIFF\0\0\0\0AVI LIST", png(0, 480), b"\xff\xd8\x00", b"RIFF"])
def test_of_other_files_only_the_size_is_known(head: bytes) -> None:
    assert facts(head, LONG) == MediaFacts(LONG)


@pytest.mark.parametrize(
    "head", [*PICTURES.values(), wave(0.01), FTYP + film(), mp3(9, first=XING)], ids=[*PICTURES, "wave", "film", "mp3"]
)
def test_a_header_that_is_cut_off_anywhere_tells_nothing_or_the_truth(head: bytes) -> None:
    whole = facts(head, LONG)
    for end in range(0, len(head), max(1, len(head) // 300)):
        cut = facts(head[:end], LONG)
        pairs = zip(cut, whole, strict=True)
        assert all(said in (true, None) for said, true in pairs), cut


SIGNS = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF0000WAVE", b"RIFF0000WEBP", b"ID3", b"\xff\xfb"),
    *(b"fLaC", b"OggS", b"OggS" + bytes(24) + b"OpusHead", FTYP, FTYP + b"\0\0\1\0moov\0\0\0\x20mvhd"),
)


@settings(max_examples=600)
@given(
    st.sampled_from(SIGNS),
    st.binary(),
)
def test_no_bytes_break_the_reader(sign: bytes, rest: bytes) -> None:
    assert facts(sign + rest, LONG).size_bytes == LONG


@pytest.mark.parametrize(
    ("bounds", "file", "said"),
    [
        ({"max_file_size": 10_485_760}, MediaFacts(12_582_912), "must be at most 10 MB, not 12 MB"),
        ({"max_file_size": 10_485_760}, MediaFacts(10_485_761), "must be at most 10 MB, not 10,485,761 bytes"),
        ({"min_width": 300}, MediaFacts(9, 64, 640), "must be at least 300 px wide, not 64"),
        ({"max_height": 3850}, MediaFacts(9, 64, 4000), "must be at most 3850 px high, not 4000"),
        (
            {"min_aspect_ratio": 0.4, "max_aspect_ratio": 2.5},
            MediaFacts(9, 900, 300),
            "must be 0.4 to 2.5 width / height, not 3",
        ),
        ({"min_duration": 3, "max_duration": 30.05}, MediaFacts(9, seconds=31), "must be 3 to 30.05 s long, not 31"),
        ({"min_fps": 24, "max_fps": 60}, MediaFacts(9, 640, 480, 5.0, 60), "must be 24 to 60 fps, not 12"),
        ({"max_frames": 100}, MediaFacts(9, 640, 480, 5.0, 120), "must be at most 100 frames, not 120"),
        ({"max_pixels": 1_000_000}, MediaFacts(9, 2000, 1000), "must be at most 1,000,000 pixels, not 2,000,000"),
        ({"min_area": 10_000}, MediaFacts(9, 90, 100), "must be at least 10,000 px², not 9000"),
    ],
)
def test_a_file_against_its_limits_is_told_how(bounds: Bounds, file: MediaFacts, said: str) -> None:
    assert list(objections(bounds, file)) == [said]


@pytest.mark.parametrize(
    ("bounds", "file"),
    [
        ({"max_file_size": 10_485_760, "min_width": 300, "max_width": 300}, MediaFacts(10_485_760, 300, 1)),
        ({"min_width": 300, "min_duration": 3, "min_fps": 24, "timeout": 20}, MediaFacts(1)),
        ({}, MediaFacts(10**12, 10**6, 10**6, 10.0**6)),
    ],
    ids=["on the limit", "unknown facts", "no limits"],
)
def test_what_is_within_the_limits_or_unknown_is_not_objected_to(bounds: Bounds, file: MediaFacts) -> None:
    assert list(objections(bounds, file)) == []


def test_every_broken_limit_is_told() -> None:
    found = list(objections({"max_file_size": 1, "min_width": 300, "min_height": 300}, MediaFacts(2, 10, 10)))
    assert len(found) == 3


def test_the_limits_are_told_beforehand_in_the_same_words() -> None:
    bounds = {"max_file_size": 10_485_760, "min_width": 300, "min_aspect_ratio": 0.4, "max_aspect_ratio": 2.5}
    assert phrase(bounds) == "at most 10 MB, at least 300 px wide, 0.4 to 2.5 width / height"
