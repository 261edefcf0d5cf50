"""The size, length and frames of a film in boxes, as MP4, MOV and M4A are (ISO 14496-12). Pure."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from .facts import Facts, File

_MOST_BOXES = 1_000
"""Boxes looked at in one place; a film has dozens."""


class Box(NamedTuple):
    """A box of the file."""

    name: bytes
    start: int
    """Where its content begins."""
    end: int


def boxed(file: File) -> Facts:
    """A film, or a sound in the same clothes, wherever in the file its table of contents stands."""
    movie = _inner(file, Box(b"", 0, file.size), b"moov")
    header = movie and _inner(file, movie, b"mvhd")
    if movie is None or header is None:
        return Facts(file.size)
    seconds = _seconds(file, header)
    for track in _boxes(file, movie):
        if track.name == b"trak" and (shape := _inner(file, track, b"tkhd")):
            width, height = (side >> 16 for side in struct.unpack(">II", file.read(shape.end - 8, 8)))
            if width and height:
                return Facts(file.size, width, height, seconds, _frames(file, track))
    return Facts(file.size, seconds=seconds)


def _seconds(file: File, header: Box) -> float | None:
    """The length that a header says, which is 0 in a film that is sent in fragments."""
    content = file.read(header.start, 32)
    scale, length = struct.unpack_from(">IQ" if content[0] else ">II", content, 20 if content[0] else 12)
    is_known = scale and length not in (0, 2**32 - 1, 2**64 - 1)
    return length / scale if is_known else None


def _frames(file: File, track: Box) -> int | None:
    place: Box | None = track
    for name in (b"mdia", b"minf", b"stbl", b"stsz"):
        place = place and _inner(file, place, name)
    if place is None:
        return None
    (count,) = struct.unpack(">I", file.read(place.start + 8, 4))
    return count or None


def _inner(file: File, outer: Box, name: bytes) -> Box | None:
    return next((box for box in _boxes(file, outer) if box.name == name), None)


def _boxes(file: File, outer: Box) -> Iterator[Box]:
    """The boxes inside another, as far as they are sound."""
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
        yield Box(name, start, end)
        place = end
