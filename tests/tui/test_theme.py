"""The colours: what is sent can be read, in each theme of the deck and on terminals with few colours."""

from __future__ import annotations

import pytest
from rich._palettes import EIGHT_BIT_PALETTE, STANDARD_PALETTE
from rich.color import Color as SentColor
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from faldeck.config.settings import THEMES
from faldeck.tui.palettes import Depth
from faldeck.tui.state_looks import LOOKS
from faldeck.tui.theme import DARK_NAME, LIGHT_NAME, READABLE, VISIBLE, contrast, inks, own_themes, with_shades

SYSTEMS = {
    Depth.FULL: ColorSystem.TRUECOLOR,
    Depth.MANY: ColorSystem.EIGHT_BIT,
    Depth.FEW: ColorSystem.STANDARD,
}
OWN = [pytest.param(theme, depth, id=f"{theme.name}-{depth}") for depth in Depth for theme in own_themes(depth)]
TEXTS = ("", "dim", "head", "accent", "good", "bad", "busy", "link")


def shown(colour: SentColor | None, depth: Depth) -> Color:
    """What a terminal with so many colours shows of a colour."""
    assert colour
    sent = colour.downgrade(SYSTEMS[depth])
    if sent.number is not None:
        return Color(*(STANDARD_PALETTE if depth is Depth.FEW else EIGHT_BIT_PALETTE)[sent.number])
    assert sent.triplet
    return Color(*sent.triplet)


def shown_name(value: str, depth: Depth) -> Color:
    return shown(SentColor.parse(value), depth)


@pytest.mark.parametrize(("theme", "depth"), OWN)
def test_texts_reach_the_contrast_of_wcag_aa_on_every_ground(theme: Theme, depth: Depth) -> None:
    variables = with_shades(theme.to_color_system().generate() | theme.variables)
    styles = inks(variables)
    grounds = {name: shown_name(variables[name], depth) for name in ("background", "surface")}
    for name in ("cursor", "cursor-blurred", "tab"):
        if not styles[name].reverse and not styles[name].underline:  # Those keep the colours of the text.
            assert styles[name].bgcolor
            grounds[name] = shown(styles[name].bgcolor, depth)

    faint = {
        (text or "plain", ground): round(contrast(colour, behind), 2)
        for text in TEXTS
        for colour in [shown(styles[text].color, depth) if text else shown_name(variables["foreground"], depth)]
        for ground, behind in grounds.items()
        if contrast(colour, behind) < READABLE
    }
    assert not faint
    for title in ("title", "title-focused"):
        behind = shown(styles[title].bgcolor, depth)
        assert all(contrast(shown(styles[text].color, depth), behind) >= READABLE for text in (title, f"{title}-key"))
    for sign in ("rule", "good-sign"):
        assert contrast(shown(styles[sign].color, depth), grounds["background"]) >= VISIBLE


@pytest.mark.parametrize(("theme", "depth"), OWN)
def test_what_is_marked_is_seen(theme: Theme, depth: Depth) -> None:
    variables = theme.to_color_system().generate() | theme.variables
    styles = inks(variables)
    background = shown_name(variables["background"], depth)

    for name in ("cursor", "cursor-blurred", "title", "title-focused"):
        ground = styles[name].bgcolor
        assert styles[name].reverse or styles[name].underline or (ground and shown(ground, depth) != background)
    titles = [shown(styles[name].bgcolor, depth) for name in ("title", "title-focused")]
    assert titles[0] != titles[1]


def test_failed_is_red_and_done_is_green_in_16_colours() -> None:
    for theme in own_themes(Depth.FEW):
        styles = inks(theme.to_color_system().generate() | theme.variables)
        signs = {state.value: shown(styles[look.sign_style].color, Depth.FEW) for state, look in LOOKS.items()}

        assert signs["failed"].r > 2 * signs["failed"].g
        assert signs["completed"].g > 2 * signs["completed"].r


def test_every_theme_that_can_be_chosen_exists_and_has_all_inks_readable_for_small_texts() -> None:
    assert set(THEMES) == {"auto", DARK_NAME, LIGHT_NAME, *BUILTIN_THEMES}
    for theme in BUILTIN_THEMES.values():
        variables = with_shades(theme.to_color_system().generate() | theme.variables)
        styles = inks(variables)
        if not theme.ansi:
            cursor, dim = Color.parse(variables["shade-cursor"]), Color.parse(variables["shade-dim"])
            foreground = Color.parse(variables["foreground"])
            assert contrast(dim, cursor) >= min(READABLE, contrast(foreground, cursor)), theme.name
        assert styles["title"] != styles["title-focused"], theme.name
