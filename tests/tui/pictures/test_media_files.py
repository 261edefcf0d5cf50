"""What is shown of videos, sounds, 3D models and archives, and that damaged or hostile ones are a sentence."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import wave
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from faldeck.job import FileState, Output
from faldeck.tui.pictures import media
from faldeck.tui.pictures.blocks import Row
from faldeck.tui.pictures.decode import CannotShow, Room, opened
from faldeck.tui.pictures.kinds import MediaKind, kind_of

ROOM = Room(40, 10, (0, 0, 0))
needs_ffmpeg = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")


def texts(rows: Sequence[Row]) -> list[str]:
    return ["".join(text for text, _ in row) for row in rows]


def sound(path: Path, seconds: float = 2.0) -> Path:
    """One second of silence, then noise."""
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        for frame in range(int(8000 * seconds)):
            loudness = 0 if frame < 8000 else 20_000 * (-1) ** frame
            file.writeframes(struct.pack("<hh", loudness, 0))
    return path


@pytest.mark.parametrize(
    ("name", "content_type", "kind"),
    [
        ("a.png", "image/png", MediaKind.IMAGE),
        ("a.mp4", "video/mp4", MediaKind.VIDEO),
        ("a.bin", "audio/x-wav", MediaKind.AUDIO),
        ("a.glb", "application/octet-stream", MediaKind.MODEL),
        ("a.ZIP", None, MediaKind.ARCHIVE),
        ("a.txt", "text/plain", None),
    ],
)
def test_the_kind_of_a_file_is_its_media_type_or_its_name(
    name: str, content_type: str | None, kind: MediaKind | None
) -> None:
    output = Output(at="file", url=None, path=f"/x/{name}", content_type=content_type, state=FileState.SAVED)
    assert kind_of(output) is kind


def test_a_sound_is_a_waveform_with_its_duration(tmp_path: Path) -> None:
    *rows, duration = texts(media.waveform(str(sound(tmp_path / "a.wav")), ROOM))
    assert len(rows) == media.MOST_WAVE_ROWS
    assert {row for row in rows} == {" " * 20 + "█" * 20}
    assert duration.startswith("2")


@needs_ffmpeg
def test_a_compressed_sound_is_a_waveform_too(tmp_path: Path) -> None:
    made = tmp_path / "a.flac"
    subprocess.run(["ffmpeg", "-v", "error", "-i", sound(tmp_path / "a.wav"), made], check=True)
    rows = texts(media.waveform(str(made), ROOM))
    assert rows[0][:18].strip() == "" and rows[0][25:].strip()


@needs_ffmpeg
def test_a_video_is_its_first_frame(tmp_path: Path) -> None:
    made = tmp_path / "-a.mp4"
    words = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=red:size=64x48:duration=0.2", f"file:{made}"]
    subprocess.run(words, check=True)
    with opened(media.first_frame(str(made))) as frame:
        assert frame.size == (64, 48)


@needs_ffmpeg
def test_a_playlist_that_names_an_address_is_not_followed(tmp_path: Path) -> None:
    playlist = tmp_path / "a.mp4"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/video.ts\n")
    with pytest.raises(CannotShow):
        media.first_frame(str(playlist))


def test_without_ffmpeg_a_sentence_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(CannotShow, match="ffmpeg"):
        media.first_frame(str(tmp_path / "a.mp4"))


def glb(scene: object) -> bytes:
    data = json.dumps(scene).encode()
    return struct.pack("<4sIIII", b"glTF", 2, 20 + len(data), len(data), 0x4E4F534A) + data


def test_a_model_tells_its_vertices_and_its_size(tmp_path: Path) -> None:
    scene = {
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [{"count": 1234, "min": [-1, 0, 0], "max": [1, 2.5, 3]}, {"count": 3000}],
        "images": [{}],
    }
    (tmp_path / "a.glb").write_bytes(glb(scene))
    assert texts(media.facts(str(tmp_path / "a.glb"), MediaKind.MODEL, ROOM)) == [
        "1,234 vertices · 1,000 triangles",
        "size 2 × 2.5 × 3",
        "1 mesh · 1 texture",
    ]


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("a.obj", b"v 0 0 0\nv 1 0 0\nvn 0 0 1\nv 0 1 0\nf 1 2 3\n", "3 vertices · 1 faces"),
        ("a.ply", b"ply\nformat ascii 1.0\nelement vertex 8\nelement face 12\nend_header\n", "8 vertices · 12 faces"),
        ("a.stl", b"\0" * 80 + struct.pack("<I", 2) + b"\0" * 100, "2 triangles"),
        ("b.stl", b"solid a\n" + b"facet normal 0 0 1\nendfacet\n" * 3, "3 triangles"),
    ],
)
def test_other_models_tell_what_they_are_made_of(tmp_path: Path, name: str, data: bytes, wanted: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert texts(media.facts(str(tmp_path / name), MediaKind.MODEL, ROOM)) == [wanted]


def test_an_archive_lists_its_members_without_their_control_characters(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(20):
            archive.writestr(f"lora/\x1b[31m{number}.bin", b"x" * 1000)
    rows = texts(media.facts(str(tmp_path / "a.zip"), MediaKind.ARCHIVE, ROOM))
    assert rows[0].startswith("20 files, 20")
    assert rows[-1] == "and 8 more"
    assert "\x1b" not in "".join(rows)


@pytest.mark.parametrize("name", ["a.glb", "a.ply", "a.stl", "a.zip"])
@pytest.mark.parametrize("data", [b"", b"not one", b"ply\nelement vertex many", glb([]), glb({"meshes": [{}]})])
def test_a_damaged_file_is_a_sentence(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    kind = MediaKind.ARCHIVE if name.endswith("zip") else MediaKind.MODEL
    with pytest.raises(CannotShow):
        media.facts(str(tmp_path / name), kind, ROOM)


def test_a_sound_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    with pytest.raises(CannotShow):
        media.waveform(str(tmp_path / "a.wav"), ROOM)
