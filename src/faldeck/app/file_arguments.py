"""Local files in the arguments of a request: which texts mean a file, and what is wrong with it. Sends nothing."""

from __future__ import annotations

from pathlib import Path

from faldeck.engine import local_files
from faldeck.job import Upload
from faldeck.schema import arguments, json_value
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import File, ValueProblem, file_by_name
from faldeck.schema.json_value import JsonValue
from faldeck.schema.links import is_link
from faldeck.schema.media import limits

LONGEST_PATH = 4_096
"""The most characters of a path; a longer text is no path."""

_PATHS = ("./", "../", "~/", "file://")
"""Beginnings of a text that can only be a path."""

_PROSE = frozenset(
    {"caption", "instruction", "instructions", "lyrics", "message", "prompt", "prompts", "script", "text"}
)
"""Words in the names of fields that take prose. Their text is never a path."""


def uploads(model: ModelSchema, filled: JsonValue) -> list[Upload]:
    """The local files in the arguments, as uploads of a request."""
    return [Upload(loc=loc, path=str(_at(filled, loc).absolute())) for loc in _kinds(model, filled)]


def problems(model: ModelSchema, filled: JsonValue) -> list[ValueProblem]:
    """What is wrong with the local files in the arguments: missing, not readable, or against their limits."""
    found = []
    for loc, kind in _kinds(model, filled).items():
        try:
            objections = tuple(limits.objections(kind.bounds, local_files.facts(_at(filled, loc))))
        except local_files.NoFile as error:
            objections = (_phrase(str(error)),)
        found += [ValueProblem(loc, objection) for objection in objections]
    return found


def _kinds(model: ModelSchema, filled: JsonValue) -> dict[tuple[str | int, ...], File]:
    """Where the arguments hold a local file, each with the kind of its field.

    If the schema says nothing, the name of the field and the disk decide which texts are files.
    """
    found = arguments.local_file_kinds(model, filled)
    for loc, text in arguments.undescribed_texts(model, filled).items():
        name = next((step for step in reversed(loc) if isinstance(step, str)), "")
        if _is_file(name, text):
            found[loc] = file_by_name(name) or File()
    return found


def _is_file(name: str, text: str) -> bool:
    """True if a text means a local file, in a field that is known only by its `name`.

    In a field with the name of a link (`image_url`), every text that is not a link is a file. In any other field a text
    is a file if it begins like a path (`./a.png`), if the field is named after media and the text has a file extension,
    or if such a file exists. A prompt is never a file.
    """
    words = name.lower().split("_")
    if is_link(text) or not text.strip() or len(text) > LONGEST_PATH or "\n" in text or _PROSE.intersection(words):
        return False
    kind = file_by_name(name)
    if kind and ("url" in words or "urls" in words):
        return True
    path = local_files.path_of(text)
    if text.strip().startswith(_PATHS) or (kind and path.suffix):
        return True
    try:
        return ("/" in text or bool(path.suffix)) and path.is_file()
    except (OSError, ValueError):
        return False


def _at(filled: JsonValue, loc: tuple[str | int, ...]) -> Path:
    return local_files.path_of(str(json_value.get(filled, loc)))


def _phrase(sentence: str) -> str:
    """A sentence in lower case, to follow the label of a field. A path at its start does not change."""
    return sentence.replace("There is", "there is", 1)
