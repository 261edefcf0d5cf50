"""The table of commands: what each is called and does, and the module that does it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faldeck.cli.exits import Exit


@dataclass(frozen=True, slots=True)
class Command:
    """One command. Its module is imported when it is asked for, and has two functions:

    `configure(parser)` adds its arguments, and `run(desk, **arguments)` does the work and gives the exit status.
    """

    name: str
    summary: str
    takes_flags: bool = False
    """Whether flags it does not know are its own affair (`run`: they are the fields of a model), `--help` too."""
    module: str = ""
    """The module's name, where it is not the command's."""

    def parser(self) -> argparse.ArgumentParser:
        """What reads the words after the command's name."""
        parser = argparse.ArgumentParser(
            prog=f"faldeck {self.name}",
            description=self.summary,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            add_help=not self.takes_flags,
        )
        self._function("configure")(parser)
        return parser

    @property
    def run(self) -> Callable[..., Exit]:
        """What does the work; it takes a `Desk`, and the parsed arguments by name."""
        return self._function("run")

    def _function(self, name: str) -> Callable[..., Exit]:
        found: Callable[..., Exit] = getattr(import_module(f"faldeck.cli.{self.module or self.name}"), name)
        return found


COMMANDS: tuple[Command, ...] = (
    Command("run", "Send a request to a model and wait for its result.", takes_flags=True),
    Command("status", "Show how far a job is."),
    Command("result", "Show what a job made, and fetch its files."),
    Command("cancel", "Ask the service to stop a job."),
    Command("logs", "Show what a job printed."),
    Command("jobs", "List the history, newest first."),
    Command("watch", "Follow every unfinished job until all are done."),
    Command("wait", "Wait until some jobs, or the first of them, have ended."),
    Command("adopt", "Bring a request made elsewhere into the history."),
    Command("open", "Open what a job made."),
    Command("export", "Print the history as JSON lines."),
    Command("import", "Read an export into the history.", module="importing"),
    Command("sync", "Bring in the account's requests that this machine does not know."),
    Command("models", "List or search the models."),
    Command("schema", "Show what a model takes and gives."),
    Command("price", "Show what models cost."),
    Command("upload", "Upload files and print their URLs."),
    Command("key", "Add, show or remove the key of a profile."),
    Command("config", "Show the settings, or where they are."),
    Command("emulator", "Serve a fal of one's own on this machine."),
)
"""Every command, in the order of the help."""


def find(name: str) -> Command | None:
    """The command of that name."""
    return next((command for command in COMMANDS if command.name == name), None)
