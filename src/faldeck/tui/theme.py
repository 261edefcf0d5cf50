"""The deck's own colours, the shades that every theme gets, and the named inks for lines."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.theme import Theme
from textual.widget import Widget

from faldeck.tui.terminal.plain import has_no_colours

FALDECK = Theme(
    name="faldeck",
    primary="#2d6a8a",
    secondary="#6cb2d9",
    accent="#e3a857",
    success="#86b878",
    warning="#dcb75f",
    error="#e2777a",
    foreground="#d7dce2",
    background="#0f1318",
    surface="#151b22",
    panel="#1d252f",
    dark=True,
)
"""The theme the deck starts with."""

SHADES = {
    "shade-dim": 0.48,
    "shade-head": 0.72,
    "shade-rule": 0.16,
    "shade-blurred": 0.10,
}
"""How far each shade lies from the background to the foreground."""

CURSOR_SHARE = 0.38
"""How far the cursor's row lies from the background to the primary colour."""


def shades(variables: dict[str, str]) -> dict[str, str]:
    """A theme's variables with the shades that panes use, as plain colours: lines are drawn without blending."""
    background, foreground = Color.parse(variables["background"]), Color.parse(variables["foreground"])
    made = {name: background.blend(foreground, share).hex6 for name, share in SHADES.items()}
    made["shade-cursor"] = background.blend(Color.parse(variables["primary"]), CURSOR_SHARE).hex6
    return variables | made


INKS: Mapping[str, str] = {
    "strong": "bold",
    "dim": "$shade-dim",
    "head": "$shade-head",
    "rule": "$shade-rule",
    "accent": "$accent",
    "good": "$success",
    "bad": "$error",
    "busy": "$warning",
    "link": "underline $secondary",
    "tab-open": "bold reverse",
    "tab": "bold on $panel",
    "tab-focused": "bold #ffffff on $primary",
    "title": "$shade-head on $panel",
    "title-focused": "#ffffff on $primary",
    "cursor": "on $shade-cursor",
    "cursor-blurred": "on $shade-blurred",
}
"""Each ink as a style of a theme's variables. A state is never shown by its ink alone."""

PLAIN_INKS: Mapping[str, str] = {
    "dim": "dim",
    "bad": "bold",
    "busy": "bold",
    "accent": "bold",
    "link": "underline",
    "tab-focused": "bold reverse",
    "title": "bold",
    "title-focused": "bold reverse",
    "tab-open": "bold underline",
    "cursor": "reverse",
    "cursor-blurred": "underline",
}
"""What is different on a terminal without colours (`NO_COLOR`)."""


@lru_cache(64)
def badge(colour: str) -> Style:
    """The style of a profile's name: black or white, whichever is easier to read, on its colour (`#rrggbb`)."""
    if has_no_colours():
        return Style(bold=True, reverse=True)
    text = "#000000" if Color.parse(colour).brightness > 0.45 else "#ffffff"
    return Style.parse(f"bold {text} on {colour}")


@lru_cache(1)
def _inks_of(app: App[object], theme: str) -> dict[str, Style]:
    if not has_no_colours():
        return inks(app.get_css_variables())
    return {name: Style.parse(PLAIN_INKS.get(name, "bold" if name == "strong" else "none")) for name in INKS}


def ink(widget: Widget, name: str) -> Style:
    """The ink called `name` in the current theme of the widget's app."""
    return _inks_of(widget.app, widget.app.theme)[name]


def inks(variables: Mapping[str, str]) -> dict[str, Style]:
    """The inks in the colours of a theme with these variables, `shades` among them."""
    made = {}
    for name, look in INKS.items():
        words = (variables[word[1:]] if word.startswith("$") else word for word in look.split())
        made[name] = Style.parse(" ".join(words))
    return made
