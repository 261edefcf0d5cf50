"""The dialog that edits a profile: a line for each setting and one for its key, which is tested before it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from faldeck.app.doctor import KeyCheck, KeyStatus, check_key
from faldeck.config import credentials, toml_edit
from faldeck.config import profile as templates
from faldeck.config.credentials import Credential
from faldeck.config.settings import Config, ConfigError, Profile
from faldeck.config.toml_edit import InvalidProfile
from faldeck.config.toml_read import ConfigProblem
from faldeck.safety import sanitize
from faldeck.tui.bindings import bindings
from faldeck.tui.dialogs.text import SecretInput
from faldeck.tui.form.inputs import SingleLineInput

NAME, KEY = "name", "key"

HELP = {
    NAME: "what you call it",
    KEY: "saved in a file that only you can read; empty: no change",
    **templates.SETTINGS,
}

KEYS = "Enter next line · ^J saves it · ^T tests it for free · Esc closes"


class Subject(NamedTuple):
    """The profile that is edited."""

    heading: str
    asked: Sequence[str]
    """The settings that have a line."""
    name: str = ""
    """Empty for a new profile: the dialog asks for its name."""
    settings: Mapping[str, object] = {}
    """Its table in the file, or the one to write."""

    @property
    def lines(self) -> Sequence[str]:
        """All lines of the dialog, in order."""
        return [*([] if self.name else [NAME]), *self.asked, KEY]


class ProfileForm(ModalScreen["str | None"]):
    """Returns the name of the profile after it is saved, None if nothing was changed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("profile")

    def __init__(self, config: Config, subject: Subject) -> None:
        super().__init__()
        self._config = config
        self._subject = subject
        self._said = ""
        """The last warning. If the same one comes again, the dialog acts instead of warning."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="popup rows"):
            yield Static(sanitize.clean_line(self._subject.heading), classes="heading", markup=False)
            with Vertical(id="lines"):  # Scrolled if there are many; the text below is not.
                for name in self._subject.lines:
                    with Horizontal():
                        yield Static(f" {name}", classes="label", markup=False)
                        yield self._line(name)
            yield Static("", id="said", classes="hint", markup=False)
            yield Static(KEYS, classes="hint", markup=False)

    def _line(self, name: str) -> Input:
        if name == KEY:
            line: Input = SecretInput(placeholder="paste it here", id=KEY)
        else:
            value = self._subject.settings.get(name)
            shown = "" if value is None else templates.setting_as_text(value)
            line = SingleLineInput(value=shown, placeholder=self._inherited(name) or HELP[name], id=name, compact=True)
        line.cursor_blink = False
        return line

    def _inherited(self, name: str) -> str:
        """The value of a setting that is not in the file."""
        profile = self._config.profiles.get(self._subject.name)
        return templates.setting_as_text(getattr(profile, name, None) or "") if profile else ""

    def on_mount(self) -> None:
        self.query(Input).first().focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._say(HELP.get(event.widget.id or "", ""))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        lines = list(self.query(Input))
        place = lines.index(event.input)
        if place + 1 < len(lines):
            lines[place + 1].focus()
        else:
            self.action_keep()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._said = ""

    # What was typed

    @property
    def _typed(self) -> dict[str, str]:
        return {line.id or "": line.value.strip() for line in self.query(Input)}

    def _described(self) -> tuple[Profile, dict[str, object]]:
        """The typed profile and its table; raises ConfigError."""
        if not self._is_table_asked:
            return self._config.get_profile(self._subject.name), {}
        typed = self._typed
        name = self._subject.name or typed[NAME]
        if not self._subject.name and name in self._config.profiles:
            raise ConfigError(f"A profile called {name!r} exists already; e in the list edits it.")
        asked = {key: templates.setting_from_text(key, typed[key]) for key in self._subject.asked}
        settings: dict[str, object] = {**self._subject.settings, **asked}
        wanted = {
            key: settings[key] for key in (*templates.SETTINGS, *settings) if settings.get(key) not in (None, "", [])
        }
        return toml_edit.check_profile(name, wanted, self._config), wanted

    def _credential(self, profile: Profile) -> Credential | None:
        if key := self._typed[KEY]:
            return credentials.key_from_text(key, profile)
        return credentials.find(profile, credentials.environment(self._config))

    # Actions

    @work(exclusive=True)
    async def action_try(self) -> None:
        """Tests the typed profile; saves nothing."""
        try:
            profile, _ = self._described()
            self._say((await self._tried(profile)).words)
        except ConfigError as error:
            self._refuse(error)

    @work(exclusive=True)
    async def action_keep(self) -> None:
        """Saves the profile. A typed key is tested first; a refused key is not saved."""
        try:
            profile, wanted = self._described()
            if not await self._may_be_kept(profile):
                return
            if self._is_table_asked:
                toml_edit.save_profile(profile.name, wanted)
            if key := self._typed[KEY]:
                credentials.save(profile.name, key, of_fal=credentials.is_fal(profile))
        except (ConfigError, OSError) as error:
            self._refuse(error)
        else:
            self.dismiss(profile.name)

    @property
    def _is_table_asked(self) -> bool:
        """Whether more than the key must be saved."""
        return bool(self._subject.asked) or not self._subject.name

    async def _may_be_kept(self, profile: Profile) -> bool:
        if not self._typed[KEY]:
            if not self._is_table_asked:
                raise InvalidProfile(ConfigProblem((KEY,), "A key is needed: paste it into its line.", ""))
            return True
        verdict = await self._tried(profile)
        if verdict.status is KeyStatus.GOOD:
            return True
        words = f"Not saved: {verdict.words}"
        if verdict.status is KeyStatus.UNKNOWN:
            words = f"{verdict.words} ^J once more saves it untested."
            if words == self._said:
                return True
        self._say(words)
        self._said = words
        return False

    async def _tried(self, profile: Profile) -> KeyCheck:
        credential = self._credential(profile)
        if credential is None:
            return KeyCheck(KeyStatus.UNKNOWN, "There is no key to test yet.")
        self.query_one("#said", Static).update("Testing the key…")
        return await check_key(profile, credential)

    def _refuse(self, error: Exception) -> None:
        """Shows why the profile cannot be saved, at the wrong line."""
        if isinstance(error, InvalidProfile) and error.key in self._typed:
            self.query_one(f"#{error.key}", Input).focus()
        self.call_after_refresh(self._say, str(error))

    def _say(self, text: str) -> None:
        self.query_one("#said", Static).update(sanitize.clean_line(text))

    def action_leave(self) -> None:
        before = {name: templates.setting_as_text(self._subject.settings.get(name, "")) for name in self._subject.lines}
        again = "The changes are not saved. Esc once more closes."
        if self._typed == before or self._said == again:
            self.dismiss(None)
        else:
            self._say(again)
            self._said = again
