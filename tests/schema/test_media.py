"""What a file's first bytes tell, and what a field's limits have against it."""

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faldeck.schema.bounds import Bounds, objections, phrase
from faldeck.schema.media import Facts, facts

LONG = 10_000_000
"""Bytes of the whole file, of which only the beginning is read."""


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
    assert facts(head, LONG) == Facts(LONG, 640, 480)


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


@pytest.mark.parametrize("head", [b"", b"%PDF-1.7", b"RIFF\0\0\0\0AVI LIST", png(0, 480), b"\xff\xd8\x00", b"RIFF"])
def test_of_other_files_only_the_size_is_known(head: bytes) -> None:
    assert facts(head, LONG) == Facts(LONG)


@pytest.mark.parametrize("head", [*PICTURES.values(), wave(0.01)], ids=[*PICTURES, "wave"])
def test_a_header_that_is_cut_off_anywhere_tells_nothing_or_the_truth(head: bytes) -> None:
    whole = facts(head, LONG)
    for end in range(0, len(head), max(1, len(head) // 300)):
        assert facts(head[:end], LONG) in (whole, Facts(LONG))


@settings(max_examples=300)
@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF0000WAVE", b"RIFF0000WEBP"]), st.binary()
)
def test_no_bytes_break_the_reader(sign: bytes, rest: bytes) -> None:
    assert facts(sign + rest, LONG).size_bytes == LONG


@pytest.mark.parametrize(
    ("bounds", "file", "said"),
    [
        ({"max_file_size": 10_485_760}, Facts(12_582_912), "must be at most 10 MB, not 12 MB"),
        ({"max_file_size": 10_485_760}, Facts(10_485_761), "must be at most 10 MB, not 10,485,761 bytes"),
        ({"min_width": 300}, Facts(9, 64, 640), "must be at least 300 px wide, not 64"),
        ({"max_height": 3850}, Facts(9, 64, 4000), "must be at most 3850 px high, not 4000"),
        (
            {"min_aspect_ratio": 0.4, "max_aspect_ratio": 2.5},
            Facts(9, 900, 300),
            "must be 0.4 to 2.5 width / height, not 3",
        ),
        ({"min_duration": 3, "max_duration": 30.05}, Facts(9, seconds=31), "must be 3 to 30.05 s long, not 31"),
        ({"max_pixels": 1_000_000}, Facts(9, 2000, 1000), "must be at most 1,000,000 pixels, not 2,000,000"),
        ({"min_area": 10_000}, Facts(9, 90, 100), "must be at least 10,000 px², not 9000"),
    ],
)
def test_a_file_against_its_limits_is_told_how(bounds: Bounds, file: Facts, said: str) -> None:
    assert list(objections(bounds, file)) == [said]


@pytest.mark.parametrize(
    ("bounds", "file"),
    [
        ({"max_file_size": 10_485_760, "min_width": 300, "max_width": 300}, Facts(10_485_760, 300, 1)),
        ({"min_width": 300, "min_duration": 3, "min_fps": 24, "timeout": 20}, Facts(1)),
        ({}, Facts(10**12, 10**6, 10**6, 10.0**6)),
    ],
    ids=["on the limit", "unknown facts", "no limits"],
)
def test_what_is_within_the_limits_or_unknown_is_not_objected_to(bounds: Bounds, file: Facts) -> None:
    assert list(objections(bounds, file)) == []


def test_every_broken_limit_is_told() -> None:
    found = list(objections({"max_file_size": 1, "min_width": 300, "min_height": 300}, Facts(2, 10, 10)))
    assert len(found) == 3


def test_the_limits_are_told_beforehand_in_the_same_words() -> None:
    bounds = {"max_file_size": 10_485_760, "min_width": 300, "min_aspect_ratio": 0.4, "max_aspect_ratio": 2.5}
    assert phrase(bounds) == "at most 10 MB, at least 300 px wide, 0.4 to 2.5 width / height"
