"""The media type of a file, from its first bytes or, if they do not tell it, from its name."""

import mimetypes
import re

HEAD_BYTES = 64
"""The number of first bytes that are read."""

UNKNOWN = "application/octet-stream"

_MAGIC: tuple[tuple[str, str], ...] = (
    (r"\x89PNG\r\n\x1a\n", "image/png"),
    (r"\xff\xd8\xff", "image/jpeg"),
    (r"GIF8[79]a", "image/gif"),
    (r"RIFF....WEBP", "image/webp"),
    (r"BM....\0\0\0\0", "image/bmp"),
    (r"II\*\0|MM\0\*", "image/tiff"),
    (r"....ftypavi[fs]", "image/avif"),
    (r"....ftyp(?:hei[cx]|mif1)", "image/heic"),
    (r"....ftypqt  ", "video/quicktime"),
    (r"....ftypM4A ", "audio/mp4"),
    (r"....ftyp", "video/mp4"),
    (r"\x1aE\xdf\xa3.{0,50}webm", "video/webm"),
    (r"\x1aE\xdf\xa3", "video/x-matroska"),
    (r"RIFF....AVI ", "video/x-msvideo"),
    (r"RIFF....WAVE", "audio/wav"),
    (r"fLaC", "audio/flac"),
    (r"OggS", "audio/ogg"),
    (r"ID3|\xff[\xfb\xf3\xf2]", "audio/mpeg"),
    (r"\xff[\xf1\xf9]", "audio/aac"),
    (r"%PDF-", "application/pdf"),
    (r"PK\x03\x04|PK\x05\x06", "application/zip"),
    (r"\x1f\x8b", "application/gzip"),
    (r"glTF", "model/gltf-binary"),
)
"""Pattern of a file's beginning → media type; the first that fits counts."""

_SIGNS = tuple((re.compile(pattern.encode("latin-1"), re.DOTALL), kind) for pattern, kind in _MAGIC)

_VESSELS: dict[str, tuple[str, ...]] = {
    "application/zip": ("application/", "model/"),
    "audio/ogg": ("audio/", "video/"),
    "video/mp4": ("audio/", "video/"),
}
"""The media type of a container → those that a name may say more exactly (`.docx`, `.usdz`, `.opus`, `.m4v`)."""

_BY_SUFFIX = {
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".m4a": "audio/mp4",
    ".mkv": "video/x-matroska",
    ".obj": "model/obj",
    ".ply": "model/ply",
    ".stl": "model/stl",
    ".usdz": "model/vnd.usdz+zip",
    ".webp": "image/webp",
    ".flac": "audio/flac",
    ".wav": "audio/wav",
}
"""Extensions that the tables of Python or the system may not know or spell differently."""


def media_type(head: bytes, name: str) -> str:
    """The media type of a file that begins with `head` and has the name `name`.

    Known bytes win over the name, because services believe the type that they are told.
    """
    sniffed = next((kind for sign, kind in _SIGNS if sign.match(head)), UNKNOWN)
    suffix = re.search(r"\.[^.]*$", name.lower())
    by_name = _BY_SUFFIX.get(suffix[0] if suffix else "") or mimetypes.guess_type(name)[0] or UNKNOWN
    if UNKNOWN in (sniffed, by_name):
        return by_name if sniffed == UNKNOWN else sniffed
    return by_name if by_name.startswith(_VESSELS.get(sniffed, ())) else sniffed
