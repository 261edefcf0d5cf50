"""TOML tables read key by key: a wrong one costs itself alone, and is told with its line and what was expected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

_EXPECTED: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "str": (str, "text"),
    "str | None": (str, "text"),
    "Path": (str, "text"),
    "Path | None": (str, "text"),
    "bool": (bool, "true or false"),
    "float": ((int, float), "a number"),
    "tuple[str, ...]": (list, "a list of texts"),
}
_HEADER = re.compile(r"\s*\[(?P<section>[^\[\]]+)\]")
_KEY = re.compile(r"""\s*(?P<key>[\w-]+|"[^"]*"|'[^']*')\s*=""")


class TableFile:
    """The text of a file, and what is wrong with it so far."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self.problems: list[str] = []

    def tell(self, section: str, key: str | None, message: str) -> None:
        """Takes note of what is wrong at a key, or at a whole section."""
        line = self._line(section, key)
        place = f"{self._path}, line {line}" if line else str(self._path)
        where = f"[{section}] " if section else ""
        self.problems.append(f"{place}: {where}{message}")

    def typed(self, kind: type, table: Mapping[str, object], section: str, *, but: tuple[str, ...]) -> dict[str, Any]:
        """`table` as keyword arguments of the dataclass `kind`, without its fields `but` and without what is wrong."""
        known = {item.name: str(item.type) for item in fields(kind) if item.name not in but}
        values: dict[str, object] = {}
        for key, value in table.items():
            if key not in known:
                self.tell(section, key, f"there is no setting called `{key}`.")
                continue
            accepted, words = _EXPECTED[known[key]]
            is_list_of_texts = not isinstance(value, list) or all(isinstance(item, str) for item in value)
            is_flag = isinstance(value, bool)
            if not isinstance(value, accepted) or is_flag != (accepted is bool) or not is_list_of_texts:
                self.tell(section, key, f"`{key}` must be {words}, not {str(value)[:80]!r}.")
            elif known[key].startswith("Path"):
                values[key] = Path(str(value)).expanduser()
            else:
                values[key] = tuple(value) if isinstance(value, list) else value
        return values

    def _line(self, section: str, key: str | None) -> int | None:
        """The number of the line on which a key of a section stands, or the section itself."""
        current = ""
        for number, line in enumerate(self._text.splitlines(), start=1):
            if header := _HEADER.match(line):
                current = re.sub(r"""["'\s]""", "", header["section"])
                if key is None and current == section:
                    return number
            elif current == section and (found := _KEY.match(line)) and found["key"].strip("\"'") == key:
                return number
        return None
