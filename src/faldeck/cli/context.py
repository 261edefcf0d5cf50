"""What a command works at: the settings, and the engine's parts, each opened where it is needed and not before."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.cli import output
from faldeck.system import paths

if TYPE_CHECKING:
    from faldeck.app.catalogue import Catalogue
    from faldeck.app.demo import Demo
    from faldeck.config.settings import Config
    from faldeck.engine.events import Event
    from faldeck.engine.gateways import Gateways
    from faldeck.engine.supervisor import Supervisor
    from faldeck.engine.timing import Timing
    from faldeck.history import History, Store


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """The service that a command speaks to."""

    config: Config
    services: Gateways
    catalogue: Catalogue

    @property
    def profile(self) -> str:
        """The active profile's name."""
        return self.config.profile


@dataclass(frozen=True, slots=True)
class Engine(ServiceContext):
    """The service, the history, and what follows jobs of the one in the other."""

    history: History
    supervisor: Supervisor


@asynccontextmanager
async def open_service(config: Config, demo: Demo | None) -> AsyncIterator[ServiceContext]:
    """The active profile's service, kept serving where it is the `demo`; raises ConfigError for an unknown profile."""
    from faldeck.app.catalogue import Catalogue
    from faldeck.engine.gateways import Gateways

    name = config.active.name
    with demo.kept() if demo else nullcontext():
        services = Gateways(config)
        try:
            yield ServiceContext(config, services, Catalogue(services, name))
        finally:
            await services.close()


@asynccontextmanager
async def running(
    service: ServiceContext, history_path: Path, *, resume: bool, pace: Timing | None, notify: Callable[[str], None]
) -> AsyncIterator[Engine]:
    """The engine at work on a history; with `resume` it takes up every unfinished job.

    `notify` is called with a sentence on what has happened to the history.

    Raises HistoryError, OSError.
    """
    from faldeck.engine.events import HistoryRepaired
    from faldeck.engine.supervisor import Supervisor
    from faldeck.history import History

    history = History(history_path)
    supervisor = Supervisor(history, service.services, service.config, timing=pace)

    def handle(event: Event) -> None:
        if isinstance(event, HistoryRepaired):
            notify(event.sentence)

    supervisor.events.subscribe(handle)
    try:
        await history.read(lambda store: store.version())
        await supervisor.start(resume=resume)
        yield Engine(service.config, service.services, service.catalogue, history, supervisor)
    finally:
        await supervisor.close()
        history.close()
        for sentence in supervisor.unwritten():
            output.print_message(sentence)


MOST_PROBLEMS = 5
"""Mistakes of the config that a command tells."""


class CommandContext:
    """One command's surroundings, for its `--profile` and `--demo`.

    A config with mistakes is used as far as it goes. If `strict`, they are told, and the active profile must be whole.
    """

    def __init__(self, *, profile: str | None, demo: bool, strict: bool = True) -> None:
        self._profile = paths.DEMO if demo else profile or os.environ.get("FALDECK_PROFILE")
        self._is_strict = strict
        self._notify = cache(output.print_message)
        """Prints a sentence on stderr, each once."""

    @cached_property
    def config(self) -> Config:
        """The settings, with the demo's own where it is active; raises ConfigError, and for the demo OSError."""
        from dataclasses import replace

        from faldeck.config import settings

        config = settings.load(self._profile, strict=self._is_strict)
        if self._is_strict:
            _tell(config)
        if config.profile != paths.DEMO:
            return self._checked(config)
        config = replace(config, output_dir=config.output_dir / paths.DEMO)
        return config.with_profile(settings.demo_profile(self.emulator.base_url))

    def _checked(self, config: Config) -> Config:
        """The config, which has the profile that was asked for by name; raises ConfigError."""
        if self._profile and self._is_strict and not config.problems:
            config.get_profile(self._profile)
        return config

    @cached_property
    def emulator(self) -> Demo:
        """What keeps the demo's emulator."""
        from faldeck.app.demo import Demo

        return Demo(paths.data_dir() / paths.DEMO)

    @cached_property
    def is_demo(self) -> bool:
        """Whether the demo is the active profile.

        To read the settings costs more than to list the history, and only one that names the demo can make it active.
        Raises ConfigError where a profile was asked for by name that is none.
        """
        if self._profile == paths.DEMO:
            return True
        if self._profile:
            from faldeck.config import settings

            # What else is wrong with the settings does not matter here.
            self._checked(settings.load(self._profile, strict=False))
            return False
        try:
            is_named = paths.DEMO in paths.config_file().read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return False
        return is_named and self.config.profile == paths.DEMO

    @property
    def history_path(self) -> Path:
        """The file of the history; the demo has one of its own."""
        from faldeck.history import history_path

        return history_path(self.is_demo)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The history, read and written in place; raises HistoryError or OSError."""
        from faldeck.history import Store
        from faldeck.history.connection import unwritable

        store = Store(self.history_path)
        if store.is_read_only:
            self._notify(unwritable(self.history_path))
        try:
            yield store
        finally:
            store.close()

    @asynccontextmanager
    async def service(self) -> AsyncIterator[ServiceContext]:
        """The active profile's service; raises ConfigError where there is no such profile."""

        _settle(self.config)
        async with open_service(self.config, self.emulator if self.is_demo else None) as reached:
            yield reached

    @asynccontextmanager
    async def engine(
        self, *, resume: bool = False, pace: Timing | None = None, overrides: Config | None = None
    ) -> AsyncIterator[Engine]:
        """The engine, running; with `resume` it takes up every unfinished job.

        `overrides` stands for the context's own config. Raises ConfigError, HistoryError, OSError.
        """

        _settle(self.config)
        demo = self.emulator if self.is_demo else None
        async with (
            open_service(overrides or self.config, demo) as reached,
            running(reached, self.history_path, resume=resume, pace=pace, notify=self._notify) as engine,
        ):
            yield engine


def _tell(config: Config) -> None:
    """Says what is wrong with the settings and left out."""
    from faldeck.cli import output

    for problem in config.problems[:MOST_PROBLEMS]:
        output.print_message(f"{problem} It is left out.")
    if len(config.problems) > MOST_PROBLEMS:
        output.print_message(f"{len(config.problems) - MOST_PROBLEMS} more mistakes are in the config: faldeck doctor")


def _settle(config: Config) -> None:
    """Makes the process ready for what lasts: it keeps its log, collects garbage, and hears when it is told to end."""
    from faldeck.system import log_file, signals

    log_file.open_log(debug=config.debug)
    gc.enable()
    signals.install_handlers()
