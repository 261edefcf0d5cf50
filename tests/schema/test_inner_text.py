"""A text inside a picture: the pixels and all else in the file stay, other programs still open it, and it is found."""

from __future__ import annotations

import struct
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any
from zlib import crc32

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from faldeck.schema.media import inner_text

TEXT = '{"prompt":"a <fox> & \\"friends\\" \\u2603"}'
XMP = b'<?xpacket?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF/></x:xmpmeta>'


def image(mode: str = "RGB") -> Image.Image:
    picture = Image.effect_mandelbrot((40, 30), (-2, -1, 1, 1), 20).convert("RGB")
    if mode == "RGBA":
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


def saved(kind: str, picture: Image.Image | None = None, **options: Any) -> bytes:
    file = BytesIO()
    (picture or image()).save(file, kind, **options)
    return file.getvalue()


def png(**options: Any) -> bytes:
    texts = PngInfo()
    texts.add_text("Software", "a camera")
    texts.add_itxt("faldeck", "of an earlier job")
    return saved("PNG", pnginfo=texts, dpi=(72, 72), **options)


def exif() -> bytes:
    notes = Image.Exif()
    notes[0x0131] = "a camera"
    return notes.tobytes()


def reader(data: bytes) -> Callable[[int, int], bytes]:
    return inner_text.reader(BytesIO(data))


def with_text(data: bytes, text: str = TEXT) -> bytes:
    made = data
    for splice in reversed(inner_text.splices(reader(data), len(data), text)):
        made = made[: splice.at] + splice.added + made[splice.at + splice.removed :]
    return made


def parts(data: bytes) -> list[bytes]:
    """The chunks of a PNG or WebP, the segments of a JPEG, each whole; an extended WebP's first without its flags."""
    found, place = [], {b"\x89P": 8, b"\xff\xd8": 2, b"RI": 12}[data[:2]]
    while place < len(data):
        if data[:2] == b"\x89P":
            length = 12 + struct.unpack_from(">I", data, place)[0]
        elif data[:2] == b"\xff\xd8":
            length = len(data) - place if data[place + 1] == 0xDA else 2 + struct.unpack_from(">H", data, place + 2)[0]
        else:
            size = struct.unpack_from("<I", data, place + 4)[0]
            length = 8 + size + size % 2
        part = data[place : place + length]
        found.append(part[:8] + part[9:] if part[:4] == b"VP8X" else part)
        place += length
    assert place == len(data)
    return found


FILES = {
    "png": png(),
    "animated png": png(save_all=True, append_images=[image().rotate(90), image()]),
    "jpeg": saved("JPEG"),
    "jpeg with notes": saved("JPEG", exif=exif(), comment=b"hello", icc_profile=b"\1" * 200, xmp=XMP),
    "progressive jpeg": saved("JPEG", progressive=True),
    "webp": saved("WEBP"),
    "lossless webp": saved("WEBP", lossless=True),
    "lossless webp with alpha": saved("WEBP", image("RGBA"), lossless=True),
    "webp with alpha": saved("WEBP", image("RGBA")),
    "webp with notes": saved("WEBP", exif=exif(), xmp=XMP, icc_profile=b"\1" * 201),
    "animated webp": saved("WEBP", save_all=True, append_images=[image().rotate(90), image()]),
}


@pytest.mark.parametrize("name", FILES)
def test_pixels_and_all_parts_of_the_file_stay_and_the_text_is_found(name: str) -> None:
    before = FILES[name]
    after = with_text(before)

    assert inner_text.find(reader(after), len(after)) == TEXT
    left = parts(after)
    assert [part for part in parts(before) if part in left] == parts(before)
    one, other = Image.open(BytesIO(before)), Image.open(BytesIO(after))
    for frame in range(getattr(one, "n_frames", 1)):
        one.seek(frame)
        other.seek(frame)
        assert (other.mode, other.tobytes()) == (one.mode, one.tobytes())
    assert (other.format, other.getexif(), other.info.get("icc_profile")) == (
        one.format,
        one.getexif(),
        one.info.get("icc_profile"),
    )


@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
def test_other_programs_read_the_text_and_a_later_one_is_the_one_that_counts(name: str) -> None:
    after = with_text(with_text(FILES[name], "the first"))
    picture = Image.open(BytesIO(after))
    picture.load()
    told = picture.info["faldeck"] if name == "png" else unescape(picture.info["xmp"].decode())
    assert TEXT in told or "the first" in told
    assert inner_text.find(reader(after), len(after)) == TEXT


def signed(name: str) -> bytes:
    """A picture with content credentials, which would be invalid after a change."""
    data = FILES[name]
    if name == "png":
        chunk = b"caBX" + b"jumb c2pa"
        return data[:33] + struct.pack(">I", 9) + chunk + struct.pack(">I", crc32(chunk)) + data[33:]
    if name == "jpeg":
        return data[:20] + b"\xff\xeb\x00\x0eJP\0\1jumbc2pa" + data[20:]
    return data[:4] + struct.pack("<I", len(data) + 8) + data[8:] + b"C2PA" + struct.pack("<I", 8) + b"jumbc2pa"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(60),
        FILES["png"][:30],
        FILES["jpeg"][:300],
        FILES["webp"][:-3],
        b"\xff\xd8\xff\xe1\x00",
        b"RIFF\x04\0\0\0WEBP",
        *map(signed, ("png", "jpeg", "webp")),
    ],
)
def test_files_that_are_signed_not_whole_or_of_other_kinds_stay_as_they_came(data: bytes) -> None:
    assert inner_text.splices(reader(data), len(data), TEXT) == []
    assert inner_text.find(reader(data), len(data)) in (None, "of an earlier job")


def test_a_text_without_room_is_left_out() -> None:
    for name, length in (("jpeg", 70_000), ("png", 2**20 + 1), ("webp", 2**20 + 1)):
        assert inner_text.splices(reader(FILES[name]), len(FILES[name]), "x" * length) == []


def test_a_story_that_another_program_wrote_as_an_attribute_is_found() -> None:
    packet = b'<rdf:Description xmlns:faldeck="urn:faldeck:story:" faldeck:story="{&quot;a&quot;:1}"/>'
    data = saved("JPEG", xmp=packet)
    assert inner_text.find(reader(data), len(data)) == '{"a":1}'
