"""The dialog of the profiles: it lists them, and uses, adds, edits, tests and removes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from textual import work
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from faldeck.app.doctor import check_key
from faldeck.config import credentials, settings, toml_edit
from faldeck.config.profile import SETTINGS, TEMPLATES
from faldeck.config.settings import DEMO, OFFICIAL, Config, ConfigError, Profile
from faldeck.config.toml_edit import ProfileRemoval
from faldeck.history import HistoryError
from faldeck.tui.dialogs.picker import Picker, PickerItem
from faldeck.tui.dialogs.profile_form import ProfileForm, Subject
from faldeck.tui.dialogs.profile_list import ProfileAction, ProfileList

WIDTH = 78


class ProfileChoice(NamedTuple):
    """The profile that the person chose."""

    profile: str
    has_changed: bool
    """Whether any profile has changed."""


class RemovedProfile(NamedTuple):
    """The removed profile with its key, until the next action."""

    name: str
    settings: ProfileRemoval
    key: credentials.Credential | None


class ProfilesDialog(ModalScreen["ProfileChoice | None"]):
    """Returns the profile to use, None if nothing has changed."""

    def __init__(self, config: Config, open_jobs: Callable[[str], Awaitable[int]]) -> None:
        """`open_jobs` counts the unfinished jobs of a profile."""
        super().__init__()
        self._open_jobs = open_jobs
        self._list = ProfileList(config)
        self._list.styles.width = WIDTH
        self._has_changed = False
        self._removed: RemovedProfile | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="popup"):
            yield self._list

    def on_mount(self) -> None:
        self._list.focus()

    @property
    def _config(self) -> Config:
        return self._list.config

    def action_close(self) -> None:
        self.dismiss(ProfileChoice(self._config.profile, True) if self._has_changed else None)

    @work(exclusive=True)
    async def on_profile_list_action_requested(self, event: ProfileList.ActionRequested) -> None:
        try:
            match event.action:
                case ProfileAction.USE:
                    await self._use(event.name)
                case ProfileAction.ADD:
                    await self._add()
                case ProfileAction.EDIT:
                    await self._edit(event.name)
                case ProfileAction.REMOVE:
                    await self._remove(event.name)
                case ProfileAction.UNDO:
                    self._undo()
                case ProfileAction.TEST:
                    await self._test(event.name)
                case ProfileAction.SET_DEFAULT:
                    self._set_default(event.name)
        except (ConfigError, OSError, HistoryError) as error:
            self._list.say(str(error))

    async def _use(self, name: str) -> None:
        """Uses a profile; asks for its key first if it has none."""
        if self._credential(name) is None:
            subject = Subject(f"There is no key for {name} yet", (), name, toml_edit.profile_settings(name))
            if await self.app.push_screen_wait(ProfileForm(self._config, subject)) is None:
                return
            self._has_changed = True
        self.dismiss(ProfileChoice(name, self._has_changed))

    async def _add(self) -> None:
        if name := await described(self.app):
            self._changed(f"{name} is added. Enter uses it, t tests it.", at=name)

    async def _edit(self, name: str) -> None:
        if name == DEMO:
            self._list.say("The demo is built in: it has no settings to change.")
            return
        asked = [key for key in SETTINGS if name != OFFICIAL.name or key != "base"]
        subject = Subject(f"Profile {name}", asked, name, toml_edit.profile_settings(name))
        if await self.app.push_screen_wait(ProfileForm(self._config, subject)):
            self._changed(f"{name} is changed.", at=name)

    async def _remove(self, name: str) -> None:
        if name in (DEMO, self._config.profile):
            why = "is built in" if name == DEMO else "is in use: use another first"
            self._list.say(f"{name} {why}.")
            return
        if not await self._may_go(name):
            return
        saved = credentials.saved(name)
        removed = toml_edit.remove_profile(name)
        credentials.remove(name)
        self._removed = RemovedProfile(name, removed, saved)
        rest = "is as built-in again" if name == OFFICIAL.name else "is removed"
        self._changed(f"{name} {rest}, and its saved key is forgotten. u puts both back.")

    async def _may_go(self, name: str) -> bool:
        """Asks before a profile with unfinished jobs is removed. In the demo it always asks: it cannot count them."""
        if name == OFFICIAL.name:
            return True
        count = await self._open_jobs(name)
        if not count and self._config.profile != DEMO:
            return True
        jobs = f"{count:,} open jobs" if count else "open jobs"
        question = f"faldeck would no longer follow {jobs} of {name}. Remove it?"
        answers = [PickerItem("No, keep it", False), PickerItem("Yes", True)]
        picked = await self.app.push_screen_wait(Picker(question, answers, width=WIDTH - 4))
        return bool(picked and picked.value)

    def _undo(self) -> None:
        if self._removed is None:
            self._list.say("There is nothing to restore.")
            return
        removed, self._removed = self._removed, None
        toml_edit.undo_removal(removed.settings)
        if removed.key:
            credentials.save(removed.name, removed.key.key)
        self._changed(f"{removed.name} is restored.", at=removed.name)

    async def _test(self, name: str) -> None:
        credential = self._credential(name)
        if name == DEMO:
            self._list.say("The demo has its own key.")
        elif credential is None:
            self._list.say(f"{name} has no key to test. e adds one.")
        else:
            self._list.say(f"Testing the key of {name}…")
            self._list.say((await check_key(self._config.get_profile(name), credential)).words)

    def _set_default(self, name: str) -> None:
        toml_edit.set_default_profile(name)
        self._list.say(f"faldeck and its commands use {name} from now on, unless --profile names another.")

    def _credential(self, name: str) -> credentials.Credential | None:
        profile = self._config.profiles.get(name) or Profile(name=name, queue_url="")
        return credentials.find(profile, credentials.environment(self._config))

    def _changed(self, words: str, at: str = "") -> None:
        """Shows the profiles as they are on disk now, and new problems there."""
        before = self._config.problems
        self._has_changed = True
        self._list.show(settings.reload_profiles(self._config), at)
        fresh = [problem for problem in self._config.problems if problem not in before]
        self._list.say(fresh[0] if fresh else words)


async def described(app: App[str]) -> str | None:
    """Asks for a new profile and saves it. Returns its name, or None."""
    items = [PickerItem(template.label, template, hint=template.hint) for template in TEMPLATES]
    picked = await app.push_screen_wait(Picker("What kind of profile?", items, width=66))
    if picked is None:
        return None
    template = picked.value
    subject = Subject(f"A new profile: {template.label}", template.asked, settings=template.settings)
    return await app.push_screen_wait(ProfileForm(settings.reload_profiles(Config()), subject))
