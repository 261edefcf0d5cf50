"""Files: a link, a data URI, or a path on this machine that is uploaded before the request is sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from .. import prose
from ..jsonvalue import Invalid, JsonValue, Path, read, write
from ..shape import Shape
from .base import Build, Kind, Problem
from .number import spell

_LINKS = ("http://", "https://", "data:")

MEDIA: tuple[tuple[str, frozenset[str]], ...] = (
    ("mask", frozenset({"mask", "masks", "image_mask"})),
    ("archive", frozenset({"archive", "zip", "data", "dataset", "training"})),
    (
        "audio",
        frozenset({"audio", "audios", "music", "sound", "song", "voice", "speech", "vocal", "vocals", "impulse"}),
    ),
    ("video", frozenset({"video", "videos", "clip"})),
    ("3d", frozenset({"mesh", "glb", "fbx", "obj", "3d"})),
    ("image", frozenset({"image", "images", "frame", "face", "photo", "picture", "texture", "img"})),
)
"""The words in a hint or a name that tell the medium, the more telling medium first."""

_LIMITS: tuple[tuple[str, str, str], ...] = (
    ("width", " px", "wide"),
    ("height", " px", "high"),
    ("area", " px²", ""),
    ("aspect_ratio", "", "width / height"),
    ("duration", " s", "long"),
    ("fps", " fps", ""),
    ("frames", " frames", ""),
)
"""The limits in `x-fal` after `min_` and `max_` (protocol §6.5): key, unit, what is measured."""
_FILE_MEMBERS = frozenset(
    {"url", "content_type", "file_name", "file_size", "file_data", "width", "height", "duration", "fps"}
    | {"num_frames", "channels", "sample_rate", "bitrate"}
)
_NEVER_A_FILE = frozenset({"webhook", "callback"})


@dataclass(frozen=True, slots=True)
class File(Kind):
    """One file of some medium, as a text or, rarely, as an object with a `url`."""

    name: ClassVar[str] = "file"
    takes_any_text: ClassVar[bool] = True

    medium: str = "any"
    """`image`, `video`, `audio`, `mask`, `archive`, `3d` or `any`."""
    bounds: Mapping[str, int | float] = field(default_factory=dict, hash=False)
    """What the service allows, by its own keys: `max_file_size` (bytes), `min_width`, `max_duration` (s) …"""
    is_object: bool = False
    """Whether it is sent as `{"url": …}`."""
    max_length: int | None = None
    """The longest link, in characters. It says nothing about data URIs and paths."""

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        members = shape.table("properties")
        if shape.below(members.get("url")).type == "string" and members.keys() <= _FILE_MEMBERS:
            return cls(_medium(name, shape, shape.text("title")), _bounds(shape), is_object=True)
        if shape.type != "string" or "enum" in shape.schema or not _is_file(name, shape):
            return None
        return cls(_medium(name, shape), _bounds(shape), max_length=shape.size("maxLength"))

    @property
    def limits(self) -> str:
        bounds = self.bounds
        parts = []
        if size := bounds.get("max_file_size"):
            parts.append(f"at most {_bytes(size)}")
        if pixels := bounds.get("max_pixels"):
            parts.append(f"at most {spell(pixels)} pixels")
        for key, unit, what in _LIMITS:
            least, most = bounds.get(f"min_{key}"), bounds.get(f"max_{key}")
            span = _span(least, most)
            if span:
                parts.append(f"{span}{unit} {what}".rstrip())
        return ", ".join(parts)

    def parse(self, text: str) -> JsonValue:
        text = text.strip()
        if not self.is_object:
            return text
        if text.startswith("{"):
            value = read(text)
            if not isinstance(value, dict):
                raise Invalid("must be one file")
            return value
        return {"url": text}

    def show(self, value: JsonValue) -> str:
        if not isinstance(value, dict):
            return str(value)
        url = value.get("url")
        return url if value.keys() == {"url"} and isinstance(url, str) and not url.startswith("{") else write(value)

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, dict) if self.is_object else isinstance(value, str)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        url = value.get("url") if isinstance(value, dict) and self.is_object else value
        if not self.takes(value) or not isinstance(url, str):
            yield Problem(loc, "must be a file: a path, a link or a data URI")
        elif self.max_length is not None and url[:4].lower() == "http" and len(url) > self.max_length:
            yield Problem(loc, f"must be a link of at most {prose.count(self.max_length, 'character')}")

    def path(self, value: JsonValue, loc: Path) -> Path | None:
        """Where in a value that stands at `loc` a path on this machine is; None for a link."""
        if isinstance(value, dict) and self.is_object:
            value, loc = value.get("url"), (*loc, "url")
        return loc if isinstance(value, str) and value and not is_link(value) else None


def is_link(text: str) -> bool:
    """Whether `text` is an http(s) link or a data URI, so nothing to upload."""
    return text[:8].lower().startswith(_LINKS)


def _hint(shape: Shape) -> str:
    hint = shape.schema.get("_fal_ui_field") or shape.table("ui").get("field")
    return hint if isinstance(hint, str) else ""


def _is_file(name: str, shape: Shape) -> bool:
    """Whether a text is a file: a hint says so or, as schemas seldom give hints, its name."""
    words = name.lower().split("_")
    if _NEVER_A_FILE.intersection(words):
        return False
    if _hint(shape) in ("image", "video", "audio", "file", "url", "archive", "image_mask") or "x-fal" in shape.schema:
        return True
    if "url" in words or "urls" in words:
        return True
    named = words[-1] in ("image", "images", "video", "audio", "mask")
    return named and ("url" in shape.text("description").lower() or any(_is_url(e) for e in shape.items("examples")))


def _is_url(value: JsonValue) -> bool:
    return isinstance(value, str) and is_link(value)


def _medium(name: str, shape: Shape, title: str = "") -> str:
    for words in ([_hint(shape)], name.lower().split("_"), title.lower().split()):
        for medium, telling in MEDIA:
            if telling.intersection(words):
                return medium
    return "any"


def _bounds(shape: Shape) -> dict[str, int | float]:
    """The limits of `x-fal`, and those that some schemas put beside the type."""
    found = {key: value for key, value in shape.schema.items() if key.startswith(("max_", "min_"))}
    found |= shape.table("x-fal")
    return {
        key: value for key, value in found.items() if isinstance(value, (int, float)) and not isinstance(value, bool)
    }


def _span(least: int | float | None, most: int | float | None) -> str:
    if least is not None and most is not None:
        return f"{spell(least)} to {spell(most)}"
    if least is not None:
        return f"at least {spell(least)}"
    return f"at most {spell(most)}" if most is not None else ""


def _bytes(size: int | float) -> str:
    """A size as the service writes it: 10485760 is 10 MB."""
    for unit, name in ((2**30, "GB"), (2**20, "MB"), (2**10, "kB")):
        if size >= unit:
            return f"{round(size / unit, 1):g} {name}"
    return f"{size:,} bytes"
