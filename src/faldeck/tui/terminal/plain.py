"""Terminals with less: no colours (`NO_COLOR`), or no character outside ASCII (`FALDECK_ASCII`, a C locale)."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

ASCII_GLYPHS: Mapping[str, str] = {
    **dict.fromkeys("─━╸•·—–╴╶", "-"),
    **dict.fromkeys("│┃║", "|"),
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼", "+"),
    **dict.fromkeys("█▇▆▅▀▓▐", "#"),
    **dict.fromkeys("▄▃▂▁▒░", "."),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’‚", "'"),
    "⟨": "<",
    "⟩": ">",
    **dict.fromkeys("▸→▌▍▎▏▊", ">"),
    "←": "<",
    "↑": "^",
    "↓": "v",
    "▾": "v",
    "…": "~",
    "×": "x",
    "✗": "x",
    "✓": "+",
    "★": "*",
    "●": "@",
    "◉": "@",
    "○": "o",
    "◌": ".",
    "⊘": "/",
    "†": "%",
    "≠": "!",
    "✎": "=",
}
"""What stands for each glyph of ours where only ASCII is shown. Every state keeps a sign of its own."""


def has_no_colours(environ: Mapping[str, str] = os.environ) -> bool:
    """True if the person wants no colours (https://no-color.org)."""
    return bool(environ.get("NO_COLOR"))


def is_ascii_only(environ: Mapping[str, str] = os.environ) -> bool:
    """True if the person wants ASCII alone, or the locale is named and has no UTF-8."""
    if environ.get("FALDECK_ASCII"):
        return True
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    return bool(locale) and "utf" not in locale.lower()


def is_gnu_screen(environ: Mapping[str, str] = os.environ) -> bool:
    """True inside GNU screen, which holds a lone Escape back while mouse reporting is on."""
    return "STY" in environ or environ.get("TERM", "").startswith("screen.")


def has_motion(setting: bool, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether times may run on the screen: as the setting says, unless the environment wants no motion."""
    return setting and not environ.get("FALDECK_NO_MOTION")


def ascii_cells(cells: Sequence[str]) -> list[str]:
    """The cells with a sign of ASCII in each; a wide glyph becomes two signs."""
    return [_ascii(cell) for cell in cells]


@lru_cache(4096)
def _ascii(cell: str) -> str:
    if cell.isascii():
        return cell or "?"  # The second cell of a wide glyph.
    if sign := ASCII_GLYPHS.get(cell):
        return sign
    plain = unicodedata.normalize("NFKD", cell).encode("ascii", "ignore").decode()
    return plain if len(plain) == 1 and plain.isprintable() else "?"
