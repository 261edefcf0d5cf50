"""The structure of code: brackets, arguments, members and statements. No values are read here. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from faldeck.app.paste.tokens import tokens
from faldeck.schema.json_value import InvalidValue

LEAST_WORK = 20_000
"""Steps that even a short text may take. Without a limit, names that repeat each other would never end."""

MOST_WORK = 4_000_000
"""Steps that even the longest text may take."""

CHARACTERS_PER_STEP = 16
"""Joining so many characters counts as one step."""

_DECLARES = ("const", "let", "var", "export")
_OPERATORS = frozenset(("+", "-", "*", "/", ".", "?.", "??", "||", "&&", "|", "&", "?", ":", "%", "if", "or"))
_LONGEST_TYPE = 60
"""The most tokens in the type of a variable."""


class Part(NamedTuple):
    """Tokens between two commas: the index of the first, and of the one after the last."""

    start: int
    end: int


class Argument(NamedTuple):
    """One argument of a call."""

    name: str
    """Empty for a positional argument."""
    part: Part


class Change(NamedTuple):
    """A statement that sets or changes the value of a name."""

    place: int
    """The index of the statement's first token."""
    how: str
    """`set`, `item`, `update` or `unknown`."""
    start: int = 0
    """The index where the expression begins."""
    key: str = ""


class Source:
    """A text in Python or JavaScript. All work on it is counted, so that the time grows only with its length."""

    def __init__(self, text: str) -> None:
        """Raises nothing: any text has a structure."""
        self.tokens, self.closing, self._inside = tokens(text)
        self.changes = self._named()
        """Name → the statements that set or change it, in their order."""
        self.work = 0
        """The steps that reading has taken so far."""
        self._most_work = min(LEAST_WORK + 2 * len(text), MOST_WORK)

    def count_characters(self, count: int) -> None:
        """Counts the work of joining a text; raises InvalidValue as `count` does."""
        self.count(count // CHARACTERS_PER_STEP)

    def count(self, steps: int) -> None:
        """Counts work. Raises InvalidValue if it is too much for the length of the text."""
        self.work += steps
        if self.work > self._most_work:
            raise InvalidValue("repeats itself too often")

    def word(self, index: int) -> str:
        """The word or mark at an index; empty for strings, numbers and outside the text."""
        if not 0 <= index < len(self.tokens):
            return ""
        token = self.tokens[index]
        return token.text if token.kind in ("word", "mark") else ""

    def parts(self, start: int, end: int) -> Iterator[Part]:
        """The parts between the commas from `start` to `end`. A comma at the end adds no part."""
        first = index = start
        while index < end:
            if self.word(index) == ",":
                yield Part(first, index)
                first = index + 1
            index = self.closing.get(index, index) + 1
        if first < end:
            yield Part(first, end)

    def arguments(self, opening: int) -> list[Argument]:
        """The arguments of a call, from its opening bracket. Raises InvalidValue if the bracket is not closed."""
        if opening not in self.closing:
            raise InvalidValue("is cut off: a bracket is not closed")
        found = []
        for part in self.parts(opening + 1, self.closing[opening]):
            is_named = self.kind(part.start) == "word" and self.word(part.start + 1) in ("=", ":")
            name = self.word(part.start) if is_named else ""
            found.append(Argument(name, Part(part.start + 2 if name else part.start, part.end)))
        return found

    def member(self, part: Part, name: str) -> Part | None:
        """The value of a member of an object, without reading the others; None if it has no such member."""
        if self.word(part.start) != "{" or self.closing.get(part.start) != part.end - 1:
            return None
        for inner in self.parts(part.start + 1, part.end - 1):
            if self.key(inner.start) == name:
                if inner.end == inner.start + 1:
                    return inner
                if self.word(inner.start + 1) == ":":
                    return Part(inner.start + 2, inner.end)
        return None

    def definition(self, part: Part) -> Part:
        """The part where the value of a name is defined; the part itself if it is not a name defined in the text."""
        changes = self.changes.get(self.word(part.start), ()) if part.end == part.start + 1 else ()
        found = self.last_set(changes, self.changes_before(changes, part.start))
        return part if found is None else self.statement(changes[found].start)

    def changes_before(self, changes: Sequence[Change], place: int) -> int:
        """How many changes of a name come before a place. If none does, all: a function may use a later definition."""
        return bisect_left(changes, place, key=lambda change: change.place) or len(changes)

    def last_set(self, changes: Sequence[Change], count: int) -> int | None:
        """The index of the last of the first `count` changes that sets a whole value; None if there is none."""
        for place in reversed(range(count)):
            self.count(1)
            if changes[place].how == "set":
                return place
        return None

    def object_behind(self, index: int) -> Part | None:
        """The object that is the value of the name at an index; None if it has no such value."""
        if self.word(index + 1) == ":":
            change = self._change(index)
            start = change.start if change and self.word(index) else index + 2
        elif self.word(index + 1) == "=":
            start = index + 2
        else:
            return None
        if self.word(start) == "{" and start not in self.closing:
            raise InvalidValue("is cut off: a bracket is not closed")
        end = start + 2 if self.word(start) == "dict" else start + 1
        if self.word(end - 1) not in ("{", "("):
            return None
        return Part(start, self.closing.get(end - 1, end - 1) + 1)

    def literal(self, part: Part) -> str:
        """The string, if the part is only one string; else empty."""
        return self.key(part.start) if part.end == part.start + 1 and self.kind(part.start) == "text" else ""

    def kind(self, index: int) -> str:
        """The kind of a token; empty outside the text."""
        return self.tokens[index].kind if 0 <= index < len(self.tokens) else ""

    def key(self, index: int) -> str:
        """The contents of a token: the name of a member, with or without quotes."""
        token = self.tokens[index]
        if token.kind == "text":
            return "".join(piece for piece in token.parts if isinstance(piece, str))
        return token.text

    def _named(self) -> dict[str, list[Change]]:
        """All statements that set or change a name."""
        found: dict[str, list[Change]] = {}
        for index, token in enumerate(self.tokens):
            before = self.word(index - 1)
            begins = token.starts_line or index == 0 or before in (*_DECLARES, ";", "{")
            is_statement = token.kind == "word" and begins and self._inside[index] in ("", "{")
            if is_statement and (change := self._change(index)):
                found.setdefault(token.text, []).append(change)
        return found

    def _change(self, index: int) -> Change | None:
        """The statement that begins with the name at an index; None if it does not set or change the name."""
        place = index + 1
        match self.word(place):
            case "=":
                return Change(index, "set", place + 1)
            case "+=" | "-=" | "*=" | "/=" | "|=" | "&=":
                return Change(index, "unknown")
            case ":":
                angles = 0
                for type_end in range(place + 1, min(place + _LONGEST_TYPE, len(self.tokens))):
                    if self._inside[type_end] != self._inside[index]:
                        continue
                    angles += {"<": 1, ">": -1}.get(self.word(type_end), 0)
                    if self.word(type_end) == "=":
                        return Change(index, "set", type_end + 1)
                    if self.tokens[type_end].starts_line or (not angles and self.word(type_end) in (",", ";")):
                        return None
            case "[" if self.closing.get(place) == place + 2 and self.word(place + 3) == "=":
                if self.kind(place + 1) == "text":
                    return Change(index, "item", place + 4, self.key(place + 1))
            case "." if self.word(place + 1) == "update" and self.word(place + 2) == "(":
                if place + 2 in self.closing:
                    return Change(index, "update", place + 3)
            case "." if self.word(place + 2) == "=":
                return Change(index, "item", place + 3, self.word(place + 1))
        return None

    def statement(self, start: int) -> Part:
        """The expression from an index to the end of its statement."""
        index = start
        while index < len(self.tokens):
            word = self.word(index)
            is_over = index > start and self.tokens[index].starts_line
            if is_over and word not in _OPERATORS and self.word(index - 1) not in _OPERATORS:
                break
            if word in (";", ",", ")", "]", "}"):
                break
            self.count(1)
            index = self.closing.get(index, index) + 1
        return Part(start, index)
