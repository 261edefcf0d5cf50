"""TOML tables read key by key: a wrong one costs itself alone, and is told with its line and what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

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
"""How much a name is like a known one that it is taken for a slip in that."""

MAX_PROBLEMS = 100
"""So many are told of one file."""


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """Something that is wrong with a file."""

    path: tuple[str, ...]
    """The names that lead to it; none where a line of the root, or the whole file, is meant."""
    message: str
    """What was expected."""
    place: str
    """The file, the line and the table."""

    is_foreign: bool = False
    """Whether it is a setting that nobody knows, and no slip in the name of a known one."""

    @property
    def key(self) -> str:
        """The last step of its place; empty where the whole file is meant."""
        return self.path[-1] if self.path else ""

    def __str__(self) -> str:
        return f"{self.place}{self.message}"


class TableFile:
    """A file's text, what of it can be used, and what is wrong with the rest."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self.problems: list[ConfigProblem] = []
        self.broken: set[tuple[str, ...]] = set()
        """The tables from which a line had to be left out because it is no TOML."""

    @cached_property
    def table(self) -> Mapping[str, object]:
        """What the file says; statements that are no TOML are told and left out."""
        try:
            return toml_outline.parsed(self._text)
        except toml_outline.InvalidToml:
            return self._what_can_be_used()

    def _what_can_be_used(self) -> Mapping[str, object]:
        try:
            text, faults = toml_outline.without_faults(self._text)
            table = toml_outline.parsed(text)
        except toml_outline.InvalidToml as error:
            self._tell((), None, f"it is not valid TOML: {error}. Nothing of it is used.")
            return {}
        for fault in faults:
            # Not in its own words: somebody may have put a key there.
            what = f"`{fault.path[-1]}`" if len(fault.path) > len(fault.section) else "this"
            self._tell(fault.path, fault.first + 1, f"{what} is not valid TOML: {fault.fault}.")
            self.broken |= {fault.section, fault.path[:2]}
        return table

    def tell(self, path: tuple[str, ...], message: str, *, is_foreign: bool = False) -> None:
        """Takes note of what is wrong at a place: at a key, or at the table that it is missing from."""
        if len(self.problems) <= MAX_PROBLEMS:
            self._tell(path, toml_outline.line_of(self._text, path), message, is_foreign=is_foreign)

    def _tell(self, path: tuple[str, ...], line: int | None, message: str, *, is_foreign: bool = False) -> None:
        where = f"[{'.'.join(path[:-1])}] " if len(path) > 1 else ""
        place = f"{self._path}, line {line}: {where}" if line else f"{self._path}: {where}"
        self.problems.append(ConfigProblem(path, message, place, is_foreign))

    def typed(
        self, kind: type, table: Mapping[str, object], section: tuple[str, ...], *, but: tuple[str, ...]
    ) -> dict[str, Any]:
        """`table` as keyword arguments of the dataclass `kind`, without its fields `but` and without what is wrong."""
        known = {item.name: str(item.type) for item in fields(kind) if item.name not in but}
        values: dict[str, object] = {}
        for key, value in table.items():
            if key not in known:
                import difflib  # Who has made no mistake does without.

                near = difflib.get_close_matches(key, known, n=1, cutoff=_SLIP)
                self.tell((*section, key), f"there is no setting called `{key}`.", is_foreign=not near)
                continue
            accepted, words = _EXPECTED[known[key]]
            is_list_of_texts = not isinstance(value, list) or all(isinstance(item, str) for item in value)
            is_flag = isinstance(value, bool)
            if not isinstance(value, accepted) or is_flag != (accepted is bool) or not is_list_of_texts:
                self.tell((*section, key), f"`{key}` must be {words}, not {quoted(value)}.")
            elif known[key].startswith("Path"):
                values[key] = Path(str(value)).expanduser()
            else:
                values[key] = tuple(value) if isinstance(value, list) else value
        return values


def quoted(value: object) -> str:
    """A value that cannot be used, as a problem tells it; what is not one short line only by its kind.

    A key may be in it: in a list, or in the lines below a text that was never closed.
    """
    if isinstance(value, list | dict):
        return f"a {type(value).__name__}"
    text = str(value)
    return repr(text) if len(text) <= LONGEST_QUOTE and text.isprintable() else "a long text"
