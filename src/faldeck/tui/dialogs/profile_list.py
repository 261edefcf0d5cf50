"""The list of profiles: the kind, the colour and the key's origin of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from urllib.parse import urlsplit

from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from faldeck.config import credentials
from faldeck.config.settings import DEMO, OFFICIAL, Config, ConfigError
from faldeck.safety import sanitize
from faldeck.tui.bindings import bindings
from faldeck.tui.panes.lines import Span, cut, pad, wrap
from faldeck.tui.panes.pane import PLAIN, ListPane
from faldeck.tui.theme import badge

SAID_LINES = 2
KEYS = {
    "Enter": "use",
    "a": "add",
    "e": "edit",
    "d": "remove",
    "t": "test",
    "b": "start with",
    "Esc": "close",
}


class ProfileAction(StrEnum):
    """What can be done with profiles."""

    USE = "use"
    ADD = "add"
    EDIT = "edit"
    REMOVE = "remove"
    UNDO = "undo"
    TEST = "test"
    SET_DEFAULT = "set_default"


class ProfileList(ListPane):
    """One row for each profile; the demo is the last."""

    has_rule = False
    is_active = True

    BINDINGS: ClassVar[list[BindingType]] = bindings("found", "profiles")

    @dataclass
    class ActionRequested(Message):
        """The person pressed the key of an action on a profile."""

        action: ProfileAction
        name: str

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.message = ""
        """The result of the last action."""
        self.show(config)
        self.cursor = self.names.index(config.profile)

    def show(self, config: Config, at: str = "") -> None:
        """Shows the profiles of a config, with the cursor on `at` if that exists."""
        self.config = config
        self.names = [*(name for name in config.profiles if name != DEMO), DEMO]
        self.styles.height = 1 + len(self.names) + self.foot
        if at in self.names:
            self.cursor = self.names.index(at)
        self.cursor = min(self.cursor, len(self.names) - 1)
        self.refresh(layout=True)

    @property
    def highlighted(self) -> str:
        """The name under the cursor."""
        return self.names[self.cursor]

    @property
    def foot(self) -> int:
        return 2 + SAID_LINES

    def row_count(self) -> int:
        return len(self.names)

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        return (("Profiles", self.ink("strong")),), ()

    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        name = self.names[index]
        left = [
            (f" {index + 1} ", self.ink("dim")),
            ("● " if name == self.config.profile else "  ", self.ink("accent")),
            (f" {pad(cut(sanitize.clean_line(name), 16), 16)} ", badge(self.config.colour(name))),
            (f"  {sanitize.clean_line(_kind(self.config, name), limit=60)}", PLAIN),
        ]
        return left, ((f"  {_key_words(self.config, name)} ", self.ink("dim")),)

    def foot_line(self, y: int) -> Strip:
        if y == 0:
            return self.drawn((("─" * self.line_width, self.ink("rule")),))
        if y <= SAID_LINES:
            lines = wrap(self.message, self.line_width - 2, limit=SAID_LINES)
            return self.drawn(((f" {lines[y - 1]}", self.ink("head")),) if y - 1 < len(lines) else ())
        spans: list[Span] = []
        for key, word in KEYS.items():
            spans += [(f" {key}", self.ink("accent")), (f" {word} ", self.ink("head"))]
        return self.drawn(spans)

    def say(self, words: str) -> None:
        """Shows the result of an action."""
        self.message = sanitize.clean_line(words)
        self.refresh()

    def action_use(self, place: int = 0) -> None:
        if place <= len(self.names):
            self.post_message(
                self.ActionRequested(ProfileAction.USE, self.names[place - 1] if place else self.highlighted)
            )

    def action_act(self, action: str) -> None:
        self.post_message(self.ActionRequested(ProfileAction(action), self.highlighted))


def _kind(config: Config, name: str) -> str:
    """The kind of a profile, in a few words."""
    if name == DEMO:
        return "the built-in emulator, costs nothing"
    profile = config.profiles[name]
    host = urlsplit(profile.home_url).netloc.rpartition("@")[2]
    if profile.queue_url == OFFICIAL.queue_url:
        return host
    return f"{host}, {profile.auth if profile.queue_url else f'Images, {profile.images_auth}'}"


def _key_words(config: Config, name: str) -> str:
    """The origin of a profile's key; never the key itself."""
    if name == DEMO:
        return ""
    try:
        credential = credentials.find(config.profiles[name], credentials.environment(config))
    except ConfigError:
        return "key cannot be read"
    if credential is None:
        return "no key yet"
    return f"key from {credential.origin}" if credential.origin.startswith("$") else "key saved"
