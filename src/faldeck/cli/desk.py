"""What a command works at: the settings, and the engine's parts, each opened where it is needed and not before."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck import config as settings
from faldeck import diary, paths
from faldeck.cli.exits import Exit
from faldeck.config import DEMO, Config

if TYPE_CHECKING:
    from faldeck.catalogue import Catalogue
    from faldeck.demo import Demo
    from faldeck.engine.pace import Pace
    from faldeck.engine.supervisor import Supervisor
    from faldeck.history import History, Store
    from faldeck.services import Services


@dataclass(frozen=True, slots=True)
class Reach:
    """The service that a command speaks to."""

    config: Config
    services: Services
    catalogue: Catalogue

    @property
    def profile(self) -> str:
        """The active profile's name."""
        return self.config.profile


@dataclass(frozen=True, slots=True)
class Engine(Reach):
    """The service, the history, and what follows jobs of the one in the other."""

    history: History
    supervisor: Supervisor


@dataclass(frozen=True, slots=True)
class Desk:
    """One command's surroundings."""

    config: Config
    demo: Demo | None = None
    """What keeps the emulator, where the demo is asked for."""

    @classmethod
    def open(cls, *, profile: str | None, demo: bool, strict: bool = True) -> Desk:
        """The desk for a command line's `--profile` and `--demo`; raises ConfigError, and for the demo OSError.

        Unless `strict`, a config with mistakes is used as far as it goes.
        """
        config = settings.load(DEMO if demo else profile, strict=strict)
        diary.open_book(debug=config.debug)
        if config.profile != DEMO:
            return cls(config)
        from faldeck.demo import Demo

        emulator = Demo(paths.data_dir() / DEMO)
        config = replace(config, output_dir=config.output_dir / DEMO)
        return cls(config.with_profile(settings.demo_profile(emulator.base_url)), emulator)

    @property
    def history_path(self) -> Path:
        """The file of the history; the demo has one of its own."""
        from faldeck.history import history_path

        return history_path(self.demo is not None)

    def deck(self) -> Exit:
        """Opens the deck on the whole screen and waits until it is closed."""
        gc.disable()  # Until the first frame: collections would cost a tenth of the start.
        from faldeck.tui.app import run

        ending = run(self.config, self.history_path, serve=self.demo.kept if self.demo else None)
        if ending.profile:
            return Desk.open(profile=ending.profile, demo=ending.profile == DEMO).deck()
        return Exit(ending.status)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The history, read and written in place; raises HistoryError or OSError."""
        from faldeck.history import Store

        store = Store(self.history_path)
        try:
            yield store
        finally:
            store.close()

    @asynccontextmanager
    async def reach(self) -> AsyncIterator[Reach]:
        """The active profile's service; raises ConfigError where there is no such profile."""
        from faldeck.catalogue import Catalogue
        from faldeck.services import Services

        name = self.config.active.name
        with self.demo.kept() if self.demo else nullcontext():
            services = Services(self.config)
            try:
                yield Reach(self.config, services, Catalogue(services, name))
            finally:
                await services.close()

    @asynccontextmanager
    async def engine(
        self, *, resume: bool = False, pace: Pace | None = None, overrides: Config | None = None
    ) -> AsyncIterator[Engine]:
        """The engine, running; with `resume` it takes up every unfinished job.

        `overrides` stands for the desk's own config. Raises ConfigError, HistoryError, OSError.
        """
        from faldeck.engine.supervisor import Supervisor
        from faldeck.history import History

        async with replace(self, config=overrides or self.config).reach() as reach:
            history = History(self.history_path)
            supervisor = Supervisor(history, reach.services, reach.config, pace=pace)
            try:
                await history.read(lambda store: store.version())
                await supervisor.start(resume=resume)
                yield Engine(reach.config, reach.services, reach.catalogue, history, supervisor)
            finally:
                await supervisor.close()
                history.close()
