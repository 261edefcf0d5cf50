"""Text from a service or a file, made harmless before a terminal, a log or a file name meets it."""

from __future__ import annotations

import re

# As text, since only what is really hostile needs them compiled, and `re` keeps them then.
_ESCAPES = (
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]P_X^][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC, DCS, APC, SOS, PM with their text
    r"|\x1b."
)
_UNSEEN = {
    **{code: "␛" for code in (0x1B, 0x9B)},
    **{code: chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A, 0x1B)},
    0x09: "    ",
    0x7F: "␡",
    **{code: "�" for code in range(0x80, 0xA0) if code != 0x9B},
    **{code: f"⟨U+{code:04X}⟩" for code in (0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A))},
    **{code: "\n" for code in (0x85, 0x2028, 0x2029)},
}
_STAND_INS = {
    **{code: shown if len(shown) == 1 else "�" for code, shown in _UNSEEN.items()},
    **dict.fromkeys((0x0A, 0x85, 0x2028, 0x2029), "␊"),
    0x09: " ",
}
_PLAIN_ESCAPES = r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P_X^][^\x00-\x1f]*(?:\x07|\x1b\\)|\x1b[()*+][0-9A-Za-z]"
_LINE_ENDS = r"\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]"
_NEVER_PLAIN = r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
_SURROGATES = r"[\ud800-\udfff]"
_NOT_IN_URLS = r"[^!-~]+"
_UNSAFE_IN_NAMES = r"[^\w.+-]+"
_RESERVED_NAMES = r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)"


def clean(text: str, *, limit: int = 200_000) -> str:
    """`text` without escape sequences, its other control and direction characters made visible.

    Newlines stay. At most `limit` characters are kept; what was cut is said at the end.
    """
    cut = len(text) - limit
    text = text[:limit].replace("\r\n", "\n")
    if not text.isprintable():
        text = re.sub(_SURROGATES, "�", re.sub(_ESCAPES, "", text)).translate(_UNSEEN)
    return f"{text}… ({cut:,} more characters)" if cut > 0 else text


def plain(text: str) -> str:
    """`text` for a clipboard or a text field: without escape sequences and control characters, and nothing else cut.

    Lines end with `\\n`, whatever ended them. Tabs stay; halves of surrogate pairs become `�`.
    """
    if text.isprintable():
        return text
    text = re.sub(_LINE_ENDS, "\n", re.sub(_PLAIN_ESCAPES, "", text))
    return re.sub(_SURROGATES, "�", re.sub(_NEVER_PLAIN, "", text))


def visible(text: str) -> str:
    """`text` with one harmless character for each that is not: for a line that is edited, where places count."""
    return text if text.isprintable() else re.sub(_SURROGATES, "�", text).translate(_STAND_INS)


def clean_line(text: str, *, limit: int = 2_000) -> str:
    """`text` as one clean line: white space, newlines too, folded to single spaces, an ellipsis where it was cut."""
    if len(text) <= limit and text.isprintable() and "  " not in text and text == text.strip(" "):
        return text  # Most are clean, and an import reads a million.
    line = " ".join(clean(text[: limit * 2]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def address(url: str, *, limit: int = 4_000) -> str:
    """`url` as one word of ASCII for links, clipboards and other programs: all else in it is percent-encoded."""
    from urllib.parse import quote

    return re.sub(_NOT_IN_URLS, lambda found: quote(found[0].encode("utf-8", "replace")), url)[:limit]


def file_name(text: str, *, limit: int = 120) -> str:
    """`text` as one safe path segment of at most `limit` bytes: never empty, hidden, a device, or with a separator."""
    import unicodedata

    name = unicodedata.normalize("NFC", re.sub(_SURROGATES, "", text))
    name = re.sub(_UNSAFE_IN_NAMES, "-", name).strip(".-")
    if len(name.encode()) > limit:
        stem, dot, extension = name.rpartition(".")
        ending = f".{extension}" if dot and len(extension.encode()) < 12 else ""
        name = _shortened(stem if ending else name, limit - len(ending.encode())) + ending
    if not name or re.match(_RESERVED_NAMES, name):
        name = f"file-{name}".rstrip("-")
    return name


def _shortened(text: str, size: int) -> str:
    """`text` cut to `size` bytes of UTF-8, between characters."""
    return text.encode()[:size].decode("utf-8", "ignore")
