"""The table of all commands, the parser they use, and the types of their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import takewhile
from types import ModuleType

from faldeck.app.exit_status import CommandError, ExitStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` itself is left out for the time that its import takes.
    from decimal import Decimal
    from typing import NoReturn, TypeVar

    Number = TypeVar("Number", int, float)


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises CommandError instead of ending the process.

    It asks for the width of the terminal only when it prints help, which saves time at the start.
    """

    def __init__(self, *, prog: str, description: str, add_help: bool = True) -> None:
        super().__init__(
            prog=prog,
            description=description,
            formatter_class=_unmeasured,
            allow_abbrev=False,
            add_help=add_help,
        )
        self.takes_filter = False
        """True if a word with one dash before it is a negated term of a filter, not a flag."""

    def format_help(self) -> str:
        """The help text, as wide as the terminal."""
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        return super().format_help()

    def format_usage(self) -> str:
        """The usage line, as wide as the terminal."""
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        return super().format_usage()

    def error(self, message: str) -> NoReturn:
        """Raises CommandError with the message and the usage line."""
        from faldeck.safety import sanitize

        words = sanitize.clean_line(message)
        raise CommandError(words, ExitStatus.USAGE, hint=f"{self.prog} --help", usage=self.format_usage())


def seconds(text: str) -> float:
    """Parses a number of seconds above 0."""
    return _number(text, float, "a number of seconds", least=0.001)


def factor(text: str) -> float:
    """Parses a factor above 0."""
    return _number(text, float, "a number above 0", least=1e-6)


def dollars(text: str) -> Decimal:
    """Parses an amount in USD, 0 or more."""
    from faldeck import money  # Most commands take no amount.

    amount = money.decimal_of(text)
    if amount is None or amount < 0:
        raise argparse.ArgumentTypeError(f"must be an amount in USD, not {text!r}")
    return amount


def count(text: str) -> int:
    """Parses a whole number, 1 or more."""
    return _number(text, int, "a whole number, 1 or more", least=1)


def limit(text: str) -> int:
    """Parses a whole number, 0 or more; 0 means no limit."""
    return _number(text, int, "a whole number, 0 or more", least=0)


def _number(text: str, kind: type[Number], what: str, *, least: float) -> Number:
    try:
        number = kind(text)
    except ValueError:
        number = kind(-1)
    if not least <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be {what}, not {text!r}")
    return number


def _unmeasured(prog: str) -> argparse.HelpFormatter:
    """A formatter of fixed width. argparse makes one for each argument that is added, and shows nothing of it."""
    return argparse.HelpFormatter(prog, width=80)


class Command:
    """One command. Its module is imported when the command is used.

    The module has two functions: `configure(parser)` adds the arguments, `run(context, **arguments)` does the work and
    returns the exit status.
    """

    def __init__(self, name: str, summary: str, *, takes_flags: bool = False, module: str | None = None) -> None:
        self.name = name
        self.summary = summary
        self.takes_flags = takes_flags
        """True for `run`: its module parses the words and `--help` itself, since a flag can be a field of a model."""
        self._module_name = module or name

    def parser(self) -> Parser:
        """The parser for the words after the command's name."""
        parser = Parser(
            prog=f"faldeck {self.name}",
            description=self.summary,
            add_help=not self.takes_flags,
        )
        self._module.configure(parser)
        return parser

    def has_flag(self, name: str) -> bool:
        """True if one of its own flags has this name."""
        return any(name in action.option_strings for action in parser_actions(self.parser()))

    def misplaced(self, words: Sequence[str]) -> str:
        """Says that one of the words is an option that stands before the command; empty if none is."""
        before = {"--demo": "--demo", "--profile": "--profile NAME"}
        for word in takewhile("--".__ne__, words):
            usage = before.get(name := word.partition("=")[0])
            if usage and not self.has_flag(name):
                return f"{name} must come before the command: faldeck {usage} {self.name} …"
        return ""

    @property
    def run(self) -> Callable[..., ExitStatus]:
        """The function that does the work; it takes a `CommandContext` and the parsed arguments by name."""
        run: Callable[..., ExitStatus] = self._module.run
        return run

    def arguments(self, words: Sequence[str]) -> dict[str, object]:
        """Parses the words after the command's name. Raises CommandError, and SystemExit for `--help`."""
        parser = self.parser()
        if not self.takes_flags:
            words = [_as_argument(word) for word in words] if parser.takes_filter else words
            if not any(action.nargs in ("*", "+") for action in parser_actions(parser) if not action.option_strings):
                return vars(parser.parse_args(words))
            options, left = parser.parse_known_args(words)
            # argparse takes no more of several values after an option: `wait ID --any ID`. Its other way to parse does,
            # but it writes the usage text first, which takes longer than all the rest.
            return vars(parser.parse_intermixed_args(words) if left else options)
        parsed: dict[str, object] = self._module.parse(parser, words)
        return parsed

    @property
    def _module(self) -> ModuleType:
        return import_module(f"faldeck.cli.commands.{self._module_name}")


def _as_argument(word: str) -> str:
    """A negated term so that argparse does not take it for a flag: it takes no word with a blank in front for one."""
    is_term = word.startswith("-") and len(word) > 1 and word != "-h" and word[1] not in "-0123456789"
    return f" {word}" if is_term else word


COMMANDS: tuple[Command, ...] = (
    Command("run", "Send a request to a model and wait for the result.", takes_flags=True),
    Command("batch", "List, show, resume, retry or cancel batches of requests."),
    Command("status", "Show the state of a job."),
    Command("result", "Print the results of jobs, and fetch their files."),
    Command("cancel", "Ask the service to stop jobs."),
    Command("logs", "Print the logs of jobs."),
    Command("jobs", "List the jobs in the history, newest first."),
    Command("stats", "Sum up the jobs: how many, how they ended, what they cost, how long they took."),
    Command("watch", "Follow all unfinished jobs until they are done."),
    Command("wait", "Wait until the given jobs have ended, or the first of them."),
    Command("adopt", "Add a request that was made elsewhere to the history."),
    Command("send", "Print a job as one line that opens it elsewhere."),
    Command("show", "Show everything about jobs, or their requests as curl, Python or JavaScript."),
    Command("why", "Explain why jobs failed or wait, whether they were billed, and what to do next."),
    Command("diff", "Show how the arguments of jobs differ."),
    Command("open", "Open the files of jobs."),
    Command("tag", "Give jobs a tag, or remove it."),
    Command("note", "Write a note on jobs or on a model."),
    Command("star", "Star jobs or models."),
    Command("unstar", "Remove the stars of jobs or models.", module="star"),
    Command("delete", "Delete jobs, and their files if asked."),
    Command("history", "Show, prune, check, shrink or back up the history file."),
    Command("export", "Print the history as JSON lines, as a backup."),
    Command("import", "Add the jobs of an export to the history.", module="import_"),
    Command("sync", "Add the account's requests that are not in the history yet."),
    Command("models", "List, search, filter and sort the models."),
    Command("model", "Show all about a model: price, licence, typical time, family, inputs, outputs."),
    Command("schema", "Show the input and output fields of a model."),
    Command("price", "Show the prices of models."),
    Command("upload", "Upload files and print their URLs."),
    Command("key", "Add, show or remove the key of a profile."),
    Command("help", "Show the manual, a topic such as search or money, or a command."),
    Command("commands", "List all commands; with --json also their arguments and output, for programs."),
    Command("keys", "List the keys of the deck, or print them for the config file."),
    Command("config", "Show the settings, or the path of the config file."),
    Command("doctor", "Check the installation, the config and the service. The output has no secrets."),
    Command("completion", "Print the completion script for a shell."),
    Command("emulator", "Run a local server that behaves like fal.ai."),
)
"""All commands, in the order of the help."""


def parser_actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The arguments of a parser, in the order of its help."""
    # argparse has no public list of them.
    return parser._actions


def find_command(name: str) -> Command | None:
    """The command of that name; None if it does not exist."""
    return next((command for command in COMMANDS if command.name == name), None)
