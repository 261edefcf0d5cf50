"""What a file is, told by its first bytes where its name lies or says nothing."""

import pytest

from faldeck.fal.media_type import media_type

HEADS = {
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR": "image/png",
    b"\xff\xd8\xff\xe0\0\x10JFIF": "image/jpeg",
    b"GIF89a": "image/gif",
    b"RIFF\x24\0\0\0WEBPVP8 ": "image/webp",
    b"BM\x36\0\x0c\0\0\0\0\0\x36": "image/bmp",
    b"II*\0\x08\0\0\0": "image/tiff",
    b"\0\0\0\x20ftypavif": "image/avif",
    b"\0\0\0\x18ftypheic": "image/heic",
    b"\0\0\0\x14ftypqt  ": "video/quicktime",
    b"\0\0\0\x20ftypisom": "video/mp4",
    b"\0\0\0\x20ftypM4A ": "audio/mp4",
    b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm": "video/webm",
    b"\x1aE\xdf\xa3\xa3B\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x88matroska": "video/x-matroska",
    b"RIFF\x24\0\0\0AVI LIST": "video/x-msvideo",
    b"RIFF\x24\0\0\0WAVEfmt ": "audio/wav",
    b"fLaC\0\0\0\x22": "audio/flac",
    b"OggS\0\x02": "audio/ogg",
    b"ID3\x04\0": "audio/mpeg",
    b"\xff\xfb\x90\x64": "audio/mpeg",
    b"\xff\xf1\x50\x80": "audio/aac",
    b"%PDF-1.7": "application/pdf",
    b"PK\x03\x04\x14\0": "application/zip",
    b"\x1f\x8b\x08\0": "application/gzip",
    b"glTF\x02\0\0\0": "model/gltf-binary",
}


@pytest.mark.parametrize("name", ["file", "file.bin", "file.txt", "file.tga"])
@pytest.mark.parametrize(("head", "kind"), HEADS.items(), ids=HEADS.values())
def test_the_bytes_tell(head: bytes, kind: str, name: str) -> None:
    assert media_type(head, name) == kind


def test_a_lying_name_is_not_believed() -> None:
    assert media_type(b"\0\0\0\x20ftypisom", "photo.jpg") == "video/mp4"
    assert media_type(b"PK\x03\x04\x14\0", "photo.png") == "application/zip"


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"PK\x03\x04\x14\0", "chair.usdz", "model/vnd.usdz+zip"),
        (b"\0\0\0\x20ftypisom", "voice.m4a", "audio/mp4"),
        (b"a,b\n1,2\n", "table.csv", "text/csv"),
        (b"{}", "scene.gltf", "model/gltf+json"),
        (b"", "Photo.PNG", "image/png"),
        (b"\0\0\0\0", "weights.safetensors", "application/octet-stream"),
        (b"", "", "application/octet-stream"),
    ],
)
def test_a_name_tells_what_the_bytes_do_not(head: bytes, name: str, kind: str) -> None:
    assert media_type(head, name) == kind
