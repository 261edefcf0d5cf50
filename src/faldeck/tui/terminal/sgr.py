"""Text styles as escape sequences, and the shortest sequence that changes one style into another.

The codes are ECMA-48's "select graphic rendition" with the colour forms of xterm; links are OSC 8.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

_SWITCHES = {
    "22": "1 2",
    "23": "3",
    "24": "4 21",
    "25": "5 6",
    "27": "7",
    "28": "8",
    "29": "9",
    "54": "51 52",
    "55": "53",
}
"""The code that turns attributes off → those attributes. Bold and dim share one code, and so do both underlines."""
_OFF = {on: off for off, attributes in _SWITCHES.items() for on in attributes.split()}
_FOREGROUNDS = {str(code) for code in (*range(30, 38), *range(90, 98))}
_BACKGROUNDS = {str(code) for code in (*range(40, 48), *range(100, 108))}
_COLOUR_LENGTHS = {"2": 3, "5": 1}
_LEVELS = (0, 95, 135, 175, 215, 255)
_CUBE = (f"{red};{green};{blue}" for red in _LEVELS for green in _LEVELS for blue in _LEVELS)
_PALETTE = {values: str(number) for number, values in enumerate(_CUBE, 16) if number > 21}
"""Red, green and blue → the number of this colour in the palette of xterm, which takes half the bytes.

The first six colours of its cube are left out: some people have others there.
"""
_SEEN_ON_BLANKS = frozenset(("4", "7", "9", "21", "51", "52", "53"))


_NO_ATTRIBUTES: frozenset[str] = frozenset()

MOST_CACHED = 1024
"""More than a screen has without pictures. A picture has thousands, which are of no use for the next: kept, they would
only make each garbage collection longer, and that holds up the keys."""


class Style(NamedTuple):
    """How a cell is drawn. Equal styles look and act alike."""

    foreground: str = ""
    """The codes of the text's colour; empty for the terminal's default."""
    background: str = ""
    """The codes of the background colour; empty for the terminal's default."""
    attributes: frozenset[str] = _NO_ATTRIBUTES
    """The codes of the attributes that are on, such as bold and underline."""
    link: str = ""
    """The URL that a click opens; empty for no link."""

    @property
    def shows_on_blanks(self) -> bool:
        """Whether a blank in this style shows more than its background."""
        return bool(self.link) or not _SEEN_ON_BLANKS.isdisjoint(self.attributes)

    @property
    def legible(self) -> Style:
        """The same without bold on the black of 16 colours: xterm and others draw that in grey."""
        if self.foreground == "30" and "1" in self.attributes:
            return self._replace(attributes=self.attributes - {"1"})
        return self

    def for_blanks(self, style: Style) -> Style:
        """The style closest to this one in which blanks look like blanks in `style`."""
        if style.shows_on_blanks:
            return style
        return Style(self.foreground, style.background, self.attributes - _SEEN_ON_BLANKS)

    def reversed_for_blanks(self, style: Style) -> Style | None:
        """This style reversed, if blanks then look like blanks in `style`: their background is the colour of the text.

        None also where a terminal may draw the text in another colour than it was told, as it does bold text.
        """
        colour = self.foreground.removeprefix("38;")
        if style.shows_on_blanks or colour == self.foreground or style.background != f"48;{colour}":
            return None
        attributes = self.attributes - _SEEN_ON_BLANKS
        return None if attributes else Style(self.foreground, self.background, frozenset("7"))


PLAIN = Style()


@lru_cache(MOST_CACHED)
def blanks_differ(one: Style, other: Style) -> bool:
    """Whether a blank looks different in the two styles."""
    return one.for_blanks(other) != one


@lru_cache(MOST_CACHED)
def restyled(style: Style, codes: str) -> Style:
    """`style` after a terminal has read `CSI codes m`. Unknown codes change nothing."""
    foreground, background, attributes, link = style
    remaining = iter(codes.split(";"))
    for code in remaining:
        if code in ("", "0"):
            foreground, background, attributes = "", "", _NO_ATTRIBUTES
        elif code == "38":
            foreground = _long_colour(code, remaining)
        elif code == "48":
            background = _long_colour(code, remaining)
        elif code in _FOREGROUNDS or code == "39":
            foreground = "" if code == "39" else code
        elif code in _BACKGROUNDS or code == "49":
            background = "" if code == "49" else code
        elif code in _OFF:
            attributes |= {code}
        else:
            attributes = frozenset(attribute for attribute in attributes if _OFF[attribute] != code)
    return Style(foreground, background, attributes, link)


@lru_cache(MOST_CACHED)
def transition(old: Style | None, new: Style) -> str:
    """The sequence that changes a terminal's style from `old` to `new`; None is an unknown style."""
    if old is None:
        return _from_reset(new) + _link(new.link)
    return min(_from_reset(new), _stepwise(old, new), key=len) + (_link(new.link) if new.link != old.link else "")


def _long_colour(code: str, remaining: Iterator[str]) -> str:
    """A colour of several codes: `38;2;red;green;blue`, or `38;5;number` also for one that the palette has."""
    kind = next(remaining, "")
    values = ";".join(islice(remaining, _COLOUR_LENGTHS.get(kind, 0)))
    if kind == "2" and values in _PALETTE:
        kind, values = "5", _PALETTE[values]
    return f"{code};{kind};{values}" if values else f"{code};{kind}"


def _from_reset(style: Style) -> str:
    codes = [code for code in (*sorted(style.attributes), style.foreground, style.background) if code]
    return f"\x1b[{';'.join(['0', *codes])}m" if codes else "\x1b[m"


def _stepwise(old: Style, new: Style) -> str:
    off = {_OFF[attribute] for attribute in old.attributes - new.attributes}
    on = {code for code in new.attributes if code not in old.attributes or _OFF[code] in off}
    codes = [*sorted(off), *sorted(on)]
    if new.foreground != old.foreground:
        codes.append(new.foreground or "39")
    if new.background != old.background:
        codes.append(new.background or "49")
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def _link(target: str) -> str:
    """The sequence of a link. Its id joins the pieces of one link when only some of its cells are sent again."""
    return f"\x1b]8;id={zlib.crc32(target.encode(errors='replace')):x};{target}\x1b\\" if target else "\x1b]8;;\x1b\\"
