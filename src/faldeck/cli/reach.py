"""The service that a command speaks to, and the engine that follows jobs there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.catalogue import Catalogue
from faldeck.cli import output
from faldeck.config import Config
from faldeck.services import Services

if TYPE_CHECKING:
    from faldeck.demo import Demo
    from faldeck.engine.pace import Pace
    from faldeck.engine.supervisor import Supervisor
    from faldeck.history import History


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


@asynccontextmanager
async def reached(config: Config, demo: Demo | None) -> AsyncIterator[Reach]:
    """The active profile's service, kept serving where it is the `demo`; raises ConfigError for an unknown profile."""
    name = config.active.name
    with demo.kept() if demo else nullcontext():
        services = Services(config)
        try:
            yield Reach(config, services, Catalogue(services, name))
        finally:
            await services.close()


@asynccontextmanager
async def running(reach: Reach, history_path: Path, *, resume: bool, pace: Pace | None) -> AsyncIterator[Engine]:
    """The engine at work on a history; with `resume` it takes up every unfinished job.

    Raises HistoryError, OSError.
    """
    from faldeck.engine.supervisor import Supervisor
    from faldeck.history import History

    history = History(history_path)
    supervisor = Supervisor(history, reach.services, reach.config, pace=pace)
    supervisor.on_notice = output.note
    try:
        await history.read(lambda store: store.version())
        await supervisor.start(resume=resume)
        yield Engine(reach.config, reach.services, reach.catalogue, history, supervisor)
    finally:
        await supervisor.close()
        history.close()
        for sentence in supervisor.unwritten():
            output.note(sentence)
