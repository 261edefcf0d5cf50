"""A job as one line that opens it elsewhere: its model, its input and its request id, no key and no profile. Pure.

`faldeck:` and a text in base64 that ends with a full stop. A chat program may wrap it, indent it or quote it: blanks
and `>` inside are left out when it is read. What is damaged is noticed.
"""

from __future__ import annotations

import binascii
import json
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from faldeck.app.paste.sent import Pasted, without_keys
from faldeck.fal.errors import InvalidRequest
from faldeck.fal.urls import app_id
from faldeck.job import Body, Job
from faldeck.schema import json_value
from faldeck.schema.json_value import InvalidValue, JsonValue

PREFIX = "faldeck:"

LONGEST_LINE = 20_000
"""Characters of the longest line: a chat program takes no longer message."""

LARGEST_INPUT = 8 << 20
"""Bytes of the largest input that is unpacked from a line."""

_LINE = re.compile(rf"(?<![\w-]){PREFIX}(?P<text>[\w\s>\u00a0\u200b\ufeff-]*)(?P<end>\.?)", re.ASCII)
_BETWEEN = re.compile(r"[^A-Za-z0-9_-]+")


class TooLong(ValueError):
    """The input does not fit into a line."""


def write(job: Job, body: Body) -> str:
    """Returns the line of a job; raises TooLong if it has no request id, and its input does not fit.

    The input of a request is left out where it does not fit: the account's list has it.
    """
    document: dict[str, JsonValue] = {"model": job.endpoint_id, "input": without_keys(body.arguments)}
    if job.request_id is not None:
        document["request"] = job.request_id
    line = _packed(document)
    if len(line) > LONGEST_LINE and job.request_id is not None:
        line = _packed({**document, "input": None})
    if len(line) > LONGEST_LINE:
        raise TooLong(f"Its input is too large for a line of {LONGEST_LINE:,} characters")
    return line


def _packed(document: dict[str, JsonValue]) -> str:
    text = json.dumps(document, separators=(",", ":")).encode()
    return f"{PREFIX}{urlsafe_b64encode(zlib.compress(text, 9)).decode().rstrip('=')}."


def is_line(text: str) -> bool:
    """Whether a text holds such a line, whole or damaged."""
    return any(len(_BETWEEN.sub("", found["text"])) > 20 for found in _LINE.finditer(text))


def read(text: str) -> Pasted:
    """Returns the request of the first line in a text; raises InvalidValue if it holds none, or a damaged one."""
    found = next((one for one in _LINE.finditer(text) if len(_BETWEEN.sub("", one["text"])) > 20), None)
    if found is None:
        raise InvalidValue(f"holds no line that begins with {PREFIX}")
    if not found["end"]:
        raise InvalidValue("is cut off: a line of faldeck ends with a full stop")
    document = _unpacked(_BETWEEN.sub("", found["text"]))
    arguments, endpoint_id, request_id = document.get("input"), document.get("model"), document.get("request")
    if (
        not isinstance(endpoint_id, str)
        or not isinstance(arguments, dict | None)
        or not isinstance(request_id, str | None)
    ):
        raise InvalidValue("is a line of another version of faldeck")
    try:
        app_id(endpoint_id)
    except InvalidRequest as error:
        raise InvalidValue("names no model") from error
    safe = without_keys(arguments) if isinstance(arguments, dict) else {}
    return Pasted(safe, endpoint_id, request_id=request_id if isinstance(request_id, str) else "")


def _unpacked(text: str) -> dict[str, JsonValue]:
    try:
        packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(packed, LARGEST_INPUT)
        if not unpacking.eof:
            raise InvalidValue("is damaged: some of its characters are missing")
        document = json_value.read(content.decode())
    except (binascii.Error, zlib.error, UnicodeDecodeError) as error:
        raise InvalidValue("is damaged: some of its characters are missing or wrong") from error
    if not isinstance(document, dict):
        raise InvalidValue("is a line of another version of faldeck")
    return document
