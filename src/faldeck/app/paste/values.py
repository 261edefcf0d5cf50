"""Reads values in Python and JavaScript, and looks up names that the same text defines. Pure.

Nothing is run. A value that only a running program has is reported as missing, by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from faldeck.app.paste.source import Change, Part, Source
from faldeck.app.paste.tokens import Placeholder, Token
from faldeck.schema import json_value
from faldeck.schema.json_value import InvalidValue, JsonValue

DEEPEST = 60
"""How deeply brackets and names may be nested."""

_WORDS: Mapping[str, JsonValue] = {
    **dict.fromkeys(("true", "True"), True),
    **dict.fromkeys(("false", "False"), False),
    **dict.fromkeys(("null", "None"), None),
}
_COMPUTES = ("not", "typeof", "lambda", "function", "async", "yield")
"""Words at the start of an expression that only a running program can compute."""
_TO_JSON = (["JSON", "stringify"], ["json", "dumps"], ["orjson", "dumps"])
_SAME_VALUE = ("encode", "model_dump", "dict")
"""Methods that return the same value in another form."""
_FROM_JSON = (["JSON", "parse"], ["json", "loads"], ["orjson", "loads"])
_UPLOADS = ("upload_file", "upload_file_async", "encode_file", "encode_file_async")
"""Functions of the official client that turn the path of a file into a URL, as the form does."""

_NAME = re.compile(r"[^\W\d][\w$]*(?:\.[\w$]+){0,8}")


class UndefinedVariables(InvalidValue):
    """The text uses variables that it does not define; the message names them."""


class Missing(Exception):
    """A value that is not in the text: the name of a variable, or of something computed."""


class Computed(Missing):
    """A value that only a running program can compute, or that cannot be read."""


class Values:
    """Reads the values of a text, in time that grows only with its length."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[tuple[str, int], tuple[JsonValue, int]] = {}
        self._under_way: set[tuple[str, int]] = set()
        self._missing: dict[str, bool] = {}
        """Missing value → True if it is computed."""
        self._depth = 0

    # Reading

    def read(self, part: Part) -> JsonValue:
        """The value of an expression. Raises InvalidValue with the names of missing values."""
        self._missing.clear()
        self._known.clear()  # A cached value may lack missing parts and would seem complete.
        try:
            value = self._value(part)
        except Missing as missing:
            self._note(missing)
        if self._missing:
            kind = InvalidValue if any(self._missing.values()) else UndefinedVariables
            raise kind(f"does not say what {listed(list(self._missing))}")
        return value

    def _value(self, part: Part) -> JsonValue:
        """The value of an expression. Missing parts are recorded; raises Missing if nothing else is left."""
        self._source.count(1)
        if self._depth >= DEEPEST:
            raise InvalidValue("is nested too deeply")
        self._depth += 1
        try:
            return self._joined(*self._bare(part))
        finally:
            self._depth -= 1

    def _note(self, missing: Missing) -> None:
        self._missing.setdefault(str(missing), isinstance(missing, Computed))

    def _joined(self, start: int, end: int) -> JsonValue:
        """One value, or several strings in a row or added."""
        if start >= end:
            raise InvalidValue("leaves out a value")
        values: list[JsonValue] = []
        place = start
        while True:
            value, place = self._operand(place, end)
            values.append(value)
            if place >= end:
                break
            if self._source.word(place) == "+":
                place += 1
            elif self._source.kind(place) != "text":
                raise Computed(self._described(start))
        if len(values) == 1:
            return values[0]
        if not all(isinstance(value, str) for value in values):
            raise Computed(self._described(start))
        joined = "".join(map(str, values))
        self._source.count_characters(len(joined))
        return joined

    def _bare(self, part: Part) -> Part:
        """An expression without words around it that do not change the value."""
        start, end = part
        while self._source.word(start) in ("await", "new") and start < end:
            start += 1
        index = start
        while index < end:
            if self._source.word(index) in ("as", "satisfies") and index > start:
                return Part(start, index)
            index = self._source.closing.get(index, index) + 1
        return Part(start, end - 1 if self._source.word(end - 1) == "!" else end)

    def _operand(self, start: int, end: int) -> tuple[JsonValue, int]:
        """A value without operators, and the index after it."""
        if start >= end:
            raise InvalidValue("leaves out a value")
        token = self._source.tokens[start]
        match token.kind:
            case "text":
                return self._text(token, start), start + 1
            case "number":
                return json_value.read(_plain(token.text)), start + 1
            case "word" if token.text in _WORDS:
                return _WORDS[token.text], start + 1
            case "word" if token.text in _COMPUTES:
                raise Computed(self._described(start))
            case "word":
                return self._named_value(start, end)
        if token.text in ("-", "+") and self._source.kind(start + 1) == "number" and start + 1 < end:
            sign = "-" if token.text == "-" else ""
            return json_value.read(sign + _plain(self._source.tokens[start + 1].text)), start + 2
        if token.text not in ("{", "[", "("):
            raise InvalidValue(f"has {token.text} where a value belongs")
        if start not in self._source.closing:
            raise InvalidValue("is cut off: a bracket is not closed")
        closing = self._source.closing[start]
        if token.text == "{":
            return self._object(start + 1, closing), closing + 1
        parts = list(self._source.parts(start + 1, closing))
        if token.text == "(" and len(parts) == 1 and parts[0].end == closing:
            return self._value(parts[0]), closing + 1
        return self._list(parts), closing + 1

    def _list(self, parts: list[Part]) -> JsonValue:
        items: list[JsonValue] = []
        for part in parts:
            is_spread = self._source.word(part.start) in ("...", "*")
            try:
                value = self._value(Part(part.start + is_spread, part.end))
            except Missing as missing:
                self._note(missing)
                continue
            if not is_spread:
                items.append(value)
            elif isinstance(value, list):
                items += value
            else:
                raise InvalidValue("spreads a value that is not a list")
        return items

    def _object(self, start: int, end: int) -> JsonValue:
        members: dict[str, JsonValue] = {}
        for part in self._source.parts(start, end):
            if part.start == part.end:
                raise InvalidValue("has a comma where a name belongs")
            is_spread = self._source.word(part.start) in ("...", "**")
            is_short = self._source.kind(part.start) == "word" and part.end == part.start + 1
            value_part = part if is_short else Part(part.start + (1 if is_spread else 2), part.end)
            if not is_spread and not is_short and self._source.word(part.start + 1) != ":":
                raise InvalidValue("has an object without names")
            if not is_spread and self._source.kind(part.start) == "mark":
                raise InvalidValue(f"has {self._source.word(part.start)} where a name belongs")
            if self._source.word(value_part.start) == "undefined" and value_part.end == value_part.start + 1:
                continue
            self._put(members, None if is_spread else self._source.key(part.start), value_part)
        return members

    def _put(self, members: dict[str, JsonValue], name: str | None, part: Part) -> None:
        """Sets a member to a value, or without a name adds all members of the value. Records a missing value."""
        try:
            value = self._value(part)
        except Missing as missing:
            self._note(missing)
            return
        if name is not None:
            members[name] = value
        elif isinstance(value, dict):
            members |= value
        else:
            raise InvalidValue("spreads a value that is not an object")

    def _text(self, token: Token, index: int) -> str:
        pieces = [piece if isinstance(piece, str) else self._filled(piece, index) for piece in token.parts]
        self._source.count_characters(sum(map(len, pieces)))
        return "".join(pieces)

    def _filled(self, hole: Placeholder, index: int) -> str:
        name = hole.expression
        if not _NAME.fullmatch(name):
            raise Missing(name or "{}")
        value = self._looked_up(name.split("."), index)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise Missing(name)
        return str(value)

    # Names

    def chain(self, start: int) -> tuple[list[str], int]:
        """The dotted names from an index on, and the index after them."""
        names = [self._source.word(start)]
        place = start + 1
        while self._source.word(place) in (".", "?.") and self._source.kind(place + 1) == "word":
            names.append(self._source.word(place + 1))
            place += 2
        return names, place

    def _named_value(self, start: int, end: int) -> tuple[JsonValue, int]:
        names, place = self.chain(start)
        if self._source.word(place) == "(" and place < end:
            return self._called(names, start, place, end)
        if self._source.word(place) == "[" and place in self._source.closing and self._source.kind(place + 1) == "text":
            names, place = [*names, self._source.key(place + 1)], self._source.closing[place] + 1
        return self._looked_up(names, start), place

    def _called(self, names: list[str], start: int, opening: int, end: int) -> tuple[JsonValue, int]:
        """The value of a call, for the few functions that are understood."""
        arguments = self._source.arguments(opening)
        place = self._source.closing[opening] + 1
        while (
            self._source.word(place) == "."
            and self._source.word(place + 1) in ("encode", "model_dump", "dict")
            and place < end
        ):
            place = self._source.closing.get(place + 2, place + 2) + 1
        is_type = names[-1][:1].isupper() and all(
            each.name or self._source.word(each.part.start) == "**" for each in arguments
        )
        if names == ["dict"] or (is_type and arguments):
            members: dict[str, JsonValue] = {}
            for each in arguments:
                is_spread = not each.name and self._source.word(each.part.start) == "**"
                self._put(members, each.name or None, Part(each.part.start + is_spread, each.part.end))
            return members, place
        if names[-1] == "cast" and len(arguments) == 2:
            return self._value(arguments[1].part), place
        first = arguments[0].part if arguments else None
        if first and names in _TO_JSON:
            shown = json_value.write(self._value(first))
            self._source.count_characters(len(shown))
            return shown, place
        if first and names in _FROM_JSON and isinstance(text := self._value(first), str):
            return json_value.read(text), place
        if first and names[-1] in _UPLOADS and isinstance(path := self._value(first), str):
            return path, place
        raise Missing(f"{'.'.join(names)}(…)")

    def _looked_up(self, names: list[str], index: int) -> JsonValue:
        """The value of a name at an index."""
        value = self._variable(names[0], index, ".".join(names))
        for name in names[1:]:
            if not isinstance(value, dict) or name not in value:
                raise Missing(".".join(names))
            value = value[name]
        return value

    def _variable(self, name: str, index: int, whole: str) -> JsonValue:
        changes = self._source.changes.get(name)
        if not changes:
            raise Missing(whole)
        count = self._source.changes_before(changes, index)
        at = name, count
        if at in self._known:
            value, work = self._known[at]
            self._source.count(work)
            return value
        if at in self._under_way:
            raise Missing(whole)
        self._under_way.add(at)
        before = self._source.work
        try:
            value = self._changed(changes, count, name)
        finally:
            self._under_way.discard(at)
        self._known[at] = value, self._source.work - before
        return value

    def _changed(self, changes: list[Change], count: int, name: str) -> JsonValue:
        """The value after the first `count` changes."""
        first = self._source.last_set(changes, count)
        if first is None:
            raise Missing(name)
        value = self._value(self._source.statement(changes[first].start))
        for change in changes[first + 1 : count]:
            self._source.count(1)
            if change.how == "unknown" or not isinstance(value, dict):
                raise Missing(name)
            value = dict(value)
            self._source.count(len(value))
            self._put(value, change.key if change.how == "item" else None, self._source.statement(change.start))
        return value

    def _described(self, start: int) -> str:
        """The name of a computed expression: its member, or its first word."""
        if self._source.word(start - 1) in (":", "=") and start >= 2:
            return self._source.key(start - 2) or "it"
        return self._source.word(start) or "it"


def listed(names: Sequence[str]) -> str:
    """Names as a list in a sentence, with the verb: `a and b are`."""
    shown = [name[:60] for name in names[:5]] + (["more"] if len(names) > 5 else [])
    return f"{shown[0]} is" if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]} are"


def _plain(number: str) -> str:
    """A number in the form of JSON."""
    number = number.replace("_", "")
    if number[:2].lower() == "0x":
        if len(number) > 34:
            raise InvalidValue("has a number with too many digits")
        return str(int(number[2:] or "0", 16))
    whole, point, rest = number.removesuffix("n").partition(".")
    return f"{whole or '0'}{point and '.'}{rest if rest[:1].isdigit() or not point else f'0{rest}'}"
