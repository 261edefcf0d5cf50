"""Requests written elsewhere, read as arguments: a JSON object, a curl command, code for the official clients. Pure."""

from __future__ import annotations

import ast
import re
import shlex
from itertools import pairwise

from faldeck.schema import jsonvalue
from faldeck.schema.jsonvalue import Invalid, JsonValue

_DATA_FLAGS = ("-d", "--data", "--data-raw", "--data-binary", "--json")
_INPUT = re.compile(r"""["']?\b(?:input|arguments)["']?\s*[:=]\s*(?=\{)""")
_BARE_KEY = re.compile(r"([{,]\s*)([A-Za-z_]\w*)(\s*:)")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


def arguments(text: str) -> dict[str, JsonValue]:
    """The arguments that a text holds; raises Invalid with what is wrong where it holds none."""
    text = text.strip()
    if text.startswith("curl "):
        text = _curl_data(text)
    elif not text.startswith("{") and (found := _INPUT.search(text)):
        return _object(_code(_braces(text[found.end() :])))
    return _object(jsonvalue.read(text))


def _object(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise Invalid("must be a JSON object")
    return value


def _curl_data(command: str) -> str:
    """What a curl command sends."""
    try:
        words = shlex.split(command.replace("\\\n", " "))
    except ValueError as error:
        raise Invalid(f"is no whole curl command: {error}") from error
    for flag, data in pairwise(words):
        if flag in _DATA_FLAGS:
            return data
    raise Invalid("is a curl command that sends nothing")


def _braces(text: str) -> str:
    """The text up to the brace that closes its first one; quoted braces do not count."""
    depth, quote, place = 0, "", 0
    while place < len(text):
        letter = text[place]
        if quote:
            place += letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "\"'`":
            quote = letter
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if depth == 0:
                return text[: place + 1]
        place += 1
    raise Invalid("is code whose input is not closed")


def _code(text: str) -> JsonValue:
    """An object as Python or JavaScript writes it."""
    try:
        value: JsonValue = ast.literal_eval(text)
        return value
    except (ValueError, SyntaxError):
        quoted = _TRAILING_COMMA.sub(r"\1", _BARE_KEY.sub(r'\1"\2"\3', text))
    return jsonvalue.read(quoted)
