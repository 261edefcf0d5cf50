"""The deck's own colours, and the shades that every theme gets so that panes can be drawn in it."""

from __future__ import annotations

from textual.color import Color
from textual.theme import Theme

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
