"""The table of commands: what each is called and does, and the module that does it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus

if TYPE_CHECKING:
    from faldeck.app.exit_status import ExitStatus


if TYPE_CHECKING:
    # `typing` itself is left out for its cost.
    from typing import NoReturn, TypeVar

    Number = TypeVar("Number", int, float)


class Parser(argparse.ArgumentParser):
    """Raises CommandError instead of ending the process, and does not measure the terminal before it prints help."""

    def __init__(self, *, prog: str, description: str, add_help: bool = True) -> None:
        super().__init__(
            prog=prog,
            description=description,
            formatter_class=_unmeasured,
            allow_abbrev=False,
            add_help=add_help,
        )
        self.where_missing = ""
        """What is said beside where an argument is missing."""

    def format_help(self) -> str:
        """The help, as wide as the terminal."""
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        return super().format_help()

    def format_usage(self) -> str:
        """How it is called, as wide as the terminal."""
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        return super().format_usage()

    def error(self, message: str) -> NoReturn:
        """Raises CommandError."""
        from faldeck.safety import sanitize

        if self.where_missing and message.startswith("the following arguments are required"):
            message = f"{message}. {self.where_missing}"
        words = sanitize.clean_line(message)
        raise CommandError(words, ExitStatus.USAGE, hint=f"{self.prog} --help", usage=self.format_usage())


def seconds(text: str) -> float:
    """A time, of some length."""
    return _number(text, float, "a number of seconds", least=0.001)


def factor(text: str) -> float:
    """How many times as much, or as fast."""
    return _number(text, float, "a number above 0", least=1e-6)


def dollars(text: str) -> float:
    """A sum of money."""
    return _number(text, float, "a sum in USD", least=0)


def count(text: str) -> int:
    """How many there are, of something that there is."""
    return _number(text, int, "a whole number from 1", least=1)


def limit(text: str) -> int:
    """How many there may be; 0 stands for all."""
    return _number(text, int, "a whole number from 0", least=0)


def _number(text: str, kind: type[Number], what: str, *, least: float) -> Number:
    try:
        number = kind(text)
    except ValueError:
        number = kind(-1)
    if not least <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be {what}, not {text!r}")
    return number


def _unmeasured(prog: str) -> argparse.HelpFormatter:
    """A formatter for what argparse lays out but never shows, which is every argument that is added."""
    return argparse.HelpFormatter(prog, width=80)


class Command:
    """One command. Its module is imported when it is asked for, and has two functions:

    `configure(parser)` adds its arguments, and `run(desk, **arguments)` does the work and gives the exit status.
    """

    def __init__(self, name: str, summary: str, *, takes_flags: bool = False, module: str | None = None) -> None:
        self.name = name
        self.summary = summary
        self.takes_flags = takes_flags
        """Whether it parses its words itself (`run`: what is no option is a field of a model), `--help` too."""
        self._module_name = module or name

    def parser(self) -> Parser:
        """What reads the words after the command's name."""
        parser = Parser(
            prog=f"faldeck {self.name}",
            description=self.summary,
            add_help=not self.takes_flags,
        )
        self._module.configure(parser)
        return parser

    @property
    def run(self) -> Callable[..., ExitStatus]:
        """What does the work; it takes a `Desk`, and the parsed arguments by name."""
        run: Callable[..., ExitStatus] = self._module.run
        return run

    def arguments(self, words: Sequence[str]) -> dict[str, object]:
        """Parses the words after the command's name. Raises CommandError, and SystemExit for `--help`."""
        parser = self.parser()
        if not self.takes_flags:
            return vars(parser.parse_args(words))
        parsed: dict[str, object] = self._module.parse(parser, words)
        return parsed

    @property
    def _module(self) -> ModuleType:
        return import_module(f"faldeck.cli.commands.{self._module_name}")


COMMANDS: tuple[Command, ...] = (
    Command("run", "Send a request to a model and wait for its result.", takes_flags=True),
    Command("batch", "Look at a batch of requests, go on with it, or cancel it."),
    Command("status", "Show how far a job is."),
    Command("result", "Show what a job made, and fetch its files."),
    Command("cancel", "Ask the service to stop a job."),
    Command("logs", "Show what a job printed."),
    Command("jobs", "List the history, newest first."),
    Command("watch", "Follow every unfinished job until all are done."),
    Command("wait", "Wait until some jobs, or the first of them, have ended."),
    Command("adopt", "Bring a request made elsewhere into the history."),
    Command("show", "Show a job, or its request as curl, Python or JavaScript."),
    Command("open", "Open what a job made."),
    Command("export", "Print the history as JSON lines."),
    Command("import", "Read an export into the history.", module="import_"),
    Command("sync", "Bring in the account's requests that this machine does not know."),
    Command("models", "List or search the models."),
    Command("schema", "Show what a model takes and gives."),
    Command("price", "Show what models cost."),
    Command("upload", "Upload files and print their URLs."),
    Command("key", "Add, show or remove the key of a profile."),
    Command("commands", "List the commands, for programs with all that they take."),
    Command("config", "Show the settings, or where they are."),
    Command("doctor", "Look over everything and say what is wrong; safe to be shown to anybody."),
    Command("completion", "Print what a shell needs to complete faldeck's words."),
    Command("emulator", "Serve a fal of one's own on this machine."),
)
"""Every command, in the order of the help."""


def parser_actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """What a parser takes, in the order of its help."""
    # argparse has no public list of them.
    return parser._actions


def find_command(name: str) -> Command | None:
    """The command of that name."""
    return next((command for command in COMMANDS if command.name == name), None)
