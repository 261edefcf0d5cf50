"""The descriptions in schemas, which are untrusted Markdown or HTML, as plain text.

Link targets, list items and paragraphs are kept; marks, tags and control characters are removed. Square brackets are
ordinary text.
"""

import re

_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&nbsp;": " ", "&amp;": "&"}
_TAGS = "a|b|code|em|hr|i|img|li|pre|s|small|span|strong|su[bp]|table|t[dh]|u"

_LONGEST = 20_000
"""Characters. Real descriptions have a few thousand at most."""

_MARKS = (
    (r"\r\n?", "\n"),
    (r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", ""),
    (r"<br\s*/?>|</?(?:p|div|tr|ul|ol|h[1-6])(?:\s[^<>]*)?>", "\n\n"),
    (r"<li[^<>]*>", "\n- "),
    # Nothing is tried twice here: a tag with thousands of links in it would take for ever.
    (r"""<a\s(?=[^<>]*>)(?>[^<>]*?href=["']?([^"'<>\s]+)[^<>]*>)([^<>]*)</a>""", r"\2 (\1)"),
    (rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", ""),
    (r"!?\[([^\[\]]+)\]\((https?://[^()\s]+)\)", r"\1 (\2)"),
    (r"\*\*(\S(?:[^*\n]*\S)?)\*\*", r"\1"),
    (r"```\w*|`", ""),
    (r"^[ \t]*#{1,6}[ \t]+", ""),
    (r"[ \t]+", " "),
    (r" ?\n ?", "\n"),
    (r"\n{2,}", "\n\n"),
)
"""Patterns and what replaces them. `re` compiles them with the first text: a start shows none."""
_WRAPPED = r"(?<=[^\n])\n(?=[^\n\-*•\d])"


def plain(text: str) -> str:
    """`text` without marks, at most `_LONGEST` long: wrapped lines joined, list items and paragraphs kept apart."""
    text = text[:_LONGEST]
    for pattern, replacement in _MARKS:
        text = re.sub(pattern, replacement, text, flags=re.IGNORECASE | re.MULTILINE)
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    return re.sub(_WRAPPED, " ", text).strip()


def line(text: str) -> str:
    """`text` without marks, all on one line."""
    return " ".join(plain(text).split())


def number(value: int | float) -> str:
    """A number for reading: a comma between thousands from five digits on, whole floats without a point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return f"{value:,}" if isinstance(value, int) and abs(value) >= 10_000 else str(value)


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 item`, `2,000 characters`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def counts(least: int, most: int | None, noun: str) -> str:
    """The limits of a count: `1 to 4 items`, `at least 2 items`, `at most 1 item`; empty if it has none."""
    if most is None:
        return f"at least {count(least, noun)}" if least else ""
    if least == most:
        return count(most, noun)
    return f"{least:,} to {count(most, noun)}" if least else f"at most {count(most, noun)}"
