"""What a pasted text is: paths of files, a whole request, or plain text. Draws nothing."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from faldeck.engine import local_files
from faldeck.safety import sanitize
from faldeck.schema.json_value import InvalidValue

if TYPE_CHECKING:
    from faldeck.app.paste import Pasted
    from faldeck.config.settings import Profile
    from faldeck.schema.arguments import Arguments
    from faldeck.tui.form.state import FormState

NOT_CHANGED_TITLE = "Nothing was changed"
"""The title of a notification about a paste that was refused."""

NO_MODEL_MESSAGE = "The pasted request names no model. Open its form first, and paste it there."


def file_paths(text: str) -> list[str]:
    """The paths in a text that consists of nothing but paths of existing files; else an empty list.

    Terminals paste the paths of dropped files: quoted, with escaped blanks, or as `file://` links.
    """
    paths = []
    for line in text.strip().splitlines():
        words = [line] if _exists(line) else _shell_words(line)
        if not words or not all(map(_exists, words)):
            return []
        paths += [str(local_files.path_of(word)) for word in words]
    return paths


def _shell_words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return []


def _exists(word: str) -> bool:
    """Whether a word is the absolute path of something on this machine."""
    path = local_files.path_of(word)
    try:
        return path.is_absolute() and path.exists()
    except (OSError, ValueError):
        return False


def error_message(error: InvalidValue) -> str:
    """A sentence that says why a pasted text was refused."""
    verb = "is " if str(error).startswith("not ") else ""
    return sanitize.clean_line(f"The pasted text {verb}{error}.")


def interpret(
    text: str, state: FormState | None, endpoint_id: str, profiles: Iterable[Profile]
) -> Pasted | Arguments | None:
    """What a paste means for the form of `endpoint_id`.

    Returns the arguments for this form, or a request for another model, or None for a text that is no request.
    Raises InvalidValue for a text that must be a request and cannot be read.
    """
    from faldeck.app import paste

    is_request = paste.is_code(text) or _has_field_names(text, state)
    try:
        request = paste.request(text, profiles)
    except InvalidValue:
        if is_request:
            raise
        return None
    if request.request_id or request.words:
        return request  # It was sent already, so it is adopted; or only the schema of its model can tell its values.
    fields = state.model.fields if state else ()
    arguments = request.fitting([field.name for field in fields])
    has_known_field = any(field.name in arguments or not field.name for field in fields)
    is_other_model = request.endpoint_id and not paste.is_same(request.endpoint_id, endpoint_id)
    if is_other_model or (state is None and is_request):
        return request
    if has_known_field or request.endpoint_id:
        return arguments
    if is_request and any(field.name for field in fields):
        raise InvalidValue("holds no field of this model")
    return arguments if is_request else None


def _has_field_names(text: str, state: FormState | None) -> bool:
    """Whether a text looks like an object with fields of the form, perhaps cut off or not valid JSON."""
    names = [field.name for field in state.model.fields if field.name] if state else []
    key = rf"""[{{,\s]["']?(?:{"|".join(map(re.escape, names))})["']?\s{{0,5}}[:,}}]"""
    return bool(names) and text.lstrip().startswith("{") and bool(re.search(key, text))
