"""Finds the lines of each statement of a TOML text: headers and keys, also those that are not valid."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

MAX_LINES = 200
"""The most lines of one statement; a longer one counts as broken."""

MAX_FAULTS = 50
"""With more broken statements than this, a text does not count as TOML."""


class InvalidToml(ValueError):
    """A text is not TOML; the message says why and, in brackets at its end, where."""


def parsed(text: str) -> dict[str, object]:
    """The values of a TOML text. Raises InvalidToml, also if it is nested too deeply or has too long a number."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InvalidToml("Nested too deeply") from None
    except ValueError as error:
        raise InvalidToml(
            str(error) if isinstance(error, tomllib.TOMLDecodeError) else "A number is too long"
        ) from error


class Statement(NamedTuple):
    """A header or a key with its value."""

    first: int
    """Its first line, from 0."""
    end: int
    """The line after its last."""
    section: tuple[str, ...]
    """The table that it is in, or that it begins."""
    path: tuple[str, ...]
    """The section and the key; only the section for a header, or if no key can be read."""
    fault: str = ""
    """Why it cannot be used."""


@lru_cache(4)
def statements(text: str) -> Sequence[Statement]:
    """Every statement of a text, in order. A broken header includes everything up to the next header.

    Raises InvalidToml with more than `MAX_FAULTS` broken statements.
    """
    lines = text.split("\n")
    found: list[Statement] = []
    seen: set[tuple[str, ...]] = set()
    faults = 0
    for statement in _statements(lines):
        if lines[statement.first].lstrip().startswith("[["):
            seen = {path for path in seen if path[: len(statement.path)] != statement.path}
        elif statement.path in seen and not statement.fault:
            statement = statement._replace(fault="it is here a second time")
        found.append(statement)
        seen.add(statement.path)
        faults += bool(statement.fault)
        if faults > MAX_FAULTS:
            raise InvalidToml(f"More than {MAX_FAULTS} of its statements are broken")
    return found


def without_faults(text: str) -> tuple[str, list[Statement]]:
    """The text with its broken statements blanked, line numbers unchanged, and those statements. Raises InvalidToml."""
    broken = [statement for statement in statements(text) if statement.fault]
    lines = text.split("\n")
    for statement in broken:
        lines[statement.first : statement.end] = [""] * (statement.end - statement.first)
    return "\n".join(lines), broken


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The number, from 1, of the line of the key at `path`; for a missing key, the line of its table."""
    nearest = max(statements(text), key=lambda one: _shared(one.path, path), default=None)
    return nearest.first + 1 if nearest and _shared(nearest.path, path) else None


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many parts two paths have in common from their start."""
    return sum(1 for _ in takewhile(lambda steps: steps[0] == steps[1], zip(one, other, strict=False)))


def _statements(lines: Sequence[str]) -> Iterator[Statement]:
    section: tuple[str, ...] = ()
    place = 0
    while place < len(lines):
        line = lines[place].strip()
        if line and not line.startswith("#"):
            statement = _header(lines, place) if line.startswith("[") else _key(lines, place, section)
            section = statement.section
            place = statement.end
            yield statement
        else:
            place += 1


def _header(lines: Sequence[str], place: int) -> Statement:
    try:
        path = _path(parsed(lines[place]))
    except InvalidToml as error:
        behind = range(place + 1, len(lines))
        end = next((line for line in behind if lines[line].lstrip().startswith("[")), len(lines))
        return Statement(place, end, (), (), _words(error))
    return Statement(place, place + 1, path, path)


def _key(lines: Sequence[str], place: int, section: tuple[str, ...]) -> Statement:
    path = section + _key_path(lines[place])
    fault = ""
    for end in range(place + 1, min(len(lines), place + MAX_LINES) + 1):
        try:
            parsed("\n".join(lines[place:end]))
        except InvalidToml as error:
            fault = fault or _words(error)
        else:
            return Statement(place, end, section, path)
    return Statement(place, place + 1, section, path, fault)


def _key_path(line: str) -> tuple[str, ...]:
    """The key of a line, dotted or not; empty without one."""
    for place, character in enumerate(line):
        if character == "=":
            try:
                return _path(parsed(f"{line[:place]}= 0"))
            except InvalidToml:
                continue  # An equals sign inside a quoted key.
    return ()


def _path(table: object) -> tuple[str, ...]:
    """The keys that lead to the only value of a table."""
    path: list[str] = []
    while isinstance(table, dict) and table:
        key, table = next(iter(table.items()))
        path.append(key)
    return tuple(path)


def _words(error: InvalidToml) -> str:
    """The message of tomllib, without the place, which counts from the statement and not from the file."""
    words = str(error).partition(" (at ")[0]
    return f"{words[:1].lower()}{words[1:]}"
