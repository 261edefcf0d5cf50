"""Splits Python and JavaScript into tokens, in time that grows only with the length of the text. Pure.

One set of rules reads both languages, since a pasted fragment often does not show which one it is.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Placeholder(NamedTuple):
    """A placeholder in a string: `${name}` in a template, `{name}` in an f-string."""

    expression: str


class Token(NamedTuple):
    """One word, number, mark or string."""

    kind: str
    """`word`, `number`, `mark` or `text`."""
    text: str
    """The source text; empty for a string, which is in `parts`."""
    starts_line: bool = False
    parts: tuple[str | Placeholder, ...] = ()
    """The contents of a string."""


class Tokens(NamedTuple):
    """The tokens of a text, and which brackets belong together."""

    tokens: list[Token]
    closing: dict[int, int]
    """Index of an opening bracket → index of the one that closes it; unclosed ones are left out."""
    inside: list[str]
    """For each token, the bracket that encloses it; empty at the outermost level."""


_PLAIN = re.compile(
    r"(?P<space>\s+|\\\n)"
    r"|(?P<comment>//[^\n]*|\#[^\n]*)"
    r"|(?P<number>0[xX][0-9a-fA-F_]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?n?)"
    r"|(?P<word>[^\W\d][\w$]*|\$[\w$]*)"
    r"|(?P<mark>\.\.\.|\*\*|===?|!==?|[+\-*/|&]=|=>|\?\.|\?\?|&&|\|\||.)",
    re.DOTALL,
)
_PREFIX = re.compile(r"[rbfuRBFU]{1,2}(?=[\"'])")
_STOPS = {
    '"': re.compile(r'["\\\n]'),
    "'": re.compile(r"['\\\n]"),
    "`": re.compile(r"[`\\]"),
    '"""': re.compile(r'"""|\\'),
    "'''": re.compile(r"'''|\\"),
}
"""Quote → what can end its string, or must be skipped."""
_MATES = {"{": "}", "[": "]", "(": ")"}


def tokens(text: str) -> Tokens:
    """The tokens of a text. An unclosed quote is a mark, and so is every character of neither language."""
    found: list[Token] = []
    place, starts_line = 0, True
    unclosed: dict[str, int] = {}  # Quote → from where on a closing one may be found.
    while place < len(text):
        prefix = _PREFIX.match(text, place)
        start = prefix.end() if prefix else place
        quote = text[start : start + 3] if text[start : start + 3] in _STOPS else text[start : start + 1]
        if quote in _STOPS and place >= unclosed.get(quote, 0):
            end, is_closed = _end_of_text(text, start + len(quote), quote)
            if is_closed:
                letters = prefix[0].lower() if prefix else ""
                found.append(Token("text", "", starts_line, _parts(text[start + len(quote) : end], quote, letters)))
                place, starts_line = end + len(quote), False
                continue
            unclosed[quote] = end
        if text.startswith("/*", place) and place >= unclosed.get("/*", 0):
            if (end := text.find("*/", place + 2)) >= 0:
                place = end + 2
                continue
            unclosed["/*"] = len(text)
        plain = _PLAIN.match(text, place)
        assert plain  # Its last branch matches any character.
        place, kind = plain.end(), plain.lastgroup or ""
        if kind == "space":
            starts_line = starts_line or (plain[0] != "\\\n" and "\n" in plain[0])
        elif kind != "comment":
            found.append(Token(kind, plain[0], starts_line))
            starts_line = False
    return Tokens(found, *_brackets(found))


def _end_of_text(text: str, place: int, quote: str) -> tuple[int, bool]:
    """The end of the string whose contents begin at `place`, and whether a quote ends it."""
    while stop := _STOPS[quote].search(text, place):
        if stop[0] != "\\":
            return stop.start(), stop[0] == quote
        place = stop.end() + 1
    return len(text), False


def _brackets(found: list[Token]) -> tuple[dict[int, int], list[str]]:
    closing: dict[int, int] = {}
    inside: list[str] = []
    open_ones: list[int] = []
    for index, token in enumerate(found):
        if open_ones and token.kind == "mark" and token.text == _MATES[found[open_ones[-1]].text]:
            closing[open_ones.pop()] = index
        inside.append(found[open_ones[-1]].text if open_ones else "")
        if token.kind == "mark" and token.text in _MATES:
            open_ones.append(index)
    return closing, inside


_TEMPLATE_HOLE = re.compile(r"\\.|\$\{([^{}]*)\}", re.DOTALL)
_FORMAT_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_DOUBLED = {"{{": "{", "}}": "}"}


def _parts(inner: str, quote: str, prefix: str) -> tuple[str | Placeholder, ...]:
    """The value between the quotes, by the rules of its language."""
    is_template, is_format = quote == "`", "f" in prefix
    if not is_template and not is_format:
        return (inner if "r" in prefix else unescaped(inner),)
    parts: list[str | Placeholder] = []
    pieces: list[str] = []
    place = 0

    def plain(piece: str) -> str:
        return piece if "r" in prefix else unescaped(piece)

    for hole in (_TEMPLATE_HOLE if is_template else _FORMAT_HOLE).finditer(inner):
        if hole[1] is None and is_template:
            continue
        pieces.append(plain(inner[place : hole.start()]))
        if hole[1] is None:
            pieces.append(_DOUBLED[hole[0]])
        else:
            parts += ["".join(pieces), Placeholder(hole[1].strip())]
            pieces = []
        place = hole.end()
    return (*parts, "".join([*pieces, plain(inner[place:])]))


_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "\n": ""}


def unescaped(text: str) -> str:
    """Resolves backslashes as Python, JavaScript and `$'…'` of the shell do."""
    decoded = _ESCAPE.sub(_escape, text)
    if decoded.isascii():
        return decoded
    # JavaScript writes characters beyond 16 bits as two surrogates.
    return decoded.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _escape(escape: re.Match[str]) -> str:
    code = escape[1]
    if code[0] in "uUx" and len(code) > 1:
        digits = code[1:].strip("{}").lstrip("0") or "0"
        return chr(min(int(digits[:7], 16), 0x10FFFF))
    if code[0] in "01234567":
        return chr(int(code, 8))
    return _CONTROLS.get(code, code)
