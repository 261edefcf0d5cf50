"""JSON values: reading and writing them, comparing them, and paths inside them."""

import json
import math
import os
import re
from collections.abc import Callable, Hashable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

JsonValue: TypeAlias = object
"""Anything that `json.loads` gives. Its type must be checked before use."""

JsonPath: TypeAlias = tuple[str | int, ...]
"""A path inside a JSON value, member names and list indexes from the root: `("loras", 0, "path")`."""


class InvalidValue(ValueError):
    """A text cannot be read as a value of the field. The message is a short phrase."""


def read(text: str) -> JsonValue:
    """The JSON value in `text`; raises `InvalidValue`, with line and column, if it is not JSON.

    Whole numbers stay exact at any length. Numbers that a double cannot hold (`1e400`, `NaN`) are not accepted.
    """
    return _read(_DECODER.decode, text)


def read_at(text: str, start: int) -> tuple[JsonValue, int]:
    """The JSON value that starts at a place in `text`, and the place of its end; raises `InvalidValue`."""
    found: tuple[JsonValue, int] = _read(_DECODER.raw_decode, text, start)
    return found


def _read(decode: Callable[..., Any], *text: Any) -> Any:
    try:
        return decode(*text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidValue(f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]} ({where})") from error
    except RecursionError as error:
        raise InvalidValue("not valid JSON: nested too deeply") from error
    except InvalidValue:
        raise
    except ValueError as error:
        raise InvalidValue("not valid JSON: a number has too many digits") from error


def write(value: JsonValue) -> str:
    """`value` as JSON on one line; `read` gives it back unchanged. Half surrogates are written as escapes."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def ascii_text(value: object, *, indent: int | None = None) -> str:
    """`value` as JSON in ASCII, on one line unless it is indented; decimal numbers in it keep all their digits."""
    text = json.dumps(value, indent=indent, separators=None if indent else (",", ":"), default=_marked)
    return _MARKED.sub(r"\1", text)


_MARK = os.urandom(12).hex()
"""What `json`, which cannot write a decimal number, writes before it; no text of a person or a service has it."""

_MARKED = re.compile(f'"{_MARK}([^"]+)"')


def _marked(number: object) -> str:
    if not isinstance(number, Decimal) or not number.is_finite():
        raise TypeError(f"{type(number).__name__} is no JSON value")
    return f"{_MARK}{number:f}"


def same(one: JsonValue, other: JsonValue) -> bool:
    """Whether two values are equal as JSON: `1` and `1.0` are, `1` and `true` are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def key(value: JsonValue) -> Hashable:
    """A key for a dictionary: two values have equal keys if they are the `same`.

    A value that is nested too deeply has a key that equals no other.
    """
    try:
        return _key(value)
    except RecursionError:
        return object()


def _key(value: JsonValue) -> Hashable:
    if isinstance(value, Mapping):
        return frozenset(zip(value, map(_key, value.values()), strict=True))
    if isinstance(value, list):
        return tuple(map(_key, value))
    return isinstance(value, bool), value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise InvalidValue(f"not valid JSON: {text} is too large for a number")
    return number


def _not_a_number(text: str) -> float:
    raise InvalidValue(f"not valid JSON: {text} is not a number")


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_not_a_number)
"""Made once: to make it takes as long as to read a short text."""


_STEP = re.compile(r"""\[(?P<index>\d{1,6})\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\.?(?P<name>[^.\[\]]+)""")


def spell(path: JsonPath) -> str:
    """A path as text: `image_size.width`, `loras[0].path`, `["a.b"].c`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[^.\[\]]+", step):
            text += f".{step}" if text else step
        else:
            text += f"[{write(step)}]"
    return text


def parse(text: str) -> JsonPath:
    """The path written as `text`; raises `InvalidValue`."""
    path: list[str | int] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            raise InvalidValue(f"is not a path: {text}")
        if found["index"] is not None:
            path.append(int(found["index"]))
        elif found["quoted"] is not None:
            path.append(re.sub(r"\\(.)", r"\1", found["quoted"]))
        else:
            path.append(found["name"])
        position = found.end()
    return tuple(path)


def get(value: JsonValue, path: JsonPath, default: JsonValue = None) -> JsonValue:
    """The value at `path`, or `default` if there is none."""
    for step in path:
        match value:
            case dict() if step in value:
                value = value[step]
            case list() if isinstance(step, int) and 0 <= step < len(value):
                value = value[step]
            case _:
                return default
    return value


def has(value: JsonValue, path: JsonPath) -> bool:
    """Whether there is a value at `path`; null counts."""
    nothing = object()
    return get(value, path, nothing) is not nothing


def nearest(value: JsonValue, path: JsonPath) -> JsonPath:
    """The path in `value` that is most like `path`: `images[0].url` for `image.url`. It ends where nothing is like it.

    Names may be misspelt, an index may be too large or missing.
    """
    from difflib import get_close_matches  # Only needed for a mistake.

    found: list[str | int] = []
    for step in path:
        if isinstance(value, list) and value and isinstance(step, str) and not step.isdecimal():
            found.append(0)
            value = value[0]
        match value:
            case dict() if step in value:
                found.append(step)
            case dict() if alike := get_close_matches(str(step), map(str, value), 1):
                found.append(alike[0])
            case list() if value and str(step).isdecimal():
                found.append(min(int(step), len(value) - 1))
            case _:
                break
        value = get(value, (found[-1],))
    return tuple(found)


def put(value: JsonValue, path: JsonPath, new: JsonValue) -> JsonValue:
    """A copy of `value` with `new` at `path`; missing objects and lists are made, other values on the way are replaced.

    An index may be one past the end of its list, not further: that raises `InvalidValue`.
    """
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        members = dict(value) if isinstance(value, dict) else {}
        members[step] = put(members.get(step), rest, new)
        return members
    items = list(value) if isinstance(value, list) else []
    if not 0 <= step <= len(items):
        raise InvalidValue(f"item {step} of a list of {len(items)}")
    items[step : step + 1] = [put(items[step] if step < len(items) else None, rest, new)]
    return items


def drop(value: JsonValue, path: JsonPath) -> JsonValue:
    """A copy of `value` without the value at `path`; later items of a list move up."""
    step, rest = path[0], path[1:]
    if isinstance(value, dict) and step in value:
        members = {name: inner for name, inner in value.items() if name != step or rest}
        return members | {step: drop(value[step], rest)} if rest else members
    if isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
        return [*value[:step], *([drop(value[step], rest)] if rest else []), *value[step + 1 :]]
    return value
