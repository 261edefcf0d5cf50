"""Requests written elsewhere: a JSON object, a curl command, code for the official clients. Pure."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple
from urllib.parse import urlsplit

from faldeck.schema import jsonvalue
from faldeck.schema.jsonvalue import Invalid, JsonValue
from faldeck.tui import code_literal

_DATA_FLAGS = ("--data-raw", "--data-binary", "--data", "--json", "-d")
_INPUT = re.compile(r"""["']?\b(?:input|arguments)["']?\s*[:=]\s*(?=\{)""")
_CALL = re.compile(r"""\bfal\w*(?:\.\w+)+\(\s*(?:application\s*=\s*)?["'`](?P<endpoint_id>[\w./-]+)["'`]""")


class Pasted(NamedTuple):
    """A request as it was written elsewhere."""

    arguments: dict[str, JsonValue]
    endpoint_id: str = ""
    """The model it is for; empty where the text does not say."""


def with_newlines(text: str) -> str:
    """A pasted text with lines that end as in files: terminals send them as Enter ends them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def request(text: str) -> Pasted:
    """The request that a text holds; raises Invalid with what is wrong where it holds none."""
    text = text.strip()
    if text.startswith("curl "):
        return _curl(text)
    if not text.startswith("{") and (found := _INPUT.search(text)):
        call = _CALL.search(text)
        return Pasted(_object(code_literal.read(text[found.end() :])), call["endpoint_id"] if call else "")
    return Pasted(_object(jsonvalue.read(text)))


def is_code(text: str) -> bool:
    """Whether a text is surely meant as a request: a curl command, or a call of an official client."""
    text = text.strip()
    return text.startswith("curl ") or bool(_CALL.search(text) and _INPUT.search(text))


def _object(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise Invalid("must be a JSON object")
    return value


def _curl(command: str) -> Pasted:
    """What a curl command sends, and to which model: its URL's path."""
    try:
        words = shlex.split(command.replace("\\\n", " "))
    except ValueError as error:
        raise Invalid(f"is no whole curl command: {error}") from error
    data = ""
    for place, word in enumerate(words):
        flag = next((flag for flag in _DATA_FLAGS if word.startswith(flag)), None)
        if flag:
            data = word.removeprefix(flag).removeprefix("=") or next(iter(words[place + 1 :]), "")
    if not data or data.startswith("@"):
        raise Invalid("is a curl command that sends a file" if data else "is a curl command that sends nothing")
    url = next((word for word in words if word.startswith(("https://", "http://"))), "")
    return Pasted(_object(jsonvalue.read(data)), urlsplit(url).path.strip("/"))
