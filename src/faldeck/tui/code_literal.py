"""Values as Python and JavaScript write them, read as JSON values: enough for the input of a request. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from faldeck.schema import jsonvalue
from faldeck.schema.jsonvalue import Invalid, JsonValue

_TOKEN = re.compile(
    r"(?:\s|//[^\n]*|#[^\n]*|/\*.*?\*/)*"
    r"(?:(?P<mark>[{}\[\](),:])"
    r'|(?P<text>"""(?:\\.|.)*?"""|\'\'\'(?:\\.|.)*?\'\'\'|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`(?:\\.|[^`\\])*`)'
    r"|(?P<number>-?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<word>[A-Za-z_$][\w$]*))",
    re.DOTALL,
)
_WORDS: Mapping[str, JsonValue] = {
    **dict.fromkeys(("true", "True"), True),
    **dict.fromkeys(("false", "False"), False),
    **dict.fromkeys(("null", "None"), None),
}
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|\r?\n|.)", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_CLOSING = {"{": "}", "[": "]", "(": ")"}
_DEEPEST = 100


def read(text: str) -> JsonValue:
    """The value that a text begins with; what follows it is left alone. Raises Invalid."""
    return _Reader(text).value()


class _Reader:
    """A place in a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._depth = 0

    def value(self) -> JsonValue:
        kind, word = self._next()
        match kind:
            case "text":
                return self._joined(_unquoted(word))
            case "number":
                return jsonvalue.read(_plain(word))
            case "word" if word in _WORDS:
                return _WORDS[word]
            case "word":
                raise Invalid(f"says {word[:40]}, whose value is not in the text")
            case _ if word in _CLOSING:
                return self._inside(word)
            case _:
                raise Invalid(f"has {word} where a value belongs")

    def _inside(self, opening: str) -> JsonValue:
        """What stands between brackets."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Invalid("is nested too deeply")
        closing, members, items = _CLOSING[opening], {}, []
        while self._peek() != closing:
            if opening == "{":
                name = self._name()
                self._expect(":")
                members[name] = self.value()
            else:
                items.append(self.value())
            if self._peek() != closing:
                self._expect(",")
        self._next()
        self._depth -= 1
        return members if opening == "{" else items

    def _name(self) -> str:
        kind, word = self._next()
        if kind == "mark":
            raise Invalid(f"has {word} where a name belongs")
        return _unquoted(word) if kind == "text" else word

    def _joined(self, text: str) -> str:
        """A text and those that stand right behind it, which Python joins."""
        while (found := _TOKEN.match(self._text, self._place)) and found["text"]:
            self._place = found.end()
            text += _unquoted(found["text"])
        return text

    def _expect(self, mark: str) -> None:
        _, word = self._next()
        if word != mark:
            raise Invalid(f"has {word[:40]} where {mark} belongs")

    def _peek(self) -> str:
        found = _TOKEN.match(self._text, self._place)
        return (found["mark"] or "") if found else ""

    def _next(self) -> tuple[str, str]:
        found = _TOKEN.match(self._text, self._place)
        if found is None:
            rest = self._text[self._place :].strip()[:20]
            raise Invalid(f"cannot be read from “{rest}” on" if rest else "is code whose input is not closed")
        self._place = found.end()
        kind = found.lastgroup or ""
        return kind, found[kind]


def _plain(number: str) -> str:
    """A number as JSON writes it."""
    whole, point, rest = number.replace("_", "").partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{digits or '0'}{point and '.'}{rest if rest[:1].isdigit() or not point else f'0{rest}'}"


def _unquoted(text: str) -> str:
    marks = 3 if text[:3] in ('"""', "'''") and len(text) >= 6 else 1
    said = _ESCAPE.sub(_unescaped, text[marks:-marks])
    # JavaScript spells what lies beyond 16 bits as two halves.
    return said if said.isascii() else said.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _unescaped(escape: re.Match[str]) -> str:
    said = escape[1]
    if said[0] in "uUx" and len(said) > 1:
        return chr(min(int(said[1:].strip("{}"), 16), 0x10FFFF))
    return _CONTROLS.get(said, said)
