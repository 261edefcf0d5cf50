"""Local files in the arguments of a request: their paths, their facts, and what is wrong with them.

Sends nothing.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from urllib.parse import unquote, urlsplit

from faldeck.job import Upload
from faldeck.safety import sanitize
from faldeck.schema import arguments, json_value, media
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import File, ValueProblem, file_by_name, is_link
from faldeck.schema.json_value import JsonValue
from faldeck.schema.media import limits

LONGEST_PATH = 4_096
"""The most characters of a path; a longer text is no path."""

_PATHS = ("./", "../", "~/", "file://")
"""Beginnings of a text that can only be a path."""

_PROSE = frozenset(
    {"caption", "instruction", "instructions", "lyrics", "message", "prompt", "prompts", "script", "text"}
)
"""Words in the names of fields that take prose. Their text is never a path."""


class NoFile(OSError):
    """A path leads to no readable file; the text is a sentence that says why."""


def path_of(text: str) -> Path:
    """Returns the path that a person means by `text`: `~` is the home, and a `file://` link is a path."""
    text = text.strip()
    with contextlib.suppress(ValueError):  # A malformed link is taken as a path.
        if text[:7].lower() == "file://":
            text = unquote(urlsplit(text).path)
    try:
        return Path(text).expanduser()
    except RuntimeError:  # There is no such user.
        return Path(text)


def name(path: Path) -> str:
    """Returns the file's name, safe to show."""
    return sanitize.clean_line(path.name, limit=80)


def facts(path: Path) -> media.MediaFacts:
    """Returns size, type and dimensions of a file; raises NoFile."""
    try:
        if path.is_dir():
            raise NoFile(f"{_shown(path)} is a folder, not a file.")
        if path.exists() and not path.is_file():
            raise NoFile(f"{_shown(path)} is a pipe or a device, not a file.")
        with path.open("rb") as file:

            def read(start: int, length: int) -> bytes:
                file.seek(start)
                return file.read(length)

            return media.facts(read, path.stat().st_size)
    except FileNotFoundError:
        raise NoFile(f"There is no file {_shown(path)}.") from None
    except NoFile:
        raise
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise NoFile(f"{_shown(path)} cannot be read: {reason}.") from error


def uploads(model: ModelSchema, filled: JsonValue) -> list[Upload]:
    """Returns the local files in the arguments, as uploads of a request."""
    return [Upload(loc=loc, path=str(_at(filled, loc).absolute())) for loc in _kinds(model, filled)]


def problems(model: ModelSchema, filled: JsonValue) -> list[ValueProblem]:
    """Returns what is wrong with the local files in the arguments: missing, not readable, or against their limits."""
    found = []
    for loc, kind in _kinds(model, filled).items():
        try:
            objections = tuple(limits.objections(kind.bounds, facts(_at(filled, loc))))
        except NoFile as error:
            objections = (_phrase(str(error)),)
        found += [ValueProblem(loc, objection) for objection in objections]
    return found


def _kinds(model: ModelSchema, filled: JsonValue) -> dict[tuple[str | int, ...], File]:
    """Returns where the arguments hold a local file, each with the kind of its field.

    If the schema says nothing, the name of the field and the disk decide which texts are files.
    """
    found = arguments.local_file_kinds(model, filled)
    for loc, text in arguments.undescribed_texts(model, filled).items():
        name = next((step for step in reversed(loc) if isinstance(step, str)), "")
        if is_file(name, text):
            found[loc] = file_by_name(name) or File()
    return found


def is_file(name: str, text: str) -> bool:
    """Whether a text means a local file, in a field that is known only by its `name`.

    A field with the name of a link (`image_url`) takes a link or a file. In any other field a text is a file if it
    begins like a path (`./a.png`), if the field is named for media and the text has a file extension, or if such a
    file exists. A prompt never is.
    """
    words = name.lower().split("_")
    if is_link(text) or not text.strip() or len(text) > LONGEST_PATH or "\n" in text or _PROSE.intersection(words):
        return False
    kind = file_by_name(name)
    if kind and ("url" in words or "urls" in words):
        return True
    path = path_of(text)
    if text.strip().startswith(_PATHS) or (kind and path.suffix):
        return True
    try:
        return ("/" in text or bool(path.suffix)) and path.is_file()
    except (OSError, ValueError):
        return False


def _at(filled: JsonValue, loc: tuple[str | int, ...]) -> Path:
    return path_of(str(json_value.get(filled, loc)))


def _phrase(sentence: str) -> str:
    """A sentence in the form that follows a field's label; one that begins with a path stays as it is."""
    return sentence.replace("There is", "there is", 1)


def _shown(path: Path) -> str:
    return sanitize.clean_line(str(path), limit=300)
