"""The Textual app: how the deck and the engine start and end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

# Both are read when Textual is imported.
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
os.environ.setdefault("ESCDELAY", "25")

from faldeck.tui import workers
from faldeck.tui.terminal import colours, plain

os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", colours.color_system(os.environ))

from textual import events, work
from textual.actions import ActionParseResult
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.widgets import Input, TextArea

from faldeck.app.session import Session
from faldeck.config.deck_state import DeckMemory, state_path
from faldeck.config.settings import DEMO, Config
from faldeck.keys.keymap import Keymap
from faldeck.safety import sanitize
from faldeck.system import signals
from faldeck.tui.actions import outputs, places, teaching
from faldeck.tui.actions.themes import Themes
from faldeck.tui.actions.ui import report
from faldeck.tui.bindings import bindings
from faldeck.tui.deck import Deck
from faldeck.tui.form.inputs import FieldInput
from faldeck.tui.key_reading import KeyReading
from faldeck.tui.panes.header_footer import Header
from faldeck.tui.terminal import title
from faldeck.tui.terminal.driver import driver_class
from faldeck.tui.terminal.key_queue import KeyOrPaste, KeyQueueApp
from faldeck.tui.terminal.plain import is_ascii_only
from faldeck.tui.terminal.textual_private import redraw_terminal, show_window_title
from faldeck.tui.terminal.typing_guard import KeyDecision
from faldeck.tui.theme import with_shades

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.console import RenderableType
    from textual.notifications import SeverityLevel

    from faldeck.engine.events import Event


INTERRUPTED = 130
"""The exit status of a deck that a signal ended."""

TITLE_SECONDS = 1.0
"""How soon the title of the window shows a change (seconds)."""

FRAME_SECONDS = 1 / 60
"""How soon Textual paints a change (seconds)."""


class DeckApp(KeyQueueApp[str], inherit_bindings=False):
    """faldeck on the whole screen. Returns the name of another profile to open, if any."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("app")

    CSS_PATH = "app.tcss"
    TITLE = "faldeck"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, engine: Session, try_demo: Callable[[], None] = lambda: None, memory: DeckMemory | None = None
    ) -> None:
        """`try_demo` raises OSError if the demo cannot be started. Without a `memory` nothing is remembered."""
        super().__init__(driver_class=driver_class())
        self.engine = engine
        self.own_keys = Keymap(engine.config.keys)
        self.set_keymap(self.own_keys.textual)
        self.themes = Themes(self, engine.config.theme)
        """The colours, as the person wants them."""
        self._try_demo = try_demo
        self._messages = teaching.MessageLog()
        self.memory = memory or DeckMemory()
        """What is remembered from one start to the next."""
        self._deck = Deck(engine, self.memory)
        self._keys = KeyReading(
            self,
            self.own_keys,
            place=lambda: self._deck.active_pane.id or "" if self.screen is self._deck else "",
            go_back=lambda place: self._deck.show_pane(place) if place else None,
            takes_text=lambda: self.screen is self._deck and self._deck.form.opening.takes_text,
        )

    def get_css_variables(self) -> dict[str, str]:
        return with_shades(super().get_css_variables())

    def get_default_screen(self) -> Deck:
        return self._deck

    def on_mount(self) -> None:
        self.themes.ask_background()
        if problems := self.engine.config.problems:
            # In one notification, because only the newest is seen.
            title = "A setting is left out" if len(problems) == 1 else "Settings are left out"
            self.notify("\n".join(problems), title=title, severity="warning", markup=False, timeout=15)
        if self.engine.has_key:
            self.call_after_refresh(self._fill)
        else:
            from faldeck.tui.dialogs.setup import Setup

            self.push_screen(Setup(self.engine.config, self._try_demo), self._set_up)

        if self.engine.config.title:
            self._show_title()
            self.set_interval(TITLE_SECONDS, self._show_title)

    def _show_title(self) -> None:
        show_window_title(self, title.of_jobs(self._deck.jobs.tabs.live, is_ascii=is_ascii_only()))

    def on_app_focus(self) -> None:
        self._deck.notices.focus_reported()

    on_app_blur = on_app_focus

    async def _set_up(self, profile: str | None) -> None:
        """Starts with a profile that can be used, or leaves without one."""
        if profile is None or not self.engine.can_switch_to(profile):
            self.exit(profile)
            return
        await self._deck.profile_actions.switch(profile)
        await self._fill()

    async def _fill(self) -> None:
        """Fills the panes from disk, and paints them before other work starts."""
        await self._deck.load()
        if self.memory.is_first_start and not self._deck.jobs.row_count():
            self._deck.query_one(Header).say(teaching.OFFER)
        workers.start(self._deck, self._deck.places.restore, exclusive=True, group="form")
        self.set_interval(places.KEEP_SECONDS, self._deck.places.keep)
        # Not after the next refresh: if a dialog opens now, that would wait until it closes.
        self.set_timer(FRAME_SECONDS, self._start_engine)

    @work
    async def _start_engine(self) -> None:
        """Imports the network code and resumes every unfinished job; does nothing if the deck was left."""
        gc.enable()
        if self.is_running:
            try:
                await asyncio.to_thread(self.engine.prepare)
                await self.engine.start(self._handle_event)
            except OSError as trouble:
                await self._say_why_not(sanitize.clean_line(str(trouble)))
                self.exit()
        if not self.is_running:
            return
        # Objects that exist now stay: collecting them again and again would delay keys.
        gc.freeze()
        # A deck that started at the same time may have listed them since this one read the disk.
        if self.engine.catalogue.is_stale or not self._deck.models.row_count():
            self._deck.models.action_refresh()

    async def _say_why_not(self, sentence: str) -> None:
        """Shows why the profile's own service cannot run, until the person has read it: nothing works without it."""
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        leave = [PickerItem("Leave faldeck", None, hint="q")]
        await self.push_screen_wait(Picker("The demo cannot start", leave, text=sentence, width=60))

    def decide(self, event: KeyOrPaste, following: KeyOrPaste | None = None) -> KeyDecision:
        # A focused line or area of text takes every key.
        if isinstance(event, events.Paste) or isinstance(self.focused, Input | TextArea):
            self._keys.forget()
            return KeyDecision.ACT
        decision = self._deck.decide(event, following)
        return self._keys.decide(event) if decision is KeyDecision.ACT else decision

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Runs an action, with the count that was typed before its key."""
        counted = self._keys.applied(action) if isinstance(action, str) else action
        return await super().run_action(counted, default_namespace, namespaces)

    def exit(self, result: str | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Ends the deck, and notes where it is left."""
        if self._deck.is_mounted:
            self._deck.places.note()
        super().exit(result, return_code, message)

    def is_typed(self, event: KeyOrPaste) -> bool:
        return isinstance(event, events.Key) and event.is_printable and isinstance(self.focused, FieldInput)

    def leave(self) -> None:
        """Ends the deck because the system asked for it; jobs go on."""
        self.call_later(self._deck.profile_actions.leave, status=INTERRUPTED)

    def _handle_event(self, event: Event) -> None:
        from faldeck.engine.events import JobChanged

        if not isinstance(event, JobChanged):
            report(self, event.sentence)
        elif self.is_running:
            self._deck.jobs.changed(is_minor=event.is_minor)

    def copy_to_clipboard(self, text: str) -> None:
        """Sends a text to the terminal's clipboard, without escape sequences; half a surrogate pair is sent as `?`."""
        super().copy_to_clipboard(sanitize.plain(text.encode("utf-8", "replace").decode("utf-8")))

    @contextlib.contextmanager
    def suspend(self) -> Iterator[None]:
        """Gives the terminal to another program. Ctrl-C then ends only that program."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        try:
            with super().suspend():
                yield
        finally:
            loop.add_signal_handler(signal.SIGINT, self.leave)

    async def action_theme(self, name: str) -> None:
        await self.themes.choose(name)

    @work
    async def action_themes(self) -> None:
        """Lets the person choose the colours."""
        await self.themes.pick(self._deck)

    @work
    async def action_tour(self) -> None:
        """Walks through the deck in five steps."""
        self._deck.query_one(Header).say("")
        await teaching.take_tour(self._deck, self.memory)

    @work
    async def action_topic(self, name: str) -> None:
        """Shows a topic of the help."""
        await teaching.show_topic(self._deck, name)

    @work
    async def action_messages(self) -> None:
        """Shows the messages of this session; the picked one is copied."""
        width = self.screen.size.width
        await teaching.show_messages(self._deck, self._messages, width, partial(outputs.copy_text, self))

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Shows a message for `timeout` seconds, and keeps it in the list of messages."""
        self._messages.add(message, title)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def action_jump(self) -> None:
        self._keys.jump()

    def action_redraw(self) -> None:
        """Sends the whole screen again."""
        redraw_terminal(self)
        self.screen.refresh(layout=True)


class DeckResult(NamedTuple):
    """How the deck was left."""

    status: int
    """The exit status."""
    profile: str | None
    """The profile that the person wants to use next."""


def run(
    config: Config,
    history_path: Path,
    *,
    serve: Callable[[], AbstractContextManager[object]] | None = None,
    try_demo: Callable[[], None] = lambda: None,
) -> DeckResult:
    """Shows the deck until the person leaves it; raises ConfigError.

    `serve` is as for `Session`, `try_demo` as for `DeckApp`.
    """
    memory = DeckMemory(state_path(is_demo=config.profile == DEMO))
    return asyncio.run(_run(DeckApp(Session(config, history_path, serve=serve), try_demo, memory)))


async def _run(app: DeckApp) -> DeckResult:
    with contextlib.suppress(NotImplementedError):  # Windows has no such signals.
        for number in signals.handled():
            asyncio.get_running_loop().add_signal_handler(number, app.leave)
    try:
        chosen = await app.run_async(mouse=app.engine.config.mouse and not plain.is_gnu_screen(os.environ))
    finally:
        await asyncio.to_thread(places.save, app.memory)
        for sentence in await app.engine.close():
            sys.stderr.write(f"faldeck: {sanitize.clean_line(sentence)}\n")
    return DeckResult(app.return_code or 0, chosen)
