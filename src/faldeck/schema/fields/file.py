"""Files: a link, a data URI, or a local path, which is uploaded before the request is sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Self

from faldeck.schema import plain_text
from faldeck.schema.fields.base import Build, Kind, ValueProblem
from faldeck.schema.fields.compound import Group
from faldeck.schema.fields.scalars import free_text, matches
from faldeck.schema.json_value import InvalidValue, JsonPath, JsonValue, read, write
from faldeck.schema.links import is_link
from faldeck.schema.media.limits import Bounds, phrase
from faldeck.schema.normalize import Shape

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
"""The words in a hint or a name that tell the medium. The first medium with a matching word is taken."""

_FILE_MEMBERS = frozenset(
    {"url", "content_type", "file_name", "file_size", "file_data", "width", "height", "duration", "fps"}
    | {"num_frames", "channels", "sample_rate", "bitrate"}
)
_NEVER_A_FILE = frozenset({"webhook", "callback"})


@dataclass(frozen=True, slots=True)
class File(Kind):
    """One file, as a text or, rarely, as an object with a `url`."""

    name: ClassVar[str] = "file"
    takes_any_text: ClassVar[bool] = True

    medium: str = "any"
    """`image`, `video`, `audio`, `mask`, `archive`, `3d` or `any`."""
    bounds: Bounds = field(default_factory=dict, hash=False)
    """The limits of the service; see `schema.media.limits`."""
    whole: Group | None = None
    """The object `{"url": …}` that is sent; None if a text is sent."""
    words: tuple[str, ...] = ()
    """Texts in the schema that are not links, such as names that the model knows. They are not paths either."""
    min_length: int = 0
    max_length: int | None = None
    """The longest link, in characters. Like the pattern, it does not apply to data URIs and paths."""
    pattern: str = ""

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        if shape.table("properties").keys() <= _FILE_MEMBERS and shape.items("required") == ["url"]:
            whole = Group.of(name, shape, build)
            url = whole and whole.child("url")
            if url and isinstance(url.kind, File) and not url.nullable:
                words = dict.fromkeys((*_words(shape), *url.kind.words))
                return cls(_medium(name, shape, shape.text("title")), _bounds(shape), whole, tuple(words))
        if (free := free_text(shape)) is None:
            return None
        shape = shape._replace(schema=free.shape.schema | shape.schema)
        if not _is_file(name, shape):
            return None
        words = dict.fromkeys((*free.suggestions, *_words(shape)))
        return cls(_medium(name, shape), _bounds(shape), None, tuple(words), *free.limits)

    @property
    def limits(self) -> str:
        return phrase(self.bounds)

    def parse(self, text: str) -> JsonValue:
        text = text.strip()
        if not self.whole:
            return text
        if text.startswith("{"):
            value = read(text)
            if not isinstance(value, dict):
                raise InvalidValue("must be one file")
            return value
        return {"url": text}

    def show(self, value: JsonValue) -> str:
        if not isinstance(value, dict):
            return str(value)
        url = value.get("url")
        return url if value.keys() == {"url"} and isinstance(url, str) and not url.startswith("{") else write(value)

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, dict if self.whole else str)

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        if self.whole and isinstance(value, dict):
            yield from self.whole.problems(value, loc)
        elif self.whole or not isinstance(value, str):
            yield ValueProblem(loc, "must be a file: a path, a link or a data URI")
        elif not value and self.min_length:
            yield ValueProblem(loc, "must not be empty")
        elif value[:4].lower() == "http":
            yield from self._link_problems(value, loc)

    def _link_problems(self, link: str, loc: JsonPath) -> Iterator[ValueProblem]:
        if len(link) < self.min_length:
            yield ValueProblem(loc, f"must be a link of at least {plain_text.count(self.min_length, 'character')}")
        elif self.max_length is not None and len(link) > self.max_length:
            yield ValueProblem(loc, f"must be a link of at most {plain_text.count(self.max_length, 'character')}")
        elif self.pattern and not matches(self.pattern, link):
            yield ValueProblem(loc, f"must match {self.pattern}")

    def path(self, value: JsonValue, loc: JsonPath) -> JsonPath | None:
        """The place of a local path in a value at `loc`; None for a link or one of the schema's words."""
        if isinstance(value, dict) and self.whole:
            value, loc = value.get("url"), (*loc, "url")
        return loc if isinstance(value, str) and _is_no_link(value) and value not in self.words else None


def file_by_name(name: str) -> File | None:
    """The kind of a field of which only the name is known; None if it is not the name of a file."""
    words = name.lower().split("_")
    if _NEVER_A_FILE.intersection(words) or not ("url" in words or "urls" in words or _is_medium(words[-1])):
        return None
    return File(next((medium for medium, telling in MEDIA if telling.intersection(words)), "any"))


def _is_medium(word: str) -> bool:
    return word in ("image", "images", "video", "videos", "audio", "audios", "mask", "masks")


def _is_no_link(text: str) -> bool:
    return text.strip() != "" and not is_link(text)


def _words(shape: Shape) -> tuple[str, ...]:
    """The texts in the default and the examples of a schema that are not links."""
    given = [shape.schema.get("default"), *shape.items("examples")]
    texts = [value.get("url") if isinstance(value, dict) else value for value in given]
    return tuple(text for text in texts if isinstance(text, str) and _is_no_link(text))


def _hint(shape: Shape) -> str:
    hint = shape.schema.get("_fal_ui_field") or shape.table("ui").get("field")
    return hint if isinstance(hint, str) else ""


def _is_file(name: str, shape: Shape) -> bool:
    """Whether a text is a file, by a hint or, because few schemas give hints, by its name."""
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
    """The limits in `x-fal`, and those that some schemas put beside the type."""
    found = {key: value for key, value in shape.schema.items() if key.startswith(("max_", "min_"))}
    found |= shape.table("x-fal")
    return {
        key: value for key, value in found.items() if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
