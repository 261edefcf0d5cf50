"""The text of a page: rows that are parts of longer lines, JSON laid out with the path of each line. Pure."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import TypeAlias

from faldeck.safety import sanitize
from faldeck.schema.json_value import JsonPath, JsonValue
from faldeck.tui.panes.lines import wrap

Row: TypeAlias = "list[tuple[str, str]]"
"""Texts with a style each: its name, `link https://…`, or colours such as `#rrggbb on #rrggbb`."""

JSON_CHARACTERS = 200_000
"""The most characters of a document that are laid out."""


_LINK_AT_END = re.compile(r'"(https?://[^\s"\\]{1,2000})",?$', re.IGNORECASE)


class LineRow(list[tuple[str, str]]):
    """A row that is a part of a line which may be longer. Any other row is a line of its own."""

    def __init__(self, spans: Iterable[tuple[str, str]], line: str | None, path: JsonPath | None = None) -> None:
        """`line` is the text of the whole line, None in the rows after its first. `path` is its place in a document."""
        super().__init__(spans)
        self.line = line
        self.path = path


def paragraph(
    text: str,
    style: str,
    width: int,
    *,
    lead: str = "",
    lead_style: str = "dim",
    path: JsonPath | None = None,
    link: str = "",
) -> list[Row]:
    """Clean text as rows of at most `width` cells. `lead` comes before the first; its width indents the others.

    `link` is an address in the text that can be opened.
    """
    rows: list[Row] = []
    to_come = link
    for line in text.split("\n"):
        whole: str | None = lead + line if not rows else line
        for piece in wrap(line, width - len(lead)):
            before = [(lead if not rows else " " * len(lead), lead_style if not rows else "")] if lead else []
            spans, to_come = _linked(piece, style, link, to_come) if to_come else ([(piece, style)], "")
            rows.append(LineRow([*before, *spans], whole, path))
            whole = None
    return rows


def _linked(piece: str, style: str, link: str, to_come: str) -> tuple[Row, str]:
    """A piece of a text as spans, and what is left of the link; `to_come` was left of it before the piece."""
    start = piece.find(to_come[: len("https://")]) if to_come == link else 0
    if start < 0:
        return [(piece, style)], to_come
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(piece[start:], to_come, strict=False))
    part = to_come[: sum(1 for _ in alike)]
    spans = [(piece[:start], style), (part, f"link {sanitize.address(link)}"), (piece[start + len(part) :], style)]
    return [span for span in spans if span[0]], to_come[len(part) :]


def json_rows(document: JsonValue, width: int, base: JsonPath = ()) -> list[Row]:
    """The beginning of a document as indented JSON. The rest is not laid out: it may be huge.

    `base` is the path of the document itself.
    """
    rows: list[Row] = []
    room = JSON_CHARACTERS
    for path, text in _json_lines(document, base):
        line = sanitize.clean(text[:room])
        # What goes on below stays at the depth of its line.
        depth = min(len(line) - len(line.lstrip(" ")), width // 2)
        found = _LINK_AT_END.search(line)
        link = found[1] if found else ""
        rows += paragraph(line[depth:], "", width, lead=line[:depth], lead_style="", path=path, link=link)
        room -= len(text) + 1
        if room <= 0:
            break
    return rows


def _json_lines(
    value: JsonValue, path: JsonPath, indent: str = "", name: str = "", comma: str = ""
) -> Iterator[tuple[JsonPath, str]]:
    """The lines of an indented document, each with the path of the value that starts or ends there."""
    match value:
        case dict() if value:
            yield path, f"{indent}{name}{{"
            for (key, inner), is_last in _with_last(value.items()):
                label = f"{json.dumps(key, ensure_ascii=False)}: "
                yield from _json_lines(inner, (*path, key), f"{indent}  ", label, "" if is_last else ",")
            yield path, f"{indent}}}{comma}"
        case list() if value:
            yield path, f"{indent}{name}["
            for (index, inner), is_last in _with_last(enumerate(value)):
                yield from _json_lines(inner, (*path, index), f"{indent}  ", "", "" if is_last else ",")
            yield path, f"{indent}]{comma}"
        case _:
            yield path, f"{indent}{name}{json.dumps(value, ensure_ascii=False)}{comma}"


def _with_last(items: Iterable[tuple[str | int, JsonValue]]) -> Iterator[tuple[tuple[str | int, JsonValue], bool]]:
    """Each item, and whether it is the last one."""
    iterator = iter(items)
    held = next(iterator)
    for item in iterator:
        yield held, False
        held = item
    yield held, True


class PageText:
    """The rows of a page, and the lines that they are made of."""

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        self.rows = list(rows)
        self._starts: list[int] = []
        """The first row of each line."""
        self.lines: list[str] = []
        """The text of each line. A search goes through whole lines, not rows."""
        self._paths: list[JsonPath | None] = []
        for index, row in enumerate(self.rows):
            if isinstance(row, LineRow):
                if row.line is None:
                    continue
                line, path = row.line, row.path
            else:
                line, path = text_of(row), None
            self._starts.append(index)
            self.lines.append(line)
            self._paths.append(path)
        self.has_paths = any(path is not None for path in self._paths)
        """Whether lines of the page are places in a document."""

    def line_at(self, row: int) -> int:
        """The line that a row is a part of."""
        return max(0, bisect_right(self._starts, row) - 1)

    def rows_of(self, line: int) -> range:
        """The rows of a line."""
        if not 0 <= line < len(self._starts):
            return range(0)
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self.rows)
        return range(self._starts[line], end)

    def row_with(self, line: int, word: str) -> int:
        """The row of a line in which a word starts; the line's first row if the word is broken or missing."""
        rows = self.rows_of(line)
        return next((row for row in rows if word in text_of(self.rows[row]).lower()), rows.start)

    def path(self, line: int) -> JsonPath | None:
        """The path in the document that a line shows; None if it shows none."""
        return self._paths[line] if 0 <= line < len(self._paths) else None


def text_of(row: Row) -> str:
    """The text of a row."""
    return "".join(text for text, _ in row)
