"""What a result holds: its files, its texts, its seed. Any JSON is taken; nothing in it is trusted or raises.

The schema of the output is not asked: results carry members it does not declare (protocol §2.5, §9.3).
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from .extensions import KNOWN, extension
from .fields import is_link
from .jsonvalue import JsonValue, Path

__all__ = ["FoundFile", "FoundText", "extension", "files", "seed", "texts"]

READ = 20_000
"""Values of a result among which texts and a seed are looked for: people read no more."""

_DEEPEST = 64
_ECHOES = frozenset({"request", "input", "detail"})
"""Members at the root that repeat the input or tell of an error: no file in them is an output."""
_WRAPPERS = frozenset({"data", "result", "response", "output"})
"""Objects at the root in which a relay may put the result (protocol §9)."""
_MEDIA_WORDS = frozenset(
    {"animation", "archive", "audio", "audios", "caption", "captions", "clip", "config", "file", "files", "frame"}
    | {"frames", "glb", "image", "images", "lora", "mask", "masks", "media", "mesh", "model", "music", "output"}
    | {"outputs", "preview", "result", "results", "song", "speech", "srt", "subtitle", "subtitles", "texture"}
    | {"textures", "thumbnail", "thumbnails", "video", "videos", "voice", "zip"}
)
"""Words in the name of a member whose text, when it is a link, is a file."""
_MAIN_TEXTS = ("output", "outputs", "text", "description", "caption", "lyrics", "answer", "results", "content")
_LAST_TEXTS = ("reasoning", "reasoning_content", "revised_prompt", "actual_prompt", "prompt")
_NO_TEXTS = frozenset(
    {"code", "error_type", "id", "status", "finish_reason", "object", "model", "b64_json", "role", "type"}
)
_LONGEST_WORD = 200
"""Characters without a space from which a text is taken for encoded bytes."""
_BASE64_STARTS = (
    ("iVBORw0KGgo", "image/png"),
    ("/9j/", "image/jpeg"),
    ("R0lGOD", "image/gif"),
    ("UklGR", "image/webp"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """One file of a result. Whatever the service left out or misspelt is None."""

    path: Path
    """Where in the result it was found first."""
    url: str
    """A link, or a data URI holding the bytes."""
    content_type: str | None = None
    file_name: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    fps: float | None = None

    @property
    def is_data(self) -> bool:
        """Whether the bytes are in the URL itself."""
        return self.url[:5].lower() == "data:"

    @property
    def extension(self) -> str:
        """The extension to save it under, without a dot."""
        return extension(self.url, self.content_type, self.file_name)


@dataclass(frozen=True, slots=True)
class FoundText:
    """One text that a model wrote."""

    path: Path
    text: str


def files(result: JsonValue) -> tuple[FoundFile, ...]:
    """Every file in a result, in the order they stand in it; the same URL twice is one file."""
    found: dict[str, FoundFile] = {}
    for path, value in _walk(result):
        file = _file(path, value)
        if file is not None:
            found.setdefault(file.url, file)
    return tuple(found.values())


def texts(result: JsonValue) -> tuple[FoundText, ...]:
    """The texts a person would read: what the model was asked for first, the prompt it used last."""
    walked = ((path, value) for path, value in islice(_walk(result), READ) if isinstance(value, str))
    found = [FoundText(path, value) for path, value in walked if _is_text(path, value)]
    return tuple(sorted(found, key=lambda text: _rank(_name(text.path))))


def seed(result: JsonValue) -> int | None:
    """The seed that was used, to the last digit: it may be beyond 64 bits."""
    for path, value in islice(_walk(result), READ):
        if _unwrapped(path) == ("seed",):
            if isinstance(value, int) and not isinstance(value, bool):
                return value
            if isinstance(value, str) and re.fullmatch(r"[0-9]{1,40}", value):
                return int(value)
    return None


def _walk(result: JsonValue) -> Iterator[tuple[Path, JsonValue]]:
    """Every value of a result with its path, in order, down to a bounded depth; nothing is made ready in advance."""
    waiting: list[Iterator[tuple[Path, JsonValue]]] = [iter([((), result)])]
    while waiting:
        found = next(waiting[-1], None)
        if found is None:
            waiting.pop()
            continue
        yield found
        if len(found[0]) < _DEEPEST and not _is_echo(*found):
            waiting.append(_members(*found))


def _members(path: Path, value: JsonValue) -> Iterator[tuple[Path, JsonValue]]:
    if isinstance(value, dict):
        return (((*path, str(name)), below) for name, below in value.items())
    return (((*path, place), below) for place, below in enumerate(value if isinstance(value, list) else ()))


def _is_echo(path: Path, value: JsonValue) -> bool:
    return len(path) == 1 and path[0] in _ECHOES and not (isinstance(value, dict) and "url" in value)


def _file(path: Path, value: JsonValue) -> FoundFile | None:
    """The file that a value is, if it is one."""
    if isinstance(value, dict):
        url = value.get("url")
        is_error = "loc" in value and "msg" in value
        if isinstance(url, str) and is_link(url) and not is_error:
            return _described(path, url, value)
        packed = value.get("b64_json")
        return _described(path, _data_uri(packed), value) if isinstance(packed, str) and packed else None
    if not isinstance(value, str) or not is_link(value):
        return None
    words = _name(path).lower().split("_")
    is_media = not _MEDIA_WORDS.isdisjoint(words)
    is_named = "url" in words or "urls" in words or extension(value) in KNOWN
    return FoundFile(path=path, url=value) if is_media and is_named else None


def _described(path: Path, url: str, facts: dict[str, JsonValue]) -> FoundFile:
    """A file with what its object says of it."""
    return FoundFile(
        path=path,
        url=url,
        content_type=_text(facts.get("content_type")),
        file_name=_text(facts.get("file_name")),
        size_bytes=_count(facts.get("file_size")),
        width=_count(facts.get("width")),
        height=_count(facts.get("height")),
        duration_s=_measure(facts.get("duration")),
        fps=_measure(facts.get("fps")),
    )


def _data_uri(packed: str) -> str:
    """A data URI for base64 whose type must be seen from its first bytes (protocol §9.4)."""
    if packed[:5].lower() == "data:":
        return packed
    kind = next((kind for start, kind in _BASE64_STARTS if packed.startswith(start)), "application/octet-stream")
    return f"data:{kind};base64,{packed}"


def _is_text(path: Path, text: str) -> bool:
    """Whether a text is one to read: at the root, in a list there, or what a chat answers."""
    name = _name(path)
    bare = _unwrapped(path)
    in_sight = len(bare) == 1 or (len(bare) == 2 and isinstance(bare[1], int))
    in_chat = bare[-2:] == ("message", "content") or name == "revised_prompt"
    words = name.lower().split("_")
    is_sign = name.lower() in _NO_TEXTS or "id" in words or "url" in words or _looks_packed(text)
    return (in_sight or in_chat) and bool(text.strip()) and not is_sign and not is_link(text)


def _looks_packed(text: str) -> bool:
    return len(text) > _LONGEST_WORD and not any(map(str.isspace, text[:_LONGEST_WORD]))


def _unwrapped(path: Path) -> Path:
    """A path as it would be without the objects a relay puts around a result."""
    while len(path) > 1 and path[0] in _WRAPPERS and isinstance(path[1], str):
        path = path[1:]
    return path


def _name(path: Path) -> str:
    """The member name nearest to the end of a path."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _rank(name: str) -> int:
    """Where a text of this name stands among others: the main ones first, those about the prompt last."""
    if name in _LAST_TEXTS:
        return len(_MAIN_TEXTS) + 1 + _LAST_TEXTS.index(name)
    return _MAIN_TEXTS.index(name) if name in _MAIN_TEXTS else len(_MAIN_TEXTS)


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: JsonValue) -> int | None:
    """A whole number of bytes or pixels, or None for anything else."""
    number = _measure(value)
    return int(number) if number is not None else None


def _measure(value: JsonValue) -> float | None:
    """A finite number that is not negative, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value < 2**63 and math.isfinite(value) else None
