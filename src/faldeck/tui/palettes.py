"""The colours of the deck's own themes, chosen by hand for each depth of colour that terminals have.

Plain ssh and tmux show 256 colours, the Linux console 16. Each colour here is one that its depth has, so that a
terminal shows what was chosen: those of 16 colours are the VGA palette, those of 256 are the cube and the greys of
xterm (the light greys are written one or two steps lighter, because Rich rounds them down). A test computes from what
is sent that texts reach a contrast of 4.5:1 (WCAG AA) on every ground that they stand on, and lines 3:1.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Depth(StrEnum):
    """How many colours a terminal has. The values are Rich's names."""

    FULL = "truecolor"
    MANY = "256"
    FEW = "standard"


class Palette(NamedTuple):
    """The colours of one theme at one depth, as `#rrggbb`."""

    background: str
    surface: str
    """The ground of dialogs."""
    panel: str
    """The ground of what lies on another ground: a typed line, a tab."""
    foreground: str
    head: str
    """Texts that matter less."""
    dim: str
    """Texts that matter least."""
    rule: str
    """Lines between things."""
    accent: str
    link: str
    good: str
    good_sign: str
    """The sign of what went well, where the text of that colour would be too faint."""
    bad: str
    busy: str
    cursor: str
    """The ground of the row that keys act on; empty where the row is reversed."""
    blurred: str
    """The same in a pane without the focus; empty where the row is underlined."""
    title: str
    """The ground of a pane's title."""
    title_text: str
    title_key: str
    """The number in a title: the key that goes there."""
    focus: str
    """The ground of the title of the pane with the focus."""
    focus_text: str
    focus_key: str


DARK: Mapping[Depth, Palette] = {
    Depth.FULL: Palette(
        background="#0f1318",
        surface="#161c23",
        panel="#1f2832",
        foreground="#e1e6ec",
        head="#b4bcc6",
        dim="#8d969f",
        rule="#66717b",
        accent="#e3a857",
        link="#6cb2d9",
        good="#86b878",
        good_sign="#86b878",
        bad="#ea8083",
        busy="#dcb75f",
        cursor="#142e3c",
        blurred="#1f252c",
        title="#1f2832",
        title_text="#b4bcc6",
        title_key="#e3a857",
        focus="#235a78",
        focus_text="#ffffff",
        focus_key="#ffd591",
    ),
    Depth.MANY: Palette(
        background="#121212",
        surface="#1c1c1c",
        panel="#303030",
        foreground="#e6e6e6",
        head="#bdbdbd",
        dim="#9f9f9f",
        rule="#6c6c6c",
        accent="#ffaf5f",
        link="#87d7ff",
        good="#87d787",
        good_sign="#87d787",
        bad="#ff8787",
        busy="#ffd75f",
        cursor="#00005f",
        blurred="#303030",
        title="#3a3a3a",
        title_text="#d2d2d2",
        title_key="#ffaf5f",
        focus="#005f87",
        focus_text="#ffffff",
        focus_key="#ffd7af",
    ),
    Depth.FEW: Palette(
        background="#000000",
        surface="#000000",
        panel="#000000",
        foreground="#ffffff",
        head="#aaaaaa",
        dim="#aaaaaa",
        rule="#00aaaa",
        accent="#ffff55",
        link="#55ffff",
        good="#55ff55",
        good_sign="#55ff55",
        bad="#ff5555",
        busy="#ffff55",
        cursor="",
        blurred="",
        title="#0000aa",
        title_text="#ffffff",
        title_key="#ffff55",
        focus="#00aaaa",
        focus_text="#000000",
        focus_key="#000000",
    ),
}

LIGHT: Mapping[Depth, Palette] = {
    Depth.FULL: Palette(
        background="#fbfaf7",
        surface="#f3f2ee",
        panel="#e6e8e8",
        foreground="#1d242c",
        head="#414b56",
        dim="#59636d",
        rule="#7f8890",
        accent="#8a4f00",
        link="#155a8a",
        good="#2a671d",
        good_sign="#2a671d",
        bad="#ae2329",
        busy="#765200",
        cursor="#d3e6f3",
        blurred="#e6e8e8",
        title="#e0e5e9",
        title_text="#414b56",
        title_key="#8a4f00",
        focus="#2d6a8a",
        focus_text="#ffffff",
        focus_key="#ffe2b3",
    ),
    Depth.MANY: Palette(
        background="#ffffff",
        surface="#f0f0f0",
        panel="#e6e6e6",
        foreground="#1c1c1c",
        head="#444444",
        dim="#585858",
        rule="#808080",
        accent="#875f00",
        link="#005f87",
        good="#005f00",
        good_sign="#005f00",
        bad="#af0000",
        busy="#5f5f00",
        cursor="#d7ffff",
        blurred="#e6e6e6",
        title="#dcdcdc",
        title_text="#303030",
        title_key="#5f5f00",
        focus="#005f87",
        focus_text="#ffffff",
        focus_key="#ffd7af",
    ),
    Depth.FEW: Palette(
        background="#ffffff",
        surface="#ffffff",
        panel="#ffffff",
        foreground="#000000",
        head="#000000",
        dim="#555555",
        rule="#555555",
        accent="#0000aa",
        link="#0000aa",
        good="#000000",
        good_sign="#00aa00",
        bad="#aa0000",
        busy="#aa00aa",
        cursor="",
        blurred="",
        title="#aaaaaa",
        title_text="#000000",
        title_key="#000000",
        focus="#0000aa",
        focus_text="#ffffff",
        focus_key="#ffff55",
    ),
}
