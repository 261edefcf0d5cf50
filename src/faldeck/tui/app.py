"""The Textual app: owns the engine, starts it behind the first frame, and does with jobs what the deck asks for."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")  # Read when Textual is imported.

from textual import work

from faldeck import hostile
from faldeck.catalogue import Catalogue
from faldeck.config import Config, Profile
from faldeck.fal.errors import FalError
from faldeck.fal.values import Cancellation
from faldeck.history import History, Store
from faldeck.job import Cost, Job, State, Upload
from faldeck.schema.jsonvalue import JsonValue
from faldeck.services import NoKey, Services
from faldeck.tui.deck import Deck
from faldeck.tui.driver import driver_class
from faldeck.tui.ordered_keys import OrderedKeys
from faldeck.tui.setup import Setup
from faldeck.tui.theme import FALDECK, shades

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from faldeck.supervisor import Supervisor

CANCEL_WORDS = {
    Cancellation.REQUESTED: "The service was asked to cancel it. Whether it did shows in the row.",
    Cancellation.TOO_LATE: "Too late: it is already done. Its result is being fetched.",
    Cancellation.NOT_FOUND: "The service does not know this request.",
    None: "It is cancelled as soon as the service has answered.",
}


class DeckApp(OrderedKeys[str], inherit_bindings=False):
    """faldeck on the whole screen; gives the name of another profile that is to be opened, if any."""

    CSS_PATH = "app.tcss"
    TITLE = "faldeck"
    ENABLE_COMMAND_PALETTE = False

    no_key = NoKey

    def __init__(
        self, config: Config, history_path: Path, *, serve: Callable[[], AbstractContextManager[object]] | None = None
    ) -> None:
        super().__init__(driver_class=driver_class())
        self.register_theme(FALDECK)
        self.theme = FALDECK.name
        self.config = config
        self.history = History(history_path)
        self.services = Services(config)
        self.catalogue = Catalogue(self.services, config.profile)
        self._serve = serve or contextlib.nullcontext
        self._serving = contextlib.ExitStack()
        self._supervisor: Supervisor | None = None
        self._engine_started = asyncio.Event()

    @property
    def profile(self) -> Profile:
        """The active profile."""
        return self.config.active

    def get_css_variables(self) -> dict[str, str]:
        return shades(super().get_css_variables())

    def get_default_screen(self) -> Deck:
        return Deck()

    @property
    def deck(self) -> Deck:
        """The main screen."""
        deck = self.screen_stack[0]
        assert isinstance(deck, Deck)
        return deck

    def on_mount(self) -> None:
        if self.profile.name in self.services.usable():
            self.call_after_refresh(self._start_engine)
        else:
            self.push_screen(Setup(self.profile), self.exit)

    # The engine

    @work
    async def _start_engine(self) -> None:
        """Imports what the first frame did not need, and resumes every unfinished job."""
        gc.enable()
        supervisor = await asyncio.to_thread(self._open_engine)
        supervisor.on_change = self._jobs_changed
        supervisor.on_problem = self._say_problem
        await supervisor.start()
        self._supervisor = supervisor
        self._engine_started.set()
        if self.catalogue.is_stale:
            self.refresh_models()

    def _open_engine(self) -> Supervisor:
        from faldeck.supervisor import Supervisor

        self._serving.enter_context(self._serve())
        return Supervisor(self.history, self.services, self.config)

    async def engine_started(self) -> Supervisor:
        """The supervisor, once there is one."""
        await self._engine_started.wait()
        assert self._supervisor is not None
        return self._supervisor

    async def close_engine(self) -> None:
        """Lets go of every job, which go on without us, and closes the history."""
        if self._supervisor:
            await self._supervisor.close()
        await self.services.close()
        await asyncio.to_thread(self._serving.close)
        self.history.close()

    def _jobs_changed(self) -> None:
        if self.is_running:
            self.deck.jobs.changed()

    def _say_problem(self, sentence: str) -> None:
        self.notify(sentence, severity="error", markup=False, timeout=10)

    @work
    async def write(self, change: Callable[[Store], object]) -> None:
        """Puts a small change on disk, behind."""
        try:
            await self.history.write(change)
        except sqlite3.Error as error:
            self._say_problem(f"The history cannot be written: {error}.")

    @work(exclusive=True, group="catalogue")
    async def refresh_models(self) -> None:
        """Lists the service's models anew."""
        await self.engine_started()
        self.deck.models.say("listing…")
        try:
            await self.catalogue.refresh()
        except (FalError, OSError) as error:
            self._say_problem(f"The models could not be listed: {hostile.clean_line(str(error))}")
        self.deck.models.say("")
        await self.deck.show_models()

    # Jobs

    async def submit(
        self, endpoint_id: str, arguments: Mapping[str, JsonValue], uploads: Sequence[Upload], cost: Cost | None
    ) -> Job | None:
        """Records and sends a request; None, and a notice of why, where it could not even be recorded."""
        from faldeck.supervisor import Draft

        supervisor = await self.engine_started()
        draft = Draft(
            profile=self.profile.name, endpoint_id=endpoint_id, arguments=arguments, uploads=uploads, cost=cost
        )
        try:
            return await supervisor.submit(draft)
        except (sqlite3.Error, NoKey) as error:
            self.notify(f"{error}. Nothing was sent.", title="Not submitted", severity="error", markup=False)
            return None

    async def act(self, action: str, job: Job) -> None:
        """Cancels, downloads or dismisses a job."""
        supervisor = await self.engine_started()
        try:
            match action:
                case "cancel" if job.state.is_followed:
                    self.notify(CANCEL_WORDS[await supervisor.cancel(job)], title="Cancel", markup=False)
                case "cancel":
                    self.notify("It has ended already.", title="Cancel")
                case "download":
                    await supervisor.fetch(job)
                case "dismiss" if job.state is State.UNCONFIRMED:
                    await supervisor.dismiss(job)
        except (FalError, NoKey, sqlite3.Error) as error:
            self._say_problem(hostile.clean_line(str(error)))

    def redraw(self) -> None:
        """Sends the whole screen again, whatever the terminal shows."""
        reset = getattr(self._driver, "reset", None)
        if reset:
            reset()
        self.screen.refresh(layout=True)


@dataclass(frozen=True, slots=True)
class Ending:
    """How the deck was left."""

    status: int
    """The exit status."""
    profile: str | None
    """The profile that the person wants to go on with."""


def run(
    config: Config, history_path: Path, *, serve: Callable[[], AbstractContextManager[object]] | None = None
) -> Ending:
    """Shows the deck until the person leaves it.

    `serve` keeps the profile's own service (the demo's emulator) running; it is entered behind the first frame.
    Raises ConfigError.
    """
    gc.disable()  # Until the first frame: a collection then costs a tenth of the start.
    app = DeckApp(config, history_path, serve=serve)
    chosen = asyncio.run(_run(app))
    return Ending(app.return_code or 0, chosen)


async def _run(app: DeckApp) -> str | None:
    try:
        return await app.run_async()
    finally:
        await app.close_engine()
