"""The first screen without a key: paste one, name a relay, or try the demo."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Static

from faldeck.config import credentials, toml_edit
from faldeck.config.settings import DEMO, Config, ConfigError, reload_profiles
from faldeck.tui.bindings import bindings
from faldeck.tui.dialogs.picker import Picker, PickerItem
from faldeck.tui.dialogs.profile_form import ProfileForm, Subject
from faldeck.tui.dialogs.profiles import described
from faldeck.tui.panes import welcome
from faldeck.tui.terminal.plain import is_ascii_only

WELCOME = """\
There is no key for the profile “{profile}” yet: {hint}"""

KEYS = "↑ and ↓ choose, Enter goes on, Esc leaves."


class Setup(Screen["str | None"]):
    """Returns the name of the profile to use: one with a key, or `demo`; None to leave."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("setup")

    def __init__(self, config: Config, try_demo: Callable[[], None]) -> None:
        """`try_demo` raises OSError, with a sentence, if the demo cannot be started."""
        super().__init__()
        self._config = config
        self._try_demo = try_demo

    def compose(self) -> ComposeResult:
        profile = self._config.active
        unset = f"${profile.key_env} is not set." if profile.key_env else "none is saved."
        hint = credentials.key_problem(profile, credentials.environment(self._config)) or unset
        with Vertical(id="setup"):
            yield Static("\n".join(["faldeck"] if is_ascii_only() else welcome.NAME), classes="welcome", markup=False)
            yield Static(welcome.SLOGAN, markup=False)
            yield Static(WELCOME.format(profile=profile.name, hint=hint), markup=False)
            yield Static("", id="answer", markup=False)

    @work
    async def on_mount(self) -> None:
        """Asks how to start until a profile can be used."""
        choices = [
            PickerItem("Paste a key", "key", hint=f"for {self._config.profile}"),
            *(PickerItem(f"Go on with {name}", f"use {name}", hint="it has a key") for name in self._usable()),
            PickerItem("Use a relay", "relay", hint="a gateway with its own key"),
            PickerItem("Try the demo", "demo", hint="no key, costs nothing"),
            PickerItem("Leave", "leave"),
        ]
        place = 0
        while True:
            picked = await self.app.push_screen_wait(
                Picker("How do you want to start?", choices, current=place, width=60, text=KEYS)
            )
            if picked is None or picked.value == "leave":
                self.dismiss(None)
                return
            place = choices.index(picked)
            try:
                if profile := await self._begun(picked.value):
                    self.dismiss(profile)
                    return
            except (ConfigError, OSError) as error:
                self.query_one("#answer", Static).update(str(error))

    def _usable(self) -> list[str]:
        """The other profiles, which have a key."""
        environment = credentials.environment(self._config)
        taken = (self._config.profile, DEMO)
        others = [profile for name, profile in self._config.profiles.items() if name not in taken]
        return [profile.name for profile in others if credentials.find(profile, environment)]

    async def _begun(self, way: str) -> str | None:
        """The profile that can be used, None if the person cancelled."""
        if way == "demo":
            await asyncio.to_thread(self._try_demo)
            return DEMO
        if way.startswith("use "):
            return way.removeprefix("use ")
        if way == "relay":
            if (new := await described(self.app)) is None:
                return None
            toml_edit.set_default_profile(new)  # Next time, too: no other profile can be used.
            self._config = replace(reload_profiles(self._config), profile=new)
        name = self._config.profile
        if credentials.find(self._config.active, credentials.environment(self._config)):
            return name
        subject = Subject(f"Your key for {name}", (), name, toml_edit.profile_settings(name))
        return await self.app.push_screen_wait(ProfileForm(self._config, subject))
