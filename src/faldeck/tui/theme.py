"""The deck's own themes, the shades that every theme gets, and the named inks for lines."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.theme import Theme
from textual.widget import Widget

from faldeck.tui.palettes import DARK, LIGHT, Depth, Palette
from faldeck.tui.terminal.plain import has_no_colours

DARK_NAME, LIGHT_NAME = "faldeck", "faldeck-light"

READABLE, VISIBLE = 4.5, 3.0
"""The least contrast of texts and of lines (WCAG AA)."""


def own_themes(depth: Depth) -> tuple[Theme, Theme]:
    """The dark and the light theme for a terminal with so many colours."""
    return _theme(DARK_NAME, DARK[depth], is_dark=True), _theme(LIGHT_NAME, LIGHT[depth], is_dark=False)


def _theme(name: str, palette: Palette, *, is_dark: bool) -> Theme:
    return Theme(
        name=name,
        primary=palette.focus,
        secondary=palette.link,
        accent=palette.accent,
        success=palette.good,
        warning=palette.busy,
        error=palette.bad,
        foreground=palette.foreground,
        background=palette.background,
        surface=palette.surface,
        panel=palette.panel,
        dark=is_dark,
        variables={
            **_shades(palette),
            "input-cursor-background": palette.foreground,
            "input-cursor-foreground": palette.background,
            "input-selection-background": palette.focus,
            "input-selection-foreground": palette.focus_text,
            "block-cursor-background": palette.focus,
            "block-cursor-foreground": palette.focus_text,
            "scrollbar": palette.rule,
            "scrollbar-background": palette.surface,
        },
    )


def _shades(palette: Palette) -> dict[str, str]:
    """The colours of a palette that Textual has no name for, as variables."""
    return {
        "shade-dim": palette.dim,
        "shade-head": palette.head,
        "shade-rule": palette.rule,
        "shade-good-sign": palette.good_sign,
        "shade-cursor": palette.cursor,
        "shade-blurred": palette.blurred,
        "shade-title": palette.title,
        "shade-title-text": palette.title_text,
        "shade-title-key": palette.title_key,
        "shade-focus": palette.focus,
        "shade-focus-text": palette.focus_text,
        "shade-focus-key": palette.focus_key,
    }


ANSI_SHADES = {
    "shade-dim": "ansi_default",
    "shade-head": "ansi_default",
    "shade-rule": "ansi_default",
    "shade-good-sign": "ansi_green",
    "shade-cursor": "",
    "shade-blurred": "",
    "shade-title": "ansi_blue",
    "shade-title-text": "ansi_bright_white",
    "shade-title-key": "ansi_bright_yellow",
    "shade-focus": "ansi_cyan",
    "shade-focus-text": "ansi_black",
    "shade-focus-key": "ansi_black",
}
"""The shades of a theme that leaves the colours to the terminal."""


TYPED = {"shade-selection-style": "none"}
TYPED_WITHOUT_COLOURS = {"shade-selection-style": "underline", "input-cursor-text-style": "reverse"}
"""How the selection in a typed text is drawn, and the cursor where colours cannot show it."""


def with_shades(variables: dict[str, str]) -> dict[str, str]:
    """A theme's variables with the shades that panes use. The deck's own themes have them already.

    They are plain colours, because lines are drawn without blending. Other themes are not made for small dim texts, so
    each shade goes as far towards the foreground as it must to be readable. Without colours the cursor and the
    selection in a typed text are told by their style.
    """
    variables = variables | (TYPED_WITHOUT_COLOURS if has_no_colours() else TYPED)
    if "shade-dim" in variables:
        return variables
    if variables["background"].startswith("ansi_"):
        return variables | ANSI_SHADES
    background, foreground = Color.parse(variables["background"]), Color.parse(variables["foreground"])
    primary, panel = Color.parse(variables["primary"]), background.blend(foreground, 0.14)
    cursor = background.blend(primary, 0.3)
    on_primary = max((Color.parse("#ffffff"), Color.parse("#000000")), key=lambda text: contrast(text, primary))
    made = {
        "shade-dim": readable(background.blend(foreground, 0.48), cursor, foreground),
        "shade-head": readable(background.blend(foreground, 0.72), cursor, foreground),
        "shade-rule": readable(background.blend(foreground, 0.25), background, foreground, least=VISIBLE),
        "shade-cursor": cursor,
        "shade-blurred": background.blend(foreground, 0.1),
        "shade-title": panel,
        "shade-title-text": readable(background.blend(foreground, 0.72), panel, foreground),
        "shade-title-key": readable(Color.parse(variables["accent"]), panel, foreground),
        "shade-focus": primary,
        "shade-focus-text": on_primary,
        "shade-focus-key": on_primary,
    }
    signs = ("accent", "success", "warning", "error", "secondary")
    texts = {name: readable(Color.parse(variables[name]), cursor, foreground) for name in signs}
    colours = {name: colour.hex6 for name, colour in (made | texts).items()}
    return variables | colours | {"shade-good-sign": colours["success"]}


def readable(colour: Color, ground: Color, towards: Color, *, least: float = READABLE) -> Color:
    """The colour, moved towards another until its contrast with a ground is at least `least`, or all the way."""
    for step in range(20):
        moved = colour.blend(towards, step / 20)
        if contrast(moved, ground) >= least:
            return moved
    return towards


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


INKS: Mapping[str, str] = {
    "strong": "bold",
    "dim": "$shade-dim",
    "head": "$shade-head",
    "rule": "$shade-rule",
    "accent": "$accent",
    "good": "$success",
    "good-sign": "$shade-good-sign",
    "bad": "$error",
    "busy": "$warning",
    "link": "underline $secondary",
    "tab-open": "bold reverse",
    "tab": "bold on $panel",
    "tab-focused": "bold $shade-focus-text on $shade-focus",
    "title": "$shade-title-text on $shade-title",
    "title-key": "$shade-title-key",
    "title-focused": "$shade-focus-text on $shade-focus",
    "title-focused-key": "$shade-focus-key",
    "jump": "bold reverse",
    "cursor": "on $shade-cursor",
    "cursor-blurred": "on $shade-blurred",
}
"""Each ink as a style of a theme's variables. A state is never shown by its ink alone."""

WITHOUT_GROUND: Mapping[str, str] = {"cursor": "reverse", "cursor-blurred": "underline"}
"""How a row is marked in a theme whose palette has no ground for it."""

PLAIN_INKS: Mapping[str, str] = {
    "dim": "dim",
    "bad": "bold",
    "busy": "bold",
    "accent": "bold",
    "link": "underline",
    "tab": "bold underline",
    "tab-focused": "bold reverse",
    "title": "bold",
    "title-key": "bold",
    "title-focused": "bold reverse",
    "title-focused-key": "bold",
    "tab-open": "bold underline",
    "jump": "bold reverse underline",
    "cursor": "reverse",
    "cursor-blurred": "underline",
}
"""What is different on a terminal without colours (`NO_COLOR`)."""


@lru_cache(64)
def badge(colour: str) -> Style:
    """The style of a profile's name: black or white, whichever is easier to read, on its colour (`#rrggbb`)."""
    if has_no_colours():
        return Style(bold=True, reverse=True)
    ground = Color.parse(colour)
    text = max(("#000000", "#ffffff"), key=lambda one: contrast(Color.parse(one), ground))
    return Style.parse(f"bold {text} on {colour}")


@lru_cache(1)
def _inks_of(app: App[object], theme: str) -> dict[str, Style]:
    if not has_no_colours():
        return inks(app.get_css_variables())
    return {name: Style.parse(PLAIN_INKS.get(name, "bold" if name == "strong" else "none")) for name in INKS}


def ink(widget: Widget, name: str) -> Style:
    """The ink called `name` in the current theme of the widget's app."""
    return _inks_of(widget.app, widget.app.theme)[name]


def _rich(colour: str) -> str:
    """A colour of a theme in the words of Rich."""
    return "default" if colour == "transparent" else colour.removeprefix("ansi_")


def inks(variables: Mapping[str, str]) -> dict[str, Style]:
    """The inks in the colours of a theme with these variables, the shades among them."""
    made = {}
    for name, look in INKS.items():
        words = [_rich(variables[word[1:]]) if word.startswith("$") else word for word in look.split()]
        made[name] = Style.parse(" ".join(words) if all(words) else WITHOUT_GROUND[name])
    return made
