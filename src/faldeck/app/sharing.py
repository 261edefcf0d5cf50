"""How outputs leave faldeck: the URL or the file of each, and the URL as a QR code for another device."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from faldeck.job import FileState, Output
from faldeck.safety import sanitize

QUIET_ZONES = (4, 3, 2, 1)
"""Light modules around a QR code. The standard asks for 4; phones manage with 1, where there is no room."""

_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_INVERTED = str.maketrans(" ▀▄█", "█▄▀ ")
_LIGHT_BACKGROUNDS = frozenset({"7", "15"})


class CannotDrawQr(Exception):
    """The QR code cannot be drawn. The text says why and what helps."""


def url_of(output: Output) -> str:
    """The output's URL as one word of ASCII; empty if it has none that a browser opens."""
    url = sanitize.address(output.url or "")
    return url if url.startswith(("https://", "http://")) else ""


def file_of(output: Output) -> str:
    """The output's file on this machine; empty if it is not there."""
    return output.path if output.state is FileState.SAVED and output.path and os.path.exists(output.path) else ""


def url_or_file_of(output: Output) -> str:
    """What is copied of an output: its URL, or else its file; the file first if the URL is gone."""
    if output.gone_ms is not None:
        return file_of(output) or url_of(output)
    return url_of(output) or file_of(output)


def place_of(output: Output) -> str:
    """Where the output is: its file, or else its URL, or else its place in the result."""
    return file_of(output) or output.url or f"{output.at} in the result"


def qr_lines(text: str, width: int | None = None, height: int | None = None) -> list[str]:
    """A QR code as lines of half blocks, which are its dark modules: to be drawn dark on light.

    It has at most `width` cells and `height` lines, and as large a quiet zone as fits. Raises CannotDrawQr.
    """
    try:
        import segno
    except ImportError:
        raise CannotDrawQr("A QR code needs one more package: pip install 'faldeck[images]'") from None
    try:
        code = segno.make_qr(text, error="l")
    except segno.DataOverflowError:
        raise CannotDrawQr(f"The URL is too long for a QR code: it has {len(text):,} characters.") from None
    cells, lines = 0, 0
    for zone in QUIET_ZONES:
        cells = int(code.symbol_size(border=zone)[0])
        lines = (cells + 1) // 2
        if (width is None or cells <= width) and (height is None or lines <= height):
            return _half_blocks([[bool(dark) for dark in row] for row in code.matrix_iter(border=zone)])
    room = f"{width or cells}×{height or lines}"
    needed = f"its QR code needs {cells}×{lines} cells, and there is room for {room}"
    raise CannotDrawQr(f"The URL is too long: with {len(text):,} characters {needed}.")


def _half_blocks(modules: Sequence[Sequence[bool]]) -> list[str]:
    """Two rows of modules in each line; what is missing in the last line is light."""
    light = [False] * len(modules[0])
    pairs = zip_longest(modules[::2], modules[1::2], fillvalue=light)
    return ["".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs]


def without_colours(lines: Sequence[str], environ: Mapping[str, str] = os.environ) -> list[str]:
    """The lines for a terminal that is told no colours: dark stays dark there.

    The background is taken for dark unless `$COLORFGBG` says otherwise. Most readers take an inverted code, too.
    """
    is_light = environ.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_BACKGROUNDS
    return list(lines) if is_light else [line.translate(_INVERTED) for line in lines]
