"""Reads TOML tables key by key: a wrong key is left out and reported with its line and what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from faldeck.config import toml_outline

_EXPECTED: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "str": (str, "text"),
    "str | None": (str, "text"),
    "Path": (str, "text"),
    "Path | None": (str, "text"),
    "bool": (bool, "true or false"),
    "float": ((int, float), "a number"),
    "tuple[str, ...]": (list, "a list of texts"),
}

LONGEST_QUOTE = 80

_SLIP = 0.7
"""How similar to a known name, from 0 to 1, an unknown one must be to count as misspelt."""

MAX_PROBLEMS = 100
"""How many problems of one file are listed."""


class ConfigProblem(NamedTuple):
    """One thing that is wrong with a file."""

    path: tuple[str, ...]
    """The keys that lead to it; empty for the whole file, or for a line outside of every table."""
    message: str
    """What was expected."""
    place: str
    """The file, the line and the table."""

    is_unknown_setting: bool = False
    """Whether it is an unknown setting that does not look like a misspelt one."""

    @property
    def key(self) -> str:
        """The last part of `path`; empty for the whole file."""
        return self.path[-1] if self.path else ""

    def __str__(self) -> str:
        return f"{self.place}{self.message}"


class TableFile:
    """The text of a file, the part of it that can be used, and the problems of the rest."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self.problems: list[ConfigProblem] = []
        self.broken: set[tuple[str, ...]] = set()
        """The tables that have a line that is not TOML."""

    @cached_property
    def table(self) -> Mapping[str, object]:
        """The values in the file; statements that are not TOML are reported and left out."""
        try:
            return toml_outline.parsed(self._text)
        except toml_outline.InvalidToml:
            return self._what_can_be_used()

    def _what_can_be_used(self) -> Mapping[str, object]:
        try:
            text, faults = toml_outline.without_faults(self._text)
            table = toml_outline.parsed(text)
        except toml_outline.InvalidToml as error:
            self._tell((), None, f"it is not valid TOML: {error}. None of it is used.")
            return {}
        for fault in faults:
            # The line itself is not quoted, because a key may be in it.
            what = f"`{fault.path[-1]}`" if len(fault.path) > len(fault.section) else "this"
            self._tell(fault.path, fault.first + 1, f"{what} is not valid TOML: {fault.fault}.")
            self.broken |= {fault.section, fault.path[:2]}
        return table

    def add_problem(self, path: tuple[str, ...], message: str, *, is_unknown_setting: bool = False) -> None:
        """Adds what is wrong with the key at `path`; a missing key has the line of its table."""
        if len(self.problems) <= MAX_PROBLEMS:
            self._tell(path, toml_outline.line_of(self._text, path), message, is_unknown_setting=is_unknown_setting)

    def _tell(self, path: tuple[str, ...], line: int | None, message: str, *, is_unknown_setting: bool = False) -> None:
        where = f"[{'.'.join(path[:-1])}] " if len(path) > 1 else ""
        place = f"{self._path}, line {line}: {where}" if line else f"{self._path}: {where}"
        self.problems.append(ConfigProblem(path, message, place, is_unknown_setting))

    def keyword_arguments(
        self, kind: type, table: Mapping[str, object], section: tuple[str, ...], *, exclude: tuple[str, ...]
    ) -> dict[str, Any]:
        """`table` as keyword arguments of the dataclass `kind`, without its fields `exclude` and wrong values."""
        known = {item.name: str(item.type) for item in fields(kind) if item.name not in exclude}
        values: dict[str, object] = {}
        for key, value in table.items():
            if key not in known:
                import difflib  # Slow to import, and only needed for a mistake.

                near = difflib.get_close_matches(key, known, n=1, cutoff=_SLIP)
                self.add_problem((*section, key), f"there is no setting called `{key}`.", is_unknown_setting=not near)
                continue
            accepted, words = _EXPECTED[known[key]]
            is_list_of_texts = not isinstance(value, list) or all(isinstance(item, str) for item in value)
            is_flag = isinstance(value, bool)
            if not isinstance(value, accepted) or is_flag != (accepted is bool) or not is_list_of_texts:
                self.add_problem((*section, key), f"`{key}` must be {words}, not {quoted(value)}.")
            elif known[key].startswith("Path"):
                values[key] = Path(str(value)).expanduser()
            else:
                values[key] = tuple(value) if isinstance(value, list) else value
        return values


def quoted(value: object) -> str:
    """A wrong value for a message. A value that is not one short line is only named by its type.

    Such a value may have a key in it: in a list, or in the lines after a text that was never closed.
    """
    if isinstance(value, list | dict):
        return f"a {type(value).__name__}"
    text = str(value)
    return repr(text) if len(text) <= LONGEST_QUOTE and text.isprintable() else "a long text"
