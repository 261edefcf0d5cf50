"""What is shown for files other than pictures: a video's first frame, a sound's waveform, facts of models and archives.

Every function blocks for a bounded time and raises CannotShow. ffmpeg is used if it is installed. It never
gets a URL, and may open only the file.
"""

from __future__ import annotations

import array
import json
import shutil
import struct
import subprocess
import sys
import wave
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from faldeck.app import wording
from faldeck.safety import sanitize
from faldeck.tui.pictures.blocks import Row
from faldeck.tui.pictures.decode import CannotShow, Room
from faldeck.tui.pictures.kinds import MediaKind

FFMPEG_SECONDS = 5.0
"""ffmpeg is stopped after this time."""
MOST_FRAME_BYTES = 30_000_000
SAMPLE_RATE = 8000
MOST_SOUND_SECONDS = 600
"""Only this much of a longer sound is drawn."""
MOST_HEADER_BYTES = 20_000_000
"""The description at the head of a model; a longer one is not read."""
MOST_TEXT_BYTES = 50_000_000
"""A model that is a text is read so far."""
MOST_WAVE_ROWS = 6
MOST_MEMBERS = 12
"""Members of an archive that are named."""

UNREADABLE = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    struct.error,
    zipfile.BadZipFile,
    NotImplementedError,
)
"""The errors of reading a damaged model or archive."""

IRREGULAR = {"vertex": "vertices"}
BARS = " ▁▂▃▄▅▆▇█"


def first_frame(path: str) -> BytesIO:
    """A video's first frame as a PNG file."""
    frame = _ffmpeg(path, "-frames:v", "1", "-vf", "scale='min(1920,iw)':-2", "-f", "image2pipe", "-c:v", "png", "-")
    if not frame or len(frame) > MOST_FRAME_BYTES:
        raise CannotShow("The first frame of the video cannot be shown.")
    return BytesIO(frame)


def waveform(path: str, room: Room) -> Sequence[Row]:
    """A sound's loudness over time, with its duration below."""
    samples, seconds = _wav(path) or _decoded(path)
    peaks = _peaks(samples, room.columns)
    height = max(1, min(MOST_WAVE_ROWS, room.rows - 1))
    loudest = max(peaks, default=0) or 1
    eighths = [round(peak * height * 8 / loudest) for peak in peaks]
    rows: list[Row] = [
        [("".join(BARS[max(0, min(8, value - 8 * row))] for value in eighths), "accent")]
        for row in reversed(range(height))
    ]
    more = "more than " if seconds >= MOST_SOUND_SECONDS else ""
    return [*rows, [(f"{more}{wording.duration(seconds)}", "dim")]]


def facts(path: str, kind: MediaKind, room: Room) -> Sequence[Row]:
    """What a 3D model or an archive holds, in a few lines."""
    try:
        lines = _members(path) if kind is MediaKind.ARCHIVE else _model(path)
    except UNREADABLE as error:
        raise CannotShow("The file cannot be read: it is damaged, or not what its name says.") from error
    return [
        [(sanitize.clean_line(line, limit=room.columns), "head" if index == 0 else "dim")]
        for index, line in enumerate(lines)
    ]


# Sound


def _wav(path: str) -> tuple[Sequence[int], float] | None:
    """16-bit samples of the first channel, and the seconds of a plain WAV file; None for any other file."""
    try:
        with wave.open(path) as file:
            rate, channels = file.getframerate(), file.getnchannels()
            if file.getsampwidth() != 2 or not rate:
                return None
            seconds = file.getnframes() / rate
            data = file.readframes(min(file.getnframes(), rate * MOST_SOUND_SECONDS))
    except (wave.Error, EOFError, OSError):
        return None
    return _samples(data)[::channels], seconds


def _decoded(path: str) -> tuple[Sequence[int], float]:
    data = _ffmpeg(path, "-t", str(MOST_SOUND_SECONDS), "-vn", "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le", "-")
    if len(data) < 2:
        raise CannotShow("The sound cannot be shown: the file is no sound, or is not complete.")
    return _samples(data), len(data) / 2 / SAMPLE_RATE


def _samples(data: bytes) -> Sequence[int]:
    samples = array.array("h", data[: len(data) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _peaks(samples: Sequence[int], columns: int) -> list[int]:
    """The loudest of the samples that share a column. If there are many, only some are checked."""
    peaks = []
    for column in range(columns):
        start, end = len(samples) * column // columns, len(samples) * (column + 1) // columns
        piece = samples[start : max(end, start + 1) : max(1, (end - start) // 500)]
        peaks.append(max((abs(sample) for sample in piece), default=0))
    return peaks


# Models and archives


def _model(path: str) -> list[str]:
    match Path(path).suffix.lower():
        case ".glb":
            return _glb(path)
        case ".ply":
            return _ply(path)
        case ".obj":
            return _obj(path)
        case ".stl":
            return _stl(path)
    raise CannotShow("Nothing is known about this kind of 3D file.")


def _glb(path: str) -> list[str]:
    """glTF 2.0, chapter 4: a header of 12 bytes, then a chunk of JSON."""
    with open(path, "rb") as file:
        magic, _, _, length, kind = struct.unpack("<4sIIII", file.read(20))
        if magic != b"glTF" or kind != 0x4E4F534A or length > MOST_HEADER_BYTES:
            raise ValueError
        scene = json.loads(file.read(length))
    accessors = scene.get("accessors", [])
    pieces = [piece for mesh in scene.get("meshes", []) for piece in mesh["primitives"]]
    places = [accessors[piece["attributes"]["POSITION"]] for piece in pieces]
    corners = sum(accessors[piece["indices"]]["count"] for piece in pieces if "indices" in piece)
    lines = [f"{sum(place['count'] for place in places):,} vertices · {corners // 3:,} triangles"]
    bounds = [(place["min"], place["max"]) for place in places if "min" in place and "max" in place]
    if bounds:
        sides = [max(high[axis] for _, high in bounds) - min(low[axis] for low, _ in bounds) for axis in range(3)]
        lines.append(f"size {' × '.join(f'{side:.3g}' for side in sides)}")
    named = (("meshes", "mesh"), ("materials", "material"), ("images", "texture"), ("animations", "animation"))
    counts = [(len(scene.get(key, [])), word) for key, word in named]
    words = [f"{number:,} {word if number == 1 else _many(word)}" for number, word in counts if number]
    return [*lines, *([" · ".join(words)] if words else [])]


def _many(word: str) -> str:
    return f"{word}es" if word.endswith(("sh", "x")) else f"{word}s"


def _ply(path: str) -> list[str]:
    with open(path, "rb") as file:
        head = file.read(4096).decode("ascii", "replace").splitlines()
    if head[:1] != ["ply"]:
        raise ValueError
    counts = [line.split()[1:3] for line in head if line.startswith("element ")]
    return [" · ".join(f"{int(number):,} {IRREGULAR.get(name) or _many(name)}" for name, number in counts)]


def _obj(path: str) -> list[str]:
    with open(path, "rb") as file:
        text = file.read(MOST_TEXT_BYTES)
    more = "more than " if len(text) == MOST_TEXT_BYTES else ""
    vertices, faces = ((b"\n" + text).count(word) for word in (b"\nv ", b"\nf "))
    return [f"{more}{vertices:,} vertices · {faces:,} faces"]


def _stl(path: str) -> list[str]:
    with open(path, "rb") as file:
        head = file.read(84)
        size = file.seek(0, 2)
    triangles = struct.unpack("<I", head[80:])[0]
    if size != 84 + 50 * triangles:
        with open(path, "rb") as file:
            triangles = file.read(MOST_TEXT_BYTES).count(b"endfacet")
        if not head.startswith(b"solid") or not triangles:
            raise ValueError
    return [f"{triangles:,} triangles"]


def _members(path: str) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        files = [member for member in archive.infolist() if not member.is_dir()]
    total = wording.file_size(sum(member.file_size for member in files))
    lines = [f"{len(files):,} {'file' if len(files) == 1 else 'files'}, {total} unpacked"]
    lines += [f"{wording.file_size(member.file_size):>9}  {member.filename}" for member in files[:MOST_MEMBERS]]
    return [*lines, *([f"and {len(files) - MOST_MEMBERS:,} more"] if len(files) > MOST_MEMBERS else [])]


def _ffmpeg(path: str, *words: str) -> bytes:
    """What ffmpeg writes for a local file."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise CannotShow("Videos and compressed sounds are only shown if ffmpeg is installed.")
    source = ("-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-i", f"file:{Path(path).absolute()}")
    try:
        done = subprocess.run([program, *source, *words], capture_output=True, timeout=FFMPEG_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise CannotShow("ffmpeg takes too long with this file.") from error
    except OSError as error:
        raise CannotShow("ffmpeg cannot be started.") from error
    return done.stdout
