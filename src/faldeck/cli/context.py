"""What a command works with: the flags before its name, the settings they choose, and the session."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.cli import output
from faldeck.system import paths

if TYPE_CHECKING:
    from faldeck.app.demo import Demo
    from faldeck.app.session import Session
    from faldeck.config.settings import Config
    from faldeck.engine.events import Event
    from faldeck.engine.timing import Timing
    from faldeck.history import Store


SHORT_SECONDS = 1.0
"""A command that takes no longer ends before its garbage is worth collecting (seconds)."""

MOST_PROBLEMS = 5
"""How many mistakes of the config a command prints at most."""


class CommandContext:
    """What a command gets: the flags `--profile` and `--demo`, and everything that depends on them.

    A config with mistakes is used without the wrong settings. If `strict`, the mistakes are printed, and the active
    profile must be complete.
    """

    def __init__(self, *, profile: str | None, demo: bool, strict: bool = True) -> None:
        self._profile = paths.DEMO if demo else profile or os.environ.get("FALDECK_PROFILE")
        self._is_strict = strict
        self._notify = cache(output.print_message)
        """Prints a sentence on stderr, but each sentence only once."""

    @cached_property
    def config(self) -> Config:
        """The settings, with those of the demo if it is active. Raises ConfigError, and OSError for the demo."""
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
        """Returns the config. Raises ConfigError if it does not have the profile of `--profile`."""
        if self._profile and self._is_strict and not config.problems:
            config.get_profile(self._profile)
        return config

    @cached_property
    def emulator(self) -> Demo:
        """The emulator of the demo."""
        from faldeck.app.demo import Demo

        return Demo(paths.data_dir() / paths.DEMO)

    @cached_property
    def is_demo(self) -> bool:
        """True if the demo is the active profile.

        Reading the settings takes longer than listing the history, so they are read only if the file mentions the
        demo. Raises ConfigError if there is no profile of the name in `--profile`.
        """
        if self._profile == paths.DEMO:
            return True
        if self._profile:
            from faldeck.config import settings

            # Other mistakes in the settings do not matter here.
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

    def refuse_newer_history(self) -> None:
        """Raises HistoryError if a newer faldeck has written the history: the deck could show none of it."""
        from faldeck.history.connection import refuse_newer

        refuse_newer(self.history_path)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The history, read and written without a thread; raises HistoryError or OSError."""
        from faldeck.history import open_store
        from faldeck.history.connection import unwritable

        with open_store(self.history_path, self._notify) as store:
            if store.is_read_only:
                self._notify(unwritable(self.history_path))
            yield store

    @asynccontextmanager
    async def session(self, *, timing: Timing | None = None, overrides: Config | None = None) -> AsyncIterator[Session]:
        """A session whose service can be asked; its supervisor is not started. `overrides` replaces the own config.

        Raises ConfigError if there is no such profile, OSError if the demo cannot be started.
        """
        from faldeck.app.session import Session

        _settle(self.config)
        serve = self.emulator.running if self.is_demo else None
        config = overrides or self.config
        config.get_profile(config.profile)
        session = Session(config, self.history_path, serve=serve, timing=timing)
        try:
            session.serve()
            yield session
        finally:
            for sentence in await session.close():
                output.print_message(sentence)

    @asynccontextmanager
    async def running_session(
        self, *, resume: bool = False, timing: Timing | None = None, overrides: Config | None = None
    ) -> AsyncIterator[Session]:
        """The same with its supervisor running; with `resume` it follows every unfinished job.

        Raises HistoryError, too.
        """
        async with self.session(timing=timing, overrides=overrides) as session:
            await session.history.read(lambda store: store.version())
            await session.start(self._handle_event, resume=resume)
            yield session

    def _handle_event(self, event: Event) -> None:
        from faldeck.engine.events import HistoryRepaired

        if isinstance(event, HistoryRepaired):
            self._notify(event.sentence)


def _tell(config: Config) -> None:
    """Prints what is wrong with the settings and therefore left out."""
    from faldeck.cli import output

    for problem in config.problems[:MOST_PROBLEMS]:
        output.print_message(f"{problem} It is left out.")
    if len(config.problems) > MOST_PROBLEMS:
        output.print_message(f"{len(config.problems) - MOST_PROBLEMS} more mistakes are in the config: faldeck doctor")


def _settle(config: Config) -> None:
    """Prepares the process for work that may take long: opens its log, handles signals, collects garbage again."""
    import asyncio

    from faldeck.system import log_file, signals

    log_file.open_log(debug=config.debug)
    signals.install_handlers()
    asyncio.get_running_loop().call_later(SHORT_SECONDS, _collect_garbage)


def _collect_garbage() -> None:
    gc.freeze()  # What is imported by now stays: the collector need not look at it.
    gc.enable()
