"""The extension under which a file of a result is saved."""

import re

EXTENSIONS: dict[str, str] = {
    "application/gzip": "gz",
    "application/json": "json",
    "application/pdf": "pdf",
    "application/x-subrip": "srt",
    "application/x-tar": "tar",
    "application/x-zip-compressed": "zip",
    "application/zip": "zip",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/m4a": "m4a",
    "audio/mp3": "mp3",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "audio/wav": "wav",
    "audio/wave": "wav",
    "audio/x-flac": "flac",
    "audio/x-m4a": "m4a",
    "audio/x-wav": "wav",
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tiff",
    "image/webp": "webp",
    "image/x-exr": "exr",
    "model/gltf+json": "gltf",
    "model/gltf-binary": "glb",
    "model/obj": "obj",
    "model/ply": "ply",
    "model/stl": "stl",
    "model/vnd.usdz+zip": "usdz",
    "text/csv": "csv",
    "text/html": "html",
    "text/markdown": "md",
    "text/plain": "txt",
    "text/vtt": "vtt",
    "video/mp4": "mp4",
    "video/mpeg": "mpg",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "video/x-msvideo": "avi",
}
"""Media type, in the spellings that services use → file name extension."""
KNOWN = frozenset(EXTENSIONS.values()) | {"blend", "fbx", "mtl", "npz", "safetensors"}
"""Extensions of media files, and of nothing else."""
_SAYS_NOTHING = frozenset({"bin", "dat", "data", "file", "tmp", "part", "octet-stream"})
"""Extensions that say less than the media type."""


def extension(url: str, content_type: str | None = None, file_name: str | None = None) -> str:
    """The extension for a file, without a dot: that of the URL, of the name, or of the media type, in this order.

    `bin` if none of them has one. Extensions such as `.bin` do not count. The URL comes first because the media type is
    often imprecise.
    """
    if url[:5].lower() == "data:":
        content_type = url[5:].partition(",")[0].partition(";")[0] or content_type
        url = ""
    for named in (url_extension(url), _suffix(file_name or "")):
        if named:
            return named
    return EXTENSIONS.get((content_type or "").partition(";")[0].strip().lower(), "bin")


def url_extension(url: str) -> str:
    """The extension in a link, without a dot; empty if it has none, or one such as `.bin`."""
    place = re.sub(r"[?#].*", "", url, flags=re.DOTALL)
    return _suffix(place.partition("://")[2].partition("/")[2])


def _suffix(name: str) -> str:
    suffix = re.search(r"\.([a-z0-9]{1,12})$", name.lower())
    return suffix[1] if suffix and not suffix[1].isdigit() and suffix[1] not in _SAYS_NOTHING else ""
