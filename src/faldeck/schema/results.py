"""Finds the files, the texts and the seed of a result. Takes any JSON, trusts none of it, and does not raise.

It does not use the schema of the output, because results have members that the schema does not declare (protocol §2.5,
§9.3).
"""

import base64
import math
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from faldeck.schema import links
from faldeck.schema.file_extensions import extension, url_extension
from faldeck.schema.json_value import JsonPath, JsonValue
from faldeck.schema.links import OFFICIAL, Home, is_link

__all__ = [
    "FoundFile",
    "FoundText",
    "Home",
    "extension",
    "files",
    "links_in",
    "other_links",
    "seed",
    "texts",
    "url_extension",
    "written",
]

READ = 20_000
"""The most values of a result in which texts and a seed are searched. People do not read more."""

_DEEPEST = 64
_WRAPPERS = frozenset({"data", "result", "response", "output"})
"""Objects at the root in which a relay may put the result (protocol §9)."""
_MAIN_TEXTS = ("output", "outputs", "text", "description", "caption", "lyrics", "answer", "results", "content")
_PROMPTS = ("revised_prompt", "actual_prompt", "prompt")
_LAST_TEXTS = ("reasoning", "reasoning_content", *_PROMPTS)
_NO_TEXTS = frozenset(
    {"code", "error_type", "id", "status", "finish_reason", "object", "model", "b64_json", "role", "type"}
)
_URI_NAMES = ("uri", "file_uri", "fileUri", "href", "src", "link")
"""Members with the link of an object that has a media type and no `url`."""
_LONGEST_WORD = 200
"""A text with more characters than this before its first space counts as encoded bytes."""
_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (4, b"ftyp", "video/mp4"),
    (0, b"glTF", "model/gltf-binary"),
)
"""What the bytes of a file have at a position, and their media type."""
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}){2,4}")
_SHORTEST_BASE64 = 24
"""A shorter text is not taken for the bytes of a file if nothing else says so."""


class FoundFile(NamedTuple):
    """One file of a result. A fact that the service left out or misspelt is None."""

    path: JsonPath
    """The first place in the result where it was found."""
    url: str
    """A link, or a data URI with the bytes."""
    content_type: str | None = None
    file_name: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    fps: float | None = None

    @property
    def is_data(self) -> bool:
        """Whether the URL contains the bytes."""
        return links.is_data(self.url)

    @property
    def extension(self) -> str:
        """The extension for the saved file, without a dot."""
        return extension(self.url, self.content_type, self.file_name)


class FoundText(NamedTuple):
    """One text that a model wrote."""

    path: JsonPath
    text: str

    @property
    def is_prompt(self) -> bool:
        """Whether it is the prompt that was used, possibly improved by the model."""
        return _name(self.path) in _PROMPTS


def files(result: JsonValue, home: Home = OFFICIAL) -> tuple[FoundFile, ...]:
    """Every file in a result, in its order. The same URL twice is one file.

    `home` is the service that gave the result. A bare link to another host counts only if the result has no other file
    or text (protocol §9.3).
    """
    found: dict[str, FoundFile] = {}
    foreign: dict[str, FoundFile] = {}
    packed: set[str] = set()
    for path, value in _walk(result, home):
        if isinstance(value, dict):
            file = _file(home, path, value)
            packed |= {file.url.rpartition(",")[2]} if file and file.is_data else set()
        elif isinstance(value, str) and (kind := _packed_kind(value)):
            is_known = value in packed or value in home.sent
            file = None if is_known else FoundFile(path=path, url=f"data:{kind};base64,{value}", content_type=kind)
        elif isinstance(value, str) and links.is_whole_link(value) and links.is_own_link(home, path, value):
            file = FoundFile(path=path, url=value)
        else:
            file = None
            if isinstance(value, str) and links.is_whole_link(value) and links.is_foreign_link(home, path, value):
                foreign.setdefault(value, FoundFile(path=path, url=value))
        if file is not None:
            found.setdefault(file.url, file)
    is_answered = bool(found) or any(_name(text.path) in _MAIN_TEXTS for text in texts(result))
    return tuple((found if is_answered else foreign).values())


def links_in(arguments: JsonValue) -> frozenset[str]:
    """The links, data URIs and files in base64 in the input of a request. In its result they are not outputs."""
    texts = (value for _, value in _walk(arguments) if isinstance(value, str))
    return frozenset(text for text in texts if is_link(text) or _packed_kind(text))


def other_links(result: JsonValue, files: Collection[str | None]) -> tuple[FoundText, ...]:
    """The links in a result that are not its `files`: sources that a text cites, inputs that it repeats."""
    found: dict[str, FoundText] = {}
    for path, value in islice(_walk(result), READ):
        if isinstance(value, str) and value not in files and links.is_page_link(path, value):
            found.setdefault(value, FoundText(path, value))
    return tuple(found.values())


def texts(result: JsonValue) -> tuple[FoundText, ...]:
    """The texts for people: the answer of the model first, the prompt that it used last."""
    walked = ((path, value) for path, value in islice(_walk(result), READ) if isinstance(value, str))
    found = [FoundText(path, value) for path, value in walked if _is_text(path, value)]
    return tuple(sorted(found, key=lambda text: _rank(_name(text.path))))


def written(result: JsonValue, arguments: Mapping[str, JsonValue]) -> tuple[FoundText, ...]:
    """The same without texts that repeat an argument."""
    given = {value for _, value in islice(_walk(dict(arguments)), READ) if isinstance(value, str)}
    return tuple(text for text in texts(result) if text.text not in given)


def seed(result: JsonValue) -> int | None:
    """The seed that was used, with all its digits: it may have more than 64 bits."""
    for path, value in islice(_walk(result), READ):
        if _unwrapped(path) == ("seed",):
            if isinstance(value, int) and not isinstance(value, bool):
                return value
            if isinstance(value, str) and re.fullmatch(r"[0-9]{1,40}", value):
                return int(value)
    return None


def _walk(result: JsonValue, home: Home | None = None) -> Iterator[tuple[JsonPath, JsonValue]]:
    """Every value of a result with its path, in order and down to a bounded depth, lazily.

    With a `home`, values without outputs are skipped.
    """
    waiting: list[Iterator[tuple[JsonPath, JsonValue]]] = [iter([((), result)])]
    while waiting:
        found = next(waiting[-1], None)
        if found is None:
            waiting.pop()
            continue
        yield found
        is_closed = home is not None and links.is_closed(home, *found, is_root=len(_unwrapped(found[0])) == 1)
        if len(found[0]) < _DEEPEST and not is_closed:
            waiting.append(_members(*found))


def _members(path: JsonPath, value: JsonValue) -> Iterator[tuple[JsonPath, JsonValue]]:
    if isinstance(value, dict):
        return (((*path, str(name)), below) for name, below in value.items())
    return (((*path, index), below) for index, below in enumerate(value if isinstance(value, list) else ()))


def _file(home: Home, path: JsonPath, value: dict[str, JsonValue]) -> FoundFile | None:
    """The file that an object is, if it is one."""
    url = value.get("url")
    if not isinstance(url, str) and links.kind_of(value):
        url = next((value[name] for name in _URI_NAMES if isinstance(value.get(name), str)), None)
    if isinstance(url, str) and is_link(url):
        is_error = "loc" in value and "msg" in value
        return _described(path, url, value) if not is_error and links.is_file(home, path, url, value) else None
    packed = value.get("b64_json") or (value.get("data") if links.kind_of(value) else None)
    if not isinstance(packed, str) or not packed:
        return None
    uri = _data_uri(packed, links.kind_of(value))
    return None if uri in home.sent else _described(path, uri, value)


def _described(path: JsonPath, url: str, facts: dict[str, JsonValue]) -> FoundFile:
    """A file with the facts in its object."""
    return FoundFile(
        path=path,
        url=url,
        content_type=_text(facts.get("content_type")) or links.kind_of(facts) or None,
        file_name=_text(facts.get("file_name")),
        size_bytes=_count(facts.get("file_size")) or None,  # Some services write 0 for a size that they do not know.
        width=_count(facts.get("width")),
        height=_count(facts.get("height")),
        duration_s=_measure(facts.get("duration")),
        fps=_measure(facts.get("fps")),
    )


def _data_uri(packed: str, kind: str) -> str:
    """A data URI for base64. If `kind`, the media type, is empty, the first bytes tell it (protocol §9.4)."""
    if packed[:5].lower() == "data:":
        return packed
    return f"data:{kind or _signed_kind(packed) or 'application/octet-stream'};base64,{packed}"


def _packed_kind(text: str) -> str:
    """The media type of a text that is the bytes of a file in base64, by its first bytes; else empty."""
    return _signed_kind(text) if len(text) >= _SHORTEST_BASE64 and " " not in text[:_LONGEST_WORD] else ""


def _signed_kind(packed: str) -> str:
    start = _BASE64.match(packed)
    head = base64.b64decode(start[0]) if start else b""
    return next((kind for place, sign, kind in _SIGNATURES if head.startswith(sign, place)), "")


def _is_text(path: JsonPath, text: str) -> bool:
    """Whether a text is meant for people: at the root, in a list there, or the answer of a chat."""
    name = _name(path)
    bare = _unwrapped(path)
    in_sight = len(bare) == 1 or (len(bare) == 2 and isinstance(bare[1], int))
    in_chat = bare[-2:] == ("message", "content") or name == "revised_prompt"
    words = name.lower().split("_")
    is_sign = name.lower() in _NO_TEXTS or "id" in words or "url" in words or _looks_packed(text)
    return (in_sight or in_chat) and bool(text.strip()) and not is_sign and not is_link(text)


def _looks_packed(text: str) -> bool:
    return bool(_packed_kind(text)) or (len(text) > _LONGEST_WORD and not any(map(str.isspace, text[:_LONGEST_WORD])))


def _unwrapped(path: JsonPath) -> JsonPath:
    """A path without the objects that a relay puts around a result."""
    while len(path) > 1 and path[0] in _WRAPPERS and isinstance(path[1], str):
        path = path[1:]
    return path


def _name(path: JsonPath) -> str:
    """The member name nearest to the end of a path."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _rank(name: str) -> int:
    """The sort key of a text by its name: main texts first, those about the prompt last."""
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
