"""The first screen without a key: paste one, name a relay, or try the demo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from faldeck import config, hostile
from faldeck.config import Config, ConfigError, Profile, credentials
from faldeck.config.credentials import Credential
from faldeck.fal.errors import FalError, Forbidden, Unauthorized
from faldeck.services import Services
from faldeck.tui.popups import Item, Picker

WELCOME = """\
faldeck is a deck for fal.ai in the terminal.
There is no key for the profile “{profile}” yet: {hint}"""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is asked for in a row of its own."""

    id: str
    label: str
    is_secret: bool = False
    initial: str = ""


KEY_QUESTIONS = (Question("key", "Your key (fal.ai/dashboard/keys)", is_secret=True),)

RELAY_QUESTIONS = (
    Question("name", "A name for the relay", initial="relay"),
    Question("url", "Its base URL, to which /fal-ai/… is added"),
    Question("auth", "The word before the key: Key or Bearer", initial="Bearer"),
    Question("key", "Your key", is_secret=True),
)


class Setup(Screen[str]):
    """Gives the name of the profile that can be used now: one with a key, or `demo`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "ask", "Back", show=False),
        Binding("ctrl+c", "app.quit", "Quit", show=False),
    ]

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self._profile = profile
        self._questions: Sequence[Question] = ()

    def compose(self) -> ComposeResult:
        hint = f"${self._profile.key_env} is not set." if self._profile.key_env else "none is saved."
        with Vertical(id="setup"):
            yield Static(WELCOME.format(profile=self._profile.name, hint=hint), markup=False)
            yield Vertical(id="questions")
            yield Static("", id="answer", markup=False)

    def on_mount(self) -> None:
        self.action_ask()

    @work(exclusive=True)
    async def action_ask(self) -> None:
        """Asks how to go on; the questions that follow from it are shown in rows."""
        ways = [
            Item("Paste a key", "key", hint=f"for {self._profile.name}"),
            Item("Use a relay", "relay", hint="a gateway with its own key"),
            Item("Try the demo", "demo", hint="no key, nothing is paid"),
            Item("Leave", "leave"),
        ]
        picked = await self.app.push_screen_wait(Picker("How do you want to begin?", ways, width=60))
        match picked.value if picked else "leave":
            case "key":
                await self._show(KEY_QUESTIONS)
            case "relay":
                await self._show(RELAY_QUESTIONS)
            case "demo":
                self.dismiss("demo")
            case _:
                self.app.exit()

    async def _show(self, questions: Sequence[Question]) -> None:
        self._questions = questions
        rows = self.query_one("#questions")
        await rows.remove_children()
        for question in questions:
            line = Input(value=question.initial, password=question.is_secret, id=question.id, compact=True)
            line.cursor_blink = False
            await rows.mount(Static(question.label, markup=False), line)
        rows.query(Input).first().focus()
        self._say("Enter goes on · Esc goes back. The key is written to a file that only you can read.")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        lines = list(self.query(Input))
        place = lines.index(event.input)
        if place + 1 < len(lines):
            lines[place + 1].focus()
        else:
            self._finish({line.id or "": line.value.strip() for line in lines})

    @work(exclusive=True)
    async def _finish(self, answers: dict[str, str]) -> None:
        """Tries the key, for free, and keeps it where the service takes it."""
        try:
            is_relay = "url" in answers
            profile = config.relay(answers["name"], answers["url"], answers["auth"]) if is_relay else self._profile
            self._say("Trying the key…")
            await _try(profile, answers["key"])
            credentials.save(profile.name, answers["key"])
            if is_relay:
                config.add(profile)
        except (Unauthorized, Forbidden) as error:
            self._say(f"The service does not take this key: {hostile.clean_line(error.message)}")
        except FalError as error:
            self._say(f"The key could not be tried: {hostile.clean_line(error.message)}")
        except (ConfigError, OSError, ValueError) as error:
            self._say(str(error))
        else:
            self.dismiss(profile.name)

    def _say(self, text: str) -> None:
        self.query_one("#answer", Static).update(text)


async def _try(profile: Profile, key: str) -> None:
    """Asks something that costs nothing with the key; raises FalError."""
    if not key:
        raise ValueError("A key is needed: paste it into its line.")
    services = Services(Config().with_profile(profile), find_key=lambda _: Credential(key, "typed"))
    try:
        await services.gateway(profile.name).check_key()
    finally:
        await services.close()
