"""The session that both faces work with: config, history, gateways, catalogue and supervisor.

Each part is opened when it is first needed. The network client and the supervisor are imported late, so that the first
frame of the deck does not wait for them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.app.output_as_input import Sources
from faldeck.config import credentials
from faldeck.config.settings import DEMO, Config, Profile, reload_profiles
from faldeck.engine.gateways import Gateways
from faldeck.history import History
from faldeck.job import Job
from faldeck.query import LIVE

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from faldeck.app.catalogue import Catalogue
    from faldeck.engine.events import Event
    from faldeck.engine.supervisor import Supervisor
    from faldeck.engine.timing import Timing

MOST_OPEN_JOBS = 10_000
"""How many open jobs are counted at most."""


class Session:
    """The active profile, its models, and the history with the jobs of all profiles."""

    def __init__(
        self,
        config: Config,
        history_path: Path,
        *,
        serve: Callable[[], AbstractContextManager[object]] | None = None,
        timing: Timing | None = None,
    ) -> None:
        """`serve` gives what keeps the profile's own service (the demo's emulator) running; see `Session.serve`."""
        self.config = config
        self.gateways = Gateways(config)
        """The gateway of each profile."""
        self.sources = Sources()
        """The jobs whose files were used as input."""
        self._history_path = history_path
        self._history: History | None = None
        self._serve = serve
        self._serving: contextlib.ExitStack | None = None
        self._timing = timing
        self._catalogue: Catalogue | None = None
        self._supervisor: Supervisor | None = None
        self._ready = asyncio.Event()
        self._opening = asyncio.Lock()
        """Held while a catalogue is opened: of two profiles the one that was asked for last is shown."""

    @property
    def profile(self) -> Profile:
        """The active profile; raises ConfigError if there is no profile of its name."""
        return self.config.active

    @property
    def colour(self) -> str:
        """The active profile's colour, as `#rrggbb`."""
        return self.config.colour(self.config.profile)

    @property
    def history(self) -> History:
        """The history of all profiles; the demo has one of its own."""
        if self._history is None:
            self._history = History(self._history_path)
        return self._history

    @property
    def catalogue(self) -> Catalogue:
        """The models of the active profile. After a switch this is the old one until the new one is open."""
        if self._catalogue is None:
            self._catalogue = self.catalogue_of(self.config.profile)
        return self._catalogue

    def catalogue_of(self, profile: str) -> Catalogue:
        """The models of any profile."""
        from faldeck.app.catalogue import Catalogue

        return Catalogue(self.gateways, profile)

    async def load(self) -> Catalogue:
        """Opens the catalogue in a thread, since its imports take a while, and returns it."""
        async with self._opening:
            return await asyncio.to_thread(lambda: self.catalogue)

    @property
    def supervisor(self) -> Supervisor:
        """What follows the jobs, once `prepare` or `start` has been called."""
        assert self._supervisor is not None
        return self._supervisor

    async def ready(self) -> Supervisor:
        """Waits until the supervisor runs, and returns it."""
        await self._ready.wait()
        return self.supervisor

    # Start and end

    def serve(self) -> None:
        """Starts the profile's own service, if it has one, and keeps it running until `close`.

        Raises OSError.
        """
        if self._serve and self._serving is None:
            self._serving = contextlib.ExitStack()
            self._serving.enter_context(self._serve())

    async def start(self, listener: Callable[[Event], None], *, resume: bool = True) -> None:
        """Starts the supervisor; with `resume` it follows every unfinished job.

        `listener` is called with everything that happens to jobs and to the history. Raises OSError.
        """
        self.prepare()
        self.supervisor.events.subscribe(listener)
        await self.supervisor.start(resume=resume)
        self._ready.set()

    def prepare(self) -> None:
        """Does what takes long before `start`: imports what speaks to the network, and calls `serve`.

        The deck does it in a thread. Raises OSError.
        """
        import faldeck.fal.gateway  # noqa: F401
        from faldeck.engine.supervisor import Supervisor

        if self._supervisor is None:
            self.serve()
            self._supervisor = Supervisor(self.history, self.gateways, self.config, timing=self._timing)

    async def close(self) -> list[str]:
        """Closes what was opened and stops following jobs; the service goes on with them.

        Returns a sentence for each change that could not be written.
        """
        if self._supervisor:
            await self._supervisor.close()
        await self.gateways.close()
        if self._serving:
            await asyncio.to_thread(self._serving.close)
        if self._history:
            self._history.close()
        return self._supervisor.unsaved() if self._supervisor else []

    # Profiles

    def can_switch_to(self, profile: str) -> bool:
        """True if that profile uses the same history; the demo has one of its own."""
        return DEMO not in (profile, self.config.profile)

    async def switch_profile(self, profile: str) -> None:
        """Reads the config again and makes a profile the active one. Jobs keep their profile. Raises ConfigError."""
        config = replace(reload_profiles(self.config), profile=profile)
        self.gateways.reload(config)
        self.config = config
        if self._supervisor:
            self._supervisor.reload(config)
        # Until the new catalogue is open, the old one is given out.
        async with self._opening:
            self._catalogue = await asyncio.to_thread(self.catalogue_of, config.profile)

    async def count_open_jobs(self, profile: str) -> int:
        """How many jobs of a profile are still open."""
        live = await self.history.read(lambda store: store.page(LIVE, limit=MOST_OPEN_JOBS))
        return sum(job.profile == profile for job in live)

    def usable_profiles(self) -> list[str]:
        """The names of the profiles that have a key; raises ConfigError."""
        return self.gateways.usable()

    @property
    def has_key(self) -> bool:
        """True if the active profile has a key; raises ConfigError."""
        return credentials.find(self.profile, credentials.environment(self.config)) is not None

    def direct_calls(self) -> list[Job]:
        """The jobs that would be lost if the deck ended now."""
        return self._supervisor.direct_calls() if self._supervisor else []

    def select(self, job: Job | None) -> None:
        """Follows the selected job most closely."""
        if self._supervisor:
            self._supervisor.select(job)
