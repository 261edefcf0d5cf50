"""The files of this machine that stand in a form: where they are, whether they can be read, what speaks against them.

Nothing is sent here.
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
"""Characters of a path; a longer text is none."""

_PATHS = ("./", "../", "~/", "file://")
"""How a text begins that can only be a path."""

_PROSE = frozenset(
    {"caption", "instruction", "instructions", "lyrics", "message", "prompt", "prompts", "script", "text"}
)
"""Words in the names of fields that take prose, which is sent to the letter."""


class NoFile(OSError):
    """A path leads to no file that can be read; the text is a sentence that says why."""


def path_of(text: str) -> Path:
    """The path that a person means by `text`: `~` is the home, and a `file://` link a path as well."""
    text = text.strip()
    with contextlib.suppress(ValueError):  # A link that is none is taken for a path.
        if text[:7].lower() == "file://":
            text = unquote(urlsplit(text).path)
    try:
        return Path(text).expanduser()
    except RuntimeError:  # Nobody of that name has a home here.
        return Path(text)


def name(path: Path) -> str:
    """The file's name, fit to be shown."""
    return sanitize.clean_line(path.name, limit=80)


def facts(path: Path) -> media.MediaFacts:
    """What a file tells of itself; raises NoFile."""
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
    """The files of this machine in the arguments, as they go with a request."""
    return [Upload(loc=loc, path=str(_at(filled, loc).absolute())) for loc in _kinds(model, filled)]


def problems(model: ModelSchema, filled: JsonValue) -> list[ValueProblem]:
    """What is wrong with the files of this machine in the arguments: not there, not readable, against their limits."""
    found = []
    for loc, kind in _kinds(model, filled).items():
        try:
            objections = tuple(limits.objections(kind.bounds, facts(_at(filled, loc))))
        except NoFile as error:
            objections = (_phrase(str(error)),)
        found += [ValueProblem(loc, objection) for objection in objections]
    return found


def _kinds(model: ModelSchema, filled: JsonValue) -> dict[tuple[str | int, ...], File]:
    """Where the arguments hold a file of this machine, and the kind of its field.

    Where the schema says nothing, the name of the field and the disk tell which texts are files.
    """
    found = arguments.local_file_kinds(model, filled)
    for loc, text in arguments.undescribed_texts(model, filled).items():
        name = next((step for step in reversed(loc) if isinstance(step, str)), "")
        if is_file(name, text):
            found[loc] = file_by_name(name) or File()
    return found


def is_file(name: str, text: str) -> bool:
    """Whether a text is meant as a file of this machine, in a field of which nothing but its `name` is known.

    A field called like a link (`image_url`) takes a link or a file. In another a path that says so itself (`./a.png`)
    is one, and so is the name of a picture, a sound or the like, or any path, where there is such a file. A prompt is
    none.
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
    """A sentence as what follows a field's label; one that begins with a path stays as it is."""
    return sentence.replace("There is", "there is", 1)


def _shown(path: Path) -> str:
    return sanitize.clean_line(str(path), limit=300)
