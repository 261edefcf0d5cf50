"""The colours of the deck: which theme is shown, chosen by the person or by the terminal's background, and kept."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from faldeck.config.settings import THEMES
from faldeck.tui.actions.ui import Ui, reporting
from faldeck.tui.palettes import Depth
from faldeck.tui.terminal import colours, textual_private
from faldeck.tui.terminal.plain import has_no_colours
from faldeck.tui.theme import DARK_NAME, LIGHT_NAME, own_themes

if TYPE_CHECKING:
    from textual.app import App

AUTO = THEMES[0]


class Themes:
    """The theme of one app."""

    def __init__(self, app: App[Any], setting: str) -> None:
        """Shows the theme that `setting` names. For `auto` it is dark until a light background is known."""
        self._app = app
        self.setting = setting
        self._is_light = bool(colours.is_light(os.environ))
        for theme in own_themes(Depth(colours.color_system(os.environ))):
            app.register_theme(theme)
        self._show()

    def _show(self) -> None:
        auto = LIGHT_NAME if self._is_light else DARK_NAME
        name = auto if self.setting == AUTO else self.setting
        if name != self._app.theme:
            self._app.theme = name
            self._app.call_later(self._repaint)

    def _repaint(self) -> None:
        """Draws every line again: Textual draws only widgets whose own style names a colour."""
        for screen in self._app.screen_stack:
            for widget in screen.walk_children(with_self=True):
                widget.refresh()

    def ask_background(self) -> None:
        """Asks the terminal for its background, where that decides the theme. The answer may come at any time."""
        is_decided = self.setting != AUTO or has_no_colours() or colours.is_light(os.environ) is not None
        if not is_decided and colours.can_be_asked(os.environ):
            textual_private.ask_background(self._app, self._told)

    def _told(self, is_light: bool) -> None:
        self._is_light = is_light
        self._show()

    async def pick(self, ui: Ui) -> None:
        """Lets the person choose a theme."""
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        notes = {AUTO: "as the terminal: dark or light", DARK_NAME: "our own, dark", LIGHT_NAME: "our own, light"}
        items = [PickerItem(name, name, notes.get(name, "")) for name in THEMES]
        picked = await ui.ask(Picker("Theme", items, current=THEMES.index(self.setting)))
        if picked:
            await self.choose(picked.value)

    async def choose(self, name: str) -> None:
        """Shows a theme of `THEMES` from now on, and keeps it in the config."""
        from faldeck.config import toml_edit

        self.setting = name
        self._show()
        with reporting(self._app, "The theme is not kept."):
            await asyncio.to_thread(toml_edit.set_setting, "theme", name)
        self._repaint()
